package steptime

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// truth is a machine of two cores: what a step really takes.
type truth struct {
	fixed, row float64 // seconds
	far        float64 // for a row and a token, below a tile
	busy       int     // neighbours that take a core each
}

// seconds: with neighbours, the barriers of two threads collapse.
func (m truth) seconds(rows, reach, threads int) float64 {
	work := m.fixed + float64(rows)*m.row + float64(reach)*m.far
	if rows >= 64 {
		tiles := float64((rows + 63) / 64 * 64)
		work = m.fixed + tiles*m.row + float64(reach)*tiles/float64(rows)*m.far/3
	}
	switch {
	case threads == 1:
		return work * max(1, float64(1+m.busy)/2)
	case m.busy == 0:
		return work / 1.7
	default:
		return work * math.Pow(10, float64(m.busy))
	}
}

func (m truth) took(rows, reach, threads int) time.Duration {
	return time.Duration(m.seconds(rows, reach, threads) * float64(time.Second))
}

// small is what was measured with a model of 135M on two cores.
var small = truth{fixed: 0.006, row: 0.0012, far: 4.4e-6}

func calibrated(m truth, threads int) *Model {
	x := New(64)
	for _, rows := range []int{1, 4, 16, 32, 64, 128} {
		x.Calibrate(rows, 0, m.took(rows, 0, threads))
	}
	for _, rows := range []int{16, 64} {
		x.Calibrate(rows, rows*256, m.took(rows, rows*256, threads))
	}
	return x
}

// What was measured in a moment that only seemed calm is given up at the first
// steps that are faster: a step of 20 rows was predicted to take a minute, and
// prompts were read in the smallest steps for a hundred of them.
func TestForgetsADisturbedMeasurement(t *testing.T) {
	const rows, reach = 64, 64 * 300
	for name, disturb := range map[string]func(*Model){
		"pace":  func(x *Model) { x.SetPace(64, 0, 1, 200*small.took(64, 0, 1), true) },
		"times": func(x *Model) { x.Calibrate(64, 0, 200*small.took(64, 0, 1)) },
	} {
		x := calibrated(small, 1)
		disturb(x)
		truth := small.seconds(rows, reach, 1)
		if before := x.Predict(rows, reach, 1).Seconds(); name == "pace" && before < 100*truth {
			t.Errorf("%s: nothing was disturbed: %.3f s for %.3f", name, before, truth)
		}
		for range 5 {
			x.Observe(rows, reach, 1, small.took(rows, reach, 1), true)
		}
		if got := x.Predict(rows, reach, 1).Seconds(); got > 2*truth || got < truth/2 {
			t.Errorf("%s: predicted %.3f s, takes %.3f", name, got, truth)
		}
	}
}

// The prediction comes near the truth for sizes that were never measured.
func TestPredictsAfterCalibration(t *testing.T) {
	x := calibrated(small, 1)
	for _, rows := range []int{1, 2, 5, 8, 40, 63, 64, 90, 128, 250, 500} {
		for _, depth := range []int{0, 500, 3000} {
			got, want := x.Predict(rows, rows*depth, 1).Seconds(), small.seconds(rows, rows*depth, 1)
			if got < want*0.85 || got > want*1.2 {
				t.Errorf("%d rows at %d: predicted %.1f ms, takes %.1f ms", rows, depth, got*1000, want*1000)
			}
		}
	}
	if x.Predict(63, 63*3000, 1) < x.Predict(64, 64*3000, 1) {
		t.Error("a whole tile costs less than nearly one")
	}
}

// Wrong beginnings are forgotten while the machine is calm.
func TestLearnsFromSteps(t *testing.T) {
	wrong := truth{fixed: 0.003, row: 0.0004, far: 1e-6}
	x := calibrated(wrong, 1)
	for range 150 {
		for _, rows := range []int{1, 2, 4, 8, 20, 64, 100, 128, 200} {
			for _, depth := range []int{50, 900, 2500} {
				x.Observe(rows, rows*depth, 1, small.took(rows, rows*depth, 1), true)
			}
		}
	}
	for _, rows := range []int{1, 6, 20, 64, 128} {
		for _, depth := range []int{50, 900, 2500} {
			got, want := x.Predict(rows, rows*depth, 1).Seconds(), small.seconds(rows, rows*depth, 1)
			if got < want*0.7 || got > want*1.4 {
				t.Errorf("%d rows at %d: predicted %.1f ms, takes %.1f ms", rows, depth, got*1000, want*1000)
			}
		}
	}
}

// A machine that becomes slow is believed within a few steps, at all sizes, and
// the model is not spoilt by it.
func TestPaceFollows(t *testing.T) {
	x := calibrated(small, 1)
	slow := small
	slow.busy = 3 // half of the time
	for range 8 {
		x.Observe(100, 50000, 1, slow.took(100, 50000, 1), false)
	}
	got, want := x.Predict(30, 15000, 1).Seconds(), slow.seconds(30, 15000, 1)
	if got < want*0.8 || got > want*1.25 {
		t.Errorf("predicted %.0f ms, takes %.0f ms", got*1000, want*1000)
	}
	x.Observe(100, 50000, 1, small.took(100, 50000, 1), true)
	got, want = x.Predict(30, 15000, 1).Seconds(), small.seconds(30, 15000, 1)
	if got < want*0.8 || got > want*1.25 {
		t.Errorf("calm again: predicted %.0f ms, takes %.0f ms", got*1000, want*1000)
	}
}

// More rows, or a longer reach, never take less time within a tile's count.
func TestPredictionsGrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := New(rapid.SampledFrom([]int{1, 64}).Draw(t, "tile"))
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			rows := rapid.IntRange(1, 600).Draw(t, "rows")
			x.Observe(rows, rapid.IntRange(0, 1000000).Draw(t, "reach"), 1,
				time.Duration(rapid.IntRange(1, 2000).Draw(t, "ms"))*time.Millisecond, rapid.Bool().Draw(t, "calm"))
		}
		rows, reach := rapid.IntRange(0, 600).Draw(t, "rows"), rapid.IntRange(0, 1000000).Draw(t, "reach")
		a, b := x.Predict(rows, reach, 1), x.Predict(rows, reach+1000, 1)
		if a < 0 || b < a || (rows > 0 && a == 0 && reach > 0 && x.seen != [len(knots)]bool{}) {
			t.Fatalf("%v, then %v", a, b)
		}
	})
}

func TestSavedModelIsTheSame(t *testing.T) {
	x := calibrated(small, 1)
	x.Observe(5, 3000, 1, 30*time.Millisecond, true)
	data, err := x.Marshal("model, device")
	if err != nil {
		t.Fatal(err)
	}
	y := New(64)
	if err := y.Unmarshal(data, "model, device"); err != nil {
		t.Fatal(err)
	}
	for _, rows := range []int{1, 20, 300} {
		ab, aa := x.parts(rows, 3000)
		bb, ba := y.parts(rows, 3000)
		if math.Abs(ab-bb) > 1e-12 || math.Abs(aa-ba) > 1e-12 {
			t.Errorf("%d rows: %v %v, was %v %v", rows, bb, ba, ab, aa)
		}
	}
	var wild saved
	if err := json.Unmarshal(data, &wild); err != nil {
		t.Fatal(err)
	}
	wild.Base[3] = -1
	hostile, _ := json.Marshal(wild)
	for name, bad := range map[string][]byte{"another key": nil, "cut": data[:len(data)/2], "not JSON": []byte("x"), "wild": hostile} {
		key := "model, device"
		if bad == nil {
			key, bad = "another model", data
		}
		if New(64).Unmarshal(bad, key) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if New(1).Unmarshal(data, "model, device") == nil {
		t.Error("another tile: accepted")
	}
}

func TestNothingKnown(t *testing.T) {
	x := New(64)
	if p := x.Predict(1, 0, 2); p <= 0 {
		t.Errorf("predicted %v", p)
	}
	x.Observe(0, 0, 1, time.Second, true)
	x.Observe(1, 0, 1, -time.Second, true)
	x.Calibrate(0, 0, time.Second)
	x.SetPace(0, 0, 1, time.Second, true)
	if x.Predict(0, 0, 1) != 0 {
		t.Error("no rows take time")
	}
}

// drive makes steps for a while.
type drive struct {
	x     *Model
	tuner *Tuner
	now   time.Time
}

// run gives the time spent, what the better count of threads would have needed,
// and the last choice.
func (d *drive) run(m truth, rows int, d0 time.Duration, blind bool) (spent, best float64, last int) {
	free := 2 - float64(m.busy)
	if blind {
		free = -1
	}
	for end := d.now.Add(d0); d.now.Before(end); {
		last = d.tuner.Threads(KindOf(rows), d.now, free)
		took := m.took(rows, rows*500, last)
		d.now = d.now.Add(took)
		d.tuner.Observe(rows, rows*500, took, d.now, free)
		spent += took.Seconds()
		best += min(m.seconds(rows, rows*500, 1), m.seconds(rows, rows*500, 2))
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
				x.SetPace(1, 0, 1, small.took(1, 0, 1), true)
				x.SetPace(64, 0, 1, small.took(64, 0, 1), true)
				d.tuner.Know(1, Decode)
				d.tuner.Know(1, Prefill)
				if _, _, n := d.run(small, rows, time.Second, blind); n != 2 {
					t.Errorf("%d rows, quiet: %d threads", rows, n)
				}
				m := small
				m.busy = busy
				_, _, n := d.run(m, rows, 2*m.took(rows, rows*500, 2)+time.Millisecond, blind)
				if n != 1 && !blind { // blind, it may try again
					t.Errorf("%d rows, %d busy: still %d threads after two steps", rows, busy, n)
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

// On a calm machine a model that is wrong about a size does not cost threads.
func TestTunerBlamesTheModelWhenCalm(t *testing.T) {
	wrong := truth{fixed: 0.001, row: 0.0001, far: 1e-7}
	x := calibrated(wrong, 2)
	d := &drive{x: x, tuner: NewTuner(x, 2), now: time.Unix(0, 0)}
	x.SetPace(1, 0, 1, wrong.took(1, 0, 1), true)
	x.SetPace(64, 0, 1, wrong.took(64, 0, 1), true)
	d.tuner.Know(1, Decode)
	d.tuner.Know(1, Prefill)
	for _, rows := range []int{1, 30, 64, 8, 100} {
		if _, _, n := d.run(small, rows, time.Second, false); n != 2 {
			t.Errorf("%d rows: %d threads", rows, n)
		}
	}
}

// Without a calibration of fewer threads, a collapse is still seen.
func TestTunerWithoutCalibration(t *testing.T) {
	x := calibrated(small, 2)
	d := &drive{x: x, tuner: NewTuner(x, 2), now: time.Unix(0, 0)}
	m := small
	m.busy = 2
	if _, _, n := d.run(m, 1, 3*time.Second, true); n != 1 {
		t.Errorf("%d threads", n)
	}
}

func TestTunerCounts(t *testing.T) {
	for most, want := range map[int][]int{1: {1}, 2: {1, 2}, 4: {1, 2, 3, 4}, 8: {1, 2, 4, 7, 8}, 12: {1, 2, 4, 8, 11, 12}} {
		got := NewTuner(New(1), most).counts
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
