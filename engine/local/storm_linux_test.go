package local_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
	"alcove/engine/wire"
)

// storm is an engine with models of which two fit at a time, and people and
// mishaps that come to it at random.
type storm struct {
	bench
	t    *testing.T
	ids  []string
	text map[string]string

	files  sync.Mutex // held while a file is changed
	driver string     // folder of a GPU backend, "" without one
	broken bool       // it crashes
}

// newStorm makes the models. Some of their processes die or refuse to load.
func newStorm(t *testing.T, random *rand.Rand) *storm {
	w := &storm{t: t, ids: []string{"a", "b", "c", "d"}, text: map[string]string{}}
	w.bench = room(t, 5*gib, func(c *local.Config) {
		c.UnloadAfter, c.MaxLoaded = time.Duration(random.IntN(2))*100*time.Millisecond, random.IntN(2)*2
		c.Reprobe = 100 * time.Millisecond
		if random.IntN(4) == 0 {
			w.driver = c.RuntimeDir
			fake.PutGPU(t, w.driver, "cuda", stormCard)
		}
	})
	for i, id := range w.ids {
		w.text[id] = strings.Repeat(fmt.Sprintf("%s%d ", id, i), 40)
		w.write(id, random)
	}
	return w
}

var stormCard = wire.Device{Name: "CUDA0", Description: "A card", Backend: "cuda", Kind: "gpu", Total: 5 * gib, Free: 5 * gib}

// write puts a model's file and its script there, or others in their place.
func (w *storm) write(id string, random *rand.Rand) {
	faults := []fake.Fault{{Do: fake.Kill, At: fake.AtStart}, {Do: fake.Kill, At: fake.AtLoad}, {Do: fake.Refuse, At: fake.AtLoad},
		{Do: fake.Kill, At: fake.AtDecode, Step: random.IntN(30)}}
	s := fake.Script{Text: w.text[id], Weights: 3 * gib / 2, Faults: make([]fake.Fault, 30)}
	for i := range s.Faults {
		if random.IntN(5) == 0 {
			s.Faults[i] = faults[random.IntN(len(faults))]
		}
	}
	if random.IntN(4) == 0 {
		s.OnGPU = &fake.Fault{Do: fake.Kill, At: fake.AtDecode, Step: random.IntN(30)}
	}
	fake.Model(w.t, w.dir, id, s)
}

// fails lets the GPU's driver crash, and be whole again the next time.
func (w *storm) fails() {
	w.files.Lock()
	defer w.files.Unlock()
	if w.driver == "" {
		return
	}
	if w.broken = !w.broken; w.broken {
		fake.BreakGPU(w.t, w.driver, "cuda")
	} else {
		fake.PutGPU(w.t, w.driver, "cuda", stormCard)
	}
}

// asks is one person with n questions; some are given up.
func (w *storm) asks(random *rand.Rand, n int) {
	for range n {
		id := w.ids[random.IntN(len(w.ids))]
		ctx, giveUp := context.WithCancel(w.t.Context())
		given, tokens, most := false, 0, -1
		switch random.IntN(6) {
		case 0:
			most = random.IntN(30)
		case 1:
			given = true
			time.AfterFunc(time.Duration(random.IntN(100))*time.Millisecond, giveUp)
		}
		r := w.generate(ctx, askFor(id), func(ev engine.Event) {
			if _, ok := ev.(engine.Token); ok {
				if tokens++; tokens == most {
					given = true
					giveUp()
				}
			}
		})
		giveUp()
		whole := w.text[id]
		switch {
		case r.err != nil:
			if e := (*engine.Error)(nil); !errors.As(r.err, &e) || e.Message == "" || e.Code == engine.CodeInternal || !strings.HasPrefix(whole, r.text) {
				w.t.Errorf("%s: %q, %v", id, r.text, r.err)
			}
		case r.usage.Finish == engine.FinishCancelled:
			if !given || !strings.HasPrefix(whole, r.text) {
				w.t.Errorf("%s: %q, %+v: nobody gave it up", id, r.text, r.usage)
			}
		case r.usage.Finish != engine.FinishStop || r.text != whole || r.usage.Model != id || r.usage.Restarts > 1:
			w.t.Errorf("%s: %q, %+v", id, r.text, r.usage)
		}
	}
}

// happens lets n things happen to the models.
func (w *storm) happens(random *rand.Rand, n int) {
	for range n {
		id := w.ids[random.IntN(len(w.ids))]
		ctx, giveUp := context.WithTimeout(w.t.Context(), time.Duration(random.IntN(200))*time.Millisecond)
		patient := random.IntN(2) == 0
		if patient {
			giveUp()
			ctx, giveUp = context.WithTimeout(w.t.Context(), patience)
		}
		var err error
		what := random.IntN(10)
		switch what {
		case 0:
			err = w.Load(ctx, id)
		case 1, 2:
			err = w.Unload(ctx, id)
		case 3, 4:
			w.Tune(map[string]engine.Tuning{id: {Context: 1024 * random.IntN(3), Keep: random.IntN(3) == 0}})
		case 5:
			for _, l := range w.Status().Loaded {
				if l.Model == id && l.WorkerPID > 0 {
					_ = syscall.Kill(l.WorkerPID, syscall.SIGKILL)
				}
			}
		case 6:
			w.files.Lock()
			w.write(id, random)
			w.files.Unlock()
		case 7:
			w.files.Lock()
			if err := os.Remove(filepath.Join(w.dir, id+".gguf")); err != nil {
				w.t.Error(err)
			}
			time.Sleep(time.Duration(random.IntN(50)) * time.Millisecond)
			w.write(id, random)
			w.files.Unlock()
		case 8, 9:
			w.fails()
		}
		if e := (*engine.Error)(nil); err != nil && !errors.As(err, &e) && (patient || ctx.Err() == nil) {
			w.t.Errorf("%d of %s: %v", what, id, err)
		}
		giveUp()
		time.Sleep(time.Duration(random.IntN(30)) * time.Millisecond)
	}
}

// Four models of which two fit, people who ask and give up, and everything that
// can happen to a model, at once: each answer is whole, given up, or ends with a
// sentence, and nothing is left.
func TestSoak_Storm(t *testing.T) {
	for range soak(20) {
		seed := uint64(time.Now().UnixNano())
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			goroutines, before := runtime.NumGoroutine(), children(t)
			w := newStorm(t, rand.New(rand.NewPCG(seed, 0)))
			var group sync.WaitGroup
			for i := range uint64(6) {
				group.Go(func() { w.asks(rand.New(rand.NewPCG(seed, 1+i)), 8) })
			}
			for i := range uint64(2) {
				group.Go(func() { w.happens(rand.New(rand.NewPCG(seed, 101+i)), 25) })
			}
			group.Wait()
			w.await(t, "the last answer's end", func() bool { st := w.Status(); return st.Active+st.Queued == 0 })
			ctx, giveUp := context.WithTimeout(t.Context(), patience)
			defer giveUp()
			// One that comes back, or is loaded anew, may begin just then.
			w.await(t, "empty memory", func() bool {
				for _, id := range w.ids {
					if err := w.Unload(ctx, id); err != nil {
						t.Error(err)
					}
				}
				return len(w.Status().Loaded) == 0
			})
			if err := w.Close(); err != nil {
				t.Error(err)
			}
			if n := children(t); n != before { // a look for GPUs has ended too
				t.Errorf("%d children, %d before", n, before)
			}
			for end := time.Now().Add(patience); runtime.NumGoroutine() > goroutines && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
			if n := runtime.NumGoroutine(); n > goroutines {
				all := make([]byte, 1<<20)
				t.Errorf("%d goroutines, %d before:\n%s", n, goroutines, all[:runtime.Stack(all, true)])
			}
		})
	}
}
