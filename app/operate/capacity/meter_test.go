package capacity

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"alcove/app"
	"alcove/engine"
	"alcove/internal/testkit/emptydb"
	"alcove/storage"
)

// box is a scripted engine: usage says what one question is told when so many
// are asked at once.
type box struct {
	mu     sync.Mutex
	asked  []engine.Request
	usage  func(people int, req engine.Request) (engine.Usage, error)
	held   chan struct{} // when set, questions wait for it or for their end
	models []engine.Model
	status engine.Status
	step   int // people of the step, as told
}

func (b *box) Generate(ctx context.Context, req engine.Request, _ func(engine.Event) error) (engine.Usage, error) {
	b.mu.Lock()
	b.asked = append(b.asked, req)
	people, held := b.step, b.held
	b.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
		}
	}
	if ctx.Err() != nil {
		return engine.Usage{Finish: engine.FinishCancelled}, nil
	}
	words := 0
	for _, m := range req.Messages {
		words += len(strings.Fields(m.Text()))
	}
	u, err := b.usage(people, req)
	if u.PromptTokens == 0 {
		u.PromptTokens = words // one token a word
	}
	return u, err
}
func (b *box) Models() []engine.Model               { return b.models }
func (b *box) Status() engine.Status                { return b.status }
func (b *box) Load(context.Context, string) error   { return nil }
func (b *box) Unload(context.Context, string) error { return nil }
func (b *box) Tune(map[string]engine.Tuning)        {}
func (b *box) Close() error                         { return nil }
func (b *box) setPeople(n int)                      { b.mu.Lock(); b.step = n; b.mu.Unlock() }
func (b *box) hold() chan struct{} {
	c := make(chan struct{})
	b.mu.Lock()
	b.held = c
	b.mu.Unlock()
	return c
}
func (b *box) free()                  { b.mu.Lock(); b.held = nil; b.mu.Unlock() }
func (b *box) count() int             { b.mu.Lock(); defer b.mu.Unlock(); return len(b.asked) }
func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
func plain(first, total float64, out int) engine.Usage {
	return engine.Usage{FirstToken: seconds(first), Total: seconds(total), OutputTokens: out, TokensPerSec: float64(out-1) / (total - first), CachedTokens: 0, Finish: engine.FinishLength}
}

// bench is a Meter with a scripted engine and a clock that stands still.
type bench struct {
	t       *testing.T
	box     *box
	gate    *Gate
	meter   *Meter
	changed chan Changed
	clock   *clock
	// told is called with each progress before the measurement goes on.
	mu   sync.Mutex
	told func(Progress)
}

func (b *bench) onProgress(f func(Progress)) { b.mu.Lock(); b.told = f; b.mu.Unlock() }

// clock stands still; whoever waits for it is let go when it is told to pass.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	waiters []waiter
	passes  bool // short waits end at once
}

type waiter struct {
	at time.Time
	to chan time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) After(d time.Duration) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	to := make(chan time.Time, 1)
	if c.passes && d <= quiet {
		to <- c.now
		return to
	}
	c.waiters = append(c.waiters, waiter{c.now.Add(d), to})
	return to
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for _, w := range c.waiters {
		if !w.at.After(c.now) {
			select {
			case w.to <- c.now:
			default:
			}
		}
	}
}

func newBench(t *testing.T, usage func(people int, req engine.Request) (engine.Usage, error)) *bench {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Path: emptydb.Path(t), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, changed: make(chan Changed, 10_000), clock: &clock{now: time.Unix(1_700_000_000, 0), passes: true}}
	b.box = &box{usage: usage, models: []engine.Model{{ID: "m", Parameters: "135M", SizeBytes: 100e6, Slots: 16, Context: 4096, Facts: engine.Facts{Quant: "Q4_K_M"},
		Fit: &engine.Fit{KV: "f16", Cells: 1000, Devices: []engine.FitDevice{{KV: 23_040_000}}}}},
		status: engine.Status{Model: "m", Ready: true, Device: "CPU (test)", Cells: 32768}}
	b.gate = NewGate(b.box)
	b.meter = NewMeter(Deps{Store: store, Gate: b.gate, Publish: func(_ string, data any) {
		c := data.(Changed)
		if c.Running != nil {
			b.box.setPeople(c.Running.People)
			b.mu.Lock()
			if b.told != nil {
				b.told(*c.Running)
			}
			b.mu.Unlock()
		}
		b.changed <- c
	}, Now: b.clock.Now, After: b.clock.After, Cores: 2, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { b.meter.Close(); store.Close() })
	return b
}

func (b *bench) start(s Settings) {
	b.t.Helper()
	if _, err := b.meter.Start(b.t.Context(), s); err != nil {
		b.t.Fatal(err)
	}
}

// end waits for the end and gives the result that was kept.
func (b *bench) end() Result {
	b.t.Helper()
	for c := range b.changed {
		if c.Running == nil {
			break
		}
	}
	list, err := b.meter.Results(b.t.Context())
	if err != nil || len(list) == 0 {
		b.t.Fatalf("no result: %v", err)
	}
	return list[0]
}

// until waits for a progress.
func (b *bench) until(what string, is func(Progress) bool) {
	b.t.Helper()
	for c := range b.changed {
		if c.Running == nil {
			b.t.Fatalf("it ended before %s", what)
		}
		if is(*c.Running) {
			return
		}
	}
}

// A box whose prompts take all the time, one that writes slowly, and one that
// has too few places: the curve stops for the right reason and says why.
func TestMeasure(t *testing.T) {
	for name, c := range map[string]struct {
		usage func(people int, req engine.Request) (engine.Usage, error)
		edit  func(*box)
		limit LimitKind
		least int // people served
		most  int
		last  int // people of the last step
	}{
		"compute": {usage: func(n int, _ engine.Request) (engine.Usage, error) {
			return plain(.5*float64(max(n, 1)), .5*float64(max(n, 1))+.1, 100), nil
		}, limit: LimitCompute, least: 6, most: 6, last: 8}, // flat, and 8 wait beyond the bound
		"bandwidth": {usage: func(n int, r engine.Request) (engine.Usage, error) {
			u := plain(.5, .5+2*float64(max(n, 1)), 100)
			if n == 0 {
				u = plain(.1, .2, 2)
			}
			if n >= 8 {
				u.FirstToken, u.Total = seconds(9.5), seconds(9.5+2*float64(n))
			}
			u.CachedTokens = 900
			return u, nil
		}, limit: LimitBandwidth, least: 4, most: 7, last: 8},
		"memory": {usage: func(n int, _ engine.Request) (engine.Usage, error) { return plain(.1, 1, 100), nil },
			edit: func(b *box) { b.models[0].Slots = 3 }, limit: LimitMemory, least: 3, most: 3, last: 3},
		"cells": {usage: func(n int, _ engine.Request) (engine.Usage, error) { return plain(.1, 1, 100), nil },
			edit: func(b *box) { b.status.Cells = 1400 }, limit: LimitMemory, least: 2, most: 2, last: 2},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c.usage)
			if c.edit != nil {
				c.edit(b.box)
			}
			b.start(DefaultSettings)
			r := b.end()
			if r.Status != StatusDone || r.Limit.Kind != c.limit || r.Serves.People < c.least || r.Serves.People > c.most || r.Steps[len(r.Steps)-1].People != c.last {
				t.Errorf("%+v", r)
			}
			if r.Employees < r.Serves.People || r.Because == "" || r.Facts.KVPerToken != 23040 || r.Shape != DefaultShape || !r.EndedAt.Equal(b.clock.now) {
				t.Errorf("%+v", r)
			}
			for _, q := range b.box.asked {
				if q.Route != engine.RouteCapacity || q.ID == "" || q.Model != "m" {
					t.Fatalf("%+v", q)
				}
			}
			seen := map[string]bool{}
			for _, q := range b.box.asked {
				last := q.Messages[len(q.Messages)-1].Text()
				if seen[last] {
					t.Errorf("asked twice: %s", last)
				}
				seen[last] = true
			}
		})
	}
}

func person() engine.Request { return engine.Request{ID: "p", Route: engine.RouteChat} }

// A step in which a person came is thrown away and done again.
func TestGivesWay(t *testing.T) {
	b := newBench(t, func(int, engine.Request) (engine.Usage, error) { return plain(.1, 1, 100), nil })
	holding := make(chan chan struct{}, 1)
	before := 0
	b.onProgress(func(p Progress) {
		if p.Stage == "measuring" && p.Repeated == 0 && before == 0 {
			before = b.box.count()
			holding <- b.box.hold()
		}
	})
	b.start(Settings{Bound: 3, Every: 3, Most: 2})
	held := <-holding
	for b.box.count() == before {
		time.Sleep(time.Millisecond) // until the step has begun
	}
	came := make(chan struct{})
	go func() {
		defer close(came)
		if _, err := b.gate.Generate(t.Context(), person(), nil); err != nil {
			t.Error(err)
		}
	}()
	b.until("it waits for the person", func(p Progress) bool { return p.Stage == "waiting" && p.Repeated == 1 })
	b.box.free()
	close(held)
	<-came
	r := b.end()
	if r.Status != StatusDone || r.Repeated != 1 || len(r.Steps) != 2 || r.Steps[0].Answers != 4 || r.Steps[0].Failed != 0 {
		t.Errorf("%+v", r)
	}
}

// A person who comes as a step's last answer ends had a part of it: the step
// is done again, and counts once.
func TestGivesWayAtTheEndOfAStep(t *testing.T) {
	b := newBench(t, func(int, engine.Request) (engine.Usage, error) { return plain(.1, 1, 100), nil })
	n := 0
	b.meter.OwnSeconds = func() float64 { // asked when a step begins, and when its answers are there
		if n++; n == 2 {
			b.gate.enter()
			b.gate.leave()
		}
		return 0
	}
	b.start(Settings{Bound: 3, Every: 3, Most: 2})
	r := b.end()
	if len(r.Steps) != 2 || r.Steps[0].People != 1 || r.Steps[1].People != 2 || r.Repeated != 1 {
		t.Errorf("%d repeated, steps %+v", r.Repeated, r.Steps)
	}
}

// It does not begin while a person is answered, and gives up in the end.
func TestWaitsForQuiet(t *testing.T) {
	b := newBench(t, func(int, engine.Request) (engine.Usage, error) { return plain(.1, 1, 100), nil })
	b.gate.enter()
	b.start(DefaultSettings)
	b.until("it waits", func(p Progress) bool { return p.Stage == "waiting" })
	b.clock.mu.Lock()
	b.clock.passes = false
	b.clock.mu.Unlock()
	if _, err := b.meter.Start(t.Context(), DefaultSettings); err == nil {
		t.Error("two at once")
	} else if e := new(app.Error); !errors.As(err, &e) || e.Code != app.CodeCapacityRunning {
		t.Error(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for c := range b.changed {
			if c.Running == nil {
				return
			}
		}
	}()
	for ended := false; !ended; {
		b.clock.advance(time.Minute)
		select {
		case <-done:
			ended = true
		case <-time.After(5 * time.Millisecond):
		}
	}
	if n := b.box.count(); n != 0 {
		t.Errorf("%d questions were asked beside a person", n)
	}
	if list, err := b.meter.Results(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("nothing was measured, and %+v kept, %v", list, err)
	}
	if n := b.meter.Nothing(); n == nil || n.ID == "" || !strings.Contains(n.Because, "time") {
		t.Errorf("it does not say why: %+v", n)
	}
}

func TestPeopleAllTheTime(t *testing.T) {
	var b *bench
	b = newBench(t, func(n int, _ engine.Request) (engine.Usage, error) {
		if n > 0 {
			b.gate.enter()
			b.gate.leave()
		}
		return plain(.1, 1, 100), nil
	})
	b.start(DefaultSettings)
	for c := range b.changed {
		if c.Running == nil {
			break
		}
	}
	if n := b.box.count(); n > 5*mostRepeats+10 {
		t.Errorf("%d questions", n)
	}
}

func TestStopKeepsTheSteps(t *testing.T) {
	b := newBench(t, func(int, engine.Request) (engine.Usage, error) { return plain(.1, 1, 100), nil })
	holding := make(chan struct{})
	b.onProgress(func(p Progress) {
		if p.Stage == "measuring" && p.People == 2 {
			b.box.hold()
			close(holding)
		}
	})
	b.start(DefaultSettings)
	<-holding
	b.meter.Stop()
	b.meter.Stop()
	r := b.end()
	if r.Status != StatusStopped || len(r.Steps) != 1 || r.Steps[0].People != 1 {
		t.Errorf("%+v", r)
	}
	if b.meter.Progress() != nil {
		t.Error("it runs")
	}
}

func TestFailureIsKept(t *testing.T) {
	b := newBench(t, func(n int, _ engine.Request) (engine.Usage, error) {
		if n == 2 {
			return engine.Usage{}, &engine.Error{Code: engine.CodeWorkerFailed}
		}
		return plain(.1, 1, 100), nil
	})
	b.start(DefaultSettings)
	if r := b.end(); r.Status != StatusFailed || r.Error == "" || len(r.Steps) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestStartRefuses(t *testing.T) {
	b := newBench(t, nil)
	for name, s := range map[string]Settings{"bound": {0, 3, 8}, "every": {3, 0, 8}, "people": {3, 3, 0}, "too many": {3, 3, 1000}} {
		var e *app.Error
		if _, err := b.meter.Start(t.Context(), s); !errors.As(err, &e) || e.Code != app.CodeInvalid || e.Param == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	b.box.status.Ready = false
	var e *app.Error
	if _, err := b.meter.Start(t.Context(), DefaultSettings); !errors.As(err, &e) || e.Code != engine.CodeNoModel {
		t.Error(err)
	}
}

func TestRecordedShape(t *testing.T) {
	b := newBench(t, nil)
	answers := 49
	b.meter.Deps.Shape = func(context.Context) (Shape, int) { return Shape{Shared: 500, Own: 0, Answer: 30}, answers }
	if s := b.meter.shape(t.Context()); s != DefaultShape {
		t.Errorf("%+v", s)
	}
	answers = 50
	if s := b.meter.shape(t.Context()); s != (Shape{Shared: 500, Own: 1, Answer: 30, Recorded: 50}) {
		t.Errorf("%+v", s)
	}
}

// What a later version wrote is left out.
func TestResultsOfOthers(t *testing.T) {
	b := newBench(t, nil)
	for id, text := range map[string]string{"a": `{"steps": 5}`, "b": `[]`, "c": `{"id":"c"}`} {
		if err := b.meter.Store.PutCapacity(t.Context(), id, time.Now(), json.RawMessage(text)); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := b.meter.Results(t.Context()); err != nil || len(list) != 1 || list[0].Steps == nil {
		t.Errorf("%+v %v", list, err)
	}
}
