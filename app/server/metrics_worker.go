package server

import (
	"github.com/prometheus/client_golang/prometheus"

	"alcove/engine"
)

// workerMetrics shows what the engine's worker does, as its last beat told. The
// counts begin anew with each worker.
type workerMetrics struct{ backend engine.Backend }

var (
	stepSeconds = prometheus.NewDesc("alcove_worker_step_seconds_total",
		"Time of all steps by part: build, decode, sync (waiting for the device), sample, emit; and keep: states moved out of the cache and back.", []string{"part"}, nil)
	workerRows = prometheus.NewDesc("alcove_worker_rows_total", "Rows computed, by kind: prefill (tokens of prompts), decode (tokens of answers, with guesses).", []string{"kind"}, nil)
	cachedRows = prometheus.NewDesc("alcove_worker_cached_tokens_total", "Prompt tokens that were in the cache.", nil, nil)
	preempted  = prometheus.NewDesc("alcove_worker_preempted_total", "Answers that gave their place or cells up for a while.", nil, nil)
	fullSteps  = prometheus.NewDesc("alcove_worker_full_steps_total", "Steps that there was no room for: a fault of the ledger.", nil, nil)
	drafts     = prometheus.NewDesc("alcove_worker_drafts_total", "Guessed tokens: all, and those that were right.", []string{"kind"}, nil)
	states     = prometheus.NewDesc("alcove_worker_states_total", "States of prompts: saved, restored, damaged.", []string{"kind"}, nil)
	stateBytes = prometheus.NewDesc("alcove_worker_state_bytes", "Bytes of states outside the cache: memory, disk.", []string{"where"}, nil)
	cells      = prometheus.NewDesc("alcove_worker_cells", "Cells of the cache: all, used, pinned.", []string{"kind"}, nil)
	parked     = prometheus.NewDesc("alcove_worker_parked_sequences", "Conversations in the cache that nobody is waiting for.", nil, nil)
	threads    = prometheus.NewDesc("alcove_worker_threads", "Threads of the last step.", nil, nil)
	died       = prometheus.NewDesc("alcove_engine_restarts_total", "Workers that died, whether or not an answer was with them.", nil, nil)
	inEngine   = prometheus.NewDesc("alcove_engine_answers", "Answers in the engine: active, queued.", []string{"state"}, nil)
)

// Describe names the metrics.
func (w workerMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{stepSeconds, workerRows, cachedRows, preempted, fullSteps, drafts, states, stateBytes, cells, parked, threads, died, inEngine} {
		ch <- d
	}
}

// Collect reads them.
func (w workerMetrics) Collect(ch chan<- prometheus.Metric) {
	s := w.backend.Status()
	count := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	k := s.Work
	for part, us := range map[string]uint64{"build": k.BuildUS, "decode": k.DecodeUS, "sync": k.SyncUS, "sample": k.SampleUS, "emit": k.EmitUS, "keep": k.KeepUS} {
		count(stepSeconds, float64(us)/1e6, part)
	}
	count(workerRows, float64(k.PrefillRows), "prefill")
	count(workerRows, float64(k.DecodeRows), "decode")
	count(cachedRows, float64(k.CachedTokens))
	count(preempted, float64(k.Preempted))
	count(fullSteps, float64(k.Full))
	count(drafts, float64(k.Drafted), "all")
	count(drafts, float64(k.Accepted), "right")
	count(states, float64(k.Saved), "saved")
	count(states, float64(k.Restored), "restored")
	count(states, float64(k.Damaged), "damaged")
	gauge(stateBytes, float64(k.KeptMemory), "memory")
	gauge(stateBytes, float64(k.KeptDisk), "disk")
	gauge(cells, float64(s.Cells), "all")
	gauge(cells, float64(s.CellsUsed), "used")
	gauge(cells, float64(k.Pinned), "pinned")
	gauge(parked, float64(k.Parked))
	gauge(threads, float64(k.Threads))
	count(died, float64(s.Restarts))
	gauge(inEngine, float64(s.Active), "active")
	gauge(inEngine, float64(s.Queued), "queued")
}
