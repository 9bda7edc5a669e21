package storage

import (
	"fmt"
	"testing"
)

// The list of ten thousand documents comes page by page, each document once.
func TestSoakDocuments_Paging(t *testing.T) {
	db, _ := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	count := 10_000 / 20
	if soaking() {
		count = 10_000
	}
	for i := range count {
		newDocument(t, db, Document{CollectionID: "hr", Name: fmt.Sprintf("file %d", i), SHA256: fmt.Sprint(i)})
	}
	for _, f := range []DocumentFilter{{Collection: "hr"}, {}, {Collection: "hr", State: DocumentWaiting}, {Text: "FILE"}} {
		f.Person, f.Limit = "anna", 33
		seen := map[string]bool{}
		for {
			list, next, err := db.Documents(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range list {
				if seen[d.ID] {
					t.Fatalf("%+v: %s comes twice", f, d.Name)
				}
				seen[d.ID] = true
			}
			if f.Before = next; next == "" {
				break
			}
		}
		if len(seen) != count {
			t.Errorf("%+v: %d of %d", f, len(seen), count)
		}
	}
}

// A text of very many blocks is taken; how long that keeps others from writing
// is what the benchmark says.
func BenchmarkPutContents(b *testing.B) {
	db, err := Open(b.Context(), Options{Path: b.TempDir() + "/data/alcove.db"})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.CreateCollection(b.Context(), Collection{ID: "hr", Owner: "anna", Title: "HR"}); err != nil {
		b.Fatal(err)
	}
	c := Contents{Format: "text"}
	for i := range 100_000 {
		c.Blocks = append(c.Blocks, Block{Kind: "paragraph", Text: fmt.Sprintf("Paragraph %d has some words that a page of a long document may have, and no more.", i), Page: i / 10})
	}
	for i := 0; b.Loop(); i++ {
		c.SHA256 = fmt.Sprint(i)
		if _, _, err := db.AddDocument(b.Context(), Document{CollectionID: "hr", Name: "a", SHA256: c.SHA256}); err != nil {
			b.Fatal(err)
		}
		d, _, err := db.NextDocument(b.Context())
		if err == nil {
			_, err = db.MoveDocument(b.Context(), d.ID, DocumentReading, DocumentIndexing, "")
		}
		if err == nil {
			err = putContents(b.Context(), db, d.ID, c)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
