package server

import (
	"strings"
	"testing"
	"time"

	"alcove/engine"
)

// The engine's view has its own address and is in no other answer.
func TestEngineView(t *testing.T) {
	b := newBox(t)
	var none struct {
		Status engine.Status
		View   *engine.View
	}
	b.want(200, "GET", "/api/v1/engine", nil, &none)
	if none.Status.Model != "tiny" || none.View != nil {
		t.Errorf("without a worker: %+v", none)
	}
	b.engine.mu.Lock()
	b.engine.status.Restarts = 3
	b.engine.status.Work.PrefillRows = 7
	b.engine.status.View = &engine.View{Steps: 9, Slots: []engine.Slot{{ID: 4, State: "queued", Follows: 2}},
		Tree: []engine.Node{{Tokens: 5, Label: "everybody", Seqs: 2, Pinned: true}}, MoreNodes: 1}
	b.engine.mu.Unlock()
	var got struct {
		Status engine.Status
		View   engine.View
	}
	a := b.want(200, "GET", "/api/v1/engine", nil, &got)
	if got.Status.Work.PrefillRows != 7 || got.View.Steps != 9 || got.View.Slots[0].Follows != 2 || !got.View.Tree[0].Pinned || got.View.MoreNodes != 1 {
		t.Errorf("%s", a.body)
	}
	for _, path := range []string{"/api/v1/models", "/api/v1/hardware"} {
		if a := b.want(200, "GET", path, nil, nil); strings.Contains(string(a.body), "everybody") {
			t.Errorf("%s has the view: %s", path, a.body)
		}
	}
	if text := string(b.want(200, "GET", "/metrics", nil, nil).body); !strings.Contains(text, "\nalcove_engine_restarts_total 3\n") ||
		!strings.Contains(text, "\nalcove_worker_rows_total{kind=\"prefill\"} 7\n") {
		t.Error("the restarts or the computed prompt tokens are not on /metrics")
	}
	req := b.request("GET", "/api/v1/engine", nil)
	req.Header.Set("Authorization", "Bearer "+b.key())
	if a := b.send(req); a.status < 400 {
		t.Errorf("a key may look: %d", a.status)
	}
}

// A wake is a look at once, and shutting down ends the waiting.
func TestEveryOr(t *testing.T) {
	s := newBox(t).server
	wake, looked, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		s.everyOr(time.Hour, wake, func() { looked <- struct{}{} })
	}()
	for range 2 {
		wake <- struct{}{}
		<-looked
	}
	s.stop()
	<-ended
}
