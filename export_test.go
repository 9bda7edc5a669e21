package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alcove/engine/local/fake"
)

func TestExportAndImport(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "one two three"})
	a := p.serve(t)
	a.ready()
	p.command(t, "chat", "count to three")
	r := p.command(t, "export")
	id, _, _ := strings.Cut(r.stdout, " ")
	if r.code != 0 || !strings.Contains(r.stdout, "count to three") {
		t.Fatalf("the list: %+v", r)
	}
	if r := p.command(t, "export", id); r.code != 0 || !strings.Contains(r.stdout, "# count to three\n") || !strings.Contains(r.stdout, "one two three") {
		t.Errorf("markdown: %+v", r)
	}
	file := filepath.Join(t.TempDir(), "all.jsonl")
	if r := p.command(t, "export", "--all", "-o", file); r.code != 0 || r.stdout != "" {
		t.Errorf("all: %+v", r)
	}
	mustFail(t, p.command(t, "export", "--all", "-o", file), "is there already")
	mustFail(t, p.command(t, "export", "--all", id), "not both")
	mustFail(t, p.command(t, "export", "none"), "does not exist")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if r := p.command(t, "import", file); r.code != 0 || !strings.Contains(r.stdout, "count to three") || strings.Contains(r.stdout, id) {
		t.Errorf("import: %+v", r)
	}
	if err := os.WriteFile(file, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustFail(t, p.command(t, "import", file), "Nothing was imported")
	var list struct {
		Conversations []struct{ ID, Title string }
	}
	a.get("/api/v1/conversations", &list)
	if len(list.Conversations) != 2 || list.Conversations[0].Title != list.Conversations[1].Title {
		t.Errorf("%+v", list)
	}
	for _, c := range list.Conversations {
		if all := a.messages(c.ID); len(all) != 2 || all[1].Text != "one two three" {
			t.Errorf("%+v", all)
		}
	}
}
