package usage

import (
	"context"
	"errors"
	"slices"
	"time"

	"alcove/app"
	"alcove/engine"
)

// Measure gives a backend whose answers are all recorded. It looks at events
// and copies none of their text.
func (r *Recorder) Measure(b engine.Backend) engine.Backend {
	return &measured{b, func(a Answer) { r.Answer(a) }, r.now, time.Now}
}

type measured struct {
	engine.Backend
	record func(Answer)
	now    func() time.Time // when an answer ended, for the figures
	clock  func() time.Time // how long things took
}

// Generate answers one request and records how it went.
func (m *measured) Generate(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
	w := watch{started: m.clock()}
	usage, err := m.Backend.Generate(ctx, req, func(e engine.Event) error {
		w.event(e, m.clock())
		return emit(e)
	})
	m.record(m.answer(req, &w, usage, err))
	return usage, err
}

// shortest is the least time between two events that says something: those of
// one step come together.
const shortest = time.Millisecond

func (m *measured) answer(req engine.Request, w *watch, u engine.Usage, err error) Answer {
	now := m.clock()
	a := Answer{
		ID: req.ID, At: m.now(), Class: string(req.Class), Route: req.Route, Model: m.model(req, u), Device: u.Device, User: req.User,
		Total: now.Sub(w.started), Gaps: w.answer.Gaps, PromptTokens: u.PromptTokens, CachedTokens: u.CachedTokens,
		OutputTokens: u.OutputTokens, TokensPerSec: u.TokensPerSec, Restarts: u.Restarts, Draft: req.PrefillOnly,
	}
	w.end(now)
	a.Queue, a.Loading, a.Prefill, a.FirstToken = w.answer.Queue, w.answer.Loading, w.answer.Prefill, w.answer.FirstToken
	if u.Prefill > 0 && u.FirstToken > 0 && a.FirstToken > 0 {
		// The engine knows better: events come at the end of a step, and a short
		// prompt is read in the step that it is admitted in.
		a.FirstToken, a.Prefill = u.FirstToken, u.Prefill
		a.Queue = max(0, u.FirstToken-u.Prefill-a.Loading)
	} else if a.Prefill < shortest {
		a.Prefill = 0
	}
	switch {
	case u.Finish == engine.FinishCancelled || errors.Is(err, context.Canceled):
		a.Status = StatusStopped
	case err != nil || u.Finish == engine.FinishFailed || u.Finish == "":
		a.Status = StatusFailed
	default:
		a.Status = StatusDone
	}
	if err != nil && a.Status == StatusFailed {
		code, _, _ := app.Describe(err)
		a.Code = string(code)
	}
	return a
}

// model is the one that answered, as the engine knows it: what was asked for
// may be any text.
func (m *measured) model(req engine.Request, u engine.Usage) string {
	name := u.Model
	if name == "" {
		name = req.Model
	}
	if name == "" || u.Device != "" { // it was on a device, so it is one
		return name
	}
	if !slices.ContainsFunc(m.Backend.Models(), func(m engine.Model) bool { return m.ID == name }) {
		return ""
	}
	return name
}

// watch measures one answer while it is made.
type watch struct {
	started time.Time
	waited  bool      // it was let in
	loading time.Time // since when the model is loaded; zero: it is not
	begun   time.Time // the first sign of work
	last    time.Time // newest token
	answer  Answer    // Queue, Loading, Prefill, FirstToken and Gaps alone
}

func (w *watch) event(e engine.Event, now time.Time) {
	switch e := e.(type) {
	case engine.Stage:
		w.stage(e.Name, now)
	case engine.Token:
		if e.N > 0 {
			w.tokens(e.N, now)
		}
	}
}

func (w *watch) stage(name engine.StageName, now time.Time) {
	w.waited = true
	if !w.begun.IsZero() {
		if name == engine.StageResuming {
			w.last = time.Time{} // the death of a worker is no gap between tokens
		}
		return
	}
	if !w.loading.IsZero() && name != engine.StageLoading {
		w.answer.Loading += now.Sub(w.loading)
		w.loading = time.Time{}
	}
	switch name {
	case engine.StageLoading:
		if w.loading.IsZero() {
			w.loading = now
		}
	case engine.StagePrefill, engine.StageDecode:
		w.begin(now)
	}
}

func (w *watch) begin(now time.Time) {
	w.begun = now
	w.answer.Queue = max(0, now.Sub(w.started)-w.answer.Loading)
}

func (w *watch) tokens(n int, now time.Time) {
	if w.begun.IsZero() {
		w.stage(engine.StageDecode, now)
	}
	switch {
	case w.answer.FirstToken == 0:
		w.answer.FirstToken = max(1, now.Sub(w.started))
		w.answer.Prefill = now.Sub(w.begun)
	case !w.last.IsZero():
		// Tokens that came together share the time since the last ones.
		w.answer.Gaps.AddN(now.Sub(w.last).Seconds()/float64(n), uint64(n))
	}
	w.last = now
}

// end is for an answer that never began: all of it was waiting, unless it was
// refused.
func (w *watch) end(now time.Time) {
	if w.waited && w.begun.IsZero() {
		w.stage(engine.StageDecode, now)
	}
}
