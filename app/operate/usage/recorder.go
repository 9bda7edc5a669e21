package usage

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"alcove/engine"
	"alcove/monitor"
	"alcove/monitor/rollup"
	"alcove/storage"
)

// Store keeps figures; *storage.DB does.
type Store interface {
	AddUsage(ctx context.Context, m storage.UsageMinute, tiers []storage.UsageTier, merge storage.UsageMerge) error
	PruneUsage(ctx context.Context, p storage.UsagePrune) error
	ReadUsage(ctx context.Context, fn func(storage.UsageReader) error) error
	Keys(ctx context.Context) ([]storage.Key, error)
	Settings(ctx context.Context) (map[string]json.RawMessage, error)
}

// Deps is what a Recorder needs.
type Deps struct {
	Store Store
	// Now is the wall clock, which may jump; nil means time.Now.
	Now func() time.Time
	// Elapsed is the time since some moment, which never jumps; nil means the
	// monotonic clock.
	Elapsed func() time.Duration
	Log     *slog.Logger // nil means none

	every    time.Duration // how often it is looked whether a minute is over; tests turn it off
	patience time.Duration // how long Close waits for the disk
}

// Recorder keeps figures. Its methods may be called from any goroutine; those
// without an error never wait for the disk.
type Recorder struct {
	store Store
	now   func() time.Time
	log   *slog.Logger
	inbox inbox
	calls chan func(*owner)
	stop  chan struct{}
	over  chan struct{}
	once  sync.Once

	patience time.Duration
	room     room
	err      error // of the last flush; read after over

	damage damage
}

// Open reads where the figures stopped and begins to record. Where they cannot
// be read, nothing is stored until the next start. Close must be called.
func Open(ctx context.Context, d Deps) (*Recorder, error) {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Elapsed == nil {
		began := time.Now()
		d.Elapsed = func() time.Duration { return time.Since(began) }
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.every == 0 {
		d.every = time.Second
	}
	if d.patience == 0 {
		d.patience = 10 * time.Second
	}
	r := &Recorder{
		store: d.Store, now: d.Now, log: d.Log, inbox: inbox{wake: make(chan struct{}, 1)},
		calls: make(chan func(*owner)), stop: make(chan struct{}), over: make(chan struct{}), damage: damage{log: d.Log}, patience: d.patience, room: room{most: mostBytes},
	}
	o := &owner{r: r, elapsed: d.Elapsed, written: make(chan written, 1)} // nobody reads it after a disk that hung
	err := d.Store.ReadUsage(ctx, func(u storage.UsageReader) error {
		newest, err := u.Newest(rollup.Tiers[0].Step)
		o.seq, o.request = u.Seq, u.Request
		o.trust = newTrust(newest, d.Now(), d.Elapsed(), u.Doubt)
		return err
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("begin to record: %w", err)
		}
		// Figures must keep nobody from an answer.
		d.Log.Error("the kept figures cannot be read; they are not touched, and new ones are kept in memory only until the next start", "err", err)
		o.deaf = true
	}
	o.began = d.Elapsed()
	o.turn()
	r.Mark(Mark{At: d.Now(), Kind: MarkStarted, Text: "Alcove was started."})
	go o.run(d.every)
	return r, nil
}

// Answer counts an answer.
func (r *Recorder) Answer(a Answer) { r.inbox.put(a) }

// Sample counts what the machine did in a second.
func (r *Recorder) Sample(s monitor.Sample) { r.inbox.put(s) }

// Mark keeps something that happened.
func (r *Recorder) Mark(m Mark) { r.inbox.put(m) }

// Status is told what the engine does, once a second: what has changed since
// the time before becomes marks.
func (r *Recorder) Status(s engine.Status) { r.inbox.put(s) }

// Close stores what there is, unless the disk hangs. Its error is that of the disk.
func (r *Recorder) Close() error {
	r.once.Do(func() { close(r.stop) })
	<-r.over
	return r.err
}

// call runs f on the owner's goroutine, after all that was put before; false
// after Close.
func (r *Recorder) call(f func(*owner)) bool {
	ran := make(chan struct{})
	select {
	case r.calls <- func(o *owner) { defer close(ran); f(o) }:
		<-ran
		return true
	case <-r.over:
		return false
	}
}

// inbox is what was put and not looked at yet.
type inbox struct {
	mu    sync.Mutex
	items []any
	lost  int
	wake  chan struct{}
}

// maxInbox bounds what waits while the owner is not running.
const maxInbox = 100_000

func (b *inbox) put(item any) {
	b.mu.Lock()
	if len(b.items) < maxInbox {
		b.items = append(b.items, item)
	} else {
		b.lost++
	}
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *inbox) take() (items []any, lost int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	items, lost = b.items, b.lost
	b.items, b.lost = nil, 0
	return items, lost
}

// damage tells of rows that cannot be read, once.
type damage struct {
	once sync.Once
	log  *slog.Logger
}

func (d *damage) seen(what string, start time.Time) {
	d.once.Do(func() {
		d.log.Warn("some kept figures are damaged and are left out; the others are not touched", "first", what, "of", start)
	})
}
