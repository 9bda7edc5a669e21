package answer

import (
	"encoding/json"
	"os"
	"testing"
)

// Each question with ways to ask the same, and with questions that are near and
// want another answer. The words were chosen on the first file alone.
func TestSame(t *testing.T) {
	samePairs(t, "testdata/alike.json", 0.9)
	samePairs(t, "testdata/alike_heldout.json", 0.6)
}

func samePairs(t *testing.T, file string, least float64) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Q          string
		Same, Near []string
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	hit, all, near := 0, 0, 0
	for _, r := range rows {
		for _, s := range append(r.Same, r.Q) {
			all++
			if Same(r.Q, s) != Same(s, r.Q) {
				t.Errorf("not both ways: %q and %q", r.Q, s)
			}
			if Same(r.Q, s) {
				hit++
			} else {
				t.Logf("missed: %q for %q: %v %v", s, r.Q, meaningOf(s), meaningOf(r.Q))
			}
		}
		for _, s := range r.Near {
			near++
			if Same(r.Q, s) || Same(s, r.Q) {
				t.Errorf("taken for the same: %q and %q", r.Q, s)
			}
		}
	}
	t.Logf("%s: %d of %d ways to ask the same, 0 of %d near ones", file, hit, all, near)
	if float64(hit) < least*float64(all) {
		t.Errorf("only %d of %d ways to ask the same", hit, all)
	}
}
