package steptime

import (
	"slices"
	"time"
)

// Probing: after a try of more threads that did not pay, the next one waits
// twice as long, but when the neighbours become quiet it is tried at once.
const (
	probeFirst = time.Second
	probeLast  = 30 * time.Second
	// quiet is how much of a core, beyond the threads to try, must be free:
	// the operating system and the page that draws the answer may have some.
	quiet = -0.35
	// crowded is what must not be missing of a core: a thread without a core
	// makes all others wait at each barrier.
	crowded = 0.75
	// gain is how much faster more threads must be to be taken.
	gain = 0.97
)

// Tuner chooses the threads of each step: the count with the best pace, tried
// again while running. It is not safe for concurrent use.
type Tuner struct {
	counts []int // to choose from, ascending
	most   int   // index of the largest that may be used now
	m      *Model
	lanes  [kinds]lane
}

type lane struct {
	use    int           // index into counts
	trying bool          // more than was known to be best
	roomy  bool          // the neighbours left room at the last step
	next   time.Time     // of the next try
	wait   time.Duration // before the one after
	tried  []bool        // counts whose pace is known
}

// NewTuner chooses among 1 to most threads.
func NewTuner(m *Model, most int) *Tuner {
	t := &Tuner{m: m}
	for n := 1; n < most; n *= 2 {
		t.counts = append(t.counts, n)
	}
	if most > 2 && !slices.Contains(t.counts, most-1) {
		t.counts = append(t.counts, most-1) // leaves a core to a neighbour
	}
	t.counts = append(t.counts, max(most, 1))
	t.most = len(t.counts) - 1
	for k := range t.lanes {
		t.lanes[k] = lane{use: t.most, wait: probeFirst, tried: make([]bool, len(t.counts))}
	}
	return t
}

// Limit says how many threads may be used from now on, at least one. More that
// are given back are tried as soon as there is room for them.
func (t *Tuner) Limit(threads int) {
	t.most = 0
	for i, n := range t.counts {
		if n <= threads {
			t.most = i
		}
	}
	for k := range t.lanes {
		l := &t.lanes[k]
		if l.use > t.most {
			l.use, l.trying, l.roomy = t.most, false, false
		}
	}
}

// Know says that the pace of a count of threads was measured, by calibration.
func (t *Tuner) Know(threads int, k Kind) {
	if i := slices.Index(t.counts, threads); i >= 0 {
		t.lanes[k].tried[i] = true
	}
}

// Threads chooses for the next step. free is how many cores the neighbours
// leave to this process; negative if that is not known.
func (t *Tuner) Threads(k Kind, now time.Time, free float64) int {
	l := &t.lanes[k]
	for free >= 0 && l.use > 0 && free < float64(t.counts[l.use])-crowded {
		l.use, l.trying, l.next = l.use-1, false, now.Add(probeFirst)
	}
	up := l.use + 1
	if up <= t.most && !l.trying {
		roomy := free < 0 || free >= float64(t.counts[up])+quiet
		if roomy && (!l.roomy || !now.Before(l.next)) {
			l.use, l.trying = up, true
		}
		l.roomy = roomy
	}
	return t.counts[l.use]
}

// Using is what Threads said last.
func (t *Tuner) Using(k Kind) int { return t.counts[t.lanes[k].use] }

// calm says whether every thread has a core: then the times are the model's.
func (t *Tuner) calm(l *lane, free float64) bool {
	return free >= float64(t.counts[l.use])+quiet
}

// Observe takes a step that was made with what Threads said; the model learns
// from it.
func (t *Tuner) Observe(rows, reach int, took time.Duration, now time.Time, free float64) {
	k := KindOf(rows)
	l := &t.lanes[k]
	calm := t.calm(l, free)
	l.tried[l.use] = true
	if l.trying && !calm { // what was known is old
		t.m.SetPace(rows, reach, t.counts[l.use], took, false)
	}
	t.m.Observe(rows, reach, t.counts[l.use], took, calm)
	if calm || l.use == 0 { // nobody disturbs
		l.trying = false
		return
	}
	here := t.m.Pace(t.counts[l.use], k)
	below := t.m.Pace(t.counts[l.use-1], k)
	known := l.tried[l.use-1]
	switch {
	case known && here > below*gain: // fewer are as fast
		l.down(now, took)
	case !known && here > collapsed: // far from what was calibrated: see what fewer do
		l.down(now, took)
	case l.trying: // it pays
		l.trying, l.wait = false, probeFirst
	}
}

// collapsed is the pace beyond which fewer threads are tried although nothing
// is known about them.
const collapsed = 1.5

// down takes fewer threads. Tries are so rare that they cost little.
func (l *lane) down(now time.Time, took time.Duration) {
	l.use--
	l.wait = min(max(l.wait, 20*took), probeLast)
	l.next = now.Add(l.wait)
	l.wait *= 2
	l.trying = false
}
