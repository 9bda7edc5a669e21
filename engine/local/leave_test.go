package local_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
)

// later runs f and gives its error on a channel.
func later(f func() error) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	return ended
}

// Whoever unloads a model that is to make room is not forgotten when the room is
// not needed any more.
func TestEngine_UnloadOfAVictim(t *testing.T) {
	b := room(t, 5*gib, nil)
	fake.Model(t, b.dir, "a", fake.Script{Text: "alpha ", Endless: true, Weights: 2 * gib})
	fake.Model(t, b.dir, "b", fake.Script{Text: "beta", Weights: 3 * gib})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	running := b.begin(ctx, t, askFor("a"))
	waiting, giveUp := context.WithCancel(t.Context())
	ended := later(func() error { return b.generate(waiting, askFor("b"), nil).err })
	b.await(t, "the wait for room", func() bool { return b.model("a").State == engine.ModelDraining })
	patient, late := context.WithTimeout(t.Context(), patience)
	defer late()
	unloaded := later(func() error { return b.Unload(patient, "a") })
	b.await(t, "the unload", func() bool { return b.Waits() == 1 })
	giveUp()
	<-ended
	b.await(t, "the end of the wait", func() bool { return len(b.Status().Loaded) == 1 })
	stop()
	<-running
	if err := <-unloaded; err != nil || len(b.loaded()) != 0 {
		t.Errorf("%v, loaded %v", err, b.loaded())
	}
}

// One that needs room waits for one that goes already, and does not ask again and
// again; a kept one that is unloaded is no reason to refuse.
func TestEngine_RoomOfOneThatGoes(t *testing.T) {
	for name, keep := range map[string]bool{"unloaded": false, "kept and unloaded": true} {
		t.Run(name, func(t *testing.T) {
			var reads atomic.Int64
			b := newFake(t, func(c *local.Config) {
				c.SetMemory(func() int64 { reads.Add(1); return 5 * gib })
			})
			long := strings.Repeat("alpha ", 300)
			fake.Model(t, b.dir, "a", fake.Script{Text: long, Weights: 2 * gib})
			fake.Model(t, b.dir, "b", fake.Script{Text: "beta", Weights: 3 * gib})
			b.Tune(map[string]engine.Tuning{"a": {Keep: keep}})
			running := b.begin(t.Context(), t, askFor("a"))
			unloaded := later(func() error { return b.Unload(t.Context(), "a") })
			b.await(t, "the unload", func() bool { return b.model("a").State == engine.ModelDraining })
			before := reads.Load()
			if r := b.generate(t.Context(), askFor("b"), nil); r.err != nil || r.text != "beta" {
				t.Errorf("%+v", r)
			}
			if n := reads.Load() - before; n > 20 {
				t.Errorf("memory was read %d times", n)
			}
			if r := <-running; r.err != nil || r.text != long {
				t.Errorf("%+v", r)
			}
			if err := <-unloaded; err != nil {
				t.Error(err)
			}
		})
	}
}

// A model that is unloaded while it is loaded, and that nobody waits for, goes at
// once, and the one that left for it comes back.
func TestEngine_UnloadWhileLoading(t *testing.T) {
	b := room(t, 5*gib, nil)
	fake.Model(t, b.dir, "a", fake.Script{Text: "alpha", Weights: 2 * gib})
	fake.Model(t, b.dir, "b", fake.Script{Weights: 3 * gib, Always: &fake.Fault{Do: fake.Slow, At: fake.AtLoad}})
	if err := b.Load(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	loaded := later(func() error { return b.Load(ctx, "b") })
	b.await(t, "loading", func() bool { return fake.Starts(t, b.dir, "b") == 1 })
	giveUp()
	<-loaded
	ctx, giveUp = context.WithTimeout(t.Context(), patience)
	defer giveUp()
	if err := b.Unload(ctx, "b"); err != nil {
		t.Fatal(err)
	}
	b.await(t, "the model before", func() bool { return slices.Equal(b.loaded(), []string{"a"}) })
}

// One that left for another and is unloaded meanwhile does not come back.
func TestEngine_UnloadedStaysAway(t *testing.T) {
	b := room(t, 5*gib, nil)
	fake.Model(t, b.dir, "a", fake.Script{Text: "alpha", Weights: 2 * gib})
	fake.Model(t, b.dir, "b", fake.Script{Weights: 3 * gib, Always: &fake.Fault{Do: fake.Slow, At: fake.AtLoad}})
	if err := b.Load(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	loaded := later(func() error { return b.Load(ctx, "b") })
	b.await(t, "loading", func() bool { return fake.Starts(t, b.dir, "b") == 1 })
	if err := b.Unload(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	giveUp()
	<-loaded
	if err := b.Unload(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	if n := len(b.Status().Loaded); n != 0 || fake.Starts(t, b.dir, "a") != 1 {
		t.Errorf("%d are loaded, a was started %d times", n, fake.Starts(t, b.dir, "a"))
	}
}

// Whoever waits for room for a file that is removed is told at once, and the one
// that should make room stays.
func TestEngine_RemovedWhileItWaitsForRoom(t *testing.T) {
	b := room(t, 5*gib, nil)
	fake.Model(t, b.dir, "a", fake.Script{Text: "alpha ", Endless: true, Weights: 2 * gib})
	fake.Model(t, b.dir, "b", fake.Script{Text: "beta", Weights: 3 * gib})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	running := b.begin(ctx, t, askFor("a"))
	ended := later(func() error { return b.generate(t.Context(), askFor("b"), nil).err })
	b.await(t, "the wait for room", func() bool { return b.model("a").State == engine.ModelDraining })
	if err := os.Remove(filepath.Join(b.dir, "b.gguf")); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; code(err) != engine.CodeModelNotFound {
		t.Error(err)
	}
	b.await(t, "the model that stays", func() bool { return b.model("a").State == engine.ModelLoaded })
	stop()
	<-running
}

// However many ask for a loaded model without a pause, one question for another
// comes to its turn, and costs one swap and one back.
func TestEngine_NobodyIsKeptOut(t *testing.T) {
	for name, bytes := range map[string]int64{"in turn": 5 * gib, "beside": 16 * gib} {
		t.Run(name, func(t *testing.T) {
			b := room(t, bytes, nil)
			fake.Model(t, b.dir, "a", fake.Script{Text: strings.Repeat("alpha ", 20), Weights: 2 * gib})
			fake.Model(t, b.dir, "b", fake.Script{Text: "beta", Weights: 3 * gib})
			if err := b.Load(t.Context(), "a"); err != nil {
				t.Fatal(err)
			}
			answered := make(chan struct{})
			var group sync.WaitGroup
			for range 4 {
				group.Go(func() {
					for {
						if r := b.generate(t.Context(), askFor("a"), nil); r.err != nil || r.usage.Finish != engine.FinishStop {
							t.Errorf("%+v", r)
							return
						}
						select {
						case <-answered:
							return
						default:
						}
					}
				})
			}
			if r := b.generate(t.Context(), askFor("b"), nil); r.err != nil || r.text != "beta" {
				t.Errorf("%+v", r)
			}
			close(answered)
			group.Wait()
			if n, m := fake.Starts(t, b.dir, "a"), fake.Starts(t, b.dir, "b"); n > 2 || m != 1 {
				t.Errorf("a was started %d times, b %d times", n, m)
			}
		})
	}
}

// Close ends everything that waits for room, or for a model to leave.
func TestEngine_CloseWhileOneLeaves(t *testing.T) {
	b := room(t, 5*gib, nil)
	fake.Model(t, b.dir, "a", fake.Script{Text: "alpha ", Endless: true, Weights: 2 * gib})
	fake.Model(t, b.dir, "b", fake.Script{Text: "beta", Weights: 3 * gib})
	running := b.begin(t.Context(), t, askFor("a"))
	waits := map[string]<-chan error{
		"the question": later(func() error { return b.generate(t.Context(), askFor("b"), nil).err }),
		"the load":     later(func() error { return b.Load(t.Context(), "b") }),
		"the unload":   later(func() error { return b.Unload(t.Context(), "a") }),
	}
	b.await(t, "the wait for room", func() bool {
		return b.Waits() == 2 && b.Status().Queued == 1 && b.model("b").State == engine.ModelLoading
	})
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if r := <-running; code(r.err) != engine.CodeClosed || r.text == "" {
		t.Errorf("%+v", r)
	}
	for what, ended := range waits {
		if err := <-ended; code(err) != engine.CodeClosed {
			t.Errorf("%s: %v", what, err)
		}
	}
}
