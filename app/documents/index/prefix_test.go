package index

import (
	"context"
	"strings"
	"sync"
	"testing"

	"alcove/engine"
	"alcove/storage"
)

func TestPrefixOf(t *testing.T) {
	for model, want := range map[string]prefix{
		"multilingual-e5-small-Q8_0": {"query: ", "passage: "},
		"e5-base-v2.Q4_K_M.gguf":     {"query: ", "passage: "},
		"e5-mistral-7b-instruct":     {},
		"bge-small-en-v1.5-q8_0":     {"Represent this sentence for searching relevant passages: ", ""},
		"bge-m3-Q8_0":                {},
		"nomic-embed-text-v1.5.Q8_0": {"search_query: ", "search_document: "},
		"all-MiniLM-L6-v2.Q8_0":      {},
		"some-model-1e5-steps":       {},
		"":                           {},
	} {
		if got := prefixOf(model); got != want {
			t.Errorf("%q: %+v", model, got)
		}
	}
}

// reading remembers what an embedder was given.
type reading struct {
	*fake
	mu    sync.Mutex
	given []string
}

func (r *reading) Embed(ctx context.Context, req engine.EmbedRequest) (engine.Embedded, error) {
	r.mu.Lock()
	for _, in := range req.Inputs {
		r.given = append(r.given, in.Text)
	}
	r.mu.Unlock()
	return r.fake.Embed(ctx, req)
}

func TestEmbedderGetsItsPrefixes(t *testing.T) {
	r := &reading{fake: newFake()}
	r.model = "multilingual-e5-small"
	s := newShelf(t, nil)
	s.ix.Close()
	ix, err := New(t.Context(), Options{Store: s.store, Embedder: r, Now: day})
	if err != nil {
		t.Fatal(err)
	}
	defer ix.Close()
	s.ix, s.fake = ix, r.fake
	s.collection("hr", "owner")
	s.said(s.put(storage.Document{CollectionID: "hr"}, "en", parental))
	s.find(Query{Collection: "hr", Person: "owner", Text: "parental leave"})
	r.mu.Lock()
	defer r.mu.Unlock()
	questions, passages := 0, 0
	for _, text := range r.given {
		switch {
		case text == "query: parental leave":
			questions++
		case strings.HasPrefix(text, "passage: "):
			passages++
		case strings.HasPrefix(text, "query: "): // known texts, when it is measured
		default:
			t.Errorf("given %q", text)
		}
	}
	if questions != 1 || passages < 2 {
		t.Errorf("%d questions, %d passages and sentences", questions, passages)
	}
}
