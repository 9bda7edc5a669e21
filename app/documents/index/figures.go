package index

import (
	"sync"
	"time"
)

// Bounds of the histogram of search times, in seconds.
var Bounds = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5}

// Figures of the index, for metrics. There is no text in them.
type Figures struct {
	Documents, Chunks int
	Vectors           int   // in memory
	VectorBytes       int64 // that they take there
	Waiting           int   // texts without a vector of the present embedder, about
	Embedder          string
	Searches          uint64
	TextOnly          uint64    // searches without vectors
	Seconds           float64   // all searches together
	Buckets           []uint64  // searches of at most Bounds[i], not cumulative; the last one is above all
	LastSearch        time.Time // zero: never
}

type figures struct {
	mu       sync.Mutex
	searches uint64
	textOnly uint64
	seconds  float64
	buckets  [12]uint64
}

func (f *figures) searched(found Found) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.searches++
	if found.Mode == ModeText {
		f.textOnly++
	}
	s := found.Took.Seconds()
	f.seconds += s
	i := 0
	for i < len(Bounds) && s > Bounds[i] {
		i++
	}
	f.buckets[i]++
}
