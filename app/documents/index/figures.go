package index

import (
	"context"
	"sync"
)

// Bounds of the histogram of search times, in seconds.
var Bounds = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5}

// Figures of the index, for metrics. There is no text in them.
type Figures struct {
	Documents, Chunks int
	Vectors           int   // in memory
	VectorBytes       int64 // that they take there
	Waiting           int   // chunks without a vector of the present embedder; 0 without one
	Embedder          string
	Searches          uint64
	TextOnly          uint64   // searches without vectors
	Seconds           float64  // all searches together
	Buckets           []uint64 // searches of at most Bounds[i], not cumulative; the last one is above all
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

// Figures of the index now.
func (ix *Index) Figures(ctx context.Context) (Figures, error) {
	documents, chunks, err := ix.o.Store.CountIndexed(ctx)
	if err != nil {
		return Figures{}, err
	}
	rows, bytes := ix.vectors.count()
	out := Figures{Documents: documents, Chunks: chunks, Vectors: rows, VectorBytes: int64(bytes)}
	if ix.o.Embedder != nil {
		out.Embedder = ix.o.Embedder.Embedding().Model
	}
	if out.Embedder != "" {
		out.Waiting = max(0, chunks-rows)
	}
	f := &ix.figures
	f.mu.Lock()
	defer f.mu.Unlock()
	out.Searches, out.TextOnly, out.Seconds = f.searches, f.textOnly, f.seconds
	out.Buckets = append(out.Buckets, f.buckets[:]...)
	return out, nil
}
