package sentinel

import "time"

// sight is a condition that holds in a moment, in words.
type sight struct {
	severity             Severity
	title, cause, advice string
}

// limits are how long a condition must hold, or not hold, until it counts.
type limits struct{ begin, end time.Duration }

// lasting turns a condition that comes and goes into a finding that lasts.
type lasting struct {
	sight sight
	shown bool
	since time.Time // when the condition began to hold
	left  time.Time // when it held last
	holds bool
}

// step says whether the condition is a finding now. A clock that goes back
// starts the waiting anew and ends no finding.
func (l *lasting) step(now time.Time, seen sight, holds bool, lim limits) bool {
	if holds {
		if !l.holds && !l.shown || now.Before(l.since) {
			l.since = now
		}
		l.sight, l.left = seen, now
		l.shown = l.shown || now.Sub(l.since) >= lim.begin
	} else if gone := now.Sub(l.left); l.shown && (gone < 0 || gone >= lim.end) {
		if gone < 0 {
			l.left = now
		} else {
			l.shown = false
		}
	}
	l.holds = holds
	return l.shown
}
