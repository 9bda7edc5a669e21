package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/app"
	"alcove/app/documents"
	"alcove/app/documents/extract"
)

// plainFile is an extractor of plain text.
func plainFile(_ context.Context, f *os.File, _ string, _ func(done, total int)) (extract.Document, error) {
	text, err := io.ReadAll(f)
	if err != nil {
		return extract.Document{}, err
	}
	if strings.HasPrefix(string(text), "locked") {
		return extract.Document{}, &extract.Error{Reason: extract.Encrypted}
	}
	return extract.Document{Format: "text", Blocks: []extract.Block{{Kind: extract.Heading, Level: 1, Text: "Title"}, {Kind: extract.Paragraph, Text: string(text)}}}, nil
}

// sendFile sends a file into a collection, which is made where it is missing.
func (b *box) sendFile(collection, name, text string) documents.Document {
	b.t.Helper()
	if a := b.send(b.request("POST", "/api/v1/collections", fmt.Sprintf(`{"id":%q,"title":%[1]q}`, collection))); a.status != 201 && a.status != 409 {
		b.t.Fatalf("%d %s", a.status, a.body)
	}
	var d documents.Document
	a := b.upload(collection, name, text)
	if a.status != http.StatusAccepted && a.status != http.StatusOK {
		b.t.Fatalf("%d %s", a.status, a.body)
	}
	a.into(b.t, &d)
	return d
}

func (b *box) upload(collection, name, text string) answer {
	b.t.Helper()
	query := url.Values{"collection": {collection}, "name": {name}}
	req := b.request("POST", "/api/v1/documents?"+query.Encode(), text)
	req.Header.Set("Content-Type", "application/octet-stream")
	return b.send(req)
}

func (b *box) document(id, state string) documents.Document {
	b.t.Helper()
	var d documents.Document
	for end := time.Now().Add(30 * time.Second); string(d.State) != state; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("not %s after 30 s: %+v", state, d)
		}
		b.want(200, "GET", "/api/v1/documents/"+id, nil, &d)
	}
	return d
}

func TestDocuments_FromSendingToDeleting(t *testing.T) {
	b := newBox(t)
	d := b.sendFile("hr", "2026/hand\"buch.txt", "Thirty days of leave.")
	d = b.document(d.ID, "ready")
	if d.Collection != "hr" || d.Path != "2026" || d.Chunks != 1 || !d.Found {
		t.Errorf("%+v", d)
	}
	if a := b.upload("hr", "again.txt", "Thirty days of leave."); a.status != http.StatusOK {
		t.Errorf("the same bytes: %d %s", a.status, a.body)
	}
	var text documentTextBody
	b.want(200, "GET", "/api/v1/documents/"+d.ID+"/text?limit=1", nil, &text)
	if len(text.Blocks) != 1 || text.Next != 1 || text.Blocks[0].Kind != extract.Heading {
		t.Errorf("%+v", text)
	}
	file := b.want(200, "GET", "/api/v1/documents/"+d.ID+"/file", nil, nil)
	for h, want := range map[string]string{"Content-Type": "application/octet-stream", "Content-Disposition": `attachment; filename="hand\"buch.txt"`,
		"X-Content-Type-Options": "nosniff", "Content-Security-Policy": filePolicy} {
		if got := file.header.Get(h); got != want {
			t.Errorf("%s: %q", h, got)
		}
	}
	if string(file.body) != "Thirty days of leave." {
		t.Errorf("%q", file.body)
	}
	second := b.document(b.sendFile("hr", "second.txt", "Twenty days of leave.").ID, "ready")
	var compared compareBody
	b.want(200, "GET", "/api/v1/documents/"+second.ID+"/diff?with="+d.ID, nil, &compared)
	if len(compared.Changes) != 1 || compared.Changes[0].Kind != documents.ChangeChanged || compared.Changes[0].Heading != "Title" {
		t.Errorf("%+v", compared)
	}
	b.want(204, "DELETE", "/api/v1/documents/"+second.ID, nil, nil)
	var changed documents.Document
	b.want(200, "PATCH", "/api/v1/documents/"+d.ID, `{"title":"Handbuch","effective":"2026-05-01"}`, &changed)
	if changed.Title != "Handbuch" || changed.Effective != "2026-05-01" {
		t.Errorf("%+v", changed)
	}
	var page documentsBody
	b.want(200, "GET", "/api/v1/documents?collection=hr&q=handbuch&state=ready", nil, &page)
	if len(page.Documents) != 1 || page.Next != "" {
		t.Errorf("%+v", page)
	}
	locked := b.document(b.sendFile("hr", "locked.txt", "locked").ID, "failed")
	if locked.Reason != "encrypted" || locked.ReasonText == "" {
		t.Errorf("%+v", locked)
	}
	var c documents.Collection
	b.want(200, "GET", "/api/v1/collections/hr", nil, &c)
	if c.Documents != 2 || c.Ready != 1 || c.Failed != 1 || c.Chunks != 1 || c.Owner != "owner" {
		t.Errorf("%+v", c)
	}
	b.want(204, "DELETE", "/api/v1/documents/"+d.ID, nil, nil)
	for _, path := range []string{"", "/text", "/file"} {
		if a := b.send(b.request("GET", "/api/v1/documents/"+d.ID+path, nil)); a.status != 404 || a.problem(t).Code != string(app.CodeDocumentNotFound) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	b.want(204, "DELETE", "/api/v1/collections/hr", nil, nil)
	b.want(404, "GET", "/api/v1/collections/hr", nil, nil)
}

func TestDocuments_Refused(t *testing.T) {
	b := newBox(t)
	b.sendFile("hr", "a.txt", "a")
	cases := []struct {
		method, path string
		body         any
		status       int
		code         string
	}{
		{"POST", "/api/v1/collections", `{"id":"hr","title":"x"}`, 409, "collection_exists"},
		{"POST", "/api/v1/collections", `{"id":"-hr","title":"x"}`, 422, "invalid_request"},
		{"POST", "/api/v1/collections", `{"id":"x","title":"x","threshold":7}`, 422, "invalid_request"},
		{"POST", "/api/v1/collections", `{"id":"x","title":"x","pinned":"sometimes"}`, 422, "invalid_request"},
		{"PATCH", "/api/v1/collections/none", `{}`, 404, "collection_not_found"},
		{"DELETE", "/api/v1/collections/hr/folders/none", nil, 404, "folder_not_found"},
		{"POST", "/api/v1/collections/hr/folders", `{"path":"relative"}`, 422, "invalid_request"},
		{"POST", "/api/v1/documents?collection=none&name=a", "x", 404, "collection_not_found"},
		{"POST", "/api/v1/documents?collection=hr&name=", "x", 422, "invalid_request"},
		{"POST", "/api/v1/documents?collection=hr&name=a", "", 422, "invalid_request"},
		{"POST", "/api/v1/documents?collection=hr&name=a&effective=soon", "x", 422, "invalid_request"},
		{"GET", "/api/v1/documents?collection=none", nil, 404, "collection_not_found"},
		{"GET", "/api/v1/documents?before=x", nil, 422, "invalid_request"},
		{"GET", "/api/v1/documents/none", nil, 404, "document_not_found"},
		{"POST", "/api/v1/documents/none/retry", `{}`, 404, "document_not_found"},
	}
	for _, c := range cases {
		a := b.send(b.request(c.method, c.path, c.body))
		if a.status != c.status || a.problem(t).Code != c.code {
			t.Errorf("%s %s: %d %s", c.method, c.path, a.status, a.body)
		}
	}
	req := b.request("POST", "/api/v1/documents?collection=hr&name=a", nil)
	req.Body, req.ContentLength = io.NopCloser(io.LimitReader(&endless{}, documents.MaxFile+1)), documents.MaxFile+1
	if a := b.send(req); a.status != 413 || a.problem(t).Code != "document_too_large" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A browser's session must not name a path of this machine.
func TestFolders_OnlyFromThisMachine(t *testing.T) {
	b := newBox(t)
	b.sendFile("hr", "a.txt", "a")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "b.txt"), []byte("in the folder"), 0o600); err != nil {
		t.Fatal(err)
	}
	body := mustJSON(map[string]string{"path": dir})
	req := b.request("POST", "/api/v1/collections/hr/folders", body)
	req.Header.Del("Authorization")
	req.AddCookie(b.signIn())
	if a := b.send(req); a.status != 403 {
		t.Errorf("a page named a folder: %d %s", a.status, a.body)
	}
	var f documents.Folder
	b.want(201, "POST", "/api/v1/collections/hr/folders", body, &f)
	b.want(409, "POST", "/api/v1/collections/hr/folders", body, nil)
	var list foldersBody
	for end := time.Now().Add(30 * time.Second); len(list.Folders) != 1 || list.Folders[0].Files != 1; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%+v", list)
		}
		b.want(200, "GET", "/api/v1/collections/hr/folders", nil, &list)
	}
	b.want(204, "DELETE", "/api/v1/collections/hr/folders/"+f.ID, nil, nil)
	b.want(200, "GET", "/api/v1/collections/hr/folders", nil, &list)
	if len(list.Folders) != 0 {
		t.Errorf("%+v", list)
	}
}

func TestACollectionSaysHowMuchOfItIsRead(t *testing.T) {
	b := newBox(t)
	var c documents.Collection
	for _, step := range []struct{ method, path, body, want string }{
		{"POST", "", `{"id":"hr","title":"HR"}`, "auto"},
		{"PATCH", "/hr", `{"pinned":"always"}`, "always"},
		{"PATCH", "/hr", `{"title":"People"}`, "always"},
		{"POST", "/hr/pause", "", "always"},
		{"PATCH", "/hr", `{"pinned":"never"}`, "never"},
		{"GET", "/hr", "", "never"},
	} {
		var body any
		if step.body != "" {
			body = step.body
		}
		if a := b.do(step.method, "/api/v1/collections"+step.path, body); a.status >= 300 {
			t.Fatalf("%+v: %d %s", step, a.status, a.body)
		} else if a.into(t, &c); c.Pinned != step.want {
			t.Errorf("%+v: %q", step, c.Pinned)
		}
	}
}
