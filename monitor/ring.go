package monitor

// ring keeps the newest samples, oldest first.
type ring struct {
	samples []Sample
	next    int // where the next one goes, once samples is full
}

func newRing(size int) *ring { return &ring{samples: make([]Sample, 0, size)} }

func (r *ring) add(s Sample) {
	if len(r.samples) < cap(r.samples) {
		r.samples = append(r.samples, s)
		return
	}
	r.samples[r.next] = s
	r.next = (r.next + 1) % len(r.samples)
}

// last copies the newest n samples, oldest first.
func (r *ring) last(n int) []Sample {
	n = max(0, min(n, len(r.samples)))
	out := make([]Sample, 0, n)
	for i := len(r.samples) - n; i < len(r.samples); i++ {
		out = append(out, r.samples[(r.next+i)%len(r.samples)])
	}
	return out
}
