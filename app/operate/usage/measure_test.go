package usage

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"alcove/app"
	"alcove/engine"
	"alcove/monitor/latency"
)

// script is a backend that says what happens when.
type script struct {
	engine.Backend
	events []at
	usage  engine.Usage
	err    error
	clock  *time.Time
}

type at struct {
	ms    int
	event engine.Event
}

func (s script) Generate(_ context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
	began := *s.clock
	for _, e := range s.events {
		*s.clock = began.Add(time.Duration(e.ms) * time.Millisecond)
		if e.event == nil {
			continue
		}
		if err := emit(e.event); err != nil {
			return s.usage, err
		}
	}
	return s.usage, s.err
}

func (s script) Models() []engine.Model { return []engine.Model{{ID: "tiny"}} }

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func stage(name engine.StageName) engine.Event { return engine.Stage{Name: name} }

func token(n int) engine.Event { return engine.Token{Text: "secret", N: n} }

func TestMeasure(t *testing.T) {
	done := engine.Usage{Model: "tiny", Device: "CPU", PromptTokens: 9, OutputTokens: 5, Finish: engine.FinishStop}
	for _, c := range []struct {
		name   string
		events []at
		usage  engine.Usage
		err    error
		want   Answer
		gaps   latency.Histogram
	}{
		{"a queue, a model that is loaded, a prompt that takes time",
			[]at{{0, stage(engine.StageQueued)}, {10, stage(engine.StageLoading)}, {500, stage(engine.StageLoading)}, {1010, stage(engine.StageQueued)}, {1030, stage(engine.StagePrefill)},
				{1100, stage(engine.StagePrefill)}, {1230, token(1)}, {1250, token(2)}, {1260, token(0)}, {1300, token(2)}, {1310, nil}}, done, nil,
			Answer{Status: StatusDone, Queue: ms(30), Loading: ms(1000), Prefill: ms(200), FirstToken: ms(1230), Total: ms(1310)}, gaps(.01, .01, .025, .025)},
		{"all at the end of a step: the engine knows better",
			[]at{{50, stage(engine.StagePrefill)}, {50, token(1)}, {60, nil}},
			engine.Usage{Model: "tiny", Device: "CPU", Finish: engine.FinishLength, FirstToken: ms(50), Prefill: ms(45)}, nil,
			Answer{Status: StatusDone, Queue: ms(5), Prefill: ms(45), FirstToken: ms(50), Total: ms(60)}, latency.Histogram{}},
		{"all at the end of a step, and the engine does not know",
			[]at{{50, stage(engine.StagePrefill)}, {50, token(1)}, {60, nil}}, done, nil,
			Answer{Status: StatusDone, Queue: ms(50), FirstToken: ms(50), Total: ms(60)}, latency.Histogram{}},
		{"a worker that dies: its death is no gap",
			[]at{{10, stage(engine.StagePrefill)}, {20, token(1)}, {30, stage(engine.StageResuming)}, {5000, stage(engine.StagePrefill)}, {5010, token(1)}, {5020, token(1)}, {5020, nil}}, done, nil,
			Answer{Status: StatusDone, Queue: ms(10), Prefill: ms(10), FirstToken: ms(20), Total: ms(5020)}, gaps(.01)},
		{"stopped while it waits", []at{{0, stage(engine.StageQueued)}, {70, nil}}, engine.Usage{Model: "tiny", Finish: engine.FinishCancelled}, nil,
			Answer{Status: StatusStopped, Queue: ms(70), Total: ms(70)}, latency.Histogram{}},
		{"nobody reads", []at{{10, stage(engine.StagePrefill)}, {20, token(1)}, {20, nil}}, engine.Usage{Model: "tiny", Finish: engine.FinishCancelled}, errors.New("gone"),
			Answer{Status: StatusStopped, Queue: ms(10), Prefill: ms(10), FirstToken: ms(20), Total: ms(20)}, latency.Histogram{}},
		{"failed in the queue", []at{{0, stage(engine.StageQueued)}, {5, nil}}, engine.Usage{Model: "tiny", Finish: engine.FinishFailed}, &app.Error{Code: engine.CodeContextFull},
			Answer{Status: StatusFailed, Code: string(engine.CodeContextFull), Queue: ms(5), Total: ms(5)}, latency.Histogram{}},
		{"refused: it did not wait", []at{{5, nil}}, engine.Usage{Model: "tiny", Finish: engine.FinishFailed}, &app.Error{Code: engine.CodeContextFull},
			Answer{Status: StatusFailed, Code: string(engine.CodeContextFull), Total: ms(5)}, latency.Histogram{}},
	} {
		now := newClocks().wall
		var got []Answer
		m := &measured{script{nil, c.events, c.usage, c.err, &now}, func(a Answer) { got = append(got, a) }, func() time.Time { return now }, func() time.Time { return now }}
		req := engine.Request{ID: "r", Class: engine.ClassAPI, Route: engine.RouteCompletions, User: "key:1", PrefillOnly: true}
		usage, err := m.Generate(t.Context(), req, func(engine.Event) error { return nil })
		if usage != c.usage || !errors.Is(err, c.err) || len(got) != 1 {
			t.Fatalf("%s: %+v, %v, %d answers", c.name, usage, err, len(got))
		}
		want := c.want
		want.ID, want.At, want.Class, want.Route, want.User, want.Draft = "r", now, "api", engine.RouteCompletions, "key:1", true
		want.Model, want.Device, want.PromptTokens, want.OutputTokens = "tiny", c.usage.Device, c.usage.PromptTokens, c.usage.OutputTokens
		if d := cmp.Diff(want, got[0], cmpopts.IgnoreFields(Answer{}, "Gaps")); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		q, ok := got[0].Gaps.Quantiles(0, .5, 1)
		q2, ok2 := c.gaps.Quantiles(0, .5, 1)
		if d := cmp.Diff(q2, q, cmpopts.EquateApprox(1e-6, 0)); d != "" || ok != ok2 || got[0].Gaps.Count() != c.gaps.Count() {
			t.Errorf("%s: gaps %v, want %v", c.name, q, q2)
		}
	}
}

// A model that does not exist is a text that somebody wrote.
func TestMeasure_KeepsNoModelThatDoesNotExist(t *testing.T) {
	now := newClocks().wall
	for asked, want := range map[string]string{"tiny": "tiny", "my secret": "", "": ""} {
		var got Answer
		m := &measured{script{clock: &now, usage: engine.Usage{Model: asked, Finish: engine.FinishFailed}, err: errors.New("no")},
			func(a Answer) { got = a }, time.Now, time.Now}
		m.Generate(t.Context(), engine.Request{Model: asked}, nil) //nolint:errcheck // it fails
		if got.Model != want {
			t.Errorf("%q is kept as %q", asked, got.Model)
		}
	}
}

func TestChanges(t *testing.T) {
	loaded := func(list ...engine.Loaded) engine.Status { return engine.Status{Loaded: list} }
	a, b := engine.Loaded{Model: "a", Ready: true, Device: "CPU"}, engine.Loaded{Model: "b", Device: "CPU"}
	gpu, ready := a, b
	gpu.Device, ready.Ready = "CUDA0", true
	for _, c := range []struct {
		name          string
		before, after engine.Status
		want          []string
	}{
		{"nothing", loaded(a), loaded(a), nil},
		{"a model begins to load", loaded(a), loaded(a, b), nil},
		{"and is there", loaded(a, b), loaded(a, ready), []string{"model_loaded b"}},
		{"a swap", loaded(a), loaded(ready), []string{"model_unloaded a", "model_loaded b"}},
		{"another device", loaded(a), loaded(gpu), []string{"device_changed a"}},
		{"a death", loaded(a), engine.Status{Restarts: 1}, []string{"worker_died ", "model_unloaded a"}},
	} {
		var got []string
		for _, m := range changes(c.before, c.after, time.Now()) {
			got = append(got, m.Kind+" "+m.Model)
			if m.Text == "" {
				t.Errorf("%s: no text", c.name)
			}
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

// Who waited for a minute and left, or failed, is in the figures of the queue;
// who was refused at once is not.
func TestQueue_CountsThoseWhoLeft(t *testing.T) {
	d := newDesk(t)
	for _, status := range []string{StatusStopped, StatusFailed} {
		d.Answer(d.anAnswer(func(a *Answer) { a.Status, a.Queue, a.Prefill, a.FirstToken = status, time.Minute, 0, 0 }))
	}
	d.Answer(d.anAnswer(func(a *Answer) { a.Status, a.Queue, a.Prefill, a.FirstToken = StatusFailed, 0, 0, 0 }))
	f := d.Recent(time.Hour).All.Figures
	if q := f["queue_seconds"]; q.Count != 2 || q.Max != 60 {
		t.Errorf("the queue: %+v, want two who waited for 60 s", q)
	}
	if _, there := f["first_token_seconds"]; there {
		t.Error("nobody had a first token")
	}
}

func TestLabel_IsTextWhereverItIsCut(t *testing.T) {
	for shift := range 4 {
		s := label(strings.Repeat("x", shift) + strings.Repeat("\U0001F999", 100))
		if !utf8.ValidString(s) || len(s) > maxLabel || len(s) < maxLabel-3 {
			t.Errorf("%d bytes, valid %v: %q", len(s), utf8.ValidString(s), s[len(s)-4:])
		}
	}
}
