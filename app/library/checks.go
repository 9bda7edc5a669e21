package library

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

// CheckStore is what Checks need of the database.
type CheckStore interface {
	Settings(ctx context.Context) (map[string]json.RawMessage, error)
	SetSettings(ctx context.Context, changes map[string]json.RawMessage) error
	GoldenSet(ctx context.Context) (json.RawMessage, error)
	SetGoldenSet(ctx context.Context, set json.RawMessage) error
	StartCheck(ctx context.Context, c storage.Check) (storage.Check, error)
	AddCheckAnswer(ctx context.Context, check string, a storage.CheckAnswer) error
	EndCheck(ctx context.Context, c storage.Check) error
	MarkPromoted(ctx context.Context, check, replaced string) error
	Check(ctx context.Context, id string) (storage.Check, error)
	InterruptChecks(ctx context.Context) error
	LatestCheck(ctx context.Context, model string) (storage.Check, error)
	FinishedCheck(ctx context.Context, file, questions string) (storage.Check, error)
}

// Asker is what Checks need of the engine.
type Asker interface {
	Models() []engine.Model
	Generate(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error)
	Load(ctx context.Context, model string) error
}

// ChecksDeps is what Checks are made of. All fields must be set.
type ChecksDeps struct {
	Store   CheckStore
	Engine  Asker
	Library *Library // says which model is the default
	// Publish tells every page; it does not block.
	Publish func(name string, data any) uint64
	Log     *slog.Logger
}

// EventCheck is the name of the event that tells how a check goes; its data is
// a CheckChanged.
const EventCheck = "check.changed"

// CheckChanged says how a check goes. Progress is nil when it has ended: then
// its result can be read. Promoted: the default model is another one now.
type CheckChanged struct {
	Model    string    `json:"model"`
	Progress *Progress `json:"progress,omitempty"`
	Promoted bool      `json:"promoted"`
}

// Progress is a check under way.
type Progress struct {
	Model     string    `json:"model" doc:"The candidate"`
	Asking    string    `json:"asking" doc:"The model that is asked or loaded now: the candidate, or the current one to compare with, which is also loaded again at the end"`
	Stage     string    `json:"stage" enum:"loading,asking"`
	Done      int       `json:"done" doc:"Questions asked so far, of both models"`
	Total     int       `json:"total" doc:"Questions to ask, of both models"`
	StartedAt time.Time `json:"started_at"`
}

// Checks asks models golden questions, one model at a time. One goroutine owns
// which check runs; a check itself runs in another one and tells it.
type Checks struct {
	ChecksDeps
	asks    chan func(*checksState)
	running context.Context
	stop    context.CancelFunc
	ended   chan struct{}
}

// checksState belongs to the owner.
type checksState struct {
	progress *Progress // nil: nothing runs
	cancel   context.CancelFunc
}

// NewChecks starts the owner. Close ends it.
func NewChecks(d ChecksDeps) *Checks {
	c := &Checks{ChecksDeps: d, asks: make(chan func(*checksState)), ended: make(chan struct{})}
	c.running, c.stop = context.WithCancel(context.Background())
	if err := d.Store.InterruptChecks(c.running); err != nil {
		d.Log.Warn("mark checks of the last run", "err", err)
	}
	go c.own()
	return c
}

// own runs what others ask, until Close; a check that runs then is told to
// stop, and waited for.
func (c *Checks) own() {
	defer close(c.ended)
	var s checksState
	for closing := c.running.Done(); closing != nil || s.progress != nil; {
		select {
		case f := <-c.asks:
			f(&s)
		case <-closing:
			closing = nil
			if s.cancel != nil {
				s.cancel()
			}
		}
	}
}

// ask runs f in the owner and waits for it. It reports false when the owner
// has ended.
func (c *Checks) ask(f func(*checksState)) bool {
	done := make(chan struct{})
	select {
	case c.asks <- func(s *checksState) { defer close(done); f(s) }:
		<-done
		return true
	case <-c.ended:
		return false
	}
}

// Close stops a check that runs, as interrupted, and waits for its end.
func (c *Checks) Close() {
	c.stop()
	<-c.ended
}

// Golden gives the questions.
func (c *Checks) Golden(ctx context.Context) (Golden, error) {
	raw, err := c.Store.GoldenSet(ctx)
	if err != nil {
		return Golden{}, fmt.Errorf("read the golden questions: %w", err)
	}
	if raw == nil {
		return Shipped(), nil
	}
	var questions []Question
	if json.Unmarshal(raw, &questions) != nil || checkQuestions(questions) != nil {
		c.Log.Warn("the golden questions that were stored are not understood; the shipped ones count")
		return Shipped(), nil // a later version's
	}
	return goldenOf(questions, false), nil
}

// SetGolden keeps other questions. What is wrong with them is an *app.Error.
func (c *Checks) SetGolden(ctx context.Context, questions []Question) (Golden, error) {
	if err := checkQuestions(questions); err != nil {
		return Golden{}, err
	}
	raw, err := json.Marshal(questions)
	if err != nil {
		return Golden{}, fmt.Errorf("marshal questions: %w", err)
	}
	if err := c.Store.SetGoldenSet(ctx, raw); err != nil {
		return Golden{}, err
	}
	return c.Golden(ctx)
}

// ResetGolden goes back to the shipped questions.
func (c *Checks) ResetGolden(ctx context.Context) (Golden, error) {
	if err := c.Store.SetGoldenSet(ctx, nil); err != nil {
		return Golden{}, err
	}
	return Shipped(), nil
}

// Start begins to check a model and does not wait. While another check runs
// the error is CodeCheckRunning.
func (c *Checks) Start(ctx context.Context, model string) (Progress, error) {
	candidate, err := c.usable(model)
	if err != nil {
		return Progress{}, err
	}
	golden, err := c.Golden(ctx)
	if err != nil {
		return Progress{}, err
	}
	j, err := c.plan(ctx, candidate, golden)
	if err != nil {
		return Progress{}, err
	}
	var first Progress
	open := c.ask(func(s *checksState) {
		if s.progress != nil {
			err = app.Errorf(app.CodeCheckRunning, "%s is being checked. Nothing was begun. Wait for it, or stop it.", short(s.progress.Model))
			return
		}
		if c.running.Err() != nil {
			err = &app.Error{Code: engine.CodeClosed}
			return
		}
		if j.check, err = c.Store.StartCheck(ctx, j.check); err != nil {
			return
		}
		first = Progress{Model: model, Asking: j.targets()[0].ID, Stage: "loading", Total: len(golden.Questions) * len(j.targets()), StartedAt: j.check.StartedAt}
		run, cancel := context.WithCancel(context.Background())
		s.progress, s.cancel = &first, cancel
		go c.run(run, j, first)
	})
	if !open {
		return Progress{}, &app.Error{Code: engine.CodeClosed}
	}
	if err != nil {
		return Progress{}, err
	}
	c.Publish(EventCheck, CheckChanged{Model: model, Progress: &first})
	return first, nil
}

// Stop ends the check of a model, if that is the one that runs. What was asked
// is kept.
func (c *Checks) Stop(model string) {
	c.ask(func(s *checksState) {
		if s.progress != nil && s.progress.Model == model {
			s.cancel()
		}
	})
}

// Progress gives the check that runs, nil when none does.
func (c *Checks) Progress() (p *Progress) {
	c.ask(func(s *checksState) {
		if s.progress != nil {
			now := *s.progress
			p = &now
		}
	})
	return p
}

// tell notes how a check goes, and tells the pages.
func (c *Checks) tell(p Progress) {
	c.ask(func(s *checksState) { s.progress = &p })
	c.Publish(EventCheck, CheckChanged{Model: p.Model, Progress: &p})
}

// over says that the check has ended.
func (c *Checks) over(model string, promoted bool) {
	c.ask(func(s *checksState) {
		s.cancel()
		*s = checksState{}
	})
	c.Publish(EventCheck, CheckChanged{Model: model, Promoted: promoted})
}

// usable gives a model of the folder that may be asked.
func (c *Checks) usable(id string) (engine.Model, error) {
	for _, m := range c.Engine.Models() {
		if m.ID != id {
			continue
		}
		if !m.State.Usable() {
			return m, &app.Error{Code: engine.CodeModelRefused, Message: m.Reason}
		}
		if e := engine.NotForChat(m.ID, m.Facts); e != nil {
			return m, e
		}
		if e := engine.TooLarge(m.ID, m.Fit); e != nil {
			return m, e
		}
		return m, nil
	}
	return engine.Model{}, &app.Error{Code: engine.CodeModelNotFound}
}

// current gives the default model, nil when there is none.
func (c *Checks) current(ctx context.Context) (*engine.Model, error) {
	models, err := c.Library.Models(ctx)
	if err != nil {
		return nil, err
	}
	for i := range models {
		if models[i].Default && models[i].State.Usable() {
			return &models[i].Model, nil
		}
	}
	return nil, nil
}

// known is the newest whole result of a file with a set, nil when there is none.
func (c *Checks) known(ctx context.Context, file, questions string) (*storage.Check, error) {
	check, err := c.Store.FinishedCheck(ctx, file, questions)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &check, nil
}
