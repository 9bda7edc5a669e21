package alerts

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"alcove/storage"
)

// Events that Deps.Publish gets.
const (
	EventAlert  = "alert.changed" // an Alert
	EventNotice = "alert.notice"  // a Notice: show it on the desktop
)

// Kinds of marks that Deps.Mark gets.
const (
	MarkFired    = "alert_fired"
	MarkResolved = "alert_resolved"
)

// Deps is what Alerts need. Only Store must be set.
type Deps struct {
	Store *storage.DB
	// Publish tells the pages; it must not block.
	Publish func(name string, data any)
	// Mark notes an event beside the charts; it must not block.
	Mark func(kind, text string)
	// Where says more of a metric whose rule fires, without anybody's text: "hr:
	// 2 of 30"; "" is nothing more. nil: nothing of any.
	Where func(metric string) string
	Now   func() time.Time
	Log   *slog.Logger
	// Zone is the one of quiet hours; nil means the machine's.
	Zone *time.Location
	// Roots are the authorities that servers' certificates are checked with;
	// nil means the machine's.
	Roots *x509.CertPool

	limit time.Duration // of one try; tests shorten it
}

// Alerts judges readings and tells people. Its methods are safe for concurrent use.
type Alerts struct {
	deps     Deps
	readings chan stamped
	calls    chan func(*keeper)
	results  chan result
	lanes    map[Channel]chan job

	firing  atomic.Pointer[[]Alert]
	sending context.Context // ends first, so that the owner hears of the last tries
	halt    context.CancelFunc
	senders sync.WaitGroup
	running context.Context
	stop    context.CancelFunc
	done    chan struct{} // the owner has ended
	closing error         // of the owner's last write; read after done
}

// stamped is a reading with its time.
type stamped struct {
	at      time.Time
	reading Reading
}

const (
	storeTime = 10 * time.Second // limit of one write or read of the database
	tickEvery = time.Second
)

// Open reads rules, channels and what was firing, and begins to send what has
// not been sent. An alert that was firing still is, and is not told again.
func Open(ctx context.Context, d Deps) (*Alerts, error) {
	clock := d.Now
	if clock == nil {
		clock = time.Now
	}
	// As the database keeps times, so that a notice says the same after a restart.
	d.Now = func() time.Time { return clock().UTC().Truncate(time.Millisecond) }
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Publish == nil {
		d.Publish = func(string, any) {}
	}
	if d.Mark == nil {
		d.Mark = func(string, string) {}
	}
	if d.limit == 0 {
		d.limit = sendTime
	}
	if d.Zone == nil {
		d.Zone = time.Local
	}
	a := &Alerts{deps: d, readings: make(chan stamped, 1), calls: make(chan func(*keeper)), results: make(chan result),
		lanes: map[Channel]chan job{}, done: make(chan struct{})}
	k, err := loadKeeper(ctx, a)
	if err != nil {
		return nil, fmt.Errorf("open alerts: %w", err)
	}
	a.sending, a.halt = context.WithCancel(context.Background())
	a.running, a.stop = context.WithCancel(context.Background())
	for _, c := range channels {
		jobs := make(chan job, 1)
		a.lanes[c] = jobs
		a.senders.Go(func() { a.send(jobs) })
	}
	a.show(k.shown())
	go a.own(k)
	return a, nil
}

// Observe takes what is known now; call it once a second. It never blocks: a
// reading that comes while an older one waits takes its place.
func (a *Alerts) Observe(at time.Time, r Reading) {
	s := stamped{at, maps.Clone(r)}
	for {
		select {
		case a.readings <- s:
			return
		default:
		}
		select {
		case <-a.readings:
		default:
		}
	}
}

// Firing gives the alerts that have not ended, worst first, then oldest first.
func (a *Alerts) Firing() []Alert { return *a.firing.Load() }

func (a *Alerts) where(metric string) string {
	if a.deps.Where == nil {
		return ""
	}
	if text := a.deps.Where(metric); text != "" {
		return " " + text + "."
	}
	return ""
}

func (a *Alerts) show(list []Alert) { a.firing.Store(&list) }

// Close ends sending and keeps what has not been sent for the next start.
func (a *Alerts) Close() error {
	a.halt()
	a.senders.Wait()
	a.stop()
	<-a.done
	return a.closing
}

// own is the one goroutine that touches the keeper.
func (a *Alerts) own(k *keeper) {
	defer close(a.done)
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	k.turn()
	for {
		select {
		case s := <-a.readings:
			k.observe(s.at, s.reading)
		case f := <-a.calls:
			f(k)
		case r := <-a.results:
			k.ended(r)
		case <-tick.C:
		case <-a.running.Done():
			a.closing = k.store()
			return
		}
		k.turn()
	}
}

// do runs f in the owner.
func (a *Alerts) do(ctx context.Context, f func(*keeper)) error {
	done := make(chan struct{})
	select {
	case a.calls <- func(k *keeper) { defer close(done); f(k) }:
		<-done
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-a.done:
		return storage.ErrClosed
	}
}

// boxName is what notices call this machine.
func boxName() string {
	name, err := os.Hostname()
	if err != nil || !isLine(name, 100) {
		return "alcove"
	}
	return name
}

// withStore bounds a use of the database, and lets it end when ctx has.
func withStore(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), storeTime)
}

// readSetting reads a stored document into v, which keeps its value, whole,
// when none is stored or a later version wrote one that cannot be used here.
func readSetting[T any](ctx context.Context, d Deps, name string, v *T, check func(T) error) (found bool, err error) {
	raw, err := d.Store.AlertSetting(ctx, name)
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	read := *v
	if err := errors.Join(decode(raw, &read), check(read)); err != nil {
		d.Log.Warn("stored settings of the alerts cannot be used; the shipped ones count", "name", name, "err", err)
		return false, nil
	}
	*v = read
	return true, nil
}
