package monitor

import "time"

// rateWindow is how far back the speed of writing looks.
const rateWindow = 3 * time.Second

// counted is a running total at a moment.
type counted struct {
	at    time.Time
	total uint64
}

// rate turns a running total into a speed over rateWindow.
type rate struct{ seen []counted }

// add takes the total at a moment and gives the speed a second; nil for the
// first one, and when the total went back.
func (r *rate) add(at time.Time, total uint64) *float64 {
	if n := len(r.seen); n > 0 && (total < r.seen[n-1].total || !at.After(r.seen[n-1].at)) {
		r.seen = nil
	}
	r.seen = append(r.seen, counted{at, total})
	for len(r.seen) > 2 && at.Sub(r.seen[1].at) >= rateWindow {
		r.seen = r.seen[1:]
	}
	first := r.seen[0]
	if len(r.seen) == 1 {
		return nil
	}
	speed := float64(total-first.total) / at.Sub(first.at).Seconds()
	return &speed
}
