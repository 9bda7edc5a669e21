package server

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"alcove/app/documents/index"
)

// indexMetrics show what the index of documents holds and how long searches in
// it take. There is no text in them.
type indexMetrics struct{ index *index.Index }

var (
	indexVectors     = prometheus.NewDesc("alcove_index_vectors", "Passages with a vector of the present embedding model, in memory.", nil, nil)
	indexVectorBytes = prometheus.NewDesc("alcove_index_vector_bytes", "Memory that they take.", nil, nil)
	indexWaiting     = prometheus.NewDesc("alcove_index_waiting_passages", "Passages that only words find until their vector is made; 0 without an embedding model.", nil, nil)
	indexTextOnly    = prometheus.NewDesc("alcove_index_text_only_searches_total", "Searches in documents by words alone.", nil, nil)
	indexSearch      = prometheus.NewDesc("alcove_index_search_seconds", "Time of a search in documents, with the vector of the question.", nil, nil)
)

// Describe names the metrics.
func (m indexMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{indexVectors, indexVectorBytes, indexWaiting, indexTextOnly, indexSearch} {
		ch <- d
	}
}

// Collect reads them.
func (m indexMetrics) Collect(ch chan<- prometheus.Metric) {
	if m.index == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	f, err := m.index.Figures(ctx)
	if err != nil {
		return
	}
	g := gauges{ch}
	g.set(indexVectors, float64(f.Vectors))
	g.set(indexVectorBytes, float64(f.VectorBytes))
	g.set(indexWaiting, float64(f.Waiting))
	ch <- prometheus.MustNewConstMetric(indexTextOnly, prometheus.CounterValue, float64(f.TextOnly))
	buckets, sum := map[float64]uint64{}, uint64(0)
	for i, bound := range index.Bounds {
		sum += f.Buckets[i]
		buckets[bound] = sum
	}
	ch <- prometheus.MustNewConstHistogram(indexSearch, f.Searches, f.Seconds, buckets)
}
