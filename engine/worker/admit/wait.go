package admit

import "time"

// Waits estimates when each of the queued answers begins, in their order: each
// takes the place that is free first. ends are the times until the running
// answers end, lasts how long each queued one will take.
func Waits(places int, ends, lasts []time.Duration) []time.Duration {
	free := make([]time.Duration, max(places, 1))
	n := copy(free, ends)
	for _, e := range ends[n:] { // more than places: the first to end does not help
		free[least(free)] += e
	}
	out := make([]time.Duration, len(lasts))
	for i, d := range lasts {
		k := least(free)
		out[i] = free[k]
		free[k] += d
	}
	return out
}

func least(d []time.Duration) int {
	k := 0
	for i := range d {
		if d[i] < d[k] {
			k = i
		}
	}
	return k
}
