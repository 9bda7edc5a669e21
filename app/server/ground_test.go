package server

import (
	"testing"

	"alcove/app"
)

func TestCollectionsThatAreNotThere(t *testing.T) {
	b := newBox(t)
	var c Conversation
	b.want(201, "POST", "/api/v1/conversations", map[string]any{}, &c)
	for _, r := range []struct {
		method, path string
		body         map[string]any
		status       int
		code         string
	}{
		{"POST", "/messages", map[string]any{"text": "x", "collection": "hr"}, 404, string(app.CodeCollectionNotFound)},
		{"PUT", "/draft", map[string]any{"text": "x", "collection": "hr"}, 404, string(app.CodeCollectionNotFound)},
		{"PATCH", "", map[string]any{"collection": "hr"}, 404, string(app.CodeCollectionNotFound)},
		{"PATCH", "", map[string]any{}, 422, string(app.CodeInvalid)},
		{"POST", "/messages", map[string]any{"text": "x", "as_of": "soon"}, 422, ""},
	} {
		a := b.do(r.method, "/api/v1/conversations/"+c.ID+r.path, r.body)
		if p := a.problem(t); a.status != r.status || r.code != "" && p.Code != r.code {
			t.Errorf("%s %v: %d %s", r.method, r.body, a.status, a.body)
		}
	}
	b.want(200, "PATCH", "/api/v1/conversations/"+c.ID, map[string]any{"title": "Leave", "collection": ""}, &c)
	if c.Title != "Leave" || c.Collection != "" {
		t.Errorf("%+v", c)
	}
	var all conversationBody
	b.want(200, "GET", "/api/v1/conversations/"+c.ID, nil, &all)
	if len(all.Messages) != 0 {
		t.Errorf("something was saved: %+v", all.Messages)
	}
}
