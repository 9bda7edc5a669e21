package loop

import (
	"strings"
	"testing"
	"time"
)

// A model that cannot be cut is measured too, also on a machine that is fast
// enough to measure everything.
func TestCalibrateStiffModels(t *testing.T) {
	for _, stiff := range []bool{false, true} {
		b := newBenchOf(t, Config{Context: 1024, Cells: 2048, Slots: 4, Batch: 256, Target: 100 * time.Millisecond}, stiff)
		b.m.each = 20 * time.Microsecond
		b.l.now = func() time.Time { return b.m.clock }
		if err := b.l.Calibrate(nil, nil); err != nil {
			t.Fatalf("stiff %v: %v", stiff, err)
		}
		b.submit(newSubmit(1, "#a question"))
		b.finish()
		if b.of(1).end.Finish == "failed" {
			t.Errorf("stiff %v: %+v", stiff, b.of(1).end)
		}
	}
}

// Prompts were slow to read for a while: it is seen when that is over.
func TestSlownessIsForgotten(t *testing.T) {
	b := newBench(t, Config{Context: 1024, Cells: 2048, Slots: 4, Batch: 256, Target: 50 * time.Millisecond})
	b.m.each = 100 * time.Microsecond
	b.l.now = func() time.Time { return b.m.clock }
	if err := b.l.Calibrate(nil, nil); err != nil {
		t.Fatal(err)
	}
	b.l.times.SetPace(64, 0, 1, 50*64*b.m.each, false)
	b.submit(newSubmit(1, "#"+strings.Repeat("a long contract ", 60)))
	widest := 0
	for range 40 {
		before := b.m.computed
		b.step()
		widest = max(widest, b.m.computed-before)
	}
	if widest < 64 {
		t.Errorf("at most %d rows a step", widest)
	}
}
