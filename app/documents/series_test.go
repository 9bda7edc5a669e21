package documents

import (
	"testing"
	"time"

	"alcove/storage"
)

func TestGuess(t *testing.T) {
	cases := map[string]Guessed{
		"handbook-2025.pdf":                 {"handbook", "2025", "2025-01-01"},
		"handbook-2026.pdf":                 {"handbook", "2026", "2026-01-01"},
		"Handbook 2026 (final).docx":        {"handbook", "2026", "2026-01-01"},
		"Handbook_2026-03-01.pdf":           {"handbook", "2026-03-01", "2026-03-01"},
		"Handbook_20260301_v2.pdf":          {"handbook", "v2", "2026-03-01"},
		"Reisekostenrichtlinie Stand 3.odt": {"reisekostenrichtlinie", "Stand 3", ""},
		"travel-policy-v2.1.md":             {"travel policy", "v2.1", ""},
		"2026/travel.md":                    {"travel", "2026", "2026-01-01"},
		"hr/2026/travel.md":                 {"hr/travel", "2026", "2026-01-01"},
		"hr/travel.md":                      {"hr/travel", "", ""},
		"travel.md":                         {"travel", "", ""},
		"2026.pdf":                          {"", "2026", "2026-01-01"},
		"minutes-2026-02-10.md":             {"", "2026-02-10", "2026-02-10"},
		"Protokoll 2026-02-10.docx":         {"", "2026-02-10", "2026-02-10"},
		"Rechnung 2026-17.pdf":              {"", "2026", "2026-01-01"},
		"form 12345.pdf":                    {"form 12345", "", ""},
		"Übersicht 2026.xlsx":               {"übersicht", "2026", "2026-01-01"},
		"Reisekosten alt.docx":              {"reisekosten alt", "", ""}, // must not hold in place of Reisekosten.docx
		"Handbook 2026 draft.docx":          {"handbook draft", "2026", "2026-01-01"},
		"Handbuch 1.03.2026.pdf":            {"handbuch", "2026-03-01", "2026-03-01"},
		"Handbuch_Stand_15.12.2025.pdf":     {"handbuch", "2025-12-15", "2025-12-15"},
		"document (1).pdf":                  {"", "", ""},
		"Dokument 2026.pdf":                 {"", "2026", "2026-01-01"},
		"Document retention policy.pdf":     {"document retention policy", "", ""},
		"../../x.pdf":                       {"x", "", ""},
	}
	for name, want := range cases {
		if got := Guess(name); got != want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestCompare(t *testing.T) {
	at := time.UnixMilli(1_000_000)
	doc := func(path string, size int64) storage.Document {
		return storage.Document{ID: path, Path: path, SHA256: "x", Size: size, Modified: at}
	}
	file := func(path string, size int64) found { return found{path, size, at} }
	d := compare([]storage.Document{doc("same", 1), doc("grown", 1), doc("gone", 1), doc("dark/a", 1), doc("dim", 1)},
		[]found{file("same", 1), file("grown", 2), file("new", 1)}, []string{"dark", "dim"})
	if len(d.fresh) != 1 || d.fresh[0].path != "new" || len(d.changed) != 1 || d.changed[0].doc.ID != "grown" || len(d.gone) != 1 || d.gone[0].ID != "gone" {
		t.Errorf("%+v", d)
	}
	if d := compare([]storage.Document{doc("a", 1)}, nil, []string{"."}); len(d.gone) != 0 {
		t.Error("what could not be read counts as gone")
	}
}

func TestSettled(t *testing.T) {
	at, seen := time.UnixMilli(1_000_000), map[string]sighting{}
	file := found{"a", 1, at}
	look := func(after time.Duration) bool {
		ready, wait := settled(seen, []found{file}, at.Add(after), 2*time.Second)
		if ready["a"] == wait {
			t.Errorf("after %s: ready %v, and to be waited for %v", after, ready["a"], wait)
		}
		return ready["a"]
	}
	if look(0) || look(time.Second) {
		t.Error("a file that was just seen is taken")
	}
	file.size = 2 // it grows
	if look(2 * time.Second) {
		t.Error("a file that grows is taken")
	}
	if !look(4 * time.Second) {
		t.Error("a file that rests is not taken")
	}
}

func TestEmptied(t *testing.T) {
	for _, c := range []struct {
		files          int
		docs           int
		device, before uint64
		want           bool
	}{{0, 3, 2, 1, true}, {0, 3, 1, 1, false}, {1, 3, 2, 1, false}, {0, 0, 2, 1, false}, {0, 3, 1, 0, false}} {
		if got := emptied(make([]found, c.files), c.docs, c.device, c.before); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
