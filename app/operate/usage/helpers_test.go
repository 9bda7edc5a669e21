package usage

import (
	"sync"
	"testing"
	"time"

	"alcove/internal/testkit/emptydb"
	"alcove/monitor/latency"
	"alcove/monitor/rollup"
	"alcove/storage"
)

// clocks are a wall clock, which tests set, and one that never jumps.
type clocks struct {
	mu      sync.Mutex
	wall    time.Time
	elapsed time.Duration
}

func newClocks() *clocks { return &clocks{wall: time.Date(2026, 11, 28, 8, 0, 0, 0, time.UTC)} }

func (c *clocks) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wall
}

func (c *clocks) since() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// pass lets time pass, and sets the wall clock off by step.
func (c *clocks) pass(d, step time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wall, c.elapsed = c.wall.Add(d+step), c.elapsed+d
}

// desk is a recorder on a real database.
type desk struct {
	t      testing.TB
	path   string
	clocks *clocks
	store  *storage.DB
	*Recorder
}

func newDesk(t testing.TB) *desk {
	d := &desk{t: t, path: emptydb.Path(t), clocks: newClocks()}
	d.open(nil)
	return d
}

// open opens the database and a recorder on it, or on what with gives.
func (d *desk) open(with func(*storage.DB) Store) {
	d.t.Helper()
	var err error
	if d.store, err = storage.Open(d.t.Context(), storage.Options{Path: d.path, Now: d.clocks.now}); err != nil {
		d.t.Fatal(err)
	}
	var store Store = d.store
	if with != nil {
		store = with(d.store)
	}
	// Nothing happens by itself: tests say when a second is over.
	d.Recorder, err = Open(d.t.Context(), Deps{Store: store, Now: d.clocks.now, Elapsed: d.clocks.since, every: time.Hour})
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { d.Recorder.Close(); d.store.Close() }) //nolint:errcheck // most tests have closed them
}

func (d *desk) close() {
	d.t.Helper()
	if err := d.Recorder.Close(); err != nil {
		d.t.Fatal(err)
	}
	if err := d.store.Close(); err != nil {
		d.t.Fatal(err)
	}
}

// tick lets time pass and waits until what is over is stored, or was refused.
func (d *desk) tick(pass time.Duration) { d.step(pass, 0) }

func (d *desk) step(pass, step time.Duration) {
	d.t.Helper()
	d.call(func(*owner) {}) // what was put is looked at now, not later
	d.clocks.pass(pass, step)
	busy := true
	d.call(func(o *owner) { o.turn() })
	for range 5000 {
		if d.call(func(o *owner) { busy = o.writing }); !busy {
			return
		}
		time.Sleep(time.Millisecond)
	}
	d.t.Fatal("the writer never came back")
}

// anAnswer is one that was well.
func (d *desk) anAnswer(change ...func(*Answer)) Answer {
	a := Answer{
		ID: "r", At: d.clocks.now(), Class: "interactive", Route: "chat", Model: "tiny", Device: "CPU (test)", User: pageUser, Status: StatusDone,
		Queue: 10 * time.Millisecond, Prefill: 100 * time.Millisecond, FirstToken: 110 * time.Millisecond, Total: 2 * time.Second,
		Gaps: gaps(.02, .03, .02), PromptTokens: 120, CachedTokens: 20, OutputTokens: 40, TokensPerSec: 25,
	}
	for _, c := range change {
		c(&a)
	}
	return a
}

func gaps(seconds ...float64) (h latency.Histogram) {
	for _, s := range seconds {
		h.Add(s)
	}
	return h
}

// counts are the requests of each tier in the database.
func (d *desk) counts() (byTier map[time.Duration]int64, rows int) {
	d.t.Helper()
	byTier = map[time.Duration]int64{}
	always := [2]time.Time{time.UnixMilli(-1 << 50), time.UnixMilli(1 << 50)}
	err := d.store.ReadUsage(d.t.Context(), func(u storage.UsageReader) error {
		for _, tier := range rollup.Tiers {
			cells, err := u.Counts(tier.Step, always[0], always[1])
			if err != nil {
				return err
			}
			for _, c := range cells {
				byTier[tier.Step] += c.Requests
			}
		}
		list, err := u.Requests(storage.UsageFilter{}, 1_000_000)
		rows = len(list)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return byTier, rows
}

// want checks that no answer was lost or counted twice.
func (d *desk) want(n int) {
	d.t.Helper()
	byTier, rows := d.counts()
	for _, tier := range rollup.Tiers {
		if byTier[tier.Step] != int64(n) {
			d.t.Errorf("the buckets of %v have %d requests, want %d", tier.Step, byTier[tier.Step], n)
		}
	}
	if rows != n {
		d.t.Errorf("the request log has %d rows, want %d", rows, n)
	}
}
