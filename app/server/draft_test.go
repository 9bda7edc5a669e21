package server

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"alcove/engine"
)

// A draft is read by the engine, counted as what it is, and leaves nothing.
func TestDraft(t *testing.T) {
	b := newBox(t)
	b.engine.set(func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) {
		return engine.Usage{Model: "tiny", PromptTokens: 10, CachedTokens: 4, Finish: engine.FinishStop}, nil
	})
	id := uuid.NewString() // the conversation that it will be
	path := "/api/v1/conversations/" + id + "/draft"
	b.want(204, "PUT", path, map[string]any{"text": "How many da", "parent_id": nil}, nil)
	metric := `alcove_tokens_total{class="draft",kind="prompt"} 6`
	wait(t, "the draft's tokens", func() bool { return strings.Contains(string(b.want(200, "GET", "/metrics", nil, nil).body), metric) })
	if r := b.engine.last(); !r.PrefillOnly || r.Messages[1].Text() != "How many da" || r.Messages[1].Segments[0].Share != "conversation:"+id {
		t.Errorf("%+v", r)
	}
	if text := string(b.want(200, "GET", "/metrics", nil, nil).body); strings.Contains(text, "alcove_answers_total{") {
		t.Error("a draft counts as an answer")
	}
	b.want(404, "GET", "/api/v1/conversations/"+id, nil, nil)
	b.want(204, "PUT", path, map[string]any{"text": ""}, nil)
	if p := b.want(404, "PUT", path, map[string]any{"text": "x", "parent_id": uuid.NewString()}, nil).problem(t); p.Code != "message_not_found" {
		t.Errorf("%+v", p)
	}
	b.want(200, "PATCH", "/api/v1/settings", map[string]any{"prefill_while_typing": false}, nil)
	n := len(b.engine.requests)
	b.want(204, "PUT", path, map[string]any{"text": "switched off"}, nil)
	b.want(422, "PATCH", "/api/v1/settings", map[string]any{"prefill_while_typing": "no"}, nil)
	if len(b.engine.requests) != n {
		t.Error("it was read all the same")
	}
}
