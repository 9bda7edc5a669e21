package storage

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// wait calls ok until it is true. It fails only where nothing comes at all.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came: %s", what)
		}
	}
}

func text(t *testing.T, db *DB, id string) string {
	t.Helper()
	m, err := db.Message(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return m.Text
}

func TestAppendText_IsReadWhileItGrows(t *testing.T) {
	db, _ := openNew(t)
	turn := ask(t, db, newConversation(t, db), "", "q")
	db.AppendText(turn.Answer.ID, "one ")
	wait(t, "first text", func() bool { return text(t, db, turn.Answer.ID) == "one " })
	db.AppendText(turn.Answer.ID, "two")
	wait(t, "second text", func() bool { return text(t, db, turn.Answer.ID) == "one two" })
	if hits, err := db.Search(t.Context(), "two", 10); err != nil || len(hits) != 0 {
		t.Errorf("a growing answer is indexed: %v, %v", hits, err)
	}
	answer(t, db, turn, " three")
	if n := count(t, db, "message_parts"); n != 2 {
		t.Errorf("%d parts, want one a message", n)
	}
	if hits, err := db.Search(t.Context(), "one three", 10); err != nil || len(hits) != 1 || hits[0].MessageID != turn.Answer.ID {
		t.Errorf("hits = %+v, %v", hits, err)
	}
}

func TestAppendText_OneCommitForAll(t *testing.T) {
	db, _ := openNew(t)
	db.growing.stop() // its goroutine is this test from here on
	g := db.growing
	conversation := newConversation(t, db)
	var ids []string
	for range 20 {
		id := ask(t, db, conversation, "", "q").Answer.ID
		ids = append(ids, id)
		for range 50 {
			db.AppendText(id, "x")
		}
	}
	before := count(t, db, "message_parts")
	if err := g.commit(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, db, "message_parts") - before; n != 20 {
		t.Errorf("%d parts for 20 answers", n)
	}
	for _, id := range ids {
		if got := text(t, db, id); got != strings.Repeat("x", 50) {
			t.Errorf("text = %q", got)
		}
	}
}

func TestAppendText_DropsWhatDoesNotGrow(t *testing.T) {
	db, c := openNew(t)
	id := newConversation(t, db)
	done := ask(t, db, id, "", "q")
	answer(t, db, done, "fixed")
	gone := ask(t, db, newConversation(t, db), "", "q")
	if err := db.DeleteConversation(t.Context(), gone.ConversationID); err != nil {
		t.Fatal(err)
	}
	if n, err := db.PurgeDeleted(t.Context(), c.now()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	growing := ask(t, db, id, "", "q")
	for _, to := range []string{done.Answer.ID, gone.Answer.ID, "none", growing.Answer.ID} {
		db.AppendText(to, "text")
	}
	wait(t, "the text of the growing one", func() bool { return text(t, db, growing.Answer.ID) == "text" })
	if got := text(t, db, done.Answer.ID); got != "fixed" {
		t.Errorf("a finished answer grew: %q", got)
	}
	if n := count(t, db, "message_parts"); n != 4 {
		t.Errorf("%d parts", n)
	}
	for _, to := range []string{gone.Answer.ID, "none"} {
		if _, err := db.FinishMessage(t.Context(), to, End{Status: StatusDone}); !errors.Is(err, ErrNotFound) {
			t.Errorf("finish: %v", err)
		}
	}
}

func TestFinishMessage_FailedKeepsTextAndError(t *testing.T) {
	db, _ := openNew(t)
	turn := ask(t, db, newConversation(t, db), "", "q")
	db.AppendText(turn.Answer.ID, "so far")
	end := End{Status: StatusFailed, Error: &MessageError{Code: "worker_failed", Message: "It stopped twice."}}
	if _, err := db.FinishMessage(t.Context(), turn.Answer.ID, end); err != nil {
		t.Fatal(err)
	}
	m, err := db.Message(t.Context(), turn.Answer.ID)
	if err != nil || m.Text != "so far" || m.Status != StatusFailed || m.Error == nil || *m.Error != *end.Error || m.Figures != nil {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := db.FinishMessage(t.Context(), turn.Answer.ID, End{Status: StatusWriting}); !errors.Is(err, ErrInvalid) {
		t.Errorf("writing is no end: %v", err)
	}
}

func TestClose_SavesWhatWasAppended(t *testing.T) {
	path, c := filepath.Join(t.TempDir(), "alcove.db"), newClock()
	db, err := Open(t.Context(), Options{Path: path, Now: c.now, Flush: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	turn := ask(t, db, newConversation(t, db), "", "q")
	db.AppendText(turn.Answer.ID, "half a sent")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.FinishMessage(t.Context(), turn.Answer.ID, End{Status: StatusDone}); !errors.Is(err, ErrClosed) {
		t.Errorf("finish after close: %v", err)
	}
	if _, err := db.Message(t.Context(), turn.Answer.ID); !errors.Is(err, ErrClosed) {
		t.Errorf("read after close: %v", err)
	}
	db.AppendText(turn.Answer.ID, "ence") // must not panic
	db = open(t, path, c)
	m, err := db.Message(t.Context(), turn.Answer.ID)
	if err != nil || m.Status != StatusInterrupted || m.Text != "half a sent" {
		t.Errorf("%+v, %v", m, err)
	}
	if hits, err := db.Search(t.Context(), "half sent", 10); err != nil || len(hits) != 1 {
		t.Errorf("an interrupted answer is not indexed: %v, %v", hits, err)
	}
}
