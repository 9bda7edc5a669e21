package server

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"alcove/app"
	"alcove/app/chat/transcript"
	"alcove/storage"
)

// told is a conversation about a document, as the chat would store it: two
// answers to one question, both with the same source.
func (b *box) told(title string) (c storage.Conversation, answers []storage.Message, document string) {
	b.t.Helper()
	ctx := b.t.Context()
	if _, err := b.store.Collection(ctx, owner, "hr"); err != nil {
		b.want(201, "POST", "/api/v1/collections", map[string]any{"id": "hr", "title": "HR handbook"}, nil)
	}
	req := b.request("POST", "/api/v1/documents?collection=hr&name=handbook.txt&version=2026&effective=2026-01-01", title+": parents get 30 days.")
	req.Header.Set("Content-Type", "application/octet-stream")
	var d struct{ ID string }
	b.send(req).into(b.t, &d)
	c, _, err := b.store.CreateConversation(ctx, storage.Conversation{Title: title, Collection: "hr"})
	if err != nil {
		b.t.Fatal(err)
	}
	turn := storage.Turn{ConversationID: c.ID, Question: &storage.Message{Text: "How many days?"}}
	for _, text := range []string{"Few [1].", "30 days [1]."} {
		saved, _, err := b.store.StartTurn(ctx, turn)
		if err != nil {
			b.t.Fatal(err)
		}
		turn = storage.Turn{ConversationID: c.ID, Answer: storage.Message{ParentID: saved.Answer.ParentID}}
		g := storage.Grounding{Collection: "hr", Decision: "answered", Score: 0.9}
		sources := []storage.Source{{N: 1, DocumentID: d.ID, Document: "handbook.txt", Collection: "hr", Page: 2, Quote: "Parents get 30 days.", Text: "Parents get 30 days.", Version: "2026", Effective: "2026-01-01", Score: 0.9}}
		if _, err := b.store.SetSources(ctx, saved.Answer.ID, sources, g); err != nil {
			b.t.Fatal(err)
		}
		b.store.AppendText(saved.Answer.ID, text)
		sources[0].Cited = true
		m, err := b.store.FinishMessage(ctx, saved.Answer.ID, storage.End{Status: storage.StatusDone, Sources: sources, Grounding: &g})
		if err != nil {
			b.t.Fatal(err)
		}
		answers = append(answers, m)
	}
	return c, answers, d.ID
}

func TestAConversationIsExported(t *testing.T) {
	b := newBox(t)
	c, answers, document := b.told("Parental leave")
	path := "/api/v1/conversations/" + c.ID + "/export?format="
	for _, e := range []struct{ format, mime, name, want string }{
		{"markdown", "text/markdown; charset=utf-8", `filename="Parental leave.md"`, "> Parents get 30 days."},
		{"html", "text/html; charset=utf-8", `filename="Parental leave.html"`, "Parents get 30 days."},
		{"json", "application/json", `filename="Parental leave.json"`, `"quote": "Parents get 30 days."`},
	} {
		a := b.want(200, "GET", path+e.format, nil, nil)
		if a.header.Get("Content-Type") != e.mime || !strings.Contains(a.header.Get("Content-Disposition"), "attachment; "+e.name) || !strings.Contains(string(a.body), e.want) ||
			!strings.Contains(a.header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %v\n%s", e.format, a.header, a.body)
		}
	}
	a := b.want(200, "GET", path+"markdown&leaf="+answers[0].ID, nil, nil)
	if !strings.Contains(string(a.body), "Few [1]") || strings.Contains(string(a.body), "30 days [1]") || !strings.Contains(string(a.body), "in force from 1 January 2026") {
		t.Errorf("the first branch: %s", a.body)
	}
	for bad, want := range map[string]string{path + "csv": "", path + "html&leaf=none": string(app.CodeMessageNotFound), "/api/v1/conversations/none/export": string(app.CodeConversationNotFound)} {
		if a := b.do("GET", bad, nil); a.status < 400 || a.status >= 500 || want != "" && a.problem(t).Code != want {
			t.Errorf("%s: %d %s", bad, a.status, a.body)
		}
	}

	// What may not be read any more, or was removed, is not in an export.
	if _, err := b.store.ChangeCollection(t.Context(), "hr", func(c *storage.Collection) error { c.Owner, c.Readers = "somebody", nil; return nil }); err != nil {
		t.Fatal(err)
	}
	b.unquoted(path, "handbook.txt")
	if _, err := b.store.ChangeCollection(t.Context(), "hr", func(c *storage.Collection) error { c.Owner = owner; return nil }); err != nil {
		t.Fatal(err)
	}
	b.want(204, "DELETE", "/api/v1/documents/"+document, nil, nil)
	wait(t, "the document goes", func() bool {
		m, err := b.store.Message(t.Context(), answers[0].ID)
		return err == nil && m.Sources[0].Removed
	})
	b.unquoted(path, "Parents get")
}

// unquoted checks that exports say "removed", and not what was in the document.
func (b *box) unquoted(path, secret string) {
	b.t.Helper()
	for _, format := range []string{"markdown", "html", "json"} {
		a := b.want(200, "GET", path+format, nil, nil)
		if s := string(a.body); strings.Contains(s, "Parents get") || strings.Contains(s, secret) || !strings.Contains(s, "removed") {
			b.t.Errorf("%s: %s", format, s)
		}
	}
}

func TestAllConversationsAreExported(t *testing.T) {
	b := newBox(t)
	b.told("Leave")
	second, _, _ := b.told("leave")
	gone, _, _ := b.told("Gone")
	b.want(204, "DELETE", "/api/v1/conversations/"+gone.ID, nil, nil)
	for format, ending := range map[string]string{"markdown": ".md", "html": ".html", "json": ".json"} {
		a := b.want(200, "GET", "/api/v1/conversations.export?format="+format, nil, nil)
		archive, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
		if err != nil || len(archive.File) != 2 || a.header.Get("Content-Type") != "application/zip" {
			t.Fatalf("%s: %v %v", format, err, a.header)
		}
		day := second.CreatedAt.UTC().Format("2006-01-02")
		for i, name := range []string{day + " Leave" + ending, day + " leave (2)" + ending} {
			f, err := archive.File[i].Open()
			if err != nil || archive.File[i].Name != name {
				t.Fatalf("%q, want %q: %v", archive.File[i].Name, name, err)
			}
			if text, err := io.ReadAll(f); err != nil || !strings.Contains(string(text), "Parents get 30 days.") {
				t.Errorf("%s: %v %s", name, err, text)
			}
		}
	}
	a := b.want(200, "GET", "/api/v1/conversations.export", nil, nil)
	if lines := strings.Split(strings.TrimSpace(string(a.body)), "\n"); len(lines) != 2 || !strings.Contains(a.header.Get("Content-Disposition"), ".jsonl") {
		t.Errorf("%d lines, %v", len(lines), a.header)
	}
}

func TestWhatWasExportedIsImported(t *testing.T) {
	b := newBox(t)
	c, _, document := b.told("Parental leave")
	b.told("Another")
	all := b.want(200, "GET", "/api/v1/conversations.export", nil, nil).body
	b.want(204, "DELETE", "/api/v1/conversations/"+c.ID, nil, nil)
	var back importedBody
	b.want(201, "POST", "/api/v1/conversations.import", all, &back)
	if len(back.Conversations) != 2 {
		t.Fatalf("%+v", back)
	}
	var read conversationBody
	got := back.Conversations[0]
	b.want(200, "GET", "/api/v1/conversations/"+got.ID, nil, &read)
	if got.ID == c.ID || got.Title != c.Title || got.Collection != "hr" || got.CreatedAt != stamp(c.CreatedAt) || len(read.Messages) != 3 {
		t.Fatalf("%+v", read)
	}
	q := read.Messages[0].ID
	for i, m := range read.Messages[1:] {
		if m.ParentID == nil || *m.ParentID != q || m.Text != []string{"Few [1].", "30 days [1]."}[i] || len(m.Sources) != 1 || m.Sources[0].Quote == "" || !m.Sources[0].Cited {
			t.Errorf("%+v", m)
		}
	}
	// It is asked on, searched and deleted as any other.
	var hits searchBody
	b.want(200, "GET", "/api/v1/search?q=Few", nil, &hits)
	if len(hits.Hits) != 3 { // with the one that was not deleted
		t.Errorf("%+v", hits)
	}

	// A document that is gone does not come back with a file.
	b.want(204, "DELETE", "/api/v1/documents/"+document, nil, nil)
	wait(t, "the document goes", func() bool {
		m, err := b.store.Message(t.Context(), read.Messages[1].ID)
		return err == nil && m.Sources[0].Removed && m.Sources[0].Quote == ""
	})
	b.want(201, "POST", "/api/v1/conversations.import", all, &back)
	b.want(200, "GET", "/api/v1/conversations/"+back.Conversations[0].ID, nil, &read)
	if s := read.Messages[1].Sources[0]; !s.Removed || s.Quote != "" || s.Text != "" {
		t.Errorf("%+v", s)
	}
}

// A file names what it likes: text of a document whose collection the person may
// not read is not kept, and the conversation does not ask that collection.
func TestAnImportedSourceOfAnUnreadableCollectionHasNoText(t *testing.T) {
	b := newBox(t)
	b.told("Parental leave")
	if _, err := b.store.CreateCollection(t.Context(), storage.Collection{ID: "board", Title: "Board", Owner: "somebody"}); err != nil {
		t.Fatal(err)
	}
	secret, _, err := b.store.AddDocument(t.Context(), storage.Document{CollectionID: "board", Name: "bonus.txt", SHA256: strings.Repeat("a", 64)})
	if err != nil {
		t.Fatal(err)
	}
	var f transcript.File
	b.want(200, "GET", "/api/v1/conversations.export", nil, &f)
	f.Conversation.Collection = "board"
	f.Messages[1].Sources[0].DocumentID = secret.ID
	f.Messages[1].Sources[0].Heading = "Bonus"
	var back importedBody
	b.want(201, "POST", "/api/v1/conversations.import", mustJSON(f), &back)
	var read conversationBody
	b.want(200, "GET", "/api/v1/conversations/"+back.Conversations[0].ID, nil, &read)
	if read.Conversation.Collection != "" {
		t.Errorf("it asks %q", read.Conversation.Collection)
	}
	if s := read.Messages[1].Sources[0]; !s.Removed || s.Quote+s.Text+s.Heading != "" {
		t.Errorf("the source that may not be read: %+v", s)
	}
	if s := read.Messages[2].Sources[0]; s.Removed || s.Quote == "" {
		t.Errorf("the source that may be read: %+v", s)
	}
}

func TestABadImportChangesNothing(t *testing.T) {
	b := newBox(t)
	b.told("Parental leave")
	good := b.want(200, "GET", "/api/v1/conversations.export", nil, nil).body
	var f transcript.File
	if err := json.Unmarshal(good, &f); err != nil {
		t.Fatal(err)
	}
	f.Messages[2].Role = "user"
	for _, bad := range [][]byte{{}, []byte("x"), good[:len(good)/2], append(bytes.Clone(good), mustJSON(f)...), append(bytes.Clone(good), '{'), []byte("null"), []byte("\xff")} {
		a := b.do("POST", "/api/v1/conversations.import", bad)
		if a.status != http.StatusUnprocessableEntity && a.status != http.StatusBadRequest {
			t.Errorf("%.40q: %d %s", bad, a.status, a.body)
		}
	}
	var list conversationsBody
	b.want(200, "GET", "/api/v1/conversations", nil, &list)
	if len(list.Conversations) != 1 {
		t.Errorf("%d conversations", len(list.Conversations))
	}
}
