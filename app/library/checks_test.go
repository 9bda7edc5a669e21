package library

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"alcove/app"
	"alcove/engine"
	"alcove/internal/testkit/emptydb"
	"alcove/storage"
)

// scripted answers questions by model and question; "" as an answer waits for
// the end of the request.
type scripted struct {
	mu      sync.Mutex
	models  []engine.Model
	answers map[string]map[string]string // by model, by question's text
	fail    map[string]error             // of Load, by model
	busy    int                          // requests that find no place first
	loaded  []string
	main    string // the one that was loaded last
	asked   []engine.Request
	waiting chan struct{} // closed when a request waits
	goOn    chan struct{} // closed: it asks again for its answer
}

// Models are those of the engine: its own default is the one that was loaded
// last, else the first.
func (s *scripted) Models() []engine.Model {
	s.mu.Lock()
	defer s.mu.Unlock()
	models := append([]engine.Model(nil), s.models...)
	for i := range models {
		models[i].Default = models[i].ID == s.main || s.main == "" && i == 0
	}
	return models
}

func (s *scripted) Status() engine.Status { return engine.Status{} }

func (s *scripted) Tune(map[string]engine.Tuning) {}

func (s *scripted) Load(_ context.Context, model string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loaded = append(s.loaded, model)
	if s.fail[model] == nil {
		s.main = model
	}
	return s.fail[model]
}

func (s *scripted) Generate(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
	s.mu.Lock()
	s.asked = append(s.asked, req)
	if s.busy > 0 {
		s.busy--
		s.mu.Unlock()
		return engine.Usage{}, &engine.Error{Code: engine.CodeBusy, After: time.Millisecond}
	}
	text := s.answers[req.Model][req.Messages[len(req.Messages)-1].Text()]
	s.mu.Unlock()
	if text == "" {
		close(s.waiting)
		select {
		case <-ctx.Done():
			return engine.Usage{Finish: engine.FinishCancelled}, nil
		case <-s.goOn:
			return s.Generate(ctx, req, emit)
		}
	}
	if text == "too long" {
		return engine.Usage{}, engine.Errorf(engine.CodeContextFull, "9 of 8 tokens.")
	}
	for _, part := range strings.SplitAfter(text, " ") {
		if err := emit(engine.Token{Text: part, N: 1}); err != nil {
			return engine.Usage{}, err
		}
	}
	return engine.Usage{Model: req.Model, Device: "CPU (test)", OutputTokens: 2, FirstToken: 30 * time.Millisecond, TokensPerSec: 20, Finish: engine.FinishStop}, nil
}

func (s *scripted) requests() []engine.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]engine.Request(nil), s.asked...)
}

// bench is Checks on a real database, with two questions and the models "old",
// which is the default, and "new".
type bench struct {
	*Checks
	t      *testing.T
	engine *scripted
	store  *storage.DB
	mu     sync.Mutex
	events []CheckChanged
}

var (
	askCapital = Question{ID: "capital", Question: "Capital?", ExpectAll: []string{"Paris"}, MaxTokens: 20}
	askSum     = Question{ID: "sum", Question: "Sum?", System: "Briefly.", ExpectAll: []string{"4"}, MaxTokens: 20}
)

func newBench(t *testing.T) *bench {
	t.Helper()
	folder := t.TempDir()
	store, err := storage.Open(t.Context(), storage.Options{Path: emptydb.At(t, filepath.Join(folder, "data", "alcove.db"))})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, store: store, engine: &scripted{waiting: make(chan struct{}), goOn: make(chan struct{}), fail: map[string]error{}, answers: map[string]map[string]string{
		"old": {"Capital?": "Paris", "Sum?": "I think 5"}, "new": {"Capital?": "It is Paris.", "Sum?": "4"},
	}}}
	for _, id := range []string{"old", "new"} {
		path := filepath.Join(folder, id+".gguf")
		if err := os.WriteFile(path, []byte(id), 0o600); err != nil {
			t.Fatal(err)
		}
		b.engine.models = append(b.engine.models, engine.Model{ID: id, Path: path, State: engine.ModelReady, SizeBytes: 3})
	}
	b.start()
	t.Cleanup(func() {
		b.Close()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := b.SetGolden(t.Context(), []Question{askCapital, askSum}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) start() {
	b.Checks = NewChecks(ChecksDeps{Store: b.store, Engine: b.engine, Library: openLibrary(b.t, b.store, b.engine), Log: slog.New(slog.DiscardHandler), Publish: func(name string, data any) uint64 {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.events = append(b.events, data.(CheckChanged))
		return 0
	}})
}

// check runs a whole check.
func (b *bench) check(model string) CheckView {
	b.t.Helper()
	if _, err := b.Start(b.t.Context(), model); err != nil {
		b.t.Fatal(err)
	}
	return b.wait(model)
}

// wait waits for the end; the limit only ends a test that hangs.
func (b *bench) wait(model string) CheckView {
	b.t.Helper()
	for range 5000 {
		if b.Progress() == nil {
			return b.view(model)
		}
		time.Sleep(2 * time.Millisecond)
	}
	b.t.Fatal("the check never ended")
	return CheckView{}
}

func (b *bench) view(model string) CheckView {
	b.t.Helper()
	v, err := b.View(b.t.Context(), model)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

func (b *bench) set(key, value string) {
	b.t.Helper()
	if err := b.store.SetSettings(b.t.Context(), map[string]json.RawMessage{key: json.RawMessage(value)}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) setting(key string) string {
	b.t.Helper()
	all, err := b.store.Settings(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return string(all[key])
}

func TestCheck_ComparesWithTheCurrentModel(t *testing.T) {
	b := newBench(t)
	v := b.check("new")
	if v.Result == nil || v.Beside == nil || v.Result.Tally != (Tally{2, 2}) || v.Beside.Tally != (Tally{1, 2}) {
		t.Fatalf("%+v", v)
	}
	if r := v.Result; r.Status != storage.CheckDone || r.Device != "CPU (test)" || r.FirstTokenMS != 30 || r.TokensPerSec != 20 || !r.Fresh || r.EndedAt == nil {
		t.Errorf("%+v", r)
	}
	if a := v.Beside.Answers[1]; a.ID != "sum" || a.Answer != "I think 5" || a.Passed || a.Reason != "“4” is missing." {
		t.Errorf("%+v", a)
	}
	if !v.Passes || v.IsCurrent || v.Questions != 2 {
		t.Errorf("%+v", v)
	}
	requests := b.engine.requests()
	if len(requests) != 4 || requests[0].Model != "old" || requests[3].Model != "new" {
		t.Fatalf("%+v", requests)
	}
	last := requests[3]
	if last.Class != engine.ClassBatch || last.User != "house-check" || last.Sampling.MaxTokens != 20 || last.Sampling.Temperature != 0 ||
		len(last.Messages) != 2 || last.Messages[0].Role != engine.RoleSystem || last.Messages[1].Segments[0].Share != "" || last.ID == requests[2].ID {
		t.Errorf("%+v", last)
	}
	if got := b.engine.loaded[len(b.engine.loaded)-1]; got != "old" {
		t.Errorf("the model loaded last is %s, the default is old", got)
	}
	// The engine's own default is what was loaded last, so the current model is
	// made the chosen one first.
	if got := b.setting("default_model"); got != `"old"` {
		t.Errorf("after a check that may not promote the default is %s", got)
	}

	// The current model's result is known now, so it is not asked again.
	b.check("new")
	if n := len(b.engine.requests()); n != 6 {
		t.Errorf("%d requests after the second check", n)
	}
	// Until its file is another one.
	if err := os.WriteFile(b.engine.models[0].Path, []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(b.engine.models[0].Path, later, later); err != nil {
		t.Fatal(err)
	}
	if v := b.view("new"); v.Beside != nil {
		t.Errorf("a result of another file is shown: %+v", v.Beside)
	}
	b.check("new")
	if n := len(b.engine.requests()); n != 10 {
		t.Errorf("%d requests after the file was replaced", n)
	}
}

// Other adapters are another model.
func TestCheck_SettingsOfTheModelCount(t *testing.T) {
	b := newBench(t)
	b.check("new")
	if v := b.view("new"); !v.Result.Fresh || v.Beside == nil {
		t.Fatalf("%+v", v)
	}
	if err := b.store.SetModelSettings(t.Context(), "new", json.RawMessage(`{"kv":"q8_0"}`)); err != nil {
		t.Fatal(err)
	}
	b.Close()
	b.start()
	if v := b.view("new"); v.Result.Fresh || v.Beside == nil {
		t.Errorf("%+v", v)
	}
}

func TestCheck_Events(t *testing.T) {
	b := newBench(t)
	b.check("new")
	b.mu.Lock()
	defer b.mu.Unlock()
	done := 0
	for i, e := range b.events {
		if last := i == len(b.events)-1; e.Model != "new" || (e.Progress == nil) != last {
			t.Fatalf("event %d: %+v", i, e)
		}
		if p := e.Progress; p != nil {
			if p.Total != 4 || p.Done < done {
				t.Errorf("event %d: %+v", i, *p)
			}
			done = p.Done
		}
	}
	if p := b.events[len(b.events)-2].Progress; done != 4 || p.Asking != "old" || p.Stage != "loading" {
		t.Errorf("%d questions were told as done, at last %+v", done, p)
	}
}

func TestCheck_PromotesWhenAllowed(t *testing.T) {
	for _, row := range []struct {
		name, sum string
		want      string
	}{
		{"better", "4", `"new"`},
		{"as few as the other, and too few", "5", `"old"`},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			b.set("promote_when_passed", "true")
			b.engine.answers["new"]["Sum?"] = row.sum
			v := b.check("new")
			if got := b.setting("default_model"); got != row.want {
				t.Errorf("default model %q", got)
			}
			promoted := row.want == `"new"`
			b.mu.Lock()
			defer b.mu.Unlock()
			if v.Beside == nil || v.Beside.Model != "old" {
				t.Errorf("beside it: %+v", v.Beside)
			}
			if v.Result.Promoted != promoted || v.IsCurrent != promoted || b.events[len(b.events)-1].Promoted != promoted {
				t.Errorf("%+v", v)
			}
			if got, want := b.engine.loaded[len(b.engine.loaded)-1], "new"; promoted && got != want {
				t.Errorf("loaded last: %s", got)
			}
		})
	}
}

func TestCheck_DoesNotUndoAChoice(t *testing.T) {
	b := newBench(t)
	b.engine.mu.Lock()
	b.engine.models = append(b.engine.models, engine.Model{ID: "third", Path: b.engine.models[0].Path, State: engine.ModelReady})
	b.engine.mu.Unlock()
	b.Close()
	b.start()
	b.set("promote_when_passed", "true")
	b.engine.answers["new"]["Sum?"] = "" // waits
	if _, err := b.Start(t.Context(), "new"); err != nil {
		t.Fatal(err)
	}
	<-b.engine.waiting
	b.set("default_model", `"third"`)
	b.engine.mu.Lock()
	b.engine.answers["new"]["Sum?"] = "4"
	b.engine.mu.Unlock()
	close(b.engine.goOn)
	if v := b.wait("new"); v.Result.Passed != 2 || v.Result.Promoted || b.setting("default_model") != `"third"` {
		t.Errorf("%+v, the default is %s", v.Result, b.setting("default_model"))
	}
	if got := b.engine.loaded[len(b.engine.loaded)-1]; got != "third" {
		t.Errorf("loaded last: %s", got)
	}
}

func TestCheck_OfTheCurrentModelItself(t *testing.T) {
	b := newBench(t)
	b.set("promote_when_passed", "true")
	v := b.check("old")
	if !v.IsCurrent || v.Beside != nil || v.Result.Passed != 1 || v.Passes || len(b.engine.requests()) != 2 || b.setting("default_model") != `"old"` {
		t.Errorf("%+v", v)
	}
}

func TestCheck_AModelThatCannotBeLoaded(t *testing.T) {
	b := newBench(t)
	b.set("promote_when_passed", "true")
	b.engine.fail["new"] = engine.Errorf(engine.CodeModelLoad, "The tensors do not fit together.")
	v := b.check("new")
	if r := v.Result; r.Status != storage.CheckFailed || r.Error == nil || r.Error.Message != "The tensors do not fit together." || r.Asked != 0 || v.Passes {
		t.Errorf("%+v", v.Result)
	}
	if v.Beside == nil || v.Beside.Passed != 1 {
		t.Errorf("the current model's result is lost: %+v", v.Beside)
	}
	if got := b.engine.loaded[len(b.engine.loaded)-1]; got != "old" || b.setting("default_model") != `"old"` {
		t.Errorf("%s was loaded last", got)
	}
	// A current model that cannot be loaded does not keep a candidate from its check.
	b.engine.fail = map[string]error{"old": engine.Errorf(engine.CodeModelLoad, "Gone.")}
	if v := b.check("new"); v.Result.Status != storage.CheckDone || v.Result.Passed != 2 {
		t.Errorf("%+v", v.Result)
	}
}

func TestCheck_AQuestionThatDoesNotFitIsOneThatFailed(t *testing.T) {
	b := newBench(t)
	b.engine.answers["new"]["Sum?"] = "too long"
	b.engine.busy = 3
	v := b.check("new")
	if r := v.Result; r.Status != storage.CheckDone || r.Tally != (Tally{1, 2}) || r.Answers[1].Reason != "9 of 8 tokens." {
		t.Errorf("%+v", r)
	}
}

func TestCheck_OneAtATimeAndStop(t *testing.T) {
	b := newBench(t)
	b.engine.answers["new"]["Sum?"] = "" // waits
	if _, err := b.Start(t.Context(), "new"); err != nil {
		t.Fatal(err)
	}
	<-b.engine.waiting
	_, err := b.Start(t.Context(), "old")
	var e *app.Error
	if !errors.As(err, &e) || e.Code != app.CodeCheckRunning || !strings.Contains(e.Message, "new") {
		t.Errorf("a second check: %v", err)
	}
	if p := b.view("old").Running; p == nil || p.Model != "new" || p.Asking != "new" || p.Done != 3 || p.Total != 4 || p.Stage != "asking" {
		t.Errorf("%+v", p)
	}
	if r := b.view("new").Result; r.Status != storage.CheckRunning || r.Asked != 1 || r.Passed != 1 {
		t.Errorf("while it runs: %+v", r)
	}
	b.Stop("old")
	if b.Progress() == nil {
		t.Error("the stop of another model's check ended it")
	}
	b.Stop("new")
	v := b.wait("new")
	if v.Result.Status != storage.CheckStopped || v.Result.Asked != 1 || v.Running != nil {
		t.Errorf("%+v", v.Result)
	}
	b.Stop("new") // again is harmless
}

func TestCheck_CloseInterrupts(t *testing.T) {
	b := newBench(t)
	b.engine.answers["new"]["Capital?"] = ""
	if _, err := b.Start(t.Context(), "new"); err != nil {
		t.Fatal(err)
	}
	<-b.engine.waiting
	b.Close()
	if _, err := b.Start(t.Context(), "new"); err == nil {
		t.Error("began after its end")
	}
	b.start()
	if v := b.view("new"); v.Running != nil || v.Result.Status != storage.CheckInterrupted {
		t.Errorf("%+v", v)
	}
}

// A program that was killed could not say that its check ended.
func TestCheck_AKilledOneIsInterrupted(t *testing.T) {
	b := newBench(t)
	if _, err := b.store.StartCheck(t.Context(), storage.Check{Model: "new", File: "f", Questions: "q", Total: 2}); err != nil {
		t.Fatal(err)
	}
	b.Close()
	b.start()
	if v := b.view("new"); v.Result.Status != storage.CheckInterrupted || v.Result.Fresh {
		t.Errorf("%+v", v.Result)
	}
}

func TestCheck_WhatCannotBeAsked(t *testing.T) {
	b := newBench(t)
	b.engine.mu.Lock() // what reads hashes may look already
	b.engine.models = append(b.engine.models, engine.Model{ID: "bad", State: engine.ModelRefused, Reason: "Not a GGUF file."},
		engine.Model{ID: "huge", State: engine.ModelReady, Fit: &engine.Fit{Verdict: engine.VerdictWont, Need: 9e9, Usable: 1e9}})
	b.engine.mu.Unlock()
	for model, want := range map[string]engine.Code{"none": engine.CodeModelNotFound, "bad": engine.CodeModelRefused, "huge": engine.CodeModelTooLarge} {
		_, err := b.Start(t.Context(), model)
		if code, _, _ := app.Describe(err); err == nil || code != want {
			t.Errorf("%s: %v", model, err)
		}
	}
	if _, err := b.View(t.Context(), "none"); err == nil {
		t.Error("there is a view of no model")
	}
}

func TestGolden(t *testing.T) {
	b := newBench(t)
	g, err := b.Golden(t.Context())
	if err != nil || g.Shipped || len(g.Questions) != 2 || g.Hash == Shipped().Hash {
		t.Errorf("%+v, %v", g, err)
	}
	if _, err := b.SetGolden(t.Context(), nil); err == nil {
		t.Error("an empty set was kept")
	}
	if again, err := b.Golden(t.Context()); err != nil || again.Hash != g.Hash {
		t.Errorf("%+v, %v", again, err)
	}
	b.check("new")
	if _, err := b.ResetGolden(t.Context()); err != nil {
		t.Fatal(err)
	}
	if g, err := b.Golden(t.Context()); err != nil || !g.Shipped {
		t.Errorf("%+v, %v", g, err)
	}
	if v := b.view("new"); v.Result.Fresh || v.Beside == nil || v.Beside.Fresh || v.Questions != len(Shipped().Questions) {
		t.Errorf("after the set changed: %+v", v)
	}
	// A set of a later version is not understood, and stays.
	if err := b.store.SetGoldenSet(t.Context(), json.RawMessage(`[{"id":"x","kind":"picture"}]`)); err != nil {
		t.Fatal(err)
	}
	if g, err := b.Golden(t.Context()); err != nil || !g.Shipped {
		t.Errorf("%+v, %v", g, err)
	}
}
