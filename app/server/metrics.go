package server

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"alcove/engine"
)

// Metrics counts requests and tokens. No label holds anything that a user
// wrote: routes are patterns, classes and outcomes are ours.
type Metrics struct {
	handler    http.Handler
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	durations  *prometheus.HistogramVec
	answers    *prometheus.CounterVec
	tokens     *prometheus.CounterVec
	firstToken *prometheus.HistogramVec
	interToken *prometheus.HistogramVec
	restarts   prometheus.Counter
	active     *prometheus.GaugeVec
	whole      answerMetrics
	written    atomic.Uint64
}

// Written counts the tokens that were written since the program's start.
func (m *Metrics) Written() uint64 { return m.written.Load() }

// NewMetrics makes Metrics with a registry of their own.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "alcove_http_requests_total", Help: "Answered requests by route and status."}, []string{"route", "method", "status"}),
		durations: histogram("alcove_http_request_duration_seconds", "Time until a request was answered.", waitBuckets, "route"),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "alcove_answers_total", Help: "Answers by class and how they ended."}, []string{"class", "finish"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "alcove_tokens_total", Help: "Tokens by class and kind: prompt (computed), cached, output."}, []string{"class", "kind"}),
		firstToken: histogram("alcove_first_token_seconds", "Time from the request to the first token.", waitBuckets, "class"),
		interToken: histogram("alcove_inter_token_seconds", "Time between tokens of an answer.", gapBuckets, "class"),
		restarts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "alcove_worker_restarts_total", Help: "Workers that died under an answer."}),
		active: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "alcove_answers_active", Help: "Answers that are waiting or being written."}, []string{"class"}),
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "alcove_build_info", Help: "The version; always 1."}, []string{"version"})
	build.WithLabelValues(version).Set(1)
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		build, m.requests, m.durations, m.answers, m.tokens, m.firstToken, m.interToken, m.restarts, m.active)
	m.whole = newAnswerMetrics(r)
	m.registry = r
	m.handler = promhttp.HandlerFor(r, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	return m
}

// methodLabel keeps invented methods, which may be any text, out of labels
// and logs.
func methodLabel(method string) string {
	switch method {
	case "GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS":
		return method
	}
	return "other"
}

func (m *Metrics) request(route, method string, status int, d time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.durations.WithLabelValues(route).Observe(d.Seconds())
}

// Measure gives the backend that everything generates through, so that no
// token goes uncounted.
func (m *Metrics) Measure(b engine.Backend) engine.Backend {
	m.registry.MustRegister(workerMetrics{b})
	return &measured{b, m}
}

type measured struct {
	engine.Backend
	m *Metrics
}

// Generate measures one answer.
func (b *measured) Generate(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
	m := b.m
	switch req.Route { // nobody's
	case engine.RouteReady:
		return b.Backend.Generate(ctx, req, emit)
	case engine.RouteCapacity:
		return b.Backend.Generate(ctx, req, func(e engine.Event) error {
			if t, ok := e.(engine.Token); ok {
				m.written.Add(uint64(max(0, t.N))) // or the box would seem to write nothing
			}
			return emit(e)
		})
	}
	if req.PrefillOnly { // no answer, but tokens
		usage, err := b.Backend.Generate(ctx, req, emit)
		m.countPrompt("draft", usage)
		return usage, err
	}
	class := string(req.Class)
	m.active.WithLabelValues(class).Inc()
	defer m.active.WithLabelValues(class).Dec()
	started, last := time.Now(), time.Time{}
	watch := m.whole.start(req, started)
	usage, err := b.Backend.Generate(ctx, req, func(e engine.Event) error {
		watch.event(e)
		if t, ok := e.(engine.Token); ok && t.N > 0 {
			now := time.Now()
			if last.IsZero() {
				m.firstToken.WithLabelValues(class).Observe(now.Sub(started).Seconds())
			} else {
				// Tokens that came together share the time since the last ones.
				gap := now.Sub(last).Seconds() / float64(t.N)
				for range t.N {
					m.interToken.WithLabelValues(class).Observe(gap)
				}
			}
			last = now
			m.written.Add(uint64(t.N))
		}
		return emit(e)
	})
	finish := usage.Finish
	if finish == "" {
		finish = engine.FinishFailed
	}
	watch.end(finish)
	m.answers.WithLabelValues(class, string(finish)).Inc()
	m.countPrompt(class, usage)
	m.tokens.WithLabelValues(class, "output").Add(float64(max(0, usage.OutputTokens)))
	m.restarts.Add(float64(max(0, usage.Restarts)))
	return usage, err
}

func (m *Metrics) countPrompt(class string, u engine.Usage) {
	m.tokens.WithLabelValues(class, "prompt").Add(float64(max(0, u.PromptTokens-u.CachedTokens)))
	m.tokens.WithLabelValues(class, "cached").Add(float64(max(0, u.CachedTokens)))
}
