package index

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"alcove/app/documents/recent"
	"alcove/engine"
	"alcove/storage"
)

// fake is an embedder whose vectors are hashed bags of the first five letters
// of words: near texts have words in common.
type fake struct {
	mu          sync.Mutex
	fingerprint string
	dimensions  int
	model       string
	failing     bool
	unfit       string        // texts with this word cannot be embedded
	hold        chan struct{} // Embed of batches waits for it
	reranker    string
	texts       atomic.Int64 // embedded so far
}

func newFake() *fake { return &fake{fingerprint: "fake-1", dimensions: 64, model: "fake"} }

func (f *fake) Embedding() engine.EmbedInfo {
	f.mu.Lock()
	defer f.mu.Unlock()
	return engine.EmbedInfo{Model: f.model, Fingerprint: f.fingerprint, Dimensions: f.dimensions, Context: 256, Reranker: f.reranker}
}

func (f *fake) Embed(ctx context.Context, req engine.EmbedRequest) (engine.Embedded, error) {
	info := f.Embedding()
	f.mu.Lock()
	failing, hold, unfit := f.failing, f.hold, f.unfit
	f.mu.Unlock()
	if failing || unfit != "" && slices.ContainsFunc(req.Inputs, func(in engine.EmbedInput) bool { return strings.Contains(in.Text, unfit) }) {
		return engine.Embedded{}, &engine.Error{Code: engine.CodeInternal, Message: "it fails"}
	}
	if hold != nil && req.Class == engine.ClassBatch {
		select {
		case <-hold:
		case <-ctx.Done():
			return engine.Embedded{}, ctx.Err()
		}
	}
	f.texts.Add(int64(len(req.Inputs)))
	out := engine.Embedded{Model: info.Model, Fingerprint: info.Fingerprint}
	for _, in := range req.Inputs {
		out.Vectors = append(out.Vectors, bag(in.Text, info.Fingerprint, info.Dimensions))
		out.Tokens = append(out.Tokens, len(strings.Fields(in.Text)))
	}
	return out, nil
}

func bag(text, fingerprint string, dimensions int) []float32 {
	v := make([]float32, dimensions)
	for _, w := range wordsOf(text) {
		if isStop("", fold(w.text)) {
			continue
		}
		h := fnv.New32a()
		fmt.Fprint(h, fingerprint, fold(w.text)[:min(5, len(fold(w.text)))])
		v[h.Sum32()%uint32(dimensions)]++
	}
	norm := 0.0
	for _, x := range v {
		norm += float64(x * x)
	}
	if norm == 0 {
		v[0], norm = 1, 1
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(norm))
	}
	return v
}

func (f *fake) Rerank(_ context.Context, req engine.RerankRequest) (engine.Reranked, error) {
	out := engine.Reranked{Model: f.reranker}
	for _, p := range req.Passages { // the longest is best
		out.Scores = append(out.Scores, float32(len(p)))
	}
	return out, nil
}

func (f *fake) CountTokens(_ context.Context, _ string, texts []string) ([]int, error) {
	out := make([]int, len(texts))
	for i, t := range texts {
		out[i] = len(strings.Fields(t))
	}
	return out, nil
}

// bench is an index over a real store.
type shelf struct {
	t     testing.TB
	store *storage.DB
	ix    *Index
	fake  *fake
	next  int
}

func day() time.Time { return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC) }

func newShelf(t testing.TB, f *fake) *shelf {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Path: filepath.Join(t.TempDir(), "data", "alcove.db"), Now: day})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s := &shelf{t: t, store: store, fake: f}
	s.open()
	return s
}

// open opens the index; where one is open, in its place.
func (s *shelf) open() {
	s.t.Helper()
	if s.ix != nil {
		s.ix.Close()
	}
	o := Options{Store: s.store, Now: day, Look: 5 * time.Millisecond}
	if s.fake != nil {
		o.Embedder = s.fake
	}
	ix, err := New(s.t.Context(), o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.ix = ix
	s.t.Cleanup(ix.Close)
}

func (s *shelf) collection(id, owner string, readers ...string) {
	s.t.Helper()
	if _, err := s.store.CreateCollection(s.t.Context(), storage.Collection{ID: id, Title: id, Owner: owner, Readers: readers}); err != nil {
		s.t.Fatal(err)
	}
}

// indexing gives a new document that is ready for its chunks.
func (s *shelf) indexing(d storage.Document) storage.Document {
	s.t.Helper()
	s.next++
	if d.Name == "" {
		d.Name = fmt.Sprintf("file%d.txt", s.next)
	}
	d.SHA256 = fmt.Sprintf("%064x", s.next)
	d, _, err := s.store.AddDocument(s.t.Context(), d)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.toIndexing(d.ID)
}

func (s *shelf) toIndexing(id string) storage.Document {
	s.t.Helper()
	for {
		d, _, err := s.store.NextDocument(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if d, err = s.store.MoveDocument(s.t.Context(), d.ID, storage.DocumentReading, storage.DocumentIndexing, ""); err != nil {
			s.t.Fatal(err)
		}
		if d.ID == id {
			return d
		}
	}
}

// put indexes texts as the chunks of a new document.
func (s *shelf) put(d storage.Document, language string, texts ...string) storage.Document {
	s.t.Helper()
	d = s.indexing(d)
	if err := s.ix.PutChunks(s.t.Context(), d, chunksOf(d, language, texts...), contentFor(d, language), nil); err != nil {
		s.t.Fatal(err)
	}
	return d
}

// again reads a document once more with other texts.
func (s *shelf) again(d storage.Document, language string, texts ...string) {
	s.t.Helper()
	if _, err := s.store.QueueDocument(s.t.Context(), d.ID, 0, time.Time{}); err != nil {
		s.t.Fatal(err)
	}
	d = s.toIndexing(d.ID)
	if err := s.ix.PutChunks(s.t.Context(), d, chunksOf(d, language, texts...), contentFor(d, language), nil); err != nil {
		s.t.Fatal(err)
	}
}

// remove takes a document out and erases it, as the way in does.
func (s *shelf) remove(d storage.Document) {
	s.t.Helper()
	d, err := s.store.DeleteDocument(s.t.Context(), d.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	s.ix.Withdraw(d.ID, d.Num)
	for more := true; more; {
		if _, more, err = s.store.EraseRemoved(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	}
}

func chunksOf(d storage.Document, language string, texts ...string) []storage.Chunk {
	var out []storage.Chunk
	for i, t := range texts {
		heading, text, found := strings.Cut(t, "\n")
		if !found {
			heading, text = "", t
		}
		out = append(out, storage.Chunk{ID: fmt.Sprintf("%s-%x", d.ID, recent.Key(t))[:50], DocumentID: d.ID, Seq: i, Page: i + 1, PageEnd: i + 1,
			Heading: heading, Text: text, Tokens: len(strings.Fields(t)), Language: language})
	}
	return out
}

func contentFor(d storage.Document, language string) storage.Contents {
	return storage.Contents{SHA256: d.SHA256, Format: "text", Title: d.Name, Language: language, Effective: d.Effective, Version: d.Version}
}

func (s *shelf) find(q Query) Found {
	s.t.Helper()
	found, err := s.ix.Search(s.t.Context(), q)
	if err != nil {
		s.t.Fatalf("search %.60q: %v", q.Text, err)
	}
	return found
}

// texts of what a search found, in order.
func (s *shelf) texts(q Query) []string {
	s.t.Helper()
	var out []string
	for _, p := range s.find(q).Passages {
		out = append(out, p.Text)
	}
	return out
}
