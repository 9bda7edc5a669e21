package server

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"alcove/app/chat"
	"alcove/engine"
)

// A full engine says when it is worth coming back.
func TestBusySaysWhen(t *testing.T) {
	b := newBox(t)
	b.engine.set(func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) {
		return engine.Usage{}, &engine.Error{Code: engine.CodeBusy, After: 2500 * time.Millisecond}
	})
	req := b.request("POST", "/v1/chat/completions", `{"model": "tiny", "messages": [{"role": "user", "content": "x"}]}`)
	req.Header.Set("Authorization", "Bearer "+b.key())
	if a := b.send(req); a.status != 429 || a.header.Get("Retry-After") != "3" {
		t.Errorf("status %d, Retry-After %q: %s", a.status, a.header.Get("Retry-After"), a.body)
	}
}

// The metrics have what the worker does.
func TestWorkerMetrics(t *testing.T) {
	b := newBox(t)
	text := string(b.want(200, "GET", "/metrics", nil, nil).body)
	for _, name := range []string{`alcove_worker_step_seconds_total{part="decode"}`, `alcove_worker_rows_total{kind="prefill"}`, "alcove_worker_cached_tokens_total",
		`alcove_worker_cells{kind="used"}`, `alcove_engine_answers{state="queued"}`, `alcove_worker_states_total{kind="damaged"}`, `alcove_worker_drafts_total{kind="right"}`} {
		if !strings.Contains(text, name) {
			t.Errorf("%s is missing", name)
		}
	}
}

// When a key is revoked, what was computed for it goes too.
func TestRevokedKeyIsForgotten(t *testing.T) {
	var forgotten []string
	b := newBox(t, func(d *Deps) { d.Forget = func(share string) { forgotten = append(forgotten, share) } })
	var made struct{ ID string }
	b.want(201, "POST", "/api/v1/keys", map[string]string{"name": "ci"}, &made)
	b.want(204, "DELETE", "/api/v1/keys/"+made.ID, nil, nil)
	if len(forgotten) != 1 || forgotten[0] != shareOf(made.ID) {
		t.Errorf("forgotten: %v", forgotten)
	}
}

// So does what was computed of a deleted conversation and of a replaced system
// prompt.
func TestDeletedAndReplacedAreForgotten(t *testing.T) {
	var forgotten []string
	b := newBox(t, func(d *Deps) { d.Forget = func(share string) { forgotten = append(forgotten, share) } })
	id := b.conversation()
	b.want(204, "DELETE", "/api/v1/conversations/"+id, nil, nil)
	for _, system := range []string{"You work for Ann.", "You work for Ann.", "You work for Bob.", ""} {
		b.want(200, "PATCH", "/api/v1/settings", map[string]string{"system_prompt": system}, nil)
	}
	want := []string{chat.ShareOfConversation(id), chat.ShareOfSystem("You work for Ann."), chat.ShareOfSystem("You work for Bob.")}
	if !slices.Equal(forgotten, want) {
		t.Errorf("forgotten: %v, want %v", forgotten, want)
	}
}
