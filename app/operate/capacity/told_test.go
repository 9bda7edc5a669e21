package capacity

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"alcove/engine"
)

// fullDisk keeps nothing.
type fullDisk struct{ Store }

func (fullDisk) PutCapacity(context.Context, string, time.Time, json.RawMessage) error {
	return errors.New("disk full")
}

// A result that could not be kept is not passed over in silence, and is
// forgotten when the next one begins.
func TestResultThatIsNotKept(t *testing.T) {
	b := newBench(t, func(int, engine.Request) (engine.Usage, error) { return plain(.1, 1, 100), nil })
	disk := b.meter.Store
	b.meter.Store = fullDisk{disk}
	p, err := b.meter.Start(t.Context(), Settings{Bound: 3, Every: 3, Most: 1})
	if err != nil {
		t.Fatal(err)
	}
	for c := range b.changed {
		if c.Running == nil {
			break
		}
	}
	if n := b.meter.Nothing(); n == nil || n.ID != p.ID || !strings.Contains(n.Because, "could not be kept") {
		t.Errorf("%+v", n)
	}
	b.meter.Store = disk
	b.start(Settings{Bound: 3, Every: 3, Most: 1})
	b.end()
	if n := b.meter.Nothing(); n != nil {
		t.Errorf("%+v", n)
	}
}

// The first progress that is told is the first there was.
func TestToldInOrder(t *testing.T) {
	for range 5 {
		b := newBench(t, func(int, engine.Request) (engine.Usage, error) { return plain(.1, 1, 100), nil })
		publish, calls := b.meter.Publish, atomic.Int32{}
		b.meter.Publish = func(name string, data any) {
			if calls.Add(1) == 1 {
				time.Sleep(50 * time.Millisecond) // whoever may overtake does
			}
			publish(name, data)
		}
		b.start(Settings{Bound: 3, Every: 3, Most: 3})
		steps := 0
		for c := range b.changed {
			if c.Running == nil {
				break
			}
			if len(c.Running.Steps) < steps {
				t.Fatalf("%d steps were told after %d", len(c.Running.Steps), steps)
			}
			steps = len(c.Running.Steps)
		}
		if len(b.changed) > 0 {
			t.Fatalf("something was told after the end: %+v", (<-b.changed).Running)
		}
		b.meter.Close()
	}
}
