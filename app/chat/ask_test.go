package chat

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

func TestAskSavesAndAnswers(t *testing.T) {
	r := newRoom(t, say("Pa", "ris"))
	started, answer := r.finished(Question{ID: "q1", Text: "What is the capital of France?"})
	if answer.Status != storage.StatusDone || answer.Text != "Paris" || answer.TurnID != started.TurnID {
		t.Errorf("answer %+v", answer)
	}
	if f := answer.Figures; f == nil || f.Model != "m" || f.PromptTokens != 7 || f.OutputTokens != 2 || f.FirstTokenMS != 3 || f.Finish != "stop" {
		t.Errorf("figures %+v", answer.Figures)
	}
	question := r.message("q1")
	if question.Text != "What is the capital of France?" || answer.ParentID != "q1" || question.ParentID != "" {
		t.Errorf("question %+v", question)
	}
	var names []string
	for _, e := range r.events.all() {
		names = append(names, e.name)
	}
	want := "turn.started conversation.changed turn.delta turn.delta turn.done"
	if got := strings.Join(names[:5], " "); got != want {
		t.Errorf("events %q, want %q", got, want)
	}
	if r.events.all()[1].data.(ConversationChanged).Conversation.Title == "" {
		t.Error("the list does not get the title of a new conversation")
	}
}

// The question must be on the disk before the engine gets it.
func TestAskSavesBeforeItGenerates(t *testing.T) {
	seen := make(chan error, 1)
	var r *room
	r = newRoom(t, func(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		_, err := r.db.Message(ctx, "q1")
		seen <- err
		return say("x")(ctx, req, emit)
	})
	r.finished(Question{ID: "q1", Text: "hello"})
	if err := <-seen; err != nil {
		t.Errorf("the engine was asked before the question was saved: %v", err)
	}
}

func TestAskIsIdempotent(t *testing.T) {
	r := newRoom(t, say("once"))
	var wait sync.WaitGroup
	turns := make([]string, 8)
	for i := range turns {
		wait.Go(func() {
			started, err := r.service.Ask(context.Background(), Question{ConversationID: "c", ID: "q1", Text: "hello"})
			if err != nil {
				t.Error(err)
			}
			turns[i] = started.TurnID
		})
	}
	wait.Wait()
	r.events.wait(t, ended(turns[0]))
	again := r.ask(Question{ID: "q1", Text: "hello"})
	for _, id := range append(turns, again.TurnID) {
		if id != turns[0] {
			t.Errorf("turns %v: the same question made two", turns)
		}
	}
	if n := len(r.messages()); n != 2 {
		t.Errorf("%d messages, want a question and an answer", n)
	}
	if n := len(r.engine.asked()); n != 1 {
		t.Errorf("the engine was asked %d times", n)
	}
	_, err := r.service.Ask(context.Background(), Question{ConversationID: "c", ID: "q1", Text: "something else"})
	refused(t, err, app.CodeConflict, "")
}

func TestAskFollows(t *testing.T) {
	r := newRoom(t, say("a"))
	first, _ := r.finished(Question{ID: "q1", Text: "one"})
	r.finished(Question{ID: "q2", Text: "two"})
	if p := r.message("q2").ParentID; p != first.Answer.ID {
		t.Errorf("without a parent a question follows %q, want the newest leaf %q", p, first.Answer.ID)
	}
	r.finished(Question{ID: "q3", Text: "three", HasParent: true})
	if p := r.message("q3").ParentID; p != "" {
		t.Errorf("with parent null a question follows %q, want a new root", p)
	}
	r.finished(Question{ID: "q4", Text: "four", HasParent: true, ParentID: &first.Answer.ID})
	if p := r.message("q4").ParentID; p != first.Answer.ID {
		t.Errorf("a question follows %q, want the one named", p)
	}
	unknown, question := "nobody", "q1"
	for _, test := range []struct {
		parent *string
		code   engine.Code
	}{{&unknown, app.CodeMessageNotFound}, {&question, app.CodeInvalid}} {
		_, err := r.service.Ask(context.Background(), Question{ConversationID: "c", Text: "x", HasParent: true, ParentID: test.parent})
		if code, _, _ := app.Describe(err); code != test.code {
			t.Errorf("parent %q: %v, want %s", *test.parent, err, test.code)
		}
	}
}

func TestAskWhileTheAnswerBeforeIsWritten(t *testing.T) {
	r := newRoom(t, sayAndWait("a"))
	started := r.ask(Question{Text: "one"})
	_, err := r.service.Ask(context.Background(), Question{ConversationID: "c", Text: "two"})
	refused(t, err, app.CodeConflict, "parent_id")
	if err := r.service.Stop(started.TurnID); err != nil {
		t.Fatal(err)
	}
	r.events.wait(t, ended(started.TurnID))
	if n := len(r.messages()); n != 2 {
		t.Errorf("%d messages, want 2: the refused question was saved", n)
	}
}

func TestRegenerate(t *testing.T) {
	r := newRoom(t, say("a"))
	first, _ := r.finished(Question{ID: "q1", Text: "one"})
	again, err := r.service.Regenerate(context.Background(), first.Answer.ID, "", Sampling{})
	if err != nil {
		t.Fatal(err)
	}
	r.events.wait(t, ended(again.TurnID))
	if again.Question.ID != "q1" || r.message(again.Answer.ID).ParentID != "q1" || again.Answer.ID == first.Answer.ID {
		t.Errorf("regenerated %+v, want a sibling of %s", again, first.Answer.ID)
	}
	requests := r.engine.asked()
	if a, b := requests[0].Messages, requests[1].Messages; len(a) != len(b) || a[1].Text() != b[1].Text() {
		t.Errorf("the second answer got another prompt: %+v and %+v", a, b)
	}
	if requests[0].Sampling.Seed == requests[1].Sampling.Seed {
		t.Error("the second answer has the first one's seed")
	}
	_, err = r.service.Regenerate(context.Background(), "q1", "", Sampling{})
	refused(t, err, app.CodeInvalid, "id")
	_, err = r.service.Regenerate(context.Background(), "nobody", "", Sampling{})
	refused(t, err, app.CodeMessageNotFound, "")
}

func TestAskRefuses(t *testing.T) {
	r := newRoom(t, say("a"))
	number, over, negative := math.NaN(), 2.1, -1
	for _, test := range []struct {
		name  string
		q     Question
		code  engine.Code
		param string
	}{
		{"empty", Question{Text: " \n"}, app.CodeInvalid, "text"},
		{"not UTF-8", Question{Text: "a\xff"}, app.CodeInvalid, "text"},
		{"too long", Question{Text: strings.Repeat("a", MaxQuestionBytes+1)}, app.CodeTooLarge, "text"},
		{"not a number", Question{Text: "a", Sampling: Sampling{Temperature: &number}}, app.CodeInvalid, "temperature"},
		{"too hot", Question{Text: "a", Sampling: Sampling{Temperature: &over}}, app.CodeInvalid, "temperature"},
		{"top_p", Question{Text: "a", Sampling: Sampling{TopP: &over}}, app.CodeInvalid, "top_p"},
		{"min_p", Question{Text: "a", Sampling: Sampling{MinP: &number}}, app.CodeInvalid, "min_p"},
		{"top_k", Question{Text: "a", Sampling: Sampling{TopK: &negative}}, app.CodeInvalid, "top_k"},
		{"max_tokens", Question{Text: "a", Sampling: Sampling{MaxTokens: &negative}}, app.CodeInvalid, "max_tokens"},
		{"stop", Question{Text: "a", Sampling: Sampling{Stop: []string{""}}}, app.CodeInvalid, "stop"},
		{"conversation", Question{Text: "a", ConversationID: "nowhere"}, app.CodeConversationNotFound, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.q.ConversationID == "" {
				test.q.ConversationID = "c"
			}
			_, err := r.service.Ask(context.Background(), test.q)
			refused(t, err, test.code, test.param)
		})
	}
	if n := len(r.messages()); n != 0 {
		t.Errorf("%d messages were saved by refused questions", n)
	}
}
