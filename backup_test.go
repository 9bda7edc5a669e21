package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alcove/engine/local/fake"
)

// What an answer stands on opens in a box that was restored somewhere else, from
// the passage to the file itself.
func TestBackup_TheCitationOpensItsOriginal(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "Thirty days [1]."})
	dir := writeFiles(t, map[string]string{"leave.md": "# Annual leave\n\nFull-time employees receive 30 days of annual leave."})
	a := p.serve(t)
	if r := p.command(t, "ingest", "--collection", "hr", dir); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if r := p.command(t, "ask", "--collection", "hr", "How many days of annual leave do full-time employees receive?"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	file := filepath.Join(t.TempDir(), "backup.db")
	r := p.command(t, "backup", file)
	if r.code != 0 || !strings.Contains(r.stdout, "saved "+file+".documents (1 file)") || !strings.Contains(r.stderr, "1 file of documents") {
		t.Fatalf("%+v", r)
	}
	a.stop()

	q := p
	q.data = filepath.Join(t.TempDir(), "data")
	damage := filepath.Join(t.TempDir(), "backup.db")
	if err := os.Rename(file+".documents", damage); err != nil {
		t.Fatal(err)
	}
	if r := q.command(t, "restore", file); r.code != 1 || !strings.Contains(r.stderr, "1 missing, 0 damaged") || !strings.Contains(r.stderr, "nothing was restored") {
		t.Errorf("%+v", r)
	}
	if err := os.Rename(damage, file+".documents"); err != nil {
		t.Fatal(err)
	}
	if r := q.command(t, "restore", file); r.code != 0 || !strings.Contains(r.stdout, "1 file of documents") {
		t.Fatalf("%+v", r)
	}
	mustFail(t, q.command(t, "restore", file), "has a database already")
	b := q.serve(t)
	var talks struct{ Conversations []struct{ ID string } }
	b.get("/api/v1/conversations", &talks)
	var talk struct {
		Messages []struct {
			Sources []struct {
				DocumentID string `json:"document_id"`
				ChunkID    string `json:"chunk_id"`
				Quote      string
			}
		}
	}
	b.get("/api/v1/conversations/"+talks.Conversations[0].ID, &talk)
	s := talk.Messages[1].Sources[0]
	if got := b.call("GET", "/api/v1/documents/"+s.DocumentID+"/file", ""); got.status != 200 || got.body != "# Annual leave\n\nFull-time employees receive 30 days of annual leave." {
		t.Errorf("the original: %+v", got)
	}
	if got := b.call("GET", "/api/v1/documents/"+s.DocumentID+"/text?chunk="+s.ChunkID, ""); got.status != 200 || !strings.Contains(got.body, s.Quote) || !strings.Contains(got.body, `"chunk":`) {
		t.Errorf("the passage: %+v", got)
	}
	finding := func(want string) {
		t.Helper()
		if r := q.command(t, "doctor", "--listen", "127.0.0.1:0"); !strings.Contains(r.stdout, want) {
			t.Errorf("doctor does not say %q: %s", want, r.stdout)
		}
	}
	finding("files that were sent: 1 ")
	if err := os.RemoveAll(filepath.Join(q.data, "documents")); err != nil {
		t.Fatal(err)
	}
	finding("1 missing")
}
