package operate

import (
	"testing"

	"alcove/app/operate/alerts"
	"alcove/app/operate/sentinel"
)

// A few answers are no percentile: one that failed at night wakes nobody.
func TestFiguresOfFewAnswersAreNotKnown(t *testing.T) {
	for n, known := range map[int]bool{0: false, 1: false, enough - 1: false, enough: true} {
		got := figures(sentinel.Moment{}, Latency{Requests: n, Failed: min(n, 1), FirstTokenP95: new(9.0), QueueP95: new(9.0)}, nil)
		for _, name := range []string{alerts.FirstTokenP95, alerts.QueueP95, alerts.ErrorPercent} {
			if _, ok := got[name]; ok != known {
				t.Errorf("%s of %d answers: known %v", name, n, ok)
			}
		}
	}
}
