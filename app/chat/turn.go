package chat

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

// Why a turn ended before the answer did.
var (
	errStopped  = errors.New("stopped")
	errOrphaned = errors.New("nobody was reading")
	errShutdown = errors.New("shutting down")
)

// turn is one answer being written.
type turn struct {
	id      string
	answer  storage.Message // as it was when the turn started
	started time.Time
	ctx     context.Context
	cancel  context.CancelCauseFunc

	// mu joins text and seq: a reader that has text up to seq and every later
	// delta has the answer.
	mu   sync.Mutex
	text strings.Builder
	seq  uint64

	grounded *Grounded // what it stands on; nil: no documents
	filter   Filter    // of its text, touched by the goroutine that writes alone; may be nil
}

// live gives the text so far and the number of the event that brought it there.
func (t *turn) live() (string, uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String(), t.seq
}

// emit passes on one event of the engine.
func (s *Service) emit(t *turn, e engine.Event) {
	switch e := e.(type) {
	case engine.Stage:
		s.events.Publish(EventStage, TurnStage{
			TurnID: t.id, ConversationID: t.answer.ConversationID, MessageID: t.answer.ID,
			Stage: e.Name, Done: e.Done, Total: e.Total, Place: e.Place, WaitMS: e.Wait.Milliseconds(),
		})
	case engine.Token:
		text := e.Text
		if t.filter != nil {
			text = t.filter.Write(text)
		}
		s.show(t, text)
	}
}

// show adds text to an answer: saves it and tells the readers.
func (s *Service) show(t *turn, text string) {
	if text == "" {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.WriteString(text)
	s.store.AppendText(t.answer.ID, text)
	t.seq = s.events.Publish(EventDelta, TurnDelta{
		TurnID: t.id, ConversationID: t.answer.ConversationID, MessageID: t.answer.ID, Text: text,
	})
}

// endOf decides how an answer ended: by what Generate returned and by why its
// context was cancelled, nil if it was not.
func endOf(usage engine.Usage, err, cause error) storage.End {
	end := storage.End{Status: storage.StatusDone, Class: string(engine.ClassInteractive), User: owner}
	cut := err != nil || usage.Finish == engine.FinishCancelled
	switch {
	case cut && errors.Is(cause, errShutdown):
		end.Status = storage.StatusInterrupted
	case cut && cause != nil:
		end.Status = storage.StatusStopped
	case err != nil:
		end.Status = storage.StatusFailed
		end.Error = messageError(err)
		usage.Finish = engine.FinishFailed
	case cut:
		end.Status = storage.StatusStopped
	}
	if usage.Model == "" { // it ended before a model had it
		return end
	}
	end.Figures = &storage.Figures{
		Model: usage.Model, Device: usage.Device,
		PromptTokens: usage.PromptTokens, CachedTokens: usage.CachedTokens, OutputTokens: usage.OutputTokens,
		FirstTokenMS: usage.FirstToken.Milliseconds(), TotalMS: usage.Total.Milliseconds(),
		TokensPerSec: usage.TokensPerSec, Finish: string(usage.Finish), Restarts: usage.Restarts,
	}
	return end
}

func messageError(err error) *storage.MessageError {
	code, _, sentence := app.Describe(err)
	return &storage.MessageError{Code: string(code), Message: sentence}
}
