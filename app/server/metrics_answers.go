package server

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"alcove/engine"
)

// Bounds of the classic buckets, in seconds.
var (
	waitBuckets   = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}
	gapBuckets    = []float64{.001, .0025, .005, .01, .02, .03, .05, .075, .1, .2, .5, 1, 5}
	answerBuckets = []float64{.1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800}
)

// histogram makes one of seconds. Besides its classic buckets it has native
// ones, about 10 % apart, which only a Prometheus that asks for them gets: an
// observation costs some nanoseconds more.
func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 160, NativeHistogramMinResetDuration: time.Hour}, labels)
}

// answerMetrics are the times of whole answers. What a class and a route can
// be is fixed, so the series are few.
type answerMetrics struct{ queue, total *prometheus.HistogramVec }

func newAnswerMetrics(r *prometheus.Registry) answerMetrics {
	m := answerMetrics{
		queue: histogram("alcove_queue_seconds", "Time from the request until its prompt began to be read: the wait for a place and for the model.", waitBuckets, "class", "route"),
		total: histogram("alcove_answer_seconds", "Time from the request to the end of its answer, of answers that were not stopped and did not fail.", answerBuckets, "class", "route"),
	}
	r.MustRegister(m.queue, m.total)
	return m
}

// stopwatch measures one answer.
type stopwatch struct {
	m            answerMetrics
	class, route string
	started      time.Time
	staged       bool // it was taken: it waits, or more
	begun        bool
}

func (m answerMetrics) start(req engine.Request, now time.Time) *stopwatch {
	return &stopwatch{m: m, class: string(req.Class), route: routeLabel(req.Route), started: now}
}

// event ends the wait with the first sign of work.
func (s *stopwatch) event(e engine.Event) {
	if s.begun {
		return
	}
	s.staged = true
	if stage, ok := e.(engine.Stage); ok && stage.Name != engine.StagePrefill && stage.Name != engine.StageDecode {
		return
	}
	s.begun = true
	s.m.queue.WithLabelValues(s.class, s.route).Observe(time.Since(s.started).Seconds())
}

// end counts the wait of those who left the queue, or failed in it, too: they
// waited longest.
func (s *stopwatch) end(finish engine.FinishReason) {
	if s.staged && !s.begun {
		s.m.queue.WithLabelValues(s.class, s.route).Observe(time.Since(s.started).Seconds())
	}
	if finish == engine.FinishStop || finish == engine.FinishLength {
		s.m.total.WithLabelValues(s.class, s.route).Observe(time.Since(s.started).Seconds())
	}
}

// routeLabel keeps what is no route of ours out of labels.
func routeLabel(route string) string {
	switch route {
	case engine.RouteChat, engine.RouteCompletions, engine.RouteCheck:
		return route
	}
	return "other"
}
