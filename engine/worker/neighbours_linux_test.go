package main

import (
	"testing"
	"time"
)

func TestNeighbours(t *testing.T) {
	now, busy, own := time.Unix(100, 0), 10.0, 4.0
	n := &neighbours{cores: 4, last: -1, now: func() time.Time { return now }, read: func() (float64, float64, bool) { return busy, own, true }}
	if got := n.free(); got != -1 {
		t.Errorf("at first %v cores are free", got)
	}
	step := func(d time.Duration, all, mine float64) float64 {
		now, busy, own = now.Add(d), busy+all, own+mine
		return n.free()
	}
	if got := step(time.Second, 3, 2); got != 3 {
		t.Errorf("one other core is busy: %v are free", got)
	}
	if got := step(100*time.Millisecond, 0.4, 0); got != 3 {
		t.Errorf("too early for another look: %v", got)
	}
	if got := step(400*time.Millisecond, 0.6, 0); got != 2 {
		t.Errorf("two other cores are busy: %v are free", got)
	}
	if got := step(time.Second, 1, 1.2); got != 4 { // the clocks differ a little
		t.Errorf("nobody else: %v are free", got)
	}
	if got := step(time.Second, 9, 0); got != 0 {
		t.Errorf("more than there are: %v are free", got)
	}
}

func TestParseStat(t *testing.T) {
	busy, ok := parseStat([]byte("cpu  100 20 30 5000 600 7 8 9 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n"))
	if !ok || busy < 1.7399 || busy > 1.7401 {
		t.Errorf("%v seconds, %v", busy, ok)
	}
	for _, bad := range []string{"", "cpu 1 2", "intr 1 2 3 4 5 6 7 8 9", "cpu a b c d e f g h i"} {
		if _, ok := parseStat([]byte(bad)); ok {
			t.Errorf("%q was read", bad)
		}
	}
	if busy, own, ok := cpuSeconds(); !ok || busy <= 0 || own < 0 {
		t.Errorf("this machine: %v %v %v", busy, own, ok)
	}
}
