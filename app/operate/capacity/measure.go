package capacity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"alcove/app"
	"alcove/app/operate/load"
	"alcove/engine"
)

// How long nobody must have asked before a step begins, how long a whole
// measurement may take, and how often a step is thrown away before it is given
// up.
const (
	quiet       = 2 * time.Second
	longest     = 15 * time.Minute
	mostRepeats = 10
)

// fault is why a step gave nothing.
type fault int

const (
	fine      fault = iota
	disturbed       // a person came
	stopped         // by somebody, or at the end of the program
	late            // its time is up
)

// session is one measurement.
type session struct {
	*Meter
	r        *Result
	until    time.Time
	share    string  // label of the shared text
	perWord  float64 // tokens
	text     string  // shared
	question int     // the next one
}

// measure runs the steps until something is reached.
func (m *Meter) measure(ctx context.Context, r *Result) Stop {
	s := &session{Meter: m, r: r, until: r.StartedAt.Add(longest), share: "capacity " + r.ID}
	if m.Forget != nil {
		defer m.Forget(s.share)
	}
	if stop := s.patiently(ctx, "warming", 0, s.warm); stop != nil {
		return *stop
	}
	for {
		people, stop := next(r.Steps, r.Settings, r.Facts, r.Shape)
		if stop != nil {
			return *stop
		}
		var step Step
		stop = s.patiently(ctx, "measuring", people, func(ctx context.Context) (err error) {
			step, err = s.step(ctx, people)
			return err
		})
		if stop != nil {
			return *stop
		}
		r.Steps = append(r.Steps, step) // only now: a person may have come as it ended
	}
}

// patiently waits until nobody asks and does something; when a person comes
// meanwhile, that is thrown away and done again.
func (s *session) patiently(ctx context.Context, stage string, people int, do func(context.Context) error) *Stop {
	for {
		came, why := s.await(ctx)
		if why == fine {
			s.tell(s.r, stage, people)
			var err error
			if why, err = s.attempt(ctx, came, do); err != nil {
				_, _, sentence := app.Describe(err)
				s.Log.Warn("measure the box", "err", err)
				return &Stop{StopFail, sentence}
			}
		}
		switch why {
		case fine:
			return nil
		case stopped:
			return &Stop{StopUser, "It was stopped; what was measured until then is kept."}
		case late:
			return &Stop{StopTime, fmt.Sprintf("Its time of %.0f minutes was up.", longest.Minutes())}
		}
		if s.r.Repeated++; s.r.Repeated >= mostRepeats {
			return &Stop{StopBusy, fmt.Sprintf("People asked all the time: %d steps were thrown away. Measure again when the box is quieter.", s.r.Repeated)}
		}
		s.tell(s.r, "waiting", people)
	}
}

// await waits until nobody has asked for a while, and gives the channel that
// tells when somebody comes.
func (s *session) await(ctx context.Context) (came <-chan struct{}, why fault) {
	s.tell(s.r, "waiting", 0)
	for {
		left := s.until.Sub(s.Now())
		if left <= 0 {
			return nil, late
		}
		others, came, gone := s.Gate.watch()
		wait := s.After(min(quiet, left))
		if others > 0 {
			wait = s.After(left)
		}
		select {
		case <-ctx.Done():
			return nil, stopped
		case <-gone:
		case <-came:
		case <-wait:
			if others == 0 {
				return came, fine
			}
		}
	}
}

// attempt does something that ends when a person comes. An error of what a
// person has disturbed is none.
func (s *session) attempt(ctx context.Context, came <-chan struct{}, do func(context.Context) error) (fault, error) {
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watching := make(chan struct{})
	errPerson, errLate := errors.New("a person came"), errors.New("late")
	go func() {
		defer close(watching)
		select {
		case <-came:
			cancel(errPerson)
		case <-s.After(s.until.Sub(s.Now())):
			cancel(errLate)
		case <-inner.Done():
		}
	}()
	err := do(inner)
	cause := context.Cause(inner)
	cancel(nil)
	<-watching
	// A person who came at the very end had a part of the step.
	select {
	case <-came:
		cause = errPerson
	default:
	}
	switch {
	case ctx.Err() != nil:
		return stopped, nil
	case errors.Is(cause, errPerson):
		return disturbed, nil
	case errors.Is(cause, errLate):
		return late, nil
	}
	return fine, err
}

// ask puts one question through the engine, as a person's.
func (s *session) ask(ctx context.Context, text, question string, answer int) (engine.Usage, error) {
	var messages []engine.Message
	if text != "" {
		messages = append(messages, engine.Message{Role: engine.RoleSystem, Segments: []engine.Segment{{Text: text, Share: s.share}}})
	}
	messages = append(messages, engine.Message{Role: engine.RoleUser, Segments: []engine.Segment{{Text: question}}})
	return s.Gate.Generate(ctx, engine.Request{
		ID: uuid.Must(uuid.NewV7()).String(), Model: s.r.Facts.Model, Messages: messages, Class: engine.ClassInteractive,
		User: "capacity", Route: engine.RouteCapacity, Sampling: engine.Sampling{MaxTokens: answer},
	}, func(engine.Event) error { return nil })
}

// warm finds how many tokens our words have and how fast prompts are read, and
// has the shared text computed. It is done again from the start when disturbed.
func (s *session) warm(ctx context.Context) error {
	const few, more = 40, 160 // words
	seed := uint64(s.Now().UnixNano())
	var prompts [2]int
	for i, n := range []int{few, more} {
		u, err := s.ask(ctx, "", load.Contract(seed+uint64(i), n), 1)
		if err != nil {
			return err
		}
		prompts[i] = u.PromptTokens
	}
	s.perWord = max(float64(prompts[1]-prompts[0])/(more-few), .1)
	s.question = int(seed % 1e9)
	s.text = ""
	if n := int(float64(s.r.Shape.Shared) / s.perWord); n > 0 {
		s.text = load.Handbook(seed, max(n, 25))
	}
	// Twice: the first reads the text, and the second finds it there.
	for i := range 2 {
		u, err := s.ask(ctx, s.text, s.own(), 2)
		if err != nil {
			return err
		}
		if d := u.FirstToken.Seconds(); i == 0 && d > 0 {
			s.r.Prefill = float64(u.PromptTokens-u.CachedTokens) / d
		}
	}
	return nil
}

// own is a question that nobody has asked before.
func (s *session) own() string {
	s.question++
	q := fmt.Sprintf("Request %d. %s", s.question, load.Question(s.question%1000))
	if more := int(float64(s.r.Shape.Own)/s.perWord) - len(strings.Fields(q)); more > 12 {
		q = load.Contract(uint64(s.question), more) + "\n\n" + q
	}
	return q
}

// asks is how many questions a person asks one after another in a step.
func asks(people int) int {
	if people < 3 {
		return 4
	}
	return 2
}

// step lets so many people ask at the same moment, and each again when the
// answer is there.
func (s *session) step(ctx context.Context, people int) (Step, error) {
	n := asks(people)
	questions := make([]string, people*n)
	for i := range questions {
		questions[i] = s.own()
	}
	usages := make([]engine.Usage, people*n)
	errs := make([]error, people*n)
	cpu, preempted := s.cpu(), s.Gate.Status().Work.Preempted
	var all sync.WaitGroup
	for p := range people {
		all.Go(func() {
			for i := p * n; i < (p+1)*n && ctx.Err() == nil; i++ {
				usages[i], errs[i] = s.ask(ctx, s.text, questions[i], s.r.Shape.Answer)
			}
		})
	}
	all.Wait()
	var fatal error
	for _, err := range errs {
		var e *engine.Error
		if err != nil && (!errors.As(err, &e) || e.Code != engine.CodeBusy) {
			fatal = err
		}
	}
	step := stepOf(people, n, usages, errs)
	step.Preempted = int(s.Gate.Status().Work.Preempted - preempted)
	if step.Seconds > 0 && s.Cores > 0 {
		step.Client = 100 * (s.cpu() - cpu) / step.Seconds / float64(s.Cores)
	}
	return step, fatal
}

func (s *session) cpu() float64 {
	if s.OwnSeconds == nil {
		return 0
	}
	return s.OwnSeconds()
}

// stepOf makes figures of what each question was told.
func stepOf(people, each int, usages []engine.Usage, errs []error) Step {
	s := Step{People: people}
	var first, gaps, paces, prompts, computed, outputs []float64
	tokens, took := 0, 0.0
	for p := range people {
		mine := 0.0
		for i := p * each; i < (p+1)*each; i++ {
			u := usages[i]
			mine += u.Total.Seconds()
			if errs[i] != nil || u.OutputTokens == 0 {
				s.Failed++
				continue
			}
			s.Answers++
			tokens += u.OutputTokens
			first = append(first, u.FirstToken.Seconds())
			prompts, computed = append(prompts, float64(u.PromptTokens)), append(computed, float64(u.PromptTokens-u.CachedTokens))
			outputs = append(outputs, float64(u.OutputTokens))
			if v := u.TokensPerSec; v > 0 && !math.IsInf(v, 0) {
				paces, gaps = append(paces, v), append(gaps, 1/v)
			}
		}
		took = max(took, mine)
	}
	s.FirstP50, s.FirstP95, s.GapP95 = load.Quantile(first, .5), load.Quantile(first, .95), load.Quantile(gaps, .95)
	s.Each, s.Prompt, s.Computed, s.Output = load.Median(paces), int(load.Median(prompts)), int(load.Median(computed)), int(load.Median(outputs))
	if s.Seconds = took; took > 0 {
		s.Together, s.PerMinute = float64(tokens)/took, 60*float64(s.Answers)/took
	}
	return s
}
