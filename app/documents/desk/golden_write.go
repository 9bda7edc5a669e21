package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"alcove/app"
	"alcove/app/documents/answer"
	"alcove/engine"
)

// Writer is the model that answers people, when golden questions ask it. Others
// go before: it is asked at the lowest class, and only while nobody waits.
type Writer interface {
	// Model names the model that answers where nobody chose one; "" is none, or
	// one that is not to be loaded now.
	Model(ctx context.Context) string
	// Busy says whether it works for others than the golden question itself, of
	// which there are own (0 or 1) at that moment.
	Busy(own int) bool
	// Write lets the model answer. Its text goes to emit, whose error ends it.
	Write(ctx context.Context, w Writing, emit func(text string) error) error
}

// Writing is what a Writer is asked.
type Writing struct {
	Model     string
	Question  string
	Prepared  *answer.Prepared
	MaxTokens int
}

const (
	goldenTokens = 160              // of one answer: those from documents are short
	oneAnswer    = 2 * time.Minute  // for one answer
	allAnswers   = 20 * time.Minute // for the answers of one run
	longestWait  = 2 * time.Hour    // while others are answered, in one run
	lookAround   = 250 * time.Millisecond
	mostFaults   = 3 // after which a run asks no model any more
)

// pen asks the model in one run.
type pen struct {
	k      *Desk
	wanted bool   // the collection wants it, and there is a model
	model  string // "": none
	wrote  time.Duration
	waited time.Duration
	faults int
}

func (k *Desk) newPen(ctx context.Context, wanted bool) *pen {
	p := &pen{k: k}
	if wanted && k.d.Writer != nil {
		p.model = k.d.Writer.Model(ctx)
		p.wanted = p.model != ""
	}
	return p
}

// errOthers ends an answer because somebody else asks.
var errOthers = errors.New("others are waiting")

// errSaid ends a model that says the same again and again.
var errSaid = errors.New("the model repeats itself")

// write lets the model answer; false: it could not be asked.
func (p *pen) write(ctx context.Context, q GoldenQuestion, prepared *answer.Prepared) (string, bool) {
	question := q.Question
	if prepared.Grounding.Query != "" {
		question = prepared.Grounding.Query // with what it goes on with
	}
	w := Writing{Model: p.model, Question: question, Prepared: prepared, MaxTokens: goldenTokens}
	for p.wrote < allAnswers && p.faults < mostFaults && p.free(ctx) {
		begin := time.Now()
		text, err := p.once(ctx, w)
		p.wrote += time.Since(begin)
		var coded *engine.Error
		switch {
		case err == nil:
			return text, true
		case ctx.Err() != nil:
			return "", false
		case errors.Is(err, errOthers), errors.As(err, &coded) && coded.Code == engine.CodeBusy:
			continue // what was read of the prompt is kept: it begins where it was
		}
		p.faults++
		code, _, _ := app.Describe(err)
		p.k.d.Log.Warn("a golden question was not written", "code", code)
		return "", false
	}
	return "", false
}

// free waits until nobody else is answered.
func (p *pen) free(ctx context.Context) bool {
	for p.k.d.Writer.Busy(0) {
		if p.waited >= longestWait {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(lookAround):
			p.waited += lookAround
		}
	}
	return true
}

// once asks the model, and gives up as soon as others ask.
func (p *pen) once(ctx context.Context, w Writing) (string, error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	ctx, cancel := context.WithTimeout(ctx, oneAnswer)
	defer cancel()
	go func() {
		tick := time.NewTicker(lookAround)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if p.k.d.Writer.Busy(1) {
					end(errOthers)
					return
				}
			}
		}
	}()
	var text strings.Builder
	filter := w.Prepared.Stream()
	err := p.k.d.Writer.Write(ctx, w, func(s string) error {
		text.WriteString(filter.Write(s))
		if filter.Over() {
			return errSaid
		}
		return nil
	})
	if cause := context.Cause(ctx); cause != nil {
		return "", cause
	}
	if err != nil && !errors.Is(err, errSaid) {
		return "", err
	}
	text.WriteString(filter.Close())
	return text.String(), nil
}
