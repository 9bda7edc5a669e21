package steptime

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// truth is a machine: what a step really takes, in seconds.
type truth struct {
	fixed, row, cell float64
	busy             int // neighbours that take a core each
}

// seconds is modelled on two cores: with neighbours, the barriers of two
// threads collapse, more so where there is little work between them.
func (m truth) seconds(rows, cells, threads int) float64 {
	work := m.fixed + float64(rows)*(m.row+m.cell*float64(cells))
	switch {
	case threads == 1:
		return work * max(1, float64(1+m.busy)/2)
	case m.busy == 0:
		return work / 1.6
	default:
		return work * math.Pow(10, float64(m.busy))
	}
}

var small = truth{fixed: 0.006, row: 0.0018, cell: 2.3e-7}

func calibrated(m truth, threads int) *Model {
	x := New()
	for rows := 1; rows <= 256; rows *= 4 {
		x.Calibrate(rows, threads, seconds(m.seconds(rows, 0, threads)))
	}
	return x
}

// The prediction comes near the truth for sizes that were never measured.
func TestPredictsAfterCalibration(t *testing.T) {
	x := calibrated(small, 1)
	for range 300 {
		for _, cells := range []int{100, 1000, 4000} {
			for _, rows := range []int{1, 3, 8, 60, 100} {
				x.Observe(rows, cells, 1, seconds(small.seconds(rows, cells, 1)))
			}
		}
	}
	for _, rows := range []int{1, 2, 5, 8, 40, 64, 90, 128, 250} {
		for _, cells := range []int{0, 500, 3000, 5000} {
			got, want := x.Predict(rows, cells, 1).Seconds(), small.seconds(rows, cells, 1)
			if got < want*0.65 || got > want*1.5 {
				t.Errorf("%d rows beside %d cells: predicted %.1f ms, takes %.1f ms", rows, cells, got*1000, want*1000)
			}
		}
	}
}

// Rows keeps what it promises, by the model itself.
func TestRowsKeepTheLimit(t *testing.T) {
	x := calibrated(small, 1)
	rapid.Check(t, func(t *rapid.T) {
		limit := time.Duration(rapid.IntRange(1, 3000).Draw(t, "ms")) * time.Millisecond
		base, cells := rapid.IntRange(0, 64).Draw(t, "base"), rapid.IntRange(0, 9000).Draw(t, "cells")
		least, most := rapid.IntRange(0, 20).Draw(t, "least"), rapid.IntRange(0, 512).Draw(t, "most")
		n := x.Rows(limit, base, cells, 1, least, most)
		if n < min(least, most) || n > most {
			t.Fatalf("%d rows, asked for %d to %d", n, least, most)
		}
		if n > least && x.Predict(base+n, cells+n, 1) > limit {
			t.Fatalf("%d rows take %v, the limit is %v", n, x.Predict(base+n, cells+n, 1), limit)
		}
		if n < most && x.Predict(base+n+1, cells+n+1, 1) <= limit {
			t.Fatalf("%d rows, one more would fit", n)
		}
	})
}

// A machine that becomes slow is believed within a few steps, at all sizes.
func TestPaceFollows(t *testing.T) {
	x := calibrated(small, 1)
	slow := small
	slow.busy = 3 // half of the time
	for range 8 {
		x.Observe(100, 500, 1, seconds(slow.seconds(100, 500, 1)))
	}
	got, want := x.Predict(30, 500, 1).Seconds(), slow.seconds(30, 500, 1)
	if got < want*0.7 || got > want*1.5 {
		t.Errorf("predicted %.0f ms, takes %.0f ms", got*1000, want*1000)
	}
}

func TestSavedModelIsTheSame(t *testing.T) {
	x := calibrated(small, 1)
	x.Observe(5, 3000, 1, 30*time.Millisecond)
	data, err := x.Marshal("model, device")
	if err != nil {
		t.Fatal(err)
	}
	y := New()
	if err := y.Unmarshal(data, "model, device"); err != nil {
		t.Fatal(err)
	}
	for _, rows := range []int{1, 20, 300} {
		a, b := x.base(rows, 3000), y.base(rows, 3000)
		if math.Abs(a-b) > 1e-9 {
			t.Errorf("%d rows: %v, was %v", rows, b, a)
		}
	}
	var wild saved
	if err := json.Unmarshal(data, &wild); err != nil {
		t.Fatal(err)
	}
	wild.Shape[3] = 900
	hostile, _ := json.Marshal(wild)
	for name, bad := range map[string][]byte{"another key": nil, "cut": data[:len(data)/2], "not JSON": []byte("x"), "wild": hostile} {
		key := "model, device"
		if bad == nil {
			key, bad = "another model", data
		}
		if New().Unmarshal(bad, key) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNothingKnown(t *testing.T) {
	x := New()
	if p := x.Predict(1, 0, 2); p <= 0 {
		t.Errorf("predicted %v", p)
	}
	x.Observe(0, 0, 1, time.Second)
	x.Observe(1, 0, 1, -time.Second)
	if x.Predict(0, 0, 1) != 0 {
		t.Error("no rows take time")
	}
}

// drive makes steps for a while and gives the share of the time that was lost
// against the better count of threads.
type drive struct {
	x     *Model
	tuner *Tuner
	now   time.Time
}

func (d *drive) run(m truth, rows int, d0 time.Duration, blind bool) (spent, best float64, last int) {
	free := 2 - float64(m.busy)
	if blind {
		free = -1
	}
	for end := d.now.Add(d0); d.now.Before(end); {
		k := KindOf(rows)
		last = d.tuner.Threads(k, d.now, free)
		took := m.seconds(rows, 500, last)
		d.now = d.now.Add(seconds(took))
		d.tuner.Observe(rows, 500, seconds(took), d.now)
		spent += took
		best += min(m.seconds(rows, 500, 1), m.seconds(rows, 500, 2))
	}
	return spent, best, last
}

// The tuner leaves two threads as soon as they collapse, stays away while the
// neighbours are busy and comes back when they have gone.
func TestTunerFollowsTheBetterCurve(t *testing.T) {
	for _, rows := range []int{1, 64} {
		for busy := 1; busy <= 2; busy++ {
			for _, blind := range []bool{false, true} {
				x := calibrated(small, 2)
				d := &drive{x: x, tuner: NewTuner(x, 2), now: time.Unix(0, 0)}
				x.SetPace(1, 0, 1, seconds(small.seconds(1, 0, 1)))
				x.SetPace(64, 0, 1, seconds(small.seconds(64, 0, 1)))
				d.tuner.Know(1, Decode)
				d.tuner.Know(1, Prefill)
				if _, _, n := d.run(small, rows, time.Second, blind); n != 2 {
					t.Errorf("%d rows, quiet: %d threads", rows, n)
				}
				m := small
				m.busy = busy
				_, _, n := d.run(m, rows, time.Duration(2.2*m.seconds(rows, 500, 2)*float64(time.Second)), blind)
				if n != 1 && !blind { // blind, it may try again
					t.Errorf("%d rows, %d busy, blind %v: still %d threads after two steps", rows, busy, blind, n)
				}
				spent, best, _ := d.run(m, rows, 2*time.Minute, blind)
				if limit := map[bool]float64{false: 1.02, true: 1.6}[blind]; spent > limit*best {
					t.Errorf("%d rows, %d busy, blind %v: took %.2f of the best", rows, busy, blind, spent/best)
				}
				d.run(small, rows, 31*time.Second, blind)
				if spent, best, n = d.run(small, rows, 5*time.Second, blind); n != 2 || spent > 1.05*best {
					t.Errorf("%d rows, quiet again, blind %v: %d threads, %.2f of the best", rows, blind, n, spent/best)
				}
			}
		}
	}
}

// Without a calibration of fewer threads, a collapse is still seen.
func TestTunerWithoutCalibration(t *testing.T) {
	x := calibrated(small, 2)
	d := &drive{x: x, tuner: NewTuner(x, 2), now: time.Unix(0, 0)}
	m := small
	m.busy = 2
	if _, _, n := d.run(m, 1, 3*time.Second, false); n != 1 {
		t.Errorf("%d threads", n)
	}
}

func TestTunerCounts(t *testing.T) {
	for most, want := range map[int][]int{1: {1}, 2: {1, 2}, 4: {1, 2, 3, 4}, 8: {1, 2, 4, 7, 8}, 12: {1, 2, 4, 8, 11, 12}} {
		got := NewTuner(New(), most).counts
		if len(got) != len(want) {
			t.Errorf("%d: %v", most, got)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%d: %v", most, got)
			}
		}
	}
}
