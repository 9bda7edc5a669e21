package operate

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"alcove/app/operate/alerts"
	"alcove/app/operate/sentinel"
	"alcove/engine"
	"alcove/monitor"
)

// Item is something that needs attention.
type Item struct {
	ID       string            `json:"id" doc:"Stays the same while it lasts."`
	Severity sentinel.Severity `json:"severity" enum:"info,warning,critical"`
	Since    time.Time         `json:"since"`
	Title    string            `json:"title"`
	Cause    string            `json:"cause" doc:"What was seen."`
	Advice   string            `json:"advice" doc:"What to do."`
}

// Latency is how long people waited in a window of time. A figure is nil where
// nobody waited.
type Latency struct {
	Requests, Failed              int
	FirstToken, InterToken, Queue *Wait // seconds
}

// Wait is how long half of the people waited at most, and 95 of 100.
type Wait struct{ P50, P95 float64 }

// Store keeps what was learned of this box's speed.
type Store interface {
	Baselines(ctx context.Context) (map[string]json.RawMessage, error)
	SetBaselines(ctx context.Context, all map[string]json.RawMessage) error
	Writable() error
}

// Deps is what a Watch needs. All but Log and Documents must be set.
type Deps struct {
	Store   Store
	Status  func() engine.Status
	Models  func() []engine.Model // asked for only while none is loaded
	Latency func(window time.Duration) Latency
	// Observe gives the alerts the figures of a second; it must not block.
	Observe func(at time.Time, figures map[string]float64)
	// Firing lists what the alerts have found, with the name of the figure.
	Firing  func() []Firing
	Publish func(name string, data any)
	// Documents says how the way in of documents stands; nil: there are none.
	Documents func() Documents
	Log       *slog.Logger
}

// Firing is an alert that has not ended.
type Firing struct {
	Item
	Metric string
}

// EventAttention is the event that tells of a changed list.
const EventAttention = "attention.changed"

// Attention is its data, and what GET /api/v1/attention gives.
type Attention struct {
	Items []Item `json:"items" nullable:"false" doc:"Worst first. Empty: all is well."`
}

// How often what was learned is saved, and how seldom a list is told of whose
// words alone have changed.
const (
	saveEvery = 10 * time.Minute
	wordsRest = 5 * time.Second
)

// Watch is the one owner of the sentinel. Its methods may be called from any
// goroutine.
type Watch struct {
	deps    Deps
	samples chan monitor.Sample
	stop    chan struct{}
	over    chan struct{}

	failedSince time.Time // documents failed; of the owner alone
	wordsSince  time.Time // documents are searched by words alone; of the owner alone

	mu    sync.Mutex
	items []Item
}

// Start begins to watch, with what was learned before. Close must be called.
func Start(ctx context.Context, d Deps) (*Watch, error) {
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	kept, err := d.Store.Baselines(ctx)
	if err != nil {
		return nil, err
	}
	s := sentinel.New()
	if damaged := s.Restore(kept); damaged > 0 {
		d.Log.Warn("some of what was learned of this box's speed cannot be read and is learned again", "count", damaged)
	}
	w := &Watch{deps: d, samples: make(chan monitor.Sample, 1), stop: make(chan struct{}), over: make(chan struct{})}
	go w.run(s)
	return w, nil
}

// Sample takes the newest sample. It never blocks: one that comes while the one
// before is looked at takes the place of a third.
func (w *Watch) Sample(s monitor.Sample) {
	select {
	case w.samples <- s:
	default:
		select {
		case <-w.samples:
		default:
		}
		select {
		case w.samples <- s:
		default: // another caller was faster, with as new a sample
		}
	}
}

// Attention lists what needs attention, worst first.
func (w *Watch) Attention() Attention {
	w.mu.Lock()
	defer w.mu.Unlock()
	return Attention{append([]Item{}, w.items...)}
}

// Close ends the watch and saves what was learned.
func (w *Watch) Close() {
	close(w.stop)
	<-w.over
}

func (w *Watch) run(s *sentinel.Sentinel) {
	defer close(w.over)
	save := time.NewTicker(saveEvery)
	defer save.Stop()
	// A disk that hangs must not hold up the alerts: one save at a time, beside.
	var saving sync.WaitGroup
	var busy atomic.Bool
	var own monitor.Own
	var told time.Time
	for {
		select {
		case sample := <-w.samples:
			told = w.look(s, w.moment(sample, &own), told)
		case <-save.C:
			if busy.CompareAndSwap(false, true) {
				store := w.learned(s)
				saving.Go(func() { defer busy.Store(false); store() })
			}
		case <-w.stop:
			saving.Wait()
			w.learned(s)()
			return
		}
	}
}

func (w *Watch) moment(sample monitor.Sample, own *monitor.Own) sentinel.Moment {
	status := w.deps.Status()
	return sentinel.Moment{
		Sample: sample, Status: status, OwnCPU: own.CPU(sample.At), ReadOnly: w.deps.Store.Writable() != nil,
		CanLoad: status.Resting && slices.ContainsFunc(w.deps.Models(), func(m engine.Model) bool { return m.Chat && m.State.Usable() && m.State != engine.ModelSetAside }),
	}
}

// look hands one moment to the sentinel and the alerts, and tells of what changed.
func (w *Watch) look(s *sentinel.Sentinel, m sentinel.Moment, told time.Time) time.Time {
	found := s.Step(m)
	known := figures(m, found, waits(w.deps.Latency), s.Speed())
	docs := w.documents(m.Sample.At)
	documentFigures(docs, m.Sample.At, known)
	w.deps.Observe(m.Sample.At, known)
	items := append(join(found, w.deps.Firing()), documentItems(docs, w.failedSince, w.wordsSince)...)
	w.mu.Lock()
	before := w.items
	w.items = items
	w.mu.Unlock()
	switch rest := m.Sample.At.Sub(told); {
	case slices.Equal(items, before) && (len(items) == 0 || rest >= 0 && rest < time.Minute):
		return told
	case same(items, before) && rest >= 0 && rest < wordsRest:
		return told
	}
	w.deps.Publish(EventAttention, Attention{append([]Item{}, items...)})
	return m.Sample.At
}

// documents asks how the way in stands, and notes since when documents failed.
func (w *Watch) documents(now time.Time) Documents {
	if w.deps.Documents == nil {
		return Documents{}
	}
	d := w.deps.Documents()
	w.failedSince = sinceWhen(d.Failed > 0, w.failedSince, now)
	w.wordsSince = sinceWhen(d.WordsOnly, w.wordsSince, now)
	return d
}

// sinceWhen keeps when something was first seen, while it is so.
func sinceWhen(is bool, since, now time.Time) time.Time {
	switch {
	case !is:
		return time.Time{}
	case since.IsZero():
		return now
	}
	return since
}

// learned takes what was learned and gives the function that saves it.
func (w *Watch) learned(s *sentinel.Sentinel) (store func()) {
	all, err := s.Save()
	return func() {
		if err == nil && all != nil {
			err = w.deps.Store.SetBaselines(context.Background(), all)
		}
		if err != nil {
			w.deps.Log.Warn("what was learned of this box's speed is not saved", "err", err)
		}
	}
}

// same says that two lists tell of the same things, in other words perhaps.
func same(a, b []Item) bool {
	return slices.EqualFunc(a, b, func(x, y Item) bool { return x.ID == y.ID && x.Severity == y.Severity })
}

// saidBy names the finding that says in words what an alert on a figure says in
// numbers: it is not said twice.
var saidBy = map[string][]string{
	alerts.GPULost:         {sentinel.GPULost},
	alerts.GPUUnused:       {sentinel.GPUUnused},
	alerts.NoModel:         {sentinel.NoModel},
	alerts.StoreReadOnly:   {sentinel.CannotWrite},
	alerts.DiskFreePercent: {sentinel.DiskFull, sentinel.CannotWrite},
	alerts.DiskFreeBytes:   {sentinel.DiskFull, sentinel.CannotWrite},
	alerts.MemoryUsed:      {sentinel.MemoryFull},
	alerts.SpeedPercent:    {sentinel.Slow},
}

// join lists findings and alerts together, worst first.
func join(found []sentinel.Finding, firing []Firing) []Item {
	items := make([]Item, 0, len(found)+len(firing))
	said := map[string]bool{}
	for _, f := range found {
		items = append(items, Item{f.Code, f.Severity, f.Since, f.Title, f.Cause, f.Advice})
		said[f.Code] = true
	}
	for _, f := range firing {
		if !slices.ContainsFunc(saidBy[f.Metric], func(code string) bool { return said[code] }) {
			items = append(items, f.Item)
		}
	}
	rank := map[sentinel.Severity]int{sentinel.Critical: 0, sentinel.Warning: 1, sentinel.Info: 2}
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Compare(rank[a.Severity], rank[b.Severity]) })
	return items
}
