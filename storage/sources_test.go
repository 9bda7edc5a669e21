package storage

import (
	"errors"
	"testing"
)

// grounded starts a turn whose answer stands on passages of two documents and of
// one that was deleted meanwhile.
func grounded(t *testing.T, db *DB) Turn {
	t.Helper()
	if _, err := db.CreateCollection(t.Context(), Collection{ID: "hr", Title: "HR", Owner: "owner", Readers: []string{EveryReader}}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"leave", "work"} {
		if _, _, err := db.AddDocument(t.Context(), Document{ID: id, CollectionID: "hr", Name: id, SHA256: id, State: DocumentWaiting}); err != nil {
			t.Fatal(err)
		}
	}
	turn, _, err := db.StartTurn(t.Context(), Turn{
		ConversationID: newConversation(t, db),
		Question:       &Message{Text: "How many days of leave?"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.SetSources(t.Context(), turn.Answer.ID, []Source{
		{N: 1, DocumentID: "leave", ChunkID: "c1", Document: "leave.pdf", Page: 3, Quote: "30 days.", Text: "You have 30 days."},
		{N: 2, DocumentID: "work", ChunkID: "c2", Document: "work.md", Quote: "40 hours.", Text: "You work 40 hours."},
		{N: 3, DocumentID: "gone", ChunkID: "c3", Document: "gone.md", Quote: "No.", Text: "Nothing."},
	}, Grounding{Collection: "hr", Decision: "answered", Score: 0.8, Threshold: 0.5, Query: "days of leave"})
	if err != nil {
		t.Fatal(err)
	}
	return turn
}

func TestAnAnswerKeepsItsSources(t *testing.T) {
	db, _ := openNew(t)
	turn := grounded(t, db)
	db.AppendText(turn.Answer.ID, "30 days [1].")
	end := End{Status: StatusDone,
		Sources:   []Source{{N: 1, Cited: true}, {N: 2}},
		Grounding: &Grounding{Collection: "hr", Decision: "answered", Checks: []SentenceCheck{{End: 11, Sources: []int{1}, Status: "supported"}}}}
	m, err := db.FinishMessage(t.Context(), turn.Answer.ID, end)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Sources) != 3 || !m.Sources[0].Cited || m.Sources[1].Cited || m.Sources[0].Quote != "30 days." || m.Sources[0].Page != 3 {
		t.Errorf("sources %+v", m.Sources)
	}
	if m.Grounding == nil || len(m.Grounding.Checks) != 1 || m.Grounding.Checks[0].Status != "supported" {
		t.Errorf("grounding %+v", m.Grounding)
	}
	if _, err := db.SetSources(t.Context(), m.ID, nil, Grounding{}); !errors.Is(err, ErrConflict) {
		t.Errorf("sources of an answer that has ended: %v", err)
	}
	if _, err := db.SetSources(t.Context(), "nobody", nil, Grounding{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("sources of no answer: %v", err)
	}
}

func TestSourcesOfADeletedDocumentLoseTheirText(t *testing.T) {
	db, _ := openNew(t)
	turn := grounded(t, db)
	if _, err := db.DeleteDocument(t.Context(), "leave"); err != nil {
		t.Fatal(err)
	}
	m, err := db.Message(t.Context(), turn.Answer.ID)
	if err != nil {
		t.Fatal(err)
	}
	gone, kept := m.Sources[0], m.Sources[1]
	if late := m.Sources[2]; !late.Removed || late.Text != "" || late.Quote != "" {
		t.Errorf("of a document that was gone before: %+v", late)
	}
	if !gone.Removed || gone.Quote != "" || gone.Text != "" || gone.Document != "leave.pdf" {
		t.Errorf("of the deleted document: %+v", gone)
	}
	if kept.Removed || kept.Text == "" {
		t.Errorf("of the other one: %+v", kept)
	}
}

func TestSourcesGoWithTheirConversation(t *testing.T) {
	db, c := openNew(t)
	turn := grounded(t, db)
	if _, err := db.FinishMessage(t.Context(), turn.Answer.ID, End{Status: StatusStopped}); err != nil {
		t.Fatal(err)
	}
	if err := db.DeleteConversation(t.Context(), turn.ConversationID); err != nil {
		t.Fatal(err)
	}
	if _, err := db.PurgeDeleted(t.Context(), c.now()); err != nil {
		t.Fatal(err)
	}
	left := 0
	if err := db.writer.QueryRow("SELECT (SELECT count(*) FROM message_sources) + (SELECT count(*) FROM message_grounding)").Scan(&left); err != nil {
		t.Fatal(err)
	}
	if left != 0 {
		t.Errorf("%d rows of a purged conversation are left", left)
	}
}

func TestAConversationKeepsItsCollection(t *testing.T) {
	db, _ := openNew(t)
	id := newConversation(t, db)
	if c, err := db.SetCollection(t.Context(), id, "hr"); err != nil || c.Collection != "hr" {
		t.Errorf("collection %q, %v", c.Collection, err)
	}
	if c, err := db.Conversation(t.Context(), id); err != nil || c.Collection != "hr" {
		t.Errorf("read: collection %q, %v", c.Collection, err)
	}
	if _, err := db.SetCollection(t.Context(), "nobody", "hr"); !errors.Is(err, ErrNotFound) {
		t.Errorf("no conversation: %v", err)
	}
}

// An old file of a conversation does not bring back what was removed, not even
// where nobody would see it.
func TestImportedSourcesOfARemovedDocumentHaveNoText(t *testing.T) {
	db, _ := openNew(t)
	grounded(t, db)
	question := Message{ID: "q", ConversationID: "c", Role: RoleUser, Text: "How?", Status: StatusDone}
	m := Message{ID: "a", ConversationID: "c", ParentID: "q", Role: RoleAssistant, Status: StatusDone, Grounding: &Grounding{Collection: "hr"},
		Sources: []Source{{N: 1, DocumentID: "gone", Heading: "kanarienvogel", Quote: "kanarienvogel", Text: "kanarienvogel"}, {N: 2, DocumentID: "leave", Quote: "kept", Text: "kept"}}}
	if _, err := db.Import(t.Context(), []Imported{{Conversation{ID: "c"}, []Message{question, m}}}); err != nil {
		t.Fatal(err)
	}
	if found := grep(t, db, "kanarienvogel"); len(found) != 0 {
		t.Errorf("in %v", found)
	}
	if m, err := db.Message(t.Context(), "a"); err != nil || !m.Sources[0].Removed || m.Sources[1].Text != "kept" {
		t.Errorf("%+v, %v", m.Sources, err)
	}
}
