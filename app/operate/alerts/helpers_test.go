package alerts

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"alcove/internal/testkit/emptydb"
	"alcove/storage"
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		child()
		return
	}
	goleak.VerifyTestMain(m)
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// published is one event.
type published struct {
	name string
	data any
}

// bench is Alerts over a real database, with a clock that tests move.
type bench struct {
	*Alerts
	t     *testing.T
	path  string
	clock *clock
	store *storage.DB
	deps  Deps

	mu     sync.Mutex
	events []published
	marks  []string
	log    bytes.Buffer
}

func newBench(t *testing.T, change ...func(*Deps)) *bench {
	t.Helper()
	b := &bench{t: t, path: emptydb.Path(t), clock: &clock{at: start}}
	b.deps = Deps{Now: b.clock.now, Zone: time.UTC, Log: slog.New(slog.NewTextHandler(locked{b}, nil)),
		Publish: func(name string, data any) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.events = append(b.events, published{name, data})
		},
		Mark: func(kind, text string) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.marks = append(b.marks, kind+" "+text)
		}}
	for _, c := range change {
		c(&b.deps)
	}
	b.open()
	t.Cleanup(b.close)
	return b
}

// locked lets the log be read while it is written.
type locked struct{ *bench }

func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.log.Write(p)
}

func (b *bench) open() {
	b.t.Helper()
	var err error
	if b.store, err = storage.Open(b.t.Context(), storage.Options{Path: b.path, Now: b.clock.now}); err != nil {
		b.t.Fatal(err)
	}
	b.deps.Store = b.store
	if b.Alerts, err = Open(b.t.Context(), b.deps); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) close() {
	if b.Alerts == nil {
		return
	}
	if err := b.Close(); err != nil {
		b.t.Error(err)
	}
	if err := b.store.Close(); err != nil {
		b.t.Error(err)
	}
	b.Alerts = nil
}

func (b *bench) restart() {
	b.t.Helper()
	b.close()
	b.open()
}

// feed gives a reading each second for some seconds.
func (b *bench) feed(r Reading, seconds int) {
	b.t.Helper()
	for range seconds {
		b.clock.advance(time.Second)
		b.run(func(k *keeper) { k.observe(b.clock.now(), r) })
	}
}

// run does something in the owner, which then does what is due.
func (b *bench) run(f func(*keeper)) {
	b.t.Helper()
	if err := b.do(b.t.Context(), f); err != nil {
		b.t.Fatal(err)
	}
}

// tick moves the clock and lets the owner do what is due.
func (b *bench) tick(d time.Duration) {
	b.t.Helper()
	b.clock.advance(d)
	b.run(func(*keeper) {})
}

// only makes one rule the only one.
func (b *bench) only(r ...Rule) {
	b.t.Helper()
	if err := b.SetRules(b.t.Context(), r); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) channels(change func(*Channels)) {
	b.t.Helper()
	c, err := b.Channels(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	change(&c)
	if _, err := b.SetChannels(b.t.Context(), c); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) board() Board {
	b.t.Helper()
	v, err := b.Board(b.t.Context(), maxHistory)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// named gives the data of the events of a name.
func (b *bench) named(name string) []any {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []any
	for _, e := range b.events {
		if e.name == name {
			list = append(list, e.data)
		}
	}
	return list
}

func (b *bench) logged() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.String()
}

const maxHistory = 5000

// until looks until ok holds; the limit only ends a test that hangs.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 10000 {
		if ok() {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	t.Fatal("never happened: " + what)
}

// idle waits until nothing is on its way to a server.
func (b *bench) idle() {
	b.t.Helper()
	until(b.t, "the channels to be idle", func() bool {
		idle := true
		b.run(func(k *keeper) {
			for _, q := range k.queues {
				idle = idle && q.sending == ""
			}
		})
		return idle
	})
}

// statuses lists what became of the notices of an alert in a channel.
func statuses(a Alert, c Channel) []string {
	var list []string
	for _, d := range a.Deliveries {
		if d.Channel == c {
			list = append(list, d.Event+" "+d.Status)
		}
	}
	return list
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// warm is a value beyond the limit of hot, cool one that is well.
var (
	warm = Reading{GPUTemperature: 90}
	cool = Reading{GPUTemperature: 60}
)
