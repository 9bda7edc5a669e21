package index

import (
	"slices"
	"strings"
	"testing"

	"alcove/storage"
)

const (
	parental = "Parental leave\nEmployees receive sixteen weeks of paid parental leave after the birth of a child."
	parking  = "Parking\nThe garage opens at six in the morning; a badge is needed at night."
	expenses = "Expenses\nTravel expenses are paid back within thirty days after the receipt was sent."
)

func TestSearch_BothLists(t *testing.T) {
	s := newShelf(t, newFake())
	s.collection("hr", "owner")
	d := s.put(storage.Document{CollectionID: "hr", Name: "handbook.pdf", Title: "Handbook"}, "en", parking, parental, expenses)
	found := s.find(Query{Collection: "hr", Person: "owner", Text: "How many weeks of parental leave do I get?"})
	if found.Mode != ModeHybrid || found.Reason != "" || found.Language != "en" {
		t.Fatalf("found = %+v", found)
	}
	p := found.Passages[0]
	if !strings.Contains(p.Text, "sixteen weeks") || p.Heading != "Parental leave" || p.Document.ID != d.ID || p.Document.Title != "handbook.pdf" {
		t.Errorf("first passage = %+v", p)
	}
	if p.Ranks.Text != 1 || p.Ranks.Vector != 1 || p.Score <= found.Passages[1].Score || p.Signals.Coverage != 1 || p.Signals.Cosine <= 0.3 || p.Signals.BM25 <= 0.3 {
		t.Errorf("ranks %+v, signals %+v, score %v", p.Ranks, p.Signals, p.Score)
	}
	if found.Coverage != 1 || found.Margin <= 0 || found.Agreement <= 0 {
		t.Errorf("found = %+v", found)
	}
	if want := []string{"weeks", "parental", "leave"}; !slices.Equal(found.Terms, want) {
		t.Errorf("terms = %q, want %q", found.Terms, want)
	}
	if none := s.find(Query{Collection: "hr", Person: "owner", Text: "Who repairs the coffee machine?"}); none.Coverage != 0 {
		t.Errorf("coverage of what is not there = %v", none.Coverage)
	}
}

func TestSearch_RemovedIsNotFound(t *testing.T) {
	s := newShelf(t, newFake())
	s.collection("hr", "owner")
	d := s.put(storage.Document{CollectionID: "hr"}, "en", parental)
	other := s.put(storage.Document{CollectionID: "hr"}, "en", parking)
	s.remove(d)
	for _, p := range s.find(Query{Collection: "hr", Person: "owner", Text: "weeks of parental leave"}).Passages {
		if p.DocumentID != other.ID {
			t.Errorf("found %q", p.Text)
		}
	}
	if rows, _ := s.ix.vectors.count(); rows != 1 {
		t.Errorf("%d vectors in memory, want 1", rows)
	}
	if known, err := s.store.KnownWords(t.Context(), []string{"parental", "sixteen", "garage"}); err != nil || len(known) != 1 {
		t.Errorf("words of the index: %v, %v", known, err)
	}
}

func TestPut_OldAnswersUntilTheNewIsThere(t *testing.T) {
	f := newFake()
	s := newShelf(t, f)
	s.collection("hr", "owner")
	d := s.put(storage.Document{CollectionID: "hr"}, "en", parental, parking)
	q := Query{Collection: "hr", Person: "owner", Text: "weeks of parental leave"}
	s.said(d)
	before := f.texts.Load()
	changed := strings.Replace(parental, "sixteen", "twenty", 1)
	s.again(d, "en", changed, parking)
	s.said(d)
	_, text, _ := strings.Cut(changed, "\n")
	if n := int(f.texts.Load() - before); n != 1+len(spansOf(text)) {
		t.Errorf("%d texts were embedded: one passage had changed, of %d sentences", n, len(spansOf(text)))
	}
	if got := s.texts(q); len(got) != 2 || !strings.Contains(got[0], "twenty weeks") {
		t.Errorf("found %q", got)
	}
	if rows, _ := s.ix.vectors.count(); rows != 2 {
		t.Errorf("%d vectors in memory, want 2", rows)
	}
}

func TestSearch_WithoutEmbedder(t *testing.T) {
	s := newShelf(t, nil)
	s.collection("hr", "owner")
	s.put(storage.Document{CollectionID: "hr"}, "en", parental, parking)
	found := s.find(Query{Collection: "hr", Person: "owner", Text: "parental leave"})
	if s.ix.Filling() || found.Mode != ModeText || found.Reason != reasonNoEmbedder || len(found.Passages) != 1 || found.Passages[0].Score != 1 {
		t.Errorf("found = %+v", found)
	}
}
