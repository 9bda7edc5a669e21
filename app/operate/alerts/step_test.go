package alerts

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func number64(v float64) *float64 { return &v }

// hot fires above 85 for 60 s and ends at 80 or less for 30 s.
func hot() Rule {
	return Rule{ID: "hot", Title: "Hot", Metric: GPUTemperature, Above: number64(85), Clear: number64(80), ForSeconds: 60, ClearSeconds: 30, Severity: Warning, Enabled: true}
}

// play gives a reading a second and says in which seconds what happened.
func play(r Rule, s State, at time.Time, values ...float64) (State, time.Time, map[int]Outcome) {
	seen := map[int]Outcome{}
	for i, v := range values {
		var o Outcome
		reading := Reading{r.Metric: v}
		if math.IsNaN(v) {
			reading = Reading{}
		}
		if s, o = Step(r, s, reading, at); o != Nothing {
			seen[i] = o
		}
		at = at.Add(time.Second)
	}
	return s, at, seen
}

func times(v float64, n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func only(t *testing.T, what string, seen map[int]Outcome, want map[int]Outcome) {
	t.Helper()
	if len(seen) != len(want) {
		t.Errorf("%s: %v, want %v", what, seen, want)
	}
	for i, o := range want {
		if seen[i] != o {
			t.Errorf("%s: %v, want %v", what, seen, want)
		}
	}
}

func TestFiresAfterItsTimeAndEndsAfterItsTime(t *testing.T) {
	s, at, seen := play(hot(), State{}, start, times(90, 61)...)
	only(t, "beyond", seen, map[int]Outcome{60: Fired})
	s, at, seen = play(hot(), s, at, times(83, 600)...)
	only(t, "between the limits", seen, nil)
	_, _, seen = play(hot(), s, at, times(80, 31)...)
	only(t, "well", seen, map[int]Outcome{30: Resolved})
}

func TestFiresAtOnceWithoutATime(t *testing.T) {
	r := hot()
	r.ForSeconds = 0
	_, _, seen := play(r, State{}, start, 90)
	only(t, "at once", seen, map[int]Outcome{0: Fired})
}

func TestBelow(t *testing.T) {
	r := Rule{ID: "disk", Metric: DiskFreePercent, Below: number64(5), Clear: number64(6), ForSeconds: 2, ClearSeconds: 10}
	_, _, seen := play(r, State{}, start, append(append([]float64{5, 4, 4, 4, 5.5}, times(6, 10)...), 6)...)
	only(t, "below", seen, map[int]Outcome{3: Fired, 15: Resolved})
}

func TestAShortPeakBeginsAgain(t *testing.T) {
	values := append(times(90, 50), 85)
	_, _, seen := play(hot(), State{}, start, append(values, times(90, 60)...)...)
	only(t, "interrupted", seen, nil)
}

func TestAnUnknownValueChangesNothing(t *testing.T) {
	s, at, _ := play(hot(), State{}, start, times(90, 50)...)
	s, at, seen := play(hot(), s, at, times(math.NaN(), 10)...)
	only(t, "a short gap", seen, nil)
	s, at, seen = play(hot(), s, at, times(90, 11)...)
	only(t, "goes on where it was", seen, map[int]Outcome{10: Fired})
	s, at, seen = play(hot(), s, at, times(math.NaN(), 3700)...)
	only(t, "an hour without a figure", seen, map[int]Outcome{3599: WentSilent})
	if !s.Firing {
		t.Error("an unknown value ended the alert")
	}
	_, _, seen = play(hot(), s, at, append([]float64{83}, times(70, 31)...)...)
	only(t, "known again", seen, map[int]Outcome{0: SpokeAgain, 31: Resolved})
}

func TestACountDoesNotSurviveALongGap(t *testing.T) {
	s, at, _ := play(hot(), State{}, start, times(90, 59)...)
	s, at, _ = play(hot(), s, at, times(math.NaN(), 60)...)
	_, _, seen := play(hot(), s, at, times(90, 60)...)
	only(t, "after the gap", seen, nil)
}

func TestAJumpOfTheClockDoesNotFire(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, -time.Hour, 365 * 24 * time.Hour} {
		s, at, _ := play(hot(), State{}, start, 90, 90)
		s, at, seen := play(hot(), s, at.Add(jump), 90, 90)
		only(t, "jump by "+jump.String(), seen, nil)
		if _, _, seen = play(hot(), s, at, times(90, 60)...); len(seen) != 1 {
			t.Errorf("after a jump by %s it fired %d times", jump, len(seen))
		}
	}
}

func anyRule(t *rapid.T) Rule {
	r := Rule{ID: "any", Title: "Any", Metric: GPUTemperature, Severity: Warning, Enabled: true,
		ForSeconds: rapid.IntRange(0, 90).Draw(t, "for"), ClearSeconds: rapid.IntRange(minClear, 90).Draw(t, "clear")}
	limit, band := rapid.Float64Range(20, 80).Draw(t, "limit"), rapid.Float64Range(0, 20).Draw(t, "band")
	if rapid.Bool().Draw(t, "above") {
		r.Above, r.Clear = &limit, number64(limit-band)
	} else {
		r.Below, r.Clear = &limit, number64(limit+band)
	}
	return r
}

// TestNothingHappensInTheBand: values between threshold and clear change
// nothing, whatever was before.
func TestNothingHappensInTheBand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRule(t)
		s := State{Firing: rapid.Bool().Draw(t, "firing"), Last: start}
		at := start
		for range rapid.IntRange(1, 400).Draw(t, "steps") {
			at = at.Add(time.Duration(rapid.IntRange(-10, 10).Draw(t, "passed")) * time.Second)
			low, high := min(r.threshold(), r.clear()), max(r.threshold(), r.clear())
			v := rapid.Float64Range(low, high).Draw(t, "value")
			if v == r.clear() && s.Firing {
				continue // the clear value itself is well
			}
			var o Outcome
			if s, o = Step(r, s, Reading{r.Metric: v}, at); o != Nothing {
				t.Fatalf("%v with %v", o, v)
			}
		}
	})
}

// TestStepIsHonest: a rule fires only after the value was beyond the threshold
// at all readings of its time, and ends only after it was well for its time;
// steps back of the clock and unknown values count for nothing.
func TestStepIsHonest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyRule(t)
		var s State
		at := start
		var held time.Duration // as a simple-minded reader counts: real time on one side
		side := ""
		for range rapid.IntRange(1, 500).Draw(t, "steps") {
			passed := time.Duration(rapid.SampledFrom([]int{1, 1, 1, 1, 2, 0, -3600, 7200}).Draw(t, "passed")) * time.Second
			at = at.Add(passed)
			reading := Reading{}
			if rapid.IntRange(0, 9).Draw(t, "known") > 0 {
				reading[r.Metric] = rapid.SampledFrom([]float64{0, r.threshold(), r.clear(), (r.threshold() + r.clear()) / 2, 100, math.Inf(1), math.NaN()}).Draw(t, "value")
			}
			was := s.Firing
			var o Outcome
			s, o = Step(r, s, reading, at)
			if v, ok := reading.known(r.Metric); ok {
				now := "band"
				switch {
				case r.beyond(v):
					now = "beyond"
				case r.well(v):
					now = "well"
				}
				if now != side {
					side, held = now, 0
				} else {
					held += min(max(passed, 0), maxStep)
				}
			} else if o == Fired || o == Resolved {
				t.Fatal("an unknown value changed the state")
			} else {
				held += min(max(passed, 0), maxStep) // at most so much
			}
			switch {
			case o == Fired && (was || side != "beyond" || held < time.Duration(r.ForSeconds)*time.Second):
				t.Fatalf("fired too early: %s for %s", side, held)
			case o == Resolved && (!was || side != "well" || held < time.Duration(r.ClearSeconds)*time.Second):
				t.Fatalf("ended too early: %s for %s", side, held)
			case (o == Fired || o == Resolved) == (was == s.Firing):
				t.Fatalf("outcome %v, firing %v then %v", o, was, s.Firing)
			}
		}
	})
}
