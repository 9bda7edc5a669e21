package local_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"alcove/engine"
	"alcove/engine/local"
)

// There is no free reranker in a package registry, so the model that gives
// vectors is told that it ranks: its numbers mean nothing, and the whole road of
// a score is llama.cpp's own.
func TestRealRerank_Road(t *testing.T) {
	r := needReal(t)
	data, err := os.ReadFile(filepath.Join(r.models, realEmbedder+".gguf"))
	if err != nil {
		t.Skip("no model that finds passages: make setup")
	}
	key := []byte("bert.pooling_type\x04\x00\x00\x00")
	at := bytes.Index(data, key) + len(key)
	data[at] = 4
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "ranks.gguf"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	b := newReal(t, func(c *local.Config) { c.ModelsDir = dir })
	ask := engine.RerankRequest{Query: "How much leave do I get?", Passages: []string{"25 days of leave.", "The lift is out of order.", "25 days of leave.",
		string(bytes.Repeat([]byte("word "), 3000))}}
	got, err := b.Rerank(t.Context(), ask)
	if err != nil || len(got.Scores) != 4 {
		t.Fatalf("%+v %v", got, err)
	}
	// Whole numbers of eight bits: the place in the batch shows in the second digit.
	near := func(a, b float32) bool { return a-b < 0.1 && b-a < 0.1 }
	if !near(got.Scores[0], got.Scores[2]) || near(got.Scores[0], got.Scores[1]) {
		t.Errorf("%v: the same passage has the same score, another one another", got.Scores)
	}
	slices.Reverse(ask.Passages)
	back, err := b.Rerank(t.Context(), ask)
	if err != nil || !near(back.Scores[3], got.Scores[0]) || !near(back.Scores[2], got.Scores[1]) {
		t.Errorf("%v %v %v: scores are in the order of the passages", got.Scores, back.Scores, err)
	}
}
