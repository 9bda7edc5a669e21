package index

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"alcove/app/documents/chunk"
	"alcove/engine"
)

const (
	reranked   = 30              // passages that the reranker puts in order
	rerankWait = 1 * time.Second // then the order stays as it is
)

// rerank puts the first passages in the order of the reranker, where there is
// one. It never makes a search fail.
func (ix *Index) rerank(ctx context.Context, q Query, passages []Passage, found *Found) ([]Passage, error) {
	if ix.o.Embedder == nil || len(passages) < 2 || ix.o.Embedder.Embedding().Reranker == "" {
		return passages, nil
	}
	begin := time.Now()
	defer func() { found.Rerank = time.Since(begin) }()
	first := passages[:min(reranked, len(passages))]
	texts := make([]string, len(first))
	for i, p := range first {
		texts[i] = chunk.Input(p.Chunk)
	}
	limited, cancel := context.WithTimeout(ctx, rerankWait)
	defer cancel()
	out, err := ix.o.Embedder.Rerank(limited, engine.RerankRequest{Query: q.Text, Passages: texts, Class: engine.ClassInteractive})
	if err != nil || len(out.Scores) != len(first) || !finite(out.Scores) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		ix.o.Log.Warn("rerank", "err", err)
		return passages, nil
	}
	for i := range first {
		first[i].Signals.Rerank = 1 / (1 + math.Exp(-float64(out.Scores[i])))
	}
	slices.SortStableFunc(first, func(a, b Passage) int { return cmp.Compare(b.Signals.Rerank, a.Signals.Rerank) })
	for i := range first {
		first[i].Ranks.Rerank = i + 1
		first[i].Score = first[i].Signals.Rerank
	}
	return first, nil
}
