package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"alcove/engine/local/fake"
)

// writeFiles makes files with their texts below a new folder.
func writeFiles(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestIngest_FilesAndFolders(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "fine"})
	dir := writeFiles(t, map[string]string{
		"leave.md": "# Leave\n\nThirty days.", "2026/travel.txt": "Second class.", "2026/same.txt": "Second class.",
		".hidden/x.txt": "hidden", "picture.png": "no document", "broken.pdf": "%PDF-1.7\x00\xff\xfe broken",
	})
	a := p.serve(t)
	r := p.command(t, "ingest", "--collection", "hr", dir, filepath.Join(dir, "none.txt"))
	if r.code != 1 || !strings.HasSuffix(r.stdout, "2 ready, 0 waiting, 1 were there already, 2 failed\n") || !strings.Contains(r.stdout, "failed   broken.pdf: ") {
		t.Errorf("%+v", r)
	}
	if r := p.command(t, "ingest", "--collection", "hr", filepath.Join(dir, "leave.md")); r.code != 0 || r.stdout != "0 ready, 0 waiting, 1 were there already, 0 failed\n" {
		t.Errorf("again: %+v", r)
	}
	if r := p.command(t, "ingest", "--collection", "hr", filepath.Join(dir, "broken.pdf")); r.code != 1 || !strings.HasSuffix(r.stdout, "0 were there already, 1 failed\n") {
		t.Errorf("what failed, again: %+v", r)
	}
	var list struct {
		Documents []struct{ Name, Path, State string }
	}
	a.get("/api/v1/documents?collection=hr&state=ready", &list)
	if len(list.Documents) != 2 {
		t.Errorf("%+v", list)
	}
	r = p.command(t, "collections")
	if r.code != 0 || !strings.Contains(r.stdout, "hr") {
		t.Errorf("%+v", r)
	}
	mustFail(t, p.command(t, "ingest", "--collection", "No!", dir), "id")
}

func TestIngest_WithoutAServer(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "fine"})
	dir := writeFiles(t, map[string]string{"leave.txt": "Thirty days."})
	if r := p.command(t, "ingest", dir); r.code != 0 || !strings.HasSuffix(r.stdout, "1 ready, 0 waiting, 0 were there already, 0 failed\n") {
		t.Fatalf("%+v", r)
	}
	if r := p.command(t, "collections", "--json"); r.code != 0 || !strings.Contains(r.stdout, `"ready":1`) {
		t.Errorf("%+v", r)
	}
}

// Ctrl-C ends the waiting; what was sent is kept.
func TestIngest_Interrupted(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "fine"})
	a := p.serve(t)
	if got := a.call("POST", "/api/v1/collections", `{"id":"hr","title":"HR"}`); got.status != 201 {
		t.Fatal(got)
	}
	files := map[string]string{} // more than are read before the signal comes
	for i := range 200 {
		files[fmt.Sprintf("leave-%d.txt", i)] = fmt.Sprintf("%d days.", i)
	}
	dir := writeFiles(t, files)
	cmd := exec.Command(programs.app, append([]string{"ingest", "--collection", "hr", dir}, p.args()...)...)
	end := startCommand(t, cmd)
	var list struct{ Documents []struct{ ID, State string } }
	for late := time.Now().Add(time.Minute); len(list.Documents) == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("nothing was sent")
		}
		a.get("/api/v1/documents?collection=hr", &list)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if r := end(); r.code != 130 {
		t.Errorf("%+v", r)
	}
	sent := list.Documents
	a.get("/api/v1/documents?collection=hr", &list)
	if len(list.Documents) < len(sent) {
		t.Errorf("%d documents were sent, %d are there", len(sent), len(list.Documents))
	}
}

// A collection that rests is not waited for.
func TestIngest_Paused(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "fine"})
	a := p.serve(t)
	if got := a.call("POST", "/api/v1/collections", `{"id":"hr","title":"HR"}`); got.status != 201 {
		t.Fatal(got)
	}
	a.call("POST", "/api/v1/collections/hr/pause", `{}`)
	r := p.command(t, "ingest", "--collection", "hr", writeFiles(t, map[string]string{"leave.txt": "Thirty days."}))
	if r.code != 0 || !strings.Contains(r.stdout, "This collection is paused") || !strings.Contains(r.stdout, "1 waiting") {
		t.Errorf("%+v", r)
	}
	var list struct{ Documents []struct{ State string } }
	a.get("/api/v1/documents?collection=hr", &list)
	if len(list.Documents) != 1 || list.Documents[0].State != "waiting" {
		t.Errorf("%+v", list)
	}
}

func TestIngest_Watch(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "fine"})
	a := p.serve(t)
	dir := writeFiles(t, map[string]string{"leave.txt": "Thirty days."})
	if r := p.command(t, "ingest", "--collection", "hr", "--watch", dir); r.code != 0 || !strings.Contains(r.stdout, "watched  "+dir) {
		t.Fatalf("%+v", r)
	}
	var list struct {
		Documents []struct{ Name, State string }
	}
	for end := time.Now().Add(time.Minute); len(list.Documents) != 1 || list.Documents[0].State != "ready"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%+v", list)
		}
		a.get("/api/v1/documents?collection=hr", &list)
	}
}
