package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"alcove/engine"
)

// notes is a Tracer that writes down what it is told.
type notes struct {
	mu   sync.Mutex
	list []string
}

type noteKey struct{}

func (n *notes) Request(ctx context.Context, h http.Header) (context.Context, func(method, route string, status int)) {
	parent := h.Get("traceparent")
	return context.WithValue(ctx, noteKey{}, parent), func(method, route string, status int) {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.list = append(n.list, fmt.Sprintf("%s|%s|%d|%s", method, route, status, parent))
	}
}

func (n *notes) has(want string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Contains(n.list, want)
}

func TestRequestsAreTraced(t *testing.T) {
	n := &notes{}
	b := newBox(t, func(d *Deps) { d.Tracer = n })
	parents := make(chan any, 1)
	b.engine.set(func(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		parents <- ctx.Value(noteKey{})
		return say("Paris")(ctx, req, emit)
	})
	for _, path := range []string{"/healthz", "/metrics", "/", "/" + canary} {
		b.do("GET", path, nil)
	}
	_, stop := b.follow("")
	stop()
	send := func(method, path, body string) {
		r := b.request(method, path, body)
		r.Header.Set("Traceparent", "parent")
		if strings.HasPrefix(path, "/v1") {
			r.Header.Set("Authorization", "Bearer "+b.key())
		}
		b.send(r)
	}
	send("POST", "/v1/chat/completions", `{"messages":[{"role":"user","content":"Hi"}]}`)
	send("GET", "/api/v1/conversations/"+canary, "")
	send(canary, "/api/v1/"+canary, "")
	wait(t, "three spans", func() bool { n.mu.Lock(); defer n.mu.Unlock(); return len(n.list) >= 3 })
	for _, want := range []string{"POST|POST /v1/chat/completions|200|parent", "GET|GET /api/v1/conversations/{id}|404|"} {
		if !n.has(want) {
			t.Errorf("no span %s", want)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.list) != 3 || strings.Contains(strings.Join(n.list, ""), canary) {
		t.Errorf("traced %q", n.list)
	}
	// The answer belongs to the span of its request.
	if parent := <-parents; parent != "parent" {
		t.Errorf("an answer's span hangs below %v", parent)
	}
}
