package storage

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestStartTurn_RepeatReturnsTheStoredOne(t *testing.T) {
	db, c := openNew(t)
	id := newConversation(t, db)
	asked := Turn{ConversationID: id, Question: &Message{ID: "q1", Text: "Hello?"}}
	first, created, err := db.StartTurn(t.Context(), asked)
	if err != nil || !created {
		t.Fatal(created, err)
	}
	c.advance(1)
	done := answer(t, db, first, "Hi.")
	later := ask(t, db, id, done.ID, "And?")
	asked.Question.ParentID = later.Answer.ID // "the newest" has moved
	again, created, err := db.StartTurn(t.Context(), asked)
	first.Answer = done
	if err != nil || created || cmp.Diff(first, again) != "" {
		t.Errorf("created %v, %v\n%s", created, err, cmp.Diff(first, again))
	}
	if n := count(t, db, "messages"); n != 4 {
		t.Errorf("%d messages", n)
	}
	stored, err := db.Turn(t.Context(), first.ID)
	if err != nil || cmp.Diff(first, stored) != "" {
		t.Errorf("%v\n%s", err, cmp.Diff(first, stored))
	}

	other := newConversation(t, db)
	for name, turn := range map[string]Turn{
		"other text":         {ConversationID: id, Question: &Message{ID: "q1", Text: "Hello!"}},
		"other conversation": {ConversationID: other, Question: &Message{ID: "q1", Text: "Hello?"}},
		"an answer's id":     {ConversationID: id, Question: &Message{ID: done.ID, Text: "Hi."}},
		"answer's id is old": {ConversationID: id, Question: &Message{Text: "new"}, Answer: Message{ID: done.ID}},
		"question as answer": {ConversationID: id, Answer: Message{ID: "q1", ParentID: "q1"}},
	} {
		if _, created, err := db.StartTurn(t.Context(), turn); !errors.Is(err, ErrConflict) || created {
			t.Errorf("%s: created %v, %v", name, created, err)
		}
	}
	if err := db.DeleteConversation(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	moved := Turn{ConversationID: other, Question: &Message{ID: "q1", Text: "Hello?"}}
	if _, _, err := db.StartTurn(t.Context(), moved); !errors.Is(err, ErrConflict) {
		t.Errorf("id of a deleted conversation: %v", err)
	}
	if n := count(t, db, "messages"); n != 4 {
		t.Errorf("%d messages after refusals", n)
	}
}

func TestStartTurn_RegenerateIsASibling(t *testing.T) {
	db, _ := openNew(t)
	id := newConversation(t, db)
	turn := ask(t, db, id, "", "A joke?")
	first := answer(t, db, turn, "one")
	again := Turn{ConversationID: id, Answer: Message{ID: "a2", ParentID: first.ParentID}}
	second, created, err := db.StartTurn(t.Context(), again)
	if err != nil || !created || second.Question != nil || second.ID == turn.ID {
		t.Fatalf("%+v, created %v, %v", second, created, err)
	}
	if repeated, created, err := db.StartTurn(t.Context(), again); err != nil || created || cmp.Diff(second, repeated) != "" {
		t.Errorf("repeated: %+v, created %v, %v", repeated, created, err)
	}
	answer(t, db, second, "two")
	edited := ask(t, db, id, "", "Another joke?") // an edit: a second root
	for leaf, want := range map[string][]string{
		first.ID:           {"A joke?", "one"},
		"a2":               {"A joke?", "two"},
		edited.Answer.ID:   {"Another joke?", ""},
		edited.Question.ID: {"Another joke?"},
	} {
		path, err := db.Path(t.Context(), leaf)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, texts(path)); d != "" {
			t.Error(d)
		}
	}
	all, err := db.Messages(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"A joke?", "one", "two", "Another joke?", ""}, texts(all)); d != "" {
		t.Error(d)
	}
	if leaf, err := db.NewestLeaf(t.Context(), id); err != nil || leaf != edited.Answer.ID {
		t.Errorf("newest leaf = %q, %v", leaf, err)
	}
	if leaf, err := db.NewestLeaf(t.Context(), newConversation(t, db)); err != nil || leaf != "" {
		t.Errorf("newest leaf of nothing = %q, %v", leaf, err)
	}
}

func texts(list []Message) (texts []string) {
	for _, m := range list {
		texts = append(texts, m.Text)
	}
	return texts
}

func TestStartTurn_RefusesWrongParents(t *testing.T) {
	db, _ := openNew(t)
	id, other := newConversation(t, db), newConversation(t, db)
	turn, elsewhere := ask(t, db, id, "", "q"), ask(t, db, other, "", "q")
	for _, row := range []struct {
		name string
		turn Turn
		want error
	}{
		{"no conversation", Turn{ConversationID: "none", Question: &Message{Text: "x"}}, ErrNotFound},
		{"no parent", Turn{ConversationID: id, Question: &Message{ParentID: "none", Text: "x"}}, ErrNotFound},
		{"parent elsewhere", Turn{ConversationID: id, Question: &Message{ParentID: elsewhere.Answer.ID, Text: "x"}}, ErrNotFound},
		{"question after question", Turn{ConversationID: id, Question: &Message{ParentID: turn.Question.ID, Text: "x"}}, ErrInvalid},
		{"answer after answer", Turn{ConversationID: id, Answer: Message{ParentID: turn.Answer.ID}}, ErrInvalid},
		{"answer to nothing", Turn{ConversationID: id}, ErrInvalid},
	} {
		if _, created, err := db.StartTurn(t.Context(), row.turn); !errors.Is(err, row.want) || created {
			t.Errorf("%s: created %v, %v", row.name, created, err)
		}
	}
	if n := count(t, db, "messages"); n != 4 {
		t.Errorf("%d messages, want those of the two good turns", n)
	}
}

func TestStartTurn_TitlesOnce(t *testing.T) {
	db, _ := openNew(t)
	id := newConversation(t, db)
	title := func() string {
		c, err := db.Conversation(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return c.Title
	}
	turn := ask(t, db, id, "", "How many days of leave?")
	ask(t, db, id, turn.Answer.ID, "Second question")
	if got := title(); got != "How many days of leave?" {
		t.Errorf("title = %q", got)
	}
	if c, err := db.RenameConversation(t.Context(), id, "Leave"); err != nil || c.Title != "Leave" {
		t.Fatal(c, err)
	}
	ask(t, db, id, "", "Third question")
	if got := title(); got != "Leave" {
		t.Errorf("title = %q", got)
	}
}

func TestStartTurn_RepeatedAtOnceIsStoredOnce(t *testing.T) {
	db, _ := openNew(t)
	id := newConversation(t, db)
	answers := make([]string, 16)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			turn, _, err := db.StartTurn(t.Context(), Turn{ConversationID: id, Question: &Message{ID: "q", Text: "x"}})
			if err != nil {
				t.Error(err)
			}
			answers[i] = turn.Answer.ID
		})
	}
	wg.Wait()
	if len(slices.Compact(answers)) != 1 || count(t, db, "messages") != 2 {
		t.Errorf("answers %v, %d messages", answers, count(t, db, "messages"))
	}
}
