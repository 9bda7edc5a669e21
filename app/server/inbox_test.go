package server

import (
	"context"
	"encoding/json"
	"testing"

	"alcove/app"
	"alcove/app/chat"
	"alcove/storage"
)

// TestTheInboxTellsThatItChanged follows what happens to a question that the
// documents do not answer.
func TestTheInboxTellsThatItChanged(t *testing.T) {
	b := newBox(t, func(d *Deps) {
		d.Chat = chat.New(chat.Deps{Store: d.Store, Engine: d.Engine, Publisher: d.Hub, Model: d.Library.Choose, Grounder: refusing{}})
	})
	b.want(201, "POST", "/api/v1/collections", map[string]any{"id": "hr", "title": "HR"}, nil)
	events, stop := b.follow("")
	defer stop()
	changed := func(what string) {
		t.Helper()
		for e := range events {
			if e.name != app.EventInbox {
				continue
			}
			var v app.InboxChanged
			if err := json.Unmarshal([]byte(e.data), &v); err != nil || v.Collection != "hr" {
				t.Fatalf("%s: %s", what, e.data)
			}
			return
		}
		t.Fatalf("%s: the stream ended", what)
	}
	var c Conversation
	b.want(201, "POST", "/api/v1/conversations", map[string]any{}, &c)
	path := "/api/v1/conversations/" + c.ID
	var started startedBody
	b.want(202, "POST", path+"/messages", map[string]any{"text": "And the canteen?", "collection": "hr"}, &started)
	changed("asked")
	wait(t, "the answer ends", func() bool {
		m, err := b.store.Message(t.Context(), started.Answer.ID)
		return err == nil && m.Status == storage.StatusDone
	})
	b.want(204, "POST", "/api/v1/messages/"+started.Answer.ID+"/rating", map[string]any{"rating": "down"}, nil)
	changed("rated")
	b.want(204, "PATCH", "/api/v1/inbox", map[string]any{"collection": "hr", "ids": []string{started.Answer.ID}, "state": "dismissed"}, nil)
	changed("dismissed")
	b.want(201, "POST", "/api/v1/answers", map[string]any{"collection": "hr", "question": "And the canteen?", "answer": "At noon.", "ids": []string{started.Answer.ID}}, nil)
	changed("answered")
	b.want(204, "DELETE", path, nil, nil)
	changed("deleted")
	b.want(200, "POST", path+"/restore", map[string]any{}, nil)
	changed("restored")
}

// refusing finds nothing in any collection.
type refusing struct{}

func (refusing) Readable(context.Context, string, string) error { return nil }

func (refusing) Ground(_ context.Context, a chat.GroundAsk) (chat.Grounded, error) {
	return chat.Grounded{Refusal: "Not there.", Grounding: storage.Grounding{Collection: a.Collection, Decision: "refused", Inbox: storage.InboxUnanswered}}, nil
}
