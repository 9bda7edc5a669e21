package main

import "testing"

func TestParseRetrieval(t *testing.T) {
	got := parseRetrieval("=== RUN x\nretrieval built chunks_per_s 1011\nretrieval chunks 100000 vector_mb 49.0 heap_mb 49.7\nretrieval mixed fused p50_ms 55.1 p95_ms 119.5 max_ms 203.9\nPASS\n")
	for key, want := range map[string]float64{"retrieval_chunks_per_s": 1011, "retrieval_vector_mb": 49, "retrieval_heap_mb": 49.7, "retrieval_mixed_fused_p50_ms": 55.1, "retrieval_mixed_fused_p95_ms": 119.5} {
		if got[key] != want {
			t.Errorf("%s = %v, want %v", key, got[key], want)
		}
	}
	rows := map[string]bool{}
	for _, r := range retrievalRows() {
		rows[r.key] = true
	}
	if !rows["retrieval_mixed_fused_p95_ms"] || !rows["retrieval_vector_mb"] {
		t.Error("a figure has no row")
	}
}
