package storage

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestOpen_MarksWhatWasGrowing(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "alcove.db"), newClock()
	db, err := Open(t.Context(), Options{Path: path, Now: c.now, Flush: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	id := newConversation(t, db)
	done := ask(t, db, id, "", "one")
	finished := answer(t, db, done, "whole")
	growing, silent := ask(t, db, id, "", "two"), ask(t, db, newConversation(t, db), "", "three")
	for _, s := range []string{"first ", "second "} {
		before := text(t, db, growing.Answer.ID)
		db.AppendText(growing.Answer.ID, s)
		wait(t, "text", func() bool { return text(t, db, growing.Answer.ID) == before+s })
	}
	if err := db.DeleteConversation(t.Context(), silent.ConversationID); err != nil {
		t.Fatal(err)
	}
	before, err := db.Conversation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	crash(t, db)

	c.advance(time.Hour)
	db = open(t, path, c)
	got, err := db.Messages(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	growing.Answer.Status, growing.Answer.Text = StatusInterrupted, "first second "
	if d := cmp.Diff([]Message{*done.Question, finished, *growing.Question, growing.Answer}, got); d != "" {
		t.Error(d)
	}
	if n := count(t, db, "message_parts"); n != 5 {
		t.Errorf("%d parts", n)
	}
	if hits, err := db.Search(t.Context(), "first second", 10); err != nil || len(hits) != 1 {
		t.Errorf("%+v, %v", hits, err)
	}
	if after, err := db.Conversation(t.Context(), id); err != nil || cmp.Diff(before, after) != "" {
		t.Errorf("recovery moved the conversation: %+v, %v", after, err)
	}
	if _, err := db.RestoreConversation(t.Context(), silent.ConversationID); err != nil {
		t.Fatal(err)
	}
	if m, err := db.Message(t.Context(), silent.Answer.ID); err != nil || m.Status != StatusInterrupted || m.Text != "" {
		t.Errorf("in a deleted conversation: %+v, %v", m, err)
	}
}
