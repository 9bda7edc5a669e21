package chat

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"alcove/app"
	"alcove/engine"
)

func (r *room) read(d Draft) {
	r.t.Helper()
	if d.ConversationID == "" {
		d.ConversationID = "c"
	}
	d.Model = "m"
	if err := r.service.Read(context.Background(), d); err != nil {
		r.t.Fatal(err)
	}
}

// until waits for something that another goroutine brings.
func until(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

// The prompt of a draft is the beginning of the prompt that will be asked.
func TestDraftIsTheBeginningOfTheQuestion(t *testing.T) {
	r := newRoom(t, say("Paris."))
	first, _ := r.finished(Question{Text: "What is the capital of France?", Model: "m"})
	r.read(Draft{ParentID: first.Answer.ID, Text: " And how many people live "})
	until(t, "the draft is read", func() bool { return len(r.engine.asked()) == 2 })
	r.finished(Question{Text: "And how many people live there?", Model: "m", HasParent: true, ParentID: &first.Answer.ID})
	asked := r.engine.asked()
	draft, question := asked[1], asked[2]
	if !draft.PrefillOnly || draft.Class != engine.ClassBatch || question.PrefillOnly || question.Class != engine.ClassInteractive {
		t.Errorf("draft %+v, question %+v", draft, question)
	}
	if len(draft.Messages) != len(question.Messages) {
		t.Fatalf("%d and %d messages", len(draft.Messages), len(question.Messages))
	}
	for i, m := range draft.Messages {
		if q := question.Messages[i]; m.Role != q.Role || !strings.HasPrefix(q.Text(), m.Text()) || m.Segments[0].Share != q.Segments[0].Share {
			t.Errorf("message %d: %+v is not how %+v begins", i, m, q)
		}
	}
}

// A new draft ends the one before, a sent or emptied one ends the last; none of
// it is saved or told.
func TestDraftsReplaceEachOther(t *testing.T) {
	ended := make(chan string, 10)
	r := newRoom(t, func(ctx context.Context, q engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		if !q.PrefillOnly {
			return say("fine")(ctx, q, emit)
		}
		<-ctx.Done()
		ended <- q.Messages[1].Text()
		return engine.Usage{Finish: engine.FinishCancelled}, nil
	})
	wait := func(want string) {
		t.Helper()
		select {
		case got := <-ended:
			if got != want {
				t.Errorf("%q ended, want %q", got, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("%q goes on", want)
		}
	}
	r.read(Draft{ConversationID: "not yet", Text: "How"})
	r.read(Draft{ConversationID: "not yet", Text: "How many"})
	wait("How")
	r.read(Draft{ConversationID: "not yet", Text: " "})
	wait("How many")
	r.read(Draft{Text: "What is"})
	r.finished(Question{Text: "What is it?"})
	wait("What is")
	r.read(Draft{Text: "the last"})
	if messages, err := r.db.Messages(context.Background(), "c"); err != nil || len(messages) != 2 {
		t.Errorf("%d messages, %v", len(messages), err)
	}
	for _, e := range r.events.all() {
		if s, err := json.Marshal(e.data); err != nil || strings.Contains(string(s), "How") {
			t.Errorf("told: %s %v", s, err)
		}
	}
	// The cleanup shuts down while the last one is being read.
}

func TestDraftsAreLeftOut(t *testing.T) {
	r := newRoom(t, say())
	battery := false
	r.service.onBattery = func() bool { return battery }
	set := func(on string) {
		t.Helper()
		if err := r.db.SetSettings(context.Background(), map[string]json.RawMessage{"prefill_while_typing": json.RawMessage(on)}); err != nil {
			t.Fatal(err)
		}
	}
	battery = true
	r.read(Draft{Text: "on battery"})
	battery = false
	set("false")
	r.read(Draft{Text: "switched off"})
	set("true")
	r.engine.queued = 1
	r.read(Draft{Text: "somebody waits"})
	r.engine.queued = 0
	if err := r.service.Read(context.Background(), Draft{ConversationID: "c", Text: "another model", Model: "other"}); err != nil {
		t.Fatal(err)
	}
	r.read(Draft{Text: "now"})
	until(t, "the draft is read", func() bool { return len(r.engine.asked()) > 0 })
	if asked := r.engine.asked(); len(asked) != 1 || asked[0].Messages[1].Text() != "now" {
		t.Errorf("read: %+v", asked)
	}
}

func TestDraftRefuses(t *testing.T) {
	r := newRoom(t, say("yes"))
	started, _ := r.finished(Question{Text: "first"})
	for name, test := range map[string]struct {
		draft Draft
		code  engine.Code
		param string
	}{
		"too large":      {Draft{Text: strings.Repeat("x", MaxQuestionBytes+1)}, app.CodeTooLarge, "text"},
		"not UTF-8":      {Draft{Text: "\xff"}, app.CodeInvalid, "text"},
		"unknown parent": {Draft{Text: "x", ParentID: "nothing"}, app.CodeMessageNotFound, ""},
		"a question":     {Draft{Text: "x", ParentID: started.Question.ID}, app.CodeInvalid, "parent_id"},
		"another's":      {Draft{ConversationID: "other", Text: "x", ParentID: started.Answer.ID}, app.CodeMessageNotFound, "parent_id"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.draft.ConversationID == "" {
				test.draft.ConversationID = "c"
			}
			refused(t, r.service.Read(context.Background(), test.draft), test.code, test.param)
		})
	}
}
