package index

import (
	"alcove/app/documents/chunk"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
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
func until(t testing.TB, what string, done func() bool) {
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
	s.said(s.put(storage.Document{CollectionID: "hr"}, "en", parental, parking))
	// What still waits for the first embedder would not see that there is another.
	until(t, "the first embedder has done all", s.ix.Measured)
	q := Query{Collection: "hr", Person: "owner", Text: "weeks of parental leave"}
	hold := make(chan struct{})
	f.set(func(f *fake) { f.fingerprint, f.dimensions, f.hold = "fake-2", 96, hold })
	until(t, "the old vectors left memory", func() bool { return s.ix.vectors.name() == "fake-2" })
	if found := s.find(q); found.Mode != ModeText || found.Reason != reasonNoVectors || len(found.Passages) != 1 {
		t.Errorf("between two embedders: %+v", found)
	}
	close(hold)
	until(t, "new vectors", func() bool { return !s.ix.Filling() })
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

// A passage that has its new vector already would come before a better one that
// has none: until all have one, words alone are looked for.
func TestEmbedder_ChangesWhileQuestionsAreAsked(t *testing.T) {
	f := newFake()
	s := newShelf(t, f)
	s.collection("hr", "owner")
	texts := []string{parental}
	for i := range 2 * together {
		texts = append(texts, fmt.Sprintf("Parking\nLevel %d of the garage is for staff on leave.", i))
	}
	s.said(s.put(storage.Document{CollectionID: "hr"}, "en", texts...))
	until(t, "the first embedder has done all", s.ix.Measured)
	q := Query{Collection: "hr", Person: "owner", Text: "weeks of parental leave"}
	first := s.find(q).Passages[0].Heading
	hold := make(chan struct{})
	f.set(func(f *fake) { f.fingerprint, f.hold = "fake-2", hold })
	hold <- struct{}{}
	until(t, "the first new vectors", func() bool { return s.ix.vectors.name() == "fake-2" && s.vectors() >= together })
	if !s.ix.Filling() {
		t.Error("it is not said that vectors are being made")
	}
	if found := s.find(q); found.Mode != ModeText || found.Reason != reasonNoVectors || found.Passages[0].Heading != first {
		t.Errorf("with the vectors of some: %+v", found)
	}
	close(hold)
	until(t, "all new vectors", func() bool { return !s.ix.Filling() })
	if found := s.find(q); found.Mode != ModeHybrid || found.Passages[0].Heading != first {
		t.Errorf("with all vectors: %+v", found)
	}
}

// One document that has no vectors yet does not end the looking for meaning in
// all others.
func TestEmbedder_FailsForOneOfMany(t *testing.T) {
	f := newFake()
	s := newShelf(t, f)
	s.collection("hr", "owner")
	texts := []string{parental}
	for i := range 2 * few {
		texts = append(texts, fmt.Sprintf("Parking\nLevel %d of the garage.", i))
	}
	s.said(s.put(storage.Document{CollectionID: "hr"}, "en", texts...))
	q := Query{Collection: "hr", Person: "owner", Text: "weeks of parental leave"}
	s.find(q) // its vector is kept
	f.set(func(f *fake) { f.failing = true })
	s.put(storage.Document{CollectionID: "hr"}, "en", expenses)
	if found := s.find(q); s.ix.Filling() || found.Mode != ModeHybrid {
		t.Errorf("%s: %s", found.Mode, found.Reason)
	}
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
	until(t, "vectors made up for", func() bool { return !s.ix.Filling() })
	if found := s.find(q); found.Mode != ModeHybrid {
		t.Errorf("found = %+v", found)
	}
}

// A text that an embedder cannot take is found by its words, and takes the
// vectors from nobody else.
func TestEmbedder_CannotTakeOneText(t *testing.T) {
	f := newFake()
	f.unfit = "garage"
	s := newShelf(t, f)
	s.collection("hr", "owner")
	s.put(storage.Document{CollectionID: "hr"}, "en", parental, expenses, "Parking\nThe garage is for staff.")
	until(t, "vectors of the others", func() bool { return s.vectors() == 2 && !s.ix.Filling() })
	if found := s.find(Query{Collection: "hr", Person: "owner", Text: "parental leave"}); found.Mode != ModeHybrid {
		t.Errorf("found = %+v", found)
	}
	if found := s.find(Query{Collection: "hr", Person: "owner", Text: "who is staff"}); len(found.Passages) == 0 || found.Passages[0].Heading != "Parking" {
		t.Errorf("found = %+v", found)
	}
}

func TestVectors_AreReadAgain(t *testing.T) {
	f := newFake()
	s := newShelf(t, f)
	s.collection("hr", "owner")
	s.said(s.put(storage.Document{CollectionID: "hr"}, "en", parental, parking, expenses))
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
	s.remove(d)
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

// The head of a table has the words of a question and no answer.
func TestBest_IsARowOfATable(t *testing.T) {
	s := newShelf(t, nil)
	s.collection("hr", "owner")
	s.put(storage.Document{CollectionID: "hr"}, "en", "Whom to ask\nMatter | Office | Reply\nMatter: Contracts; Office: People Office; Reply: 2 days\nMatter: Pay slips; Office: Payroll; Reply: 3 days")
	for question, want := range map[string]string{"Which office for which matter?": "Matter: Contracts; Office: People Office; Reply: 2 days", "Whom about pay slips?": "Matter: Pay slips; Office: Payroll; Reply: 3 days"} {
		q := Query{Collection: "hr", Person: "owner", Text: question}
		if best := s.ix.Best(t.Context(), q, s.find(q).Passages[0]); best.Text != want {
			t.Errorf("%s: %+v", question, best)
		}
	}
}

func TestBest(t *testing.T) {
	f := newFake()
	s := newShelf(t, f)
	s.collection("hr", "owner")
	d := s.put(storage.Document{CollectionID: "hr"}, "en", "Leave\nThe year is the calendar year. Every employee receives 30 days of annual leave. Leave lapses in March.")
	s.said(d)
	q := Query{Collection: "hr", Person: "owner", Text: "How many days of annual leave do I get?"}
	p := s.find(q).Passages[0]
	before := f.texts.Load()
	best := s.ix.Best(t.Context(), q, p)
	if best.Text != "Every employee receives 30 days of annual leave." || p.Text[best.From:best.To] != best.Text || best.Score <= 0 {
		t.Errorf("best = %+v", best)
	}
	p.said = nil // as of a passage that no search gave
	if again := s.ix.Best(t.Context(), q, p); again != best {
		t.Errorf("best = %+v, before %+v", again, best)
	}
	if f.texts.Load() != before {
		t.Errorf("%d texts were embedded for a quote", f.texts.Load()-before)
	}
	p.Text = "one two"
	if best := s.ix.Best(t.Context(), q, p); best.Text != p.Text {
		t.Errorf("of one sentence: %+v", best)
	}
}

// said waits until the sentences of a document have vectors.
func (s *shelf) said(d storage.Document) {
	s.t.Helper()
	until(s.t, "vectors of sentences", func() bool { return s.sentences(d) > 0 && !s.ix.Unsaid(s.t.Context()) })
}

// sentences counts passages of a collection's documents whose sentences have vectors.
func (s *shelf) sentences(d storage.Document) int {
	s.t.Helper()
	whole, err := s.ix.Whole(s.t.Context(), "owner", d.CollectionID, "", 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	var hashes [][32]byte
	for _, p := range whole {
		hashes = append(hashes, sha256.Sum256([]byte(chunk.Input(p.Chunk))))
	}
	stored, err := s.store.SentencesOf(s.t.Context(), s.fake.fingerprint, hashes)
	if err != nil {
		s.t.Fatal(err)
	}
	return len(stored)
}

// A document's sentences get vectors after it is found, keep them while another
// passage changes, and lose them with it; another embedder makes them anew.
func TestSentencesLiveWithTheirPassage(t *testing.T) {
	f := newFake()
	f.hold = make(chan struct{})
	s := newShelf(t, f)
	s.collection("hr", "owner")
	done := make(chan storage.Document)
	go func() {
		done <- s.put(storage.Document{CollectionID: "hr"}, "en", "One day. Two days.", "Three days. Four days.")
	}()
	f.hold <- struct{}{} // the passages' own
	d := <-done
	p := s.find(Query{Collection: "hr", Person: "owner", Text: "two days"}).Passages
	if len(p) != 2 || p[0].Signals.Sentence != 0 || p[0].Signals.Cosine == 0 {
		t.Errorf("before sentences have vectors: %+v", p)
	}
	close(f.hold)
	s.said(d)
	if p = s.find(Query{Collection: "hr", Person: "owner", Text: "two days"}).Passages; p[0].Signals.Sentence < 0.99 {
		t.Errorf("with vectors of sentences: %+v", p[0].Signals)
	}
	if n := s.sentences(d); n != 2 {
		t.Errorf("%d passages with sentences", n)
	}
	one := sha256.Sum256([]byte("One day. Two days."))
	s.again(d, "en", "Three days. Four days.")
	s.said(d)
	if left, err := s.store.SentencesOf(t.Context(), "fake-1", [][32]byte{one}); err != nil || len(left) != 0 {
		t.Errorf("sentences of a passage that is gone: %v %v", left, err)
	}
	f.mu.Lock()
	f.fingerprint = "fake-2"
	f.mu.Unlock()
	until(t, "vectors of another embedder", func() bool { return s.sentences(d) == 1 })
	s.remove(d)
	three := sha256.Sum256([]byte("Three days. Four days."))
	for _, name := range []string{"fake-1", "fake-2"} {
		if left, err := s.store.SentencesOf(t.Context(), name, [][32]byte{three}); err != nil || len(left) != 0 {
			t.Errorf("sentences of a document that is gone: %v %v", left, err)
		}
	}
}

func TestCosinesOfPackedSentences(t *testing.T) {
	spans := spansOf("Alpha beta. Gamma delta.")
	vectors := make([]storage.Vector, 2)
	vectors[0].Scale, vectors[0].Values = quantize([]float32{1, 0, 0})
	vectors[1].Scale, vectors[1].Values = quantize([]float32{0, 0.6, 0.8})
	data := packSaid(spans, vectors)
	scale, q := quantize([]float32{0, 0, 1})
	got := cosinesIn(data, scale, q)
	if len(got) != 2 || got[1].start != 12 || math.Abs(got[0].cosine) > 0.01 || math.Abs(got[1].cosine-0.8) > 0.01 {
		t.Errorf("cosines = %v", got)
	}
	for n := range data {
		cosinesIn(data[:n], scale, q) // cut short: no crash
	}
	if got := cosinesIn(data, 1, []int8{1, 2}); got != nil {
		t.Errorf("of another length: %v", got)
	}
}
