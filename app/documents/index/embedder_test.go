package index

import (
	"errors"
	"testing"
	"time"

	"alcove/storage"
)

func (f *fake) set(change func(*fake)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// until waits for what the background does.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not after a minute: %s", what)
		}
	}
}

func (s *shelf) vectors() int {
	n, _ := s.ix.vectors.count()
	return n
}

func TestEmbedder_Changes(t *testing.T) {
	f := newFake()
	s := newShelf(t, f)
	s.collection("hr", "owner")
	s.put(storage.Document{CollectionID: "hr"}, "en", parental, parking)
	q := Query{Collection: "hr", Person: "owner", Text: "weeks of parental leave"}
	hold := make(chan struct{})
	f.set(func(f *fake) { f.fingerprint, f.dimensions, f.hold = "fake-2", 96, hold })
	until(t, "the old vectors left memory", func() bool { return s.ix.vectors.name() == "fake-2" })
	if found := s.find(q); found.Mode != ModeText || found.Reason != reasonNoVectors || len(found.Passages) != 1 {
		t.Errorf("between two embedders: %+v", found)
	}
	close(hold)
	until(t, "new vectors", func() bool { return s.vectors() == 2 })
	if found := s.find(q); found.Mode != ModeHybrid || found.Passages[0].Signals.Cosine < 0.3 {
		t.Errorf("with the new embedder: %+v", found)
	}
	until(t, "the old vectors left the store", func() bool {
		n := 0
		if err := s.store.EachVector(t.Context(), "fake-1", 0, func(storage.ChunkVector) { n++ }); err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
}

func TestEmbedder_FailsAndComesBack(t *testing.T) {
	f := newFake()
	f.failing = true
	s := newShelf(t, f)
	s.collection("hr", "owner")
	s.put(storage.Document{CollectionID: "hr"}, "en", parental, parking)
	q := Query{Collection: "hr", Person: "owner", Text: "parental leave"}
	if found := s.find(q); found.Mode != ModeText || found.Reason != reasonFailed || len(found.Passages) != 1 {
		t.Errorf("found = %+v", found)
	}
	f.set(func(f *fake) { f.failing = false })
	until(t, "vectors made up for", func() bool { return s.vectors() == 2 })
	if found := s.find(q); found.Mode != ModeHybrid {
		t.Errorf("found = %+v", found)
	}
}

func TestVectors_AreReadAgain(t *testing.T) {
	f := newFake()
	s := newShelf(t, f)
	s.collection("hr", "owner")
	s.put(storage.Document{CollectionID: "hr"}, "en", parental, parking, expenses)
	before := f.texts.Load()
	s.open()
	if found := s.find(Query{Collection: "hr", Person: "owner", Text: "receipt of travel"}); found.Mode != ModeHybrid || s.vectors() != 3 {
		t.Errorf("found = %+v, %d vectors", found, s.vectors())
	}
	if n := f.texts.Load() - before; n != 1 {
		t.Errorf("%d texts were embedded again, only the question was new", n)
	}
}

func TestRemove_WhilePutting(t *testing.T) {
	f := newFake()
	f.hold = make(chan struct{})
	s := newShelf(t, f)
	s.collection("hr", "owner")
	d := s.indexing(storage.Document{CollectionID: "hr"})
	ended := make(chan error, 1)
	go func() {
		ended <- s.ix.PutChunks(t.Context(), d, chunksOf(d, "en", parental), contentFor(d, "en"), nil)
	}()
	until(t, "a Put", func() bool {
		s.ix.mu.Lock()
		defer s.ix.mu.Unlock()
		return len(s.ix.putting) == 1
	})
	if err := s.ix.Remove(t.Context(), d.ID); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, ErrRemoved) {
		t.Errorf("the Put ended with %v", err)
	}
	if found := s.find(Query{Collection: "hr", Person: "owner", Text: "parental leave"}); len(found.Passages) != 0 {
		t.Errorf("found %+v", found.Passages)
	}
}

func TestRerank(t *testing.T) {
	f := newFake()
	f.reranker = "rank"
	s := newShelf(t, f)
	s.collection("hr", "owner")
	s.put(storage.Document{CollectionID: "hr"}, "en", parental, "Leave is leave.")
	p := s.find(Query{Collection: "hr", Person: "owner", Text: "leave", Language: "en"}).Passages
	if len(p) != 2 || p[0].Heading != "Parental leave" || p[0].Ranks.Rerank != 1 || p[0].Ranks.Vector != 2 {
		t.Errorf("passages = %+v", p)
	}
}

func TestBest(t *testing.T) {
	s := newShelf(t, newFake())
	s.collection("hr", "owner")
	s.put(storage.Document{CollectionID: "hr"}, "en", "Leave\nThe year is the calendar year. Every employee receives 30 days of annual leave. Leave lapses in March.")
	q := Query{Collection: "hr", Person: "owner", Text: "How many days of annual leave do I get?"}
	p := s.find(q).Passages[0]
	best := s.ix.Best(t.Context(), q, p)
	if best.Text != "Every employee receives 30 days of annual leave." || p.Text[best.From:best.To] != best.Text || best.Score <= 0 {
		t.Errorf("best = %+v", best)
	}
	p.Text = "one two"
	if best := s.ix.Best(t.Context(), q, p); best.Text != p.Text {
		t.Errorf("of one sentence: %+v", best)
	}
}
