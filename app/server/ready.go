package server

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"alcove/app"
	"alcove/app/access"
	"alcove/engine"
)

// How long a proof holds, how long a failed one is not tried again (anybody may
// ask, so asking must be cheap), and how long a token may take.
const (
	proofHolds   = 15 * time.Second
	proofAgain   = 5 * time.Second
	proofPatient = 10 * time.Second
)

// proof finds out whether a token can be made: a worker may live, have its model
// loaded, and hang in a driver. What is read or written for anybody is proof
// enough; while nothing is, it asks for a token itself.
type proof struct {
	engine  engine.Backend
	written func() uint64 // tokens that were written since the start
	now     func() time.Time
	patient time.Duration

	mu      sync.Mutex // held while a token is made: who comes then waits for the same proof
	at      time.Time  // of the last proof; zero: none yet
	counted uint64     // progress then
	reason  string     // of its failure; "": a token was made
	model   string     // that made it
}

// failure says why no token can be made now; "": one can.
func (p *proof) failure() string {
	status := p.engine.Status()
	if !status.Ready {
		if status.Reason != "" {
			return status.Reason
		}
		return "No model is loaded."
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now, progress := p.now(), p.progress(status)
	age := now.Sub(p.at)
	if progress > p.counted && age >= 0 && age < proofHolds {
		p.at, p.counted, p.reason, p.model = now, progress, "", status.Model
		return ""
	}
	holds := proofHolds
	if p.reason != "" {
		holds = proofAgain
	}
	if p.model == status.Model && age >= 0 && age < holds {
		return p.reason
	}
	p.reason = p.make(status.Model)
	p.at, p.counted, p.model = p.now(), p.progress(p.engine.Status()), status.Model
	return p.reason
}

// progress counts tokens that were written, and those of prompts that the worker
// has read: with many long ones nothing may be written for long.
func (p *proof) progress(s engine.Status) uint64 { return p.written() + s.Work.PrefillRows }

// make asks for one token. It is not ended with the request that wants to know:
// others wait for it too.
func (p *proof) make(model string) string {
	ctx, cancel := context.WithTimeout(context.Background(), p.patient)
	defer cancel()
	got := false
	_, err := p.engine.Generate(ctx, engine.Request{
		ID: uuid.NewString(), Model: model, Class: engine.ClassInteractive, User: "ready", Route: engine.RouteReady,
		Messages: []engine.Message{{Role: engine.RoleUser, Segments: []engine.Segment{{Text: "Hi"}}}},
		Sampling: engine.Sampling{MaxTokens: 1},
	}, func(e engine.Event) error {
		if t, ok := e.(engine.Token); ok && t.N > 0 {
			got = true
		}
		return nil
	})
	switch {
	case err != nil:
		_, _, sentence := app.Describe(err)
		return sentence
	case !got && ctx.Err() != nil:
		return "The model is loaded and does not answer: no token came in 10 seconds. Its worker may hang in a driver."
	}
	return "" // also where the model ends at once: it was asked, and it chose
}

// ready says whether a question would be answered now. Why not is told to
// callers with credentials only.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	reason := ""
	if _, err := s.store.Settings(r.Context()); err != nil {
		s.log.Warn("not ready", "err", err)
		reason = "The database cannot be read."
	} else {
		reason = s.proof.failure()
	}
	if reason == "" {
		writeJSON(w, http.StatusOK, "application/json", healthBody{Status: "ready"})
		return
	}
	if caller(r.Context()).Kind == access.KindNobody {
		reason = ""
	}
	writeJSON(w, http.StatusServiceUnavailable, "application/json", healthBody{Status: "not_ready", Reason: reason})
}
