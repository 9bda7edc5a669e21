package server

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"alcove/engine"
)

// MeasureEmbedder gives the embedder that everything asks: documents, search and
// /v1. It may be called once.
func (m *Metrics) MeasureEmbedder(e engine.Embedder) engine.Embedder {
	b := &measuredEmbedder{Embedder: e,
		texts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "alcove_embedding_texts_total", Help: "Texts that became vectors, and passages that were put in order, by class."}, []string{"class"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "alcove_embedding_tokens_total", Help: "Tokens of texts that became vectors, also of those that were known already, by class."}, []string{"class"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "alcove_embedding_failures_total", Help: "Requests for vectors or for an order of passages that failed, by class."}, []string{"class"}),
		took: histogram("alcove_embedding_seconds", "Time of a request for vectors or for an order of passages that did not fail.", waitBuckets, "class"),
	}
	m.registry.MustRegister(b.texts, b.tokens, b.failed, b.took)
	return b
}

type measuredEmbedder struct {
	engine.Embedder
	texts, tokens, failed *prometheus.CounterVec
	took                  *prometheus.HistogramVec
}

// Embed measures one request.
func (b *measuredEmbedder) Embed(ctx context.Context, req engine.EmbedRequest) (engine.Embedded, error) {
	started := time.Now()
	got, err := b.Embedder.Embed(ctx, req)
	n := 0
	for _, t := range got.Tokens {
		n += t
	}
	b.count(ctx, req.Class, len(got.Vectors), n, started, err)
	return got, err
}

// Rerank measures one request.
func (b *measuredEmbedder) Rerank(ctx context.Context, req engine.RerankRequest) (engine.Reranked, error) {
	started := time.Now()
	got, err := b.Embedder.Rerank(ctx, req)
	b.count(ctx, req.Class, len(got.Scores), 0, started, err)
	return got, err
}

func (b *measuredEmbedder) count(ctx context.Context, class engine.Class, texts, tokens int, started time.Time, err error) {
	switch {
	case err == nil:
		b.texts.WithLabelValues(string(class)).Add(float64(texts))
		b.tokens.WithLabelValues(string(class)).Add(float64(tokens))
		b.took.WithLabelValues(string(class)).Observe(time.Since(started).Seconds())
	case ctx.Err() == nil:
		b.failed.WithLabelValues(string(class)).Inc()
	}
}
