package operate

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"alcove/app/operate/sentinel"
	"alcove/engine"
	"alcove/internal/testkit/emptydb"
	"alcove/monitor"
	"alcove/storage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// watched is a Watch over a real store and an engine that the test sets.
type watched struct {
	*Watch
	mu        sync.Mutex
	status    engine.Status
	models    []engine.Model
	latency   Latency
	firing    []Firing
	figures   map[string]float64
	observed  int
	published [][]Item
}

func watch(t *testing.T, path string) *watched {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{status: engine.Status{Ready: true, Model: "tiny", Device: "CPU"}}
	w.Watch, err = Start(t.Context(), Deps{
		Store:   store,
		Status:  func() engine.Status { return locked(w, func() engine.Status { return w.status }) },
		Models:  func() []engine.Model { return locked(w, func() []engine.Model { return w.models }) },
		Latency: func(time.Duration) Latency { return locked(w, func() Latency { return w.latency }) },
		Firing:  func() []Firing { return locked(w, func() []Firing { return w.firing }) },
		Observe: func(_ time.Time, f map[string]float64) {
			locked(w, func() int { w.figures, w.observed = f, w.observed+1; return 0 })
		},
		Publish: func(name string, data any) {
			if name == EventAttention {
				locked(w, func() int { w.published = append(w.published, data.(Attention).Items); return 0 })
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return w
}

func locked[T any](w *watched, f func() T) T {
	w.mu.Lock()
	defer w.mu.Unlock()
	return f()
}

// second gives the watch one sample and waits until it was looked at.
func (w *watched) second(t *testing.T, i int, change func(*monitor.Sample)) {
	t.Helper()
	s := monitor.Sample{
		At: start.Add(time.Duration(i) * time.Second), CPU: &monitor.CPU{Percent: 50},
		Memory: &monitor.Memory{Total: 100, Used: 40}, Disk: &monitor.Disk{Total: 1000, Free: 400},
	}
	if change != nil {
		change(&s)
	}
	before := locked(w, func() int { return w.observed })
	w.Sample(s)
	for locked(w, func() int { return w.observed }) == before {
		time.Sleep(100 * time.Microsecond)
	}
}

func TestWatchGivesFiguresAndFindings(t *testing.T) {
	w := watch(t, emptydb.Path(t))
	w.latency = Latency{Requests: 40, Failed: 10, FirstToken: &Wait{P50: 1, P95: 1.5}}
	w.status.Queued = 3
	w.second(t, 0, func(s *monitor.Sample) {
		s.GPUs = []monitor.GPU{
			{Temperature: new(60.0), MemoryTotal: new(int64(100)), MemoryUsed: new(int64(98)), Processes: []monitor.GPUProcess{{Worker: true}}},
			{Temperature: new(88.0), MemoryTotal: new(int64(100)), MemoryUsed: new(int64(100))}, // nothing of ours is there
		}
	})
	want := map[string]float64{
		"no_model": 0, "store_read_only": 0, "answers_queued": 3, "gpu_unused": 0, "first_token_p95_seconds": 1.5, "error_percent": 25,
		"cpu_percent": 50, "memory_used_percent": 40, "disk_free_percent": 40, "disk_free_bytes": 400,
		"gpu_lost": 0, "gpu_temperature_celsius": 88, "gpu_memory_used_percent": 98,
	}
	if !maps.Equal(w.figures, want) {
		t.Errorf("figures %v\nwant    %v", w.figures, want)
	}
	if items := w.Attention().Items; len(items) != 0 {
		t.Errorf("a healthy box: %+v", items)
	}
	// A lost GPU is told once, with its alert not said a second time.
	lost := func(s *monitor.Sample) { s.GPUs = []monitor.GPU{{Name: "T4", Error: "GPU is lost"}} }
	w.firing = []Firing{
		{Item{ID: "gpu", Severity: sentinel.Critical, Title: "GPU lost"}, "gpu_lost"},
		{Item{ID: "slow", Severity: sentinel.Warning, Title: "First tokens are late"}, "first_token_p95_seconds"},
	}
	for i := range 10 {
		w.second(t, 1+i, lost)
	}
	items := w.Attention().Items
	if len(items) != 2 || items[0].ID != sentinel.GPULost || items[1].ID != "slow" || !strings.Contains(items[0].Cause, "GPU is lost") {
		t.Errorf("items %+v", items)
	}
	if w.figures["gpu_lost"] != 1 {
		t.Errorf("figures %v", w.figures)
	}
	w.firing = nil
	for i := range 60 {
		w.second(t, 20+i, nil)
	}
	w.Close()
	if last := w.published[len(w.published)-1]; len(last) != 0 {
		t.Errorf("last told: %+v", last)
	}
	if len(w.published) > 5 {
		t.Errorf("told %d times of what hardly changed", len(w.published))
	}
}

// A model that left by itself is no trouble: the next question loads it. One
// that cannot be loaded, and a folder without any, are.
func TestAModelThatRests(t *testing.T) {
	w := watch(t, emptydb.Path(t))
	defer w.Close()
	ready := []engine.Model{{ID: "a", State: engine.ModelReady, Facts: engine.Facts{Chat: true}}}
	for i, c := range []struct {
		resting bool
		models  []engine.Model
		want    float64
	}{
		{true, ready, 0}, {false, ready, 1}, {true, nil, 1},
		{true, []engine.Model{{ID: "a", State: engine.ModelSetAside, Facts: engine.Facts{Chat: true}}, {ID: "b", State: engine.ModelReady}}, 1},
	} {
		locked(w, func() int {
			w.status, w.models = engine.Status{Resting: c.resting, Reason: "No model is loaded."}, c.models
			return 0
		})
		w.second(t, i, nil)
		if got := w.figures["no_model"]; got != c.want {
			t.Errorf("%+v: no_model is %v", c, got)
		}
	}
}

// A GPU that is not listed any more is lost for the alerts too.
func TestAVanishedGPUIsLost(t *testing.T) {
	w := watch(t, emptydb.Path(t))
	defer w.Close()
	w.second(t, 0, func(s *monitor.Sample) { s.GPUs = []monitor.GPU{{UUID: "GPU-1", Name: "T4"}} })
	for i := range 8 {
		w.second(t, 1+i, nil)
	}
	if w.figures["gpu_lost"] != 1 {
		t.Errorf("figures %v", w.figures)
	}
}

// What a few answers say is no trend; what is over ends.
func TestWaits(t *testing.T) {
	slow := &Wait{P50: 2, P95: 9}
	for name, c := range map[string]struct {
		five, fifteen, hour Latency
		first, errors       float64 // -1: not known
	}{
		"nobody asked":            {Latency{}, Latency{}, Latency{}, 0, 0},
		"one cold start":          {Latency{Requests: 1, FirstToken: slow}, Latency{Requests: 1, FirstToken: slow}, Latency{Requests: 1, FirstToken: slow}, -1, -1},
		"one failure of four":     {Latency{Requests: 1, Failed: 1}, Latency{Requests: 4, Failed: 1}, Latency{Requests: 4, Failed: 1}, -1, 0},
		"most of few are slow":    {Latency{}, Latency{Requests: 3, FirstToken: slow}, Latency{Requests: 4, Failed: 3, FirstToken: slow}, 2, 75},
		"many":                    {Latency{Requests: 50, Failed: 5, FirstToken: slow}, Latency{}, Latency{}, 9, 10},
		"many in fifteen minutes": {Latency{Requests: 5}, Latency{Requests: 20, FirstToken: slow}, Latency{}, 9, 0},
	} {
		got := waits(func(window time.Duration) Latency {
			return map[time.Duration]Latency{5 * time.Minute: c.five, 15 * time.Minute: c.fifteen, time.Hour: c.hour}[window]
		})
		if known(got.firstToken) != c.first || known(got.errors) != c.errors {
			t.Errorf("%s: first token %v, errors %v", name, known(got.firstToken), known(got.errors))
		}
	}
}

func known(v *float64) float64 {
	if v == nil {
		return -1
	}
	return *v
}

// What was learned before a restart is known after it.
func TestWatchRemembersTheUsualSpeed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data", "alcove.db")
	run := func(from, seconds int, speed float64) []Item {
		store, err := storage.Open(t.Context(), storage.Options{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		store.Close()
		w := watch(t, path)
		defer w.deps.Store.(*storage.DB).Close()
		w.status.Active = 1
		w.status.View = &engine.View{Slots: []engine.Slot{{State: "decode"}}}
		for i := range seconds {
			w.second(t, from+i, func(s *monitor.Sample) { s.Engine = &monitor.Engine{Active: 1, TokensPerSec: &speed} })
		}
		items, figures := w.Attention().Items, w.figures
		w.Close()
		if p, ok := figures["speed_percent"]; !ok || (len(items) > 0) != (p < 60) {
			t.Errorf("%v %% of the usual speed (%v), items %+v", p, ok, items)
		}
		return items
	}
	if items := run(0, 200, 50); len(items) != 0 {
		t.Errorf("the first run: %+v", items)
	}
	items := run(1000, 60, 10)
	if !slices.ContainsFunc(items, func(i Item) bool { return i.ID == sentinel.Slow }) {
		t.Errorf("the second run: %+v", items)
	}
}

// Samples come while the watch is busy: it never blocks who brings them.
func TestWatchNeverBlocks(t *testing.T) {
	w := watch(t, emptydb.Path(t))
	w.mu.Lock() // it waits for the status now
	for i := range 100 {
		w.Sample(monitor.Sample{At: start.Add(time.Duration(i) * time.Second)})
	}
	w.mu.Unlock()
	w.Close()
	w.Sample(monitor.Sample{}) // nor after its end
}
