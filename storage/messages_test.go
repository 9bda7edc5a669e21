package storage

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTurn_GrowsAndEnds(t *testing.T) {
	db, _ := openNew(t)
	id := newConversation(t, db)
	turn := ask(t, db, id, "", "What is the capital of France?")
	if turn.Answer.Status != StatusWriting || turn.Answer.ParentID != turn.Question.ID || turn.Answer.TurnID != turn.ID {
		t.Fatalf("answer = %+v", turn.Answer)
	}
	want := ""
	for _, s := range []string{"Par", "is", ", \x00 é", "\xc3", "\xa9."} { // a rune may come in two appends
		db.AppendText(turn.Answer.ID, s)
		want += s
	}
	figures := &Figures{Model: "m", Device: "CPU", PromptTokens: 9, CachedTokens: 4, OutputTokens: 3, FirstTokenMS: 80, TotalMS: 120, TokensPerSec: 99.5, Finish: "stop", Restarts: 1}
	m, err := db.FinishMessage(t.Context(), turn.Answer.ID, End{Status: StatusDone, Figures: figures, Class: "interactive", User: "owner"})
	if err != nil {
		t.Fatal(err)
	}
	if m.Text != want || m.Status != StatusDone {
		t.Errorf("finished = %+v", m)
	}
	if d := cmp.Diff(figures, m.Figures); d != "" {
		t.Error(d)
	}
	list, err := db.Messages(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Message{*turn.Question, m}, list); d != "" {
		t.Error(d)
	}
	if again, err := db.FinishMessage(t.Context(), m.ID, End{Status: StatusDone}); err != nil || cmp.Diff(m, again) != "" {
		t.Errorf("finished again = %+v, %v", again, err)
	}
	if _, err := db.FinishMessage(t.Context(), m.ID, End{Status: StatusFailed}); !errors.Is(err, ErrConflict) {
		t.Errorf("finished otherwise: %v", err)
	}
	if hits, err := db.Search(t.Context(), strings.ToUpper("capital"), 10); err != nil || len(hits) != 2 {
		t.Errorf("search = %+v, %v", hits, err)
	}
}
