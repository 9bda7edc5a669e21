package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"alcove/app/documents"
	"alcove/storage"
)

// documentMetrics show how the way in of documents stands.
type documentMetrics struct {
	documents *documents.Service
	now       func() time.Time
}

var (
	documentsNow    = prometheus.NewDesc("alcove_documents", "Documents of all collections, by state.", []string{"state"}, nil)
	documentChunks  = prometheus.NewDesc("alcove_document_chunks", "Passages that questions can find.", nil, nil)
	documentsOldest = prometheus.NewDesc("alcove_documents_oldest_waiting_seconds", "How long the first document of a queue that does not rest has waited; 0: none waits.", nil, nil)
)

var documentStates = []storage.DocumentState{storage.DocumentWaiting, storage.DocumentReading, storage.DocumentIndexing, storage.DocumentReady,
	storage.DocumentFailed, storage.DocumentDuplicate, storage.DocumentCancelled}

// Describe names the metrics.
func (m documentMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{documentsNow, documentChunks, documentsOldest} {
		ch <- d
	}
}

// Collect reads them.
func (m documentMetrics) Collect(ch chan<- prometheus.Metric) {
	f, known := m.documents.Standing()
	if !known {
		return
	}
	g := gauges{ch}
	for _, s := range documentStates {
		g.set(documentsNow, float64(f.States[s]), string(s))
	}
	g.set(documentChunks, float64(f.Chunks))
	oldest := 0.0
	if !f.Oldest.IsZero() {
		oldest = max(0, m.now().Sub(f.Oldest).Seconds())
	}
	g.set(documentsOldest, oldest)
}
