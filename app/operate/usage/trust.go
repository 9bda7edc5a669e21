package usage

import "time"

// A clock that was wrong for an hour must not make ninety days too old. It is
// trusted when it goes on from the newest figures. After it was set, or the
// machine slept, it must go steadily for an hour; after it went back, or
// forward by more than a box may be off, for a day.
const (
	stepOf    = 10 * time.Minute    // more than this is a step of the clock
	gapOf     = 31 * 24 * time.Hour // a box may be off for so long
	steadyIn  = time.Hour
	strangeIn = 24 * time.Hour
)

// trust watches the wall clock beside one that never jumps.
type trust struct {
	wall    time.Time
	elapsed time.Duration
	from    time.Duration // trusted from this moment on
}

// newTrust begins with the time of the newest figures, zero when there are
// none. doubt says that the run before did not trust its clock.
func newTrust(newest, now time.Time, elapsed time.Duration, doubt bool) trust {
	t := trust{wall: now, elapsed: elapsed, from: elapsed}
	if gap := now.Sub(newest); doubt || !newest.IsZero() && (gap < -stepOf || gap > gapOf) {
		t.from = elapsed + strangeIn
	}
	return t
}

// look compares the clocks.
func (t *trust) look(now time.Time, elapsed time.Duration) {
	switch step := now.Sub(t.wall) - (elapsed - t.elapsed); {
	case step < -stepOf || step > gapOf:
		t.from = max(t.from, elapsed+strangeIn)
	case step > stepOf:
		t.from = max(t.from, elapsed+steadyIn)
	}
	t.wall, t.elapsed = now, elapsed
}

func (t *trust) steady(elapsed time.Duration) bool { return elapsed >= t.from }
