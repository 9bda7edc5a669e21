package local_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
)

// room makes an engine whose machine has room for so many bytes of weights,
// beside what workers need themselves.
func room(t *testing.T, bytes int64, change func(*local.Config)) bench {
	t.Helper()
	return newFake(t, func(c *local.Config) {
		c.SetMemory(func() int64 { return bytes })
		if change != nil {
			change(c)
		}
	})
}

func (b bench) loaded() (ready []string) {
	for _, l := range b.Status().Loaded {
		if l.Ready {
			ready = append(ready, l.Model)
		}
	}
	slices.Sort(ready)
	return ready
}

func askFor(model string) engine.Request {
	req := ask("hello")
	req.Model = model
	return req
}

// begin asks and returns when the answer is being written. Its end comes on the
// channel.
func (b bench) begin(ctx context.Context, t *testing.T, req engine.Request) <-chan result {
	t.Helper()
	writing, ended := make(chan struct{}), make(chan result, 1)
	go func() {
		first := true
		ended <- b.generate(ctx, req, func(ev engine.Event) {
			if _, ok := ev.(engine.Token); ok && first {
				first = false
				close(writing)
			}
		})
	}()
	select {
	case <-writing:
	case r := <-ended:
		t.Fatalf("ended before it was written: %+v", r)
	}
	return ended
}

// Two models that fit are loaded beside each other: the answers of the first go
// on while the second comes, and both answer then.
func TestEngine_Beside(t *testing.T) {
	b := room(t, 16*gib, nil)
	fake.Model(t, b.dir, "a", fake.Script{Text: "alpha ", Endless: true, Weights: gib})
	fake.Model(t, b.dir, "b", fake.Script{Text: "beta", Weights: gib})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	running := b.begin(ctx, t, askFor("a"))
	if r := b.generate(t.Context(), askFor("b"), nil); r.err != nil || r.text != "beta" || r.usage.Model != "b" {
		t.Fatalf("%+v", r)
	}
	if got := b.loaded(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("loaded: %v", got)
	}
	if st := b.Status(); !st.Ready || st.Model != "a" || st.Active < 1 || len(st.Loaded) != 2 {
		t.Errorf("status %+v", st)
	}
	select {
	case r := <-running:
		t.Fatalf("the answer of the first model ended: %+v", r)
	default:
	}
	stop()
	if r := <-running; r.err != nil || r.usage.Finish != engine.FinishCancelled || fake.Starts(t, b.dir, "a") != 1 {
		t.Errorf("%+v after %d starts", r.usage, fake.Starts(t, b.dir, "a"))
	}
}

// Where two do not fit, the one that was not used for longest goes, after its
// running answers; those that waited for it before are served first.
func TestEngine_MakesRoom(t *testing.T) {
	b := room(t, 5*gib, nil)
	long := strings.Repeat("alpha ", 50)
	fake.Model(t, b.dir, "a", fake.Script{Text: long, Weights: 3 * gib / 2})
	fake.Model(t, b.dir, "b", fake.Script{Text: "beta", Weights: 3 * gib / 2})
	fake.Model(t, b.dir, "c", fake.Script{Text: "gamma", Weights: 3 * gib / 2})
	for _, id := range []string{"b", "a"} {
		if err := b.Load(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	running := b.begin(t.Context(), t, askFor("a"))
	if r := b.generate(t.Context(), askFor("c"), nil); r.err != nil || r.text != "gamma" {
		t.Fatalf("%+v", r)
	}
	if got := b.loaded(); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("loaded: %v; b was idle and had to go", got)
	}
	if r := <-running; r.err != nil || r.text != long || r.usage.Restarts != 0 {
		t.Errorf("%+v", r)
	}
}

// One model at a time, and each answer that runs is written to its end.
func TestEngine_MaxLoaded(t *testing.T) {
	b := room(t, 100*gib, func(c *local.Config) { c.MaxLoaded = 1 })
	long := strings.Repeat("alpha ", 50)
	fake.Model(t, b.dir, "a", fake.Script{Text: long, Weights: gib})
	fake.Model(t, b.dir, "b", fake.Script{Text: "beta", Weights: gib})
	running := b.begin(t.Context(), t, askFor("a"))
	if r := b.generate(t.Context(), askFor("b"), nil); r.err != nil || r.text != "beta" {
		t.Fatalf("%+v", r)
	}
	if r := <-running; r.err != nil || r.text != long {
		t.Errorf("%+v", r)
	}
	if got := b.loaded(); !slices.Equal(got, []string{"b"}) {
		t.Errorf("loaded: %v", got)
	}
}

// A model that is kept loaded is not ended for another one: that is refused, and
// says why. When it is not kept any more, it makes room.
func TestEngine_Keep(t *testing.T) {
	b := room(t, 4*gib, nil)
	fake.Model(t, b.dir, "a", fake.Script{Text: "alpha", Weights: 2 * gib})
	fake.Model(t, b.dir, "b", fake.Script{Text: "beta", Weights: 2 * gib})
	b.Tune(map[string]engine.Tuning{"a": {Keep: true}})
	if err := b.Load(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if r := b.generate(t.Context(), askFor("b"), nil); code(r.err) != engine.CodeModelKept {
		t.Errorf("%+v", r)
	}
	if m := b.model("a"); m.State != engine.ModelLoaded || !m.Keep || fake.Starts(t, b.dir, "b") != 0 {
		t.Errorf("%+v", m)
	}
	b.Tune(nil)
	if r := b.generate(t.Context(), askFor("b"), nil); r.err != nil || r.text != "beta" {
		t.Errorf("%+v", r)
	}
}

// Unload waits for running answers; a model that is asked for again is loaded again.
func TestEngine_Unload(t *testing.T) {
	b := room(t, 16*gib, nil)
	long := strings.Repeat("alpha ", 50)
	fake.Model(t, b.dir, "a", fake.Script{Text: long, Weights: gib})
	if err := b.Unload(t.Context(), "a"); err != nil {
		t.Errorf("one that is not loaded: %v", err)
	}
	running := b.begin(t.Context(), t, askFor("a"))
	if err := b.Unload(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if r := <-running; r.err != nil || r.text != long {
		t.Errorf("%+v", r)
	}
	if st := b.Status(); st.Ready || len(st.Loaded) != 0 || st.Reason == "" || st.WorkerPID != 0 {
		t.Errorf("status %+v", st)
	}
	if r := b.generate(t.Context(), askFor("a"), nil); r.err != nil || r.text != long || fake.Starts(t, b.dir, "a") != 2 {
		t.Errorf("%+v after %d starts", r, fake.Starts(t, b.dir, "a"))
	}
}

// A model that nobody uses is unloaded, one that is kept is not.
func TestEngine_UnloadAfter(t *testing.T) {
	b := room(t, 16*gib, func(c *local.Config) { c.UnloadAfter = 50 * time.Millisecond })
	for _, id := range []string{"a", "b"} {
		fake.Model(t, b.dir, id, fake.Script{Weights: gib})
	}
	b.Tune(map[string]engine.Tuning{"b": {Keep: true}})
	for _, id := range []string{"a", "b"} {
		if err := b.Load(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	b.await(t, "the end of the idle one", func() bool { return slices.Equal(b.loaded(), []string{"b"}) })
}

// Who asks again and again whether it is ready does not keep it loaded.
func TestEngine_UnloadAfterProbes(t *testing.T) {
	b := room(t, 16*gib, func(c *local.Config) { c.UnloadAfter = 300 * time.Millisecond })
	fake.Model(t, b.dir, "a", fake.Script{Text: "alpha", Weights: gib})
	if err := b.Load(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	b.await(t, "the end of the probed one", func() bool {
		if len(b.loaded()) == 0 {
			return true
		}
		req := askFor("a")
		req.Route = engine.RouteReady
		b.generate(t.Context(), req, nil)
		return false
	})
	if st := b.Status(); st.Ready || !st.Resting {
		t.Errorf("status %+v, want one that rests", st)
	}
}

// What is chosen for a loaded model takes effect: it is loaded again.
func TestEngine_Tune(t *testing.T) {
	b := room(t, 16*gib, nil)
	fake.Model(t, b.dir, "a", fake.Script{Text: "alpha", Weights: gib})
	if err := b.Load(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	b.Tune(map[string]engine.Tuning{"a": {Keep: true}})
	if r := b.generate(t.Context(), askFor("a"), nil); r.err != nil || fake.Starts(t, b.dir, "a") != 1 {
		t.Fatalf("%+v after %d starts: keeping it is no reason to load it again", r, fake.Starts(t, b.dir, "a"))
	}
	b.Tune(map[string]engine.Tuning{"a": {Context: 1024}})
	b.await(t, "the other context", func() bool { m := b.model("a"); return m.State == engine.ModelLoaded && m.Context == 1024 })
	if r := b.generate(t.Context(), askFor("a"), nil); r.err != nil || fake.Starts(t, b.dir, "a") != 2 {
		t.Errorf("%+v after %d starts", r, fake.Starts(t, b.dir, "a"))
	}
}

// Whoever gives up while a model waits for room leaves the other one alone.
func TestEngine_RoomGivenUp(t *testing.T) {
	b := room(t, 5*gib, nil)
	fake.Model(t, b.dir, "a", fake.Script{Text: "alpha ", Endless: true, Weights: 2 * gib})
	fake.Model(t, b.dir, "b", fake.Script{Text: "beta", Weights: 3 * gib})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	running := b.begin(ctx, t, askFor("a"))
	waiting, leave := context.WithCancel(t.Context())
	ended := make(chan result, 1)
	go func() { ended <- b.generate(waiting, askFor("b"), nil) }()
	b.await(t, "the wait for room", func() bool { return b.model("a").State == engine.ModelDraining })
	leave()
	if r := <-ended; r.usage.Finish != engine.FinishCancelled {
		t.Errorf("%+v", r)
	}
	b.await(t, "the model that stays", func() bool { return b.model("a").State == engine.ModelLoaded })
	stop()
	<-running
	if fake.Starts(t, b.dir, "a") != 1 || fake.Starts(t, b.dir, "b") != 0 {
		t.Errorf("a started %d times, b %d times", fake.Starts(t, b.dir, "a"), fake.Starts(t, b.dir, "b"))
	}
}

// A worker may be killed at each step of a swap: no answer is lost, and the
// model before comes back if the new one cannot be loaded.
func TestEngine_KilledInASwap(t *testing.T) {
	long := strings.Repeat("alpha ", 40)
	die := func(at fake.Moment, step int) fake.Fault { return fake.Fault{Do: fake.Kill, At: at, Step: step} }
	cases := map[string]struct {
		old, fresh []fake.Fault
		always     *fake.Fault
	}{
		"the old one, while it ends its answers": {old: []fake.Fault{die(fake.AtDecode, 30)}},
		"the new one at its start":               {fresh: []fake.Fault{die(fake.AtStart, 0)}},
		"the new one while it loads":             {fresh: []fake.Fault{die(fake.AtLoad, 0)}},
		"the new one while it answers":           {fresh: []fake.Fault{die(fake.AtDecode, 1)}},
		"both":                                   {old: []fake.Fault{die(fake.AtDecode, 30)}, fresh: []fake.Fault{die(fake.AtLoad, 0)}},
		"the new one, each time":                 {always: &fake.Fault{Do: fake.Kill, At: fake.AtLoad}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := room(t, 5*gib, nil)
			fake.Model(t, b.dir, "a", fake.Script{Text: long, Weights: 2 * gib, Faults: c.old})
			fake.Model(t, b.dir, "b", fake.Script{Text: "beta is the second letter", Weights: 3 * gib, Faults: c.fresh, Always: c.always})
			running := b.begin(t.Context(), t, askFor("a"))
			r := b.generate(t.Context(), askFor("b"), nil)
			if c.always == nil && (r.err != nil || r.text != "beta is the second letter") {
				t.Errorf("the new model: %q, %v", r.text, r.err)
			}
			if r := <-running; r.err != nil || r.text != long {
				t.Errorf("the old model: %q, %v", r.text, r.err)
			}
			if c.always != nil {
				if code(r.err) != engine.CodeModelSetAside {
					t.Errorf("the new model: %v", r.err)
				}
				b.await(t, "the model before", func() bool { return slices.Equal(b.loaded(), []string{"a"}) })
			}
		})
	}
}

// Whoever shows the models is told when something about them has changed.
func TestEngine_Changed(t *testing.T) {
	told := make(chan struct{}, 1)
	b := room(t, 16*gib, func(c *local.Config) {
		c.Changed = func() {
			select {
			case told <- struct{}{}:
			default:
			}
		}
	})
	until := func(what string, so func() bool) {
		t.Helper()
		ctx, stop := context.WithTimeout(t.Context(), patience)
		defer stop()
		for !so() {
			select {
			case <-told:
			case <-ctx.Done():
				t.Fatalf("nobody told of %s: %+v", what, b.Models())
			}
		}
	}
	fake.Model(t, b.dir, "a", fake.Script{Text: "alpha", Weights: gib})
	until("a new file", func() bool { return b.model("a").State == engine.ModelReady })
	go func() { _ = b.Load(t.Context(), "a") }()
	until("a loaded model", func() bool { return b.model("a").State == engine.ModelLoaded })
	go func() { _ = b.Unload(t.Context(), "a") }()
	until("an unloaded model", func() bool { return b.model("a").State == engine.ModelReady })
}
