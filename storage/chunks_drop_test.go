package storage

import (
	"crypto/sha256"
	"fmt"
	"testing"
)

// indexed puts a document of so many chunks into the index, each with words of its own.
func indexed(t *testing.T, db *DB, name string, count int) string {
	t.Helper()
	d := newDocument(t, db, Document{CollectionID: "hr", Name: name, SHA256: name})
	var err error
	if d, _, err = db.NextDocument(t.Context()); err == nil {
		d, err = db.MoveDocument(t.Context(), d.ID, DocumentReading, DocumentIndexing, "")
	}
	mustDo(t, err)
	num, gen, err := db.NewChunks(t.Context(), d.ID)
	mustDo(t, err)
	var chunks []IndexChunk
	var vectors []Vector
	for i := range count {
		text := fmt.Sprintf("kanarienvogel%s%d sings of leave, travel and the days of the year %d.", name, i, i%50)
		c := IndexChunk{Chunk: Chunk{ID: fmt.Sprint(name, i), Seq: i, Heading: "H", Text: text, Language: "en"}, Stem: text, Hash: sha256.Sum256([]byte(text))}
		chunks, vectors = append(chunks, c), append(vectors, Vector{Hash: c.Hash, Scale: 1, Values: make([]int8, 8)})
	}
	mustDo(t, db.AddChunks(t.Context(), num, gen, chunks, "f", vectors))
	mustDo(t, db.PublishChunks(t.Context(), d.ID, gen, count, Contents{SHA256: name, Format: "text"}))
	return d.ID
}

func dropAll(t *testing.T, db *DB, id string) {
	t.Helper()
	if _, err := db.DeleteDocument(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	erase(t, db)
}

// One large document goes: its words, which are only marked as deleted at
// first, are in no file after the scrub, and the others are whole.
func TestSoakErase_NothingIsLeft(t *testing.T) {
	count := 2000 / 5
	if soaking() {
		count = 10_000
	}
	db, _ := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	indexed(t, db, "kept", 300)
	large := indexed(t, db, "large", count)
	small := indexed(t, db, "small", 30)
	for _, gone := range []struct {
		id, name string
		marked   bool
	}{{small, "small", false}, {large, "large", true}} {
		if len(grep(t, db, "vogel"+gone.name)) == 0 {
			t.Fatal("the test is blind")
		}
		before := db.drops.marked.Load()
		dropAll(t, db, gone.id)
		if marked := db.drops.marked.Load() > before; marked != gone.marked {
			t.Errorf("%s: words were marked: %v", gone.name, marked)
		}
		if clean, err := db.ScrubDeleted(t.Context()); !clean || err != nil {
			t.Fatal(clean, err)
		}
		// Of the words in order, each page has the first whole and of the next what differs.
		for _, text := range []string{"vogel" + gone.name, gone.name + "1", gone.name[1:] + "39"} {
			if found := grep(t, db, text); len(found) != 0 {
				t.Errorf("%q is still in %v", text, found)
			}
		}
	}
	reach := Reach{Collection: "hr", Person: "anna", AsOf: "2026-01-31"}
	hits, err := db.MatchChunks(t.Context(), reach, `"leave"`, false, 1000)
	if err != nil || len(hits) != 300 {
		t.Errorf("%d of the others are found, %v", len(hits), err)
	}
	if _, err := db.writer.Exec(`INSERT INTO chunks_fts (chunks_fts, rank) VALUES ('integrity-check', 1)`); err != nil {
		t.Error(err)
	}
	checkWhole(t, db)
}

// The program ends before the merge: the next run does it.
func TestErase_AMergeIsDueAfterACrash(t *testing.T) {
	db, c := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	indexed(t, db, "kept", 20)
	id := indexed(t, db, "large", secureChunks+50)
	dropAll(t, db, id)
	path := db.path
	mustDo(t, db.Close())
	db = open(t, path, c)
	if clean, err := db.ScrubDeleted(t.Context()); !clean || err != nil {
		t.Fatal(clean, err)
	}
	if found := grep(t, db, "vogellarge"); len(found) != 0 {
		t.Errorf("still in %v", found)
	}
	var secure bool
	if err := db.writer.QueryRow(readSecure).Scan(&secure); err != nil || !secure {
		t.Errorf("few chunks do not leave at once any more: %v", err)
	}
}

// What is marked while a merge goes on makes another one due.
func TestMergeDeleted_MoreMeanwhile(t *testing.T) {
	db, _ := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	indexed(t, db, "kept", 20)
	id := indexed(t, db, "large", secureChunks+1)
	before := db.drops.marked.Load()
	dropAll(t, db, id)
	for _, c := range []struct {
		marked int64
		want   bool
	}{{before, false}, {db.drops.marked.Load(), true}} {
		done, err := db.mergeDeleted(t.Context(), c.marked)
		if err != nil || done != c.want {
			t.Errorf("done %v, want %v, %v", done, c.want, err)
		}
	}
	if done, err := db.mergeDeleted(t.Context(), before); !done || err != nil { // nothing is due
		t.Error(done, err)
	}
}
