package operate

import "time"

// waited is what the alerts get to know of how long people waited; nil: not known.
type waited struct{ firstToken, interToken, queue, errors *float64 }

// How many answers say something. With fewer than enough, one that was slow
// (the first of a cold morning) is the 95th of a hundred, and one that failed is
// a bad share: that is no trend, and nobody is woken for it.
const (
	enough = 20
	some   = 3
)

// waits looks back as far as it takes to know something: five or fifteen minutes
// where enough was asked in them, else an hour, of which half of the answers must
// be slow, or have failed, to count. After an hour without any question nobody
// waits.
func waits(latency func(window time.Duration) Latency) waited {
	for _, window := range []time.Duration{5 * time.Minute, 15 * time.Minute} {
		if l := latency(window); l.Requests >= enough {
			late := func(w *Wait) *float64 {
				if w == nil {
					return nil
				}
				return &w.P95
			}
			return waited{late(l.FirstToken), late(l.InterToken), late(l.Queue), new(100 * float64(l.Failed) / float64(l.Requests))}
		}
	}
	l := latency(time.Hour)
	switch {
	case l.Requests == 0:
		return waited{new(0.0), new(0.0), new(0.0), new(0.0)}
	case l.Requests < some:
		return waited{}
	}
	half := func(w *Wait) *float64 {
		if w == nil {
			return nil
		}
		return &w.P50
	}
	failed := 0.0
	if 2*l.Failed >= l.Requests {
		failed = 100 * float64(l.Failed) / float64(l.Requests)
	}
	return waited{half(l.FirstToken), half(l.InterToken), half(l.Queue), &failed}
}
