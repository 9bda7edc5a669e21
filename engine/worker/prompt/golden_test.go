package prompt

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/engine/wire"
)

var goldenNow = time.Date(2026, 3, 5, 14, 7, 9, 0, time.UTC)

func goldenTemplate(t *testing.T, path string) *Template {
	t.Helper()
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	tm, err := NewTemplate(string(source), Special{BOS: "<s>", EOS: "</s>", BOSToken: -1})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return tm
}

func conversations(t *testing.T) map[string][]turn {
	t.Helper()
	data, err := os.ReadFile("testdata/conversations.json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string][]struct{ Role, Content string }
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	out := map[string][]turn{}
	for name, turns := range raw {
		for _, m := range turns {
			out[name] = append(out[name], turn{m.Role, m.Content})
		}
	}
	return out
}

// TestGolden compares with Python's jinja2, byte for byte; see golden.py. Each
// prompt that is built from pieces must give the same text as one rendering.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/templates/*.jinja")
	if err != nil || len(paths) < 8 {
		t.Fatalf("templates: %v, %v", paths, err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".jinja")
		tm := goldenTemplate(t, path)
		for conversation, turns := range conversations(t) {
			data, err := os.ReadFile(filepath.Join("testdata/golden", name+"."+conversation+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			want := string(data)
			got, err := tm.render(turns, goldenNow, maxOutput)
			if raised, ok := strings.CutPrefix(want, "RAISED: "); ok {
				if err == nil || !strings.Contains(err.Error(), raised) {
					t.Errorf("%s %s: %q, %v, want it to raise %q", name, conversation, got, err, raised)
				}
				continue
			}
			if err != nil || got != want {
				t.Errorf("%s %s: %v\n got %q\nwant %q", name, conversation, err, got, want)
			}
			if name == "blocks" || name == "marks" {
				continue // they are for Jinja itself and show contents in other ways
			}
			pieces, err := tm.split(messagesOf(turns), goldenNow)
			if err != nil || join(pieces) != want {
				t.Errorf("%s %s from pieces: %v\n got %q\nwant %q", name, conversation, err, join(pieces), want)
			}
		}
	}
}

func messagesOf(turns []turn) (out []wire.Message) {
	for _, m := range turns {
		out = append(out, wire.Message{Role: m.role, Segments: []wire.Segment{{Text: m.content}}})
	}
	return out
}
