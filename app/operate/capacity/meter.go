package capacity

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"alcove/app"
	"alcove/engine"
)

// Store keeps measurements.
type Store interface {
	PutCapacity(ctx context.Context, id string, began time.Time, result json.RawMessage) error
	Capacity(ctx context.Context) ([]json.RawMessage, error)
}

// Deps is what a Meter needs. All fields without "may" must be set.
type Deps struct {
	Store Store
	Gate  *Gate
	// Shape gives the medians of recorded traffic; ok is false where there is
	// too little. May be nil.
	Shape func(ctx context.Context) (s Shape, answers int)
	// Publish tells every page; it does not block, and asks the Meter nothing.
	Publish func(name string, data any)
	// Forget gives up what was computed of text with a label; may be nil.
	Forget func(share string)
	// OwnSeconds is the processor time that this program has used; may be nil.
	OwnSeconds func() float64
	Cores      int
	// Share is which parts of a model's weights, in bytes, and of its parameters
	// one token needs, 0..1; 0: not known. May be nil: all.
	Share func(engine.Model) (read, active float64)
	// Memory is what models may use on a device, bytes; may be nil.
	Memory func(device string) int64
	Now    func() time.Time
	// After is time.After, but in tests.
	After func(time.Duration) <-chan time.Time
	Log   *slog.Logger
}

// Event is the event that tells how a measurement goes; its data is a Changed.
const Event = "capacity.changed"

// Changed says how a measurement goes; without Running it has ended.
type Changed struct {
	Running *Progress `json:"running,omitempty"`
}

// Progress is a measurement under way.
type Progress struct {
	ID        string    `json:"id"`
	Model     string    `json:"model"`
	Stage     string    `json:"stage" enum:"waiting,warming,measuring" doc:"waiting: until nobody is being answered"`
	People    int       `json:"people" doc:"Of the step that is measured now; 0: none yet"`
	Steps     []Step    `json:"steps" nullable:"false" doc:"Those that are done"`
	Repeated  int       `json:"repeated" doc:"Steps that were thrown away since a person asked"`
	StartedAt time.Time `json:"started_at"`
}

// Meter measures, one at a time. One goroutine owns what runs.
type Meter struct {
	Deps
	asks    chan func(*state)
	running context.Context
	stop    context.CancelFunc
	ended   chan struct{}
}

// state belongs to the owner.
type state struct {
	progress *Progress // nil: nothing runs
	cancel   context.CancelFunc
	nothing  *Nothing
}

// Nothing is a measurement that has ended and left no result.
type Nothing struct {
	ID      string `json:"id"`
	Because string `json:"because" doc:"A sentence."`
}

// NewMeter starts the owner. Close ends it.
func NewMeter(d Deps) *Meter {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.After == nil {
		d.After = time.After
	}
	m := &Meter{Deps: d, asks: make(chan func(*state)), ended: make(chan struct{})}
	m.running, m.stop = context.WithCancel(context.Background())
	go m.own()
	return m
}

func (m *Meter) own() {
	defer close(m.ended)
	var s state
	for closing := m.running.Done(); closing != nil || s.progress != nil; {
		select {
		case f := <-m.asks:
			f(&s)
		case <-closing:
			closing = nil
			if s.cancel != nil {
				s.cancel()
			}
		}
	}
}

// ask runs f in the owner; false: the owner has ended.
func (m *Meter) ask(f func(*state)) bool {
	done := make(chan struct{})
	select {
	case m.asks <- func(s *state) { defer close(done); f(s) }:
		<-done
		return true
	case <-m.ended:
		return false
	}
}

// Close stops a measurement and waits for its end.
func (m *Meter) Close() {
	m.stop()
	<-m.ended
}

// Check says what is wrong with settings, as an *app.Error.
func (s Settings) Check() error {
	for _, c := range []struct {
		name       string
		v          float64
		least, top float64
	}{{"bound_seconds", s.Bound, .1, 60}, {"every_minutes", s.Every, .1, 1440}, {"most_people", float64(s.Most), 1, 256}} {
		if !(c.v >= c.least && c.v <= c.top) {
			return &app.Error{Code: app.CodeInvalid, Param: c.name, Message: fmt.Sprintf("%s must be from %g to %g.", c.name, c.least, c.top)}
		}
	}
	return nil
}

// Start begins to measure the model that answers now, and does not wait. While
// another measurement runs the error is CodeCapacityRunning.
func (m *Meter) Start(ctx context.Context, settings Settings) (Progress, error) {
	if err := settings.Check(); err != nil {
		return Progress{}, err
	}
	facts, err := m.facts()
	if err != nil {
		return Progress{}, err
	}
	r := Result{ID: uuid.Must(uuid.NewV7()).String(), Facts: facts, Settings: settings, Shape: m.shape(ctx).within(facts.Context), Steps: []Step{}, StartedAt: m.Now().UTC()}
	first := Progress{ID: r.ID, Model: facts.Model, Stage: "waiting", Steps: []Step{}, StartedAt: r.StartedAt}
	open := m.ask(func(s *state) {
		switch {
		case s.progress != nil:
			err = &app.Error{Code: app.CodeCapacityRunning}
		case m.running.Err() != nil:
			err = &app.Error{Code: engine.CodeClosed}
		default:
			run, cancel := context.WithCancel(context.Background())
			*s = state{progress: &first, cancel: cancel}
			m.Publish(Event, Changed{Running: &first}) // before what run has to tell
			go m.run(run, &r)
		}
	})
	if !open {
		err = &app.Error{Code: engine.CodeClosed}
	}
	if err != nil {
		return Progress{}, err
	}
	return first, nil
}

// Stop ends the measurement that runs, if one does; what was measured is kept.
func (m *Meter) Stop() {
	m.ask(func(s *state) {
		if s.cancel != nil {
			s.cancel()
		}
	})
}

// Progress gives the measurement that runs, nil when none does.
func (m *Meter) Progress() (p *Progress) {
	m.ask(func(s *state) {
		if s.progress != nil {
			now := *s.progress
			p = &now
		}
	})
	return p
}

// tell notes how a measurement goes, and tells the pages.
func (m *Meter) tell(r *Result, stage string, people int) {
	p := Progress{ID: r.ID, Model: r.Facts.Model, Stage: stage, People: people, Steps: append([]Step{}, r.Steps...), Repeated: r.Repeated, StartedAt: r.StartedAt}
	m.ask(func(s *state) {
		s.progress = &p
		m.Publish(Event, Changed{Running: &p})
	})
}

// Nothing tells how the last measurement since the program began ended, where
// it left no result; else it is nil.
func (m *Meter) Nothing() (n *Nothing) {
	m.ask(func(s *state) { n = s.nothing })
	return n
}

// Results gives the measurements that are kept, newest first. One that is not
// understood, a later version's, is left out.
func (m *Meter) Results(ctx context.Context) ([]Result, error) {
	list, err := m.Store.Capacity(ctx)
	if err != nil {
		return nil, err
	}
	out := []Result{}
	for _, raw := range list {
		var r Result
		if json.Unmarshal(raw, &r) == nil && r.ID != "" {
			if r.Steps == nil {
				r.Steps = []Step{}
			}
			out = append(out, r)
		}
	}
	return out, nil
}

// shape is that of recorded traffic, where there is enough of it.
func (m *Meter) shape(ctx context.Context) Shape {
	if m.Shape != nil {
		if s, n := m.Deps.Shape(ctx); n >= enoughAnswers && s.Answer > 0 {
			s.Recorded, s.Own, s.Shared = n, max(1, s.Own), max(0, s.Shared)
			return s
		}
	}
	return DefaultShape
}

// facts are of the model that answers now.
func (m *Meter) facts() (Facts, error) {
	status := m.Gate.Status()
	for _, model := range m.Gate.Models() {
		if model.ID == status.Model && status.Ready {
			f := factsOf(model)
			f.Read, f.Active = 1, f.Parameters
			if m.Share != nil {
				f.Read, f.Active = m.Share(model)
				f.Active *= f.Parameters
			}
			f.Device, f.Library, f.Cells = status.Device, status.Library, status.Cells
			if m.Memory != nil {
				f.Memory = m.Memory(status.Device)
			}
			return f, nil
		}
	}
	return Facts{}, &app.Error{Code: engine.CodeNoModel, Message: "No model is loaded. Nothing was begun. Load the model that shall be measured, then try again."}
}

// run measures, and keeps the result.
func (m *Meter) run(ctx context.Context, r *Result) {
	stop := m.measure(ctx, r)
	switch stop.Kind {
	case StopUser:
		r.Status = StatusStopped
	case StopFail:
		r.Status, r.Error = StatusFailed, stop.Sentence
	default:
		r.Status = StatusDone
	}
	r.EndedAt = m.Now().UTC()
	r.conclude(stop)
	nothing := m.keep(context.WithoutCancel(ctx), r)
	m.ask(func(s *state) {
		s.cancel()
		*s = state{nothing: nothing}
		m.Publish(Event, Changed{})
	})
}

// keep stores a result; where none was stored it says why.
func (m *Meter) keep(ctx context.Context, r *Result) *Nothing {
	if len(r.Steps) == 0 && r.Status == StatusStopped {
		return &Nothing{r.ID, "It was stopped before anything was measured."}
	}
	if len(r.Steps) == 0 && r.Status != StatusFailed {
		return &Nothing{r.ID, "Nothing was measured. " + r.Because}
	}
	raw, err := json.Marshal(r)
	if err == nil {
		err = m.Store.PutCapacity(ctx, r.ID, r.StartedAt, raw)
	}
	if err != nil {
		m.Log.Warn("keep a measurement of the box", "err", err)
		_, _, sentence := app.Describe(err)
		return &Nothing{r.ID, "The result could not be kept. " + sentence}
	}
	return nil
}
