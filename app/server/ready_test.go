package server

import (
	"context"
	"strings"
	"testing"
	"time"

	"alcove/engine"
)

// proven is a proof over a scripted engine with a clock of its own.
func proven(t *testing.T) (p *proof, e *scripted, clock *time.Time, written *uint64) {
	t.Helper()
	e, clock, written = newScripted(), new(time.Now()), new(uint64(0))
	p = &proof{engine: e, written: func() uint64 { return *written }, now: func() time.Time { return *clock }, patient: 20 * time.Millisecond}
	return p, e, clock, written
}

func asked(e *scripted) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.requests)
}

func TestProofIsAToken(t *testing.T) {
	p, e, clock, written := proven(t)
	for range 3 {
		if reason := p.failure(); reason != "" {
			t.Fatal(reason)
		}
	}
	if n := asked(e); n != 1 {
		t.Errorf("asked %d times, want one proof for all", n)
	}
	if r := e.requests[0]; r.Route != engine.RouteReady || r.Sampling.MaxTokens != 1 || r.Model != "tiny" {
		t.Errorf("asked %+v", r)
	}
	// Somebody's tokens are proof too.
	*clock, *written = clock.Add(proofHolds-time.Second), 7
	p.failure()
	*clock = clock.Add(proofHolds - time.Second)
	if reason := p.failure(); reason != "" || asked(e) != 1 {
		t.Errorf("%q after %d requests, want none more while tokens are written", reason, asked(e))
	}
	// So are prompts that are read; a new worker that counts from 0 is none.
	rows := func(n uint64) {
		e.mu.Lock()
		e.status.Work.PrefillRows = n
		e.mu.Unlock()
	}
	rows(500)
	if p.failure(); asked(e) != 1 {
		t.Errorf("asked %d times while prompts are read", asked(e))
	}
	rows(0)
	*clock = clock.Add(proofHolds + time.Second)
	if p.failure(); asked(e) != 2 {
		t.Errorf("asked %d times, want a new proof when nothing was written for long", asked(e))
	}
	// A clock that was set back proves nothing.
	*clock = clock.Add(-time.Hour)
	if p.failure(); asked(e) != 3 {
		t.Errorf("asked %d times, want a new proof after the clock was set back", asked(e))
	}
}

func TestProofOfAHangingModel(t *testing.T) {
	p, e, clock, _ := proven(t)
	e.set(func(ctx context.Context, _ engine.Request, _ func(engine.Event) error) (engine.Usage, error) {
		<-ctx.Done()
		return engine.Usage{Finish: engine.FinishCancelled}, nil
	})
	for range 3 {
		if reason := p.failure(); !strings.Contains(reason, "no token came") {
			t.Fatalf("reason %q", reason)
		}
	}
	if n := asked(e); n != 1 {
		t.Errorf("asked %d times, want one while the failure is fresh", n)
	}
	*clock = clock.Add(proofAgain + time.Second)
	e.set(say("Hi"))
	if reason := p.failure(); reason != "" {
		t.Errorf("still %q", reason)
	}
	e.set(func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) {
		return engine.Usage{Finish: engine.FinishFailed}, engine.Errorf(engine.CodeWorkerFailed, "The model died twice.")
	})
	*clock = clock.Add(proofHolds + time.Second)
	if reason := p.failure(); reason != "The model died twice." {
		t.Errorf("reason %q", reason)
	}
}

// What a probe asks is nobody's answer: it is counted nowhere.
func TestProofIsNotCounted(t *testing.T) {
	b := newBox(t)
	b.want(200, "GET", "/readyz", nil, nil)
	text := string(b.want(200, "GET", "/metrics", nil, nil).body)
	if strings.Contains(text, "alcove_answers_total{") || asked(b.engine) != 1 {
		t.Errorf("%d requests; metrics:\n%s", asked(b.engine), text)
	}
}

// What a measurement of the box writes is no traffic, but it is written: the
// box must not seem to stand still.
func TestAMeasurementIsWrittenAndNotCounted(t *testing.T) {
	b := newBox(t)
	_, err := b.server.engine.Generate(t.Context(), engine.Request{Model: "tiny", Route: engine.RouteCapacity, Class: engine.ClassInteractive}, func(engine.Event) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	text := string(b.want(200, "GET", "/metrics", nil, nil).body)
	if n := b.server.metrics.Written(); n != 3 || strings.Contains(text, "alcove_answers_total{") {
		t.Errorf("written %d; metrics:\n%s", n, text)
	}
}
