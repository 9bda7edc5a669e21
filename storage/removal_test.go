package storage

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// nothing fails where anything of a document is found by anybody.
func nothing(t *testing.T, db *DB, when string, d Document, message string) {
	t.Helper()
	ctx, reach := t.Context(), Reach{Collection: d.CollectionID, Person: "anna", AsOf: "2026-12-31"}
	found := 0
	hits, err := db.MatchChunks(ctx, reach, `"leave"`, true, 10)
	mustDo(t, err)
	found += len(hits)
	nums, _, err := db.ReachDocuments(ctx, reach)
	mustDo(t, err)
	found += len(nums)
	whole, err := db.WholeReach(ctx, reach, 1_000_000)
	mustDo(t, err)
	found += len(whole)
	blocks, err := db.Blocks(ctx, d.ID, 0, 1_000_000)
	mustDo(t, err)
	found += len(blocks)
	list, _, err := db.Documents(ctx, DocumentFilter{Person: "anna"})
	mustDo(t, err)
	found += len(list)
	if found > 0 {
		t.Errorf("%s: %d things are found", when, found)
	}
	_, err1 := db.Document(ctx, "anna", d.ID)
	_, err2 := db.ReachChunk(ctx, reach, d.Name+"0")
	for i, err := range []error{err1, err2} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: look %d: %v", when, i, err)
		}
	}
	m, err := db.Message(ctx, message)
	mustDo(t, err)
	if s := m.Sources[0]; !s.Removed || s.Text != "" || s.Quote != "" || s.Heading != "" || s.Document == "" {
		t.Errorf("%s: a citation says %+v", when, s)
	}
}

// A document of ten thousand passages, and a collection with it, are out of
// every query from the first small transaction on. The rest goes in small ones,
// between which others write, and over any end of the program.
func TestSoakRemoval_OutAtOnceErasedInSteps(t *testing.T) {
	count := 10_000 / 20
	if soaking() {
		count = 10_000
	}
	for _, whole := range []bool{false, true} {
		db, c := openNew(t)
		newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
		d, err := db.AnyDocument(t.Context(), indexed(t, db, "large", count))
		mustDo(t, err)
		chat := newConversation(t, db)
		turn := ask(t, db, chat, "", "How much leave?")
		_, err = db.SetSources(t.Context(), turn.Answer.ID, []Source{{N: 1, DocumentID: d.ID, Document: "large", Heading: "kanarienvogellarge0", Quote: "kanarienvogellarge0", Text: "kanarienvogellarge0 sings"}}, Grounding{Collection: "hr"})
		mustDo(t, err)
		answer(t, db, turn, "Thirty days [1].")
		before := db.changes(t)
		if whole {
			mustDo(t, db.DeleteCollection(t.Context(), "hr"))
		} else if _, err := db.DeleteDocument(t.Context(), d.ID); err != nil {
			t.Fatal(err)
		}
		if n := db.changes(t) - before; n > 20 {
			t.Errorf("the mark changed %d rows", n)
		}
		nothing(t, db, "marked", d, turn.Answer.ID)
		if whole {
			dropCollectionsOf(t, db, d.ID)
		}
		steps, path := 0, db.path
		for more := true; more; steps++ {
			before := db.changes(t)
			if _, more, err = db.EraseRemoved(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := db.changes(t) - before; n > 12*markedStep+blocksTogether {
				t.Errorf("a step changed %d rows", n)
			}
			parent := ask(t, db, chat, turn.Answer.ID, "And now?") // others write in between
			answer(t, db, parent, "Yes.")
			if steps == 0 {
				mustDo(t, db.EachVector(t.Context(), "f", 0, func(ChunkVector) { t.Fatal("a vector is read into memory") }))
				nothing(t, db, "in between", d, turn.Answer.ID)
				mustDo(t, db.Close())
				db = open(t, path, c)
				if old, err := db.DocumentsWithOld(t.Context()); err != nil || len(old) != 0 {
					t.Errorf("two would erase the same: %v %v", old, err)
				}
				nothing(t, db, "after a restart", d, turn.Answer.ID)
			}
		}
		if steps < 2 {
			t.Errorf("%d steps", steps)
		}
		if clean, err := db.ScrubDeleted(t.Context()); !clean || err != nil {
			t.Fatal(clean, err)
		}
		if found := grep(t, db, "vogellarge"); len(found) != 0 {
			t.Errorf("still in %v", found)
		}
		checkWhole(t, db)
	}
}

func dropCollectionsOf(t *testing.T, db *DB, want string) {
	t.Helper()
	ids, err := db.RemovableDocuments(t.Context(), 10)
	if err != nil || !slices.Equal(ids, []string{want}) {
		t.Fatalf("removable %v, %v", ids, err)
	}
	_, err = db.DeleteDocuments(t.Context(), ids...)
	mustDo(t, err)
}

// changes is how many rows the writer changed so far.
func (db *DB) changes(t *testing.T) (n int) {
	t.Helper()
	mustDo(t, db.writer.QueryRow("SELECT total_changes()").Scan(&n))
	return n
}

// A text of very many blocks is written in several transactions. What was there
// before is the text until the last of them, and then nothing of it is.
func TestAddBlocks_InvisibleUntilPublished(t *testing.T) {
	db, _ := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	d := newDocument(t, db, Document{CollectionID: "hr", Name: "a", SHA256: "a"})
	read(t, db, "old")
	text := func(want string, count int) {
		t.Helper()
		list, err := db.Blocks(t.Context(), d.ID, 0, 1_000_000)
		if err != nil || len(list) != count || count > 0 && (list[0].Text != want || list[count-1].Seq != count-1) {
			t.Errorf("%d blocks, want %d of %q, %v", len(list), count, want, err)
		}
	}
	count := blocksTogether + 10
	_, err := db.QueueDocument(t.Context(), d.ID, 0, d.CreatedAt)
	mustDo(t, err)
	if d, _, err = db.NextDocument(t.Context()); err == nil {
		d, err = db.MoveDocument(t.Context(), d.ID, DocumentReading, DocumentIndexing, "")
	}
	mustDo(t, err)
	blocks := slices.Repeat([]Block{{Kind: "row", Text: "new", Cells: []string{"n", "ew"}}}, count)
	num, gen, err := db.NewChunks(t.Context(), d.ID)
	mustDo(t, err)
	mustDo(t, db.AddBlocks(t.Context(), num, gen, blocks[:10]))
	text("old", 1)
	if old, err := db.DocumentsWithOld(t.Context()); err != nil || !slices.Equal(old, []int64{num}) { // what a crash here leaves
		t.Errorf("leftovers of %v, %v", old, err)
	}
	for more := true; more; {
		if more, err = db.DropOld(t.Context(), num); err != nil {
			t.Fatal(err)
		}
	}
	text("old", 1)
	mustDo(t, db.AddBlocks(t.Context(), num, gen, blocks))
	before := db.changes(t)
	mustDo(t, db.PublishChunks(t.Context(), d.ID, gen, 0, Contents{SHA256: "a", Format: "text"}))
	if n := db.changes(t) - before; n > 20 {
		t.Errorf("publishing changed %d rows", n)
	}
	text("new", count)
	for more := true; more; {
		if more, err = db.DropOld(t.Context(), num); err != nil {
			t.Fatal(err)
		}
	}
	text("new", count)
	if old, err := db.DocumentsWithOld(t.Context()); err != nil || len(old) != 0 {
		t.Errorf("leftovers of %v, %v", old, err)
	}
}

// Neither the name of a deleted collection nor the row of a deleted document
// means anything else later.
func TestRemoval_NoIDMeansAnother(t *testing.T) {
	db, c := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	seen, ids, path := map[int64]bool{}, map[string]bool{}, db.path
	for i := range 6 {
		d := newDocument(t, db, Document{CollectionID: "hr", Name: fmt.Sprint(i), SHA256: fmt.Sprint(i)})
		if seen[d.Num] || ids[d.ID] {
			t.Errorf("%+v is named as one before it", d)
		}
		seen[d.Num], ids[d.ID] = true, true
		_, err := db.DeleteDocument(t.Context(), d.ID)
		mustDo(t, err)
		erase(t, db)
		if i == 3 {
			mustDo(t, db.Close())
			db = open(t, path, c)
		}
	}
	mustDo(t, db.DeleteCollection(t.Context(), "hr"))
	dropCollections(t, db)
	if _, err := db.CreateCollection(t.Context(), Collection{ID: "hr", Title: "hr", Owner: "anna"}); !errors.Is(err, ErrRetired) || !errors.Is(err, ErrConflict) {
		t.Errorf("the name is given again: %v", err)
	}
}
