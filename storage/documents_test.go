package storage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
)

func newCollection(t *testing.T, db *DB, c Collection) Collection {
	t.Helper()
	if c.Title == "" {
		c.Title = c.ID
	}
	c, err := db.CreateCollection(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func newDocument(t *testing.T, db *DB, d Document) Document {
	t.Helper()
	d, created, err := db.AddDocument(t.Context(), d)
	if err != nil || !created {
		t.Fatalf("AddDocument: created %v, %v", created, err)
	}
	return d
}

// putContents is a text without chunks.
func putContents(ctx context.Context, db *DB, id string, c Contents) error {
	num, gen, err := db.NewChunks(ctx, id)
	if err == nil {
		err = db.AddBlocks(ctx, num, gen, c.Blocks)
	}
	if err == nil {
		err = db.PublishChunks(ctx, id, gen, 0, c)
	}
	for more := true; more && err == nil; {
		more, err = db.DropOld(ctx, num)
	}
	return err
}

// erase removes what is left of documents that were deleted.
func erase(t *testing.T, db *DB) (erased []string) {
	t.Helper()
	for more := true; more; {
		var id string
		var err error
		if id, more, err = db.EraseRemoved(t.Context()); err != nil {
			t.Fatal(err)
		}
		if id != "" {
			erased = append(erased, id)
		}
	}
	return erased
}

// read takes a document through the queue with a text of one block.
func read(t *testing.T, db *DB, text string) Document {
	t.Helper()
	d, _, err := db.NextDocument(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d, err = db.MoveDocument(t.Context(), d.ID, DocumentReading, DocumentIndexing, ""); err != nil {
		t.Fatal(err)
	}
	mustDo(t, putContents(t.Context(), db, d.ID, Contents{SHA256: d.SHA256, Format: "text", Pages: 1, Effective: d.Effective, Blocks: []Block{{Kind: "paragraph", Text: text}}}))
	d, err = db.AnyDocument(t.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestInForce(t *testing.T) {
	v := func(id, series, version, effective string, num int64) Version {
		return Version{ID: id, Num: num, Series: series, Version: version, Effective: effective}
	}
	cases := map[string]struct {
		list  []Version
		day   string
		holds []string
		by    map[string]string
	}{
		"alone": {[]Version{v("a", "", "", "", 1), v("b", "", "", "2025-01-01", 2)}, "2026-11-28", []string{"a", "b"}, nil},
		"newest day holds": {[]Version{v("old", "s", "", "2025-01-01", 2), v("new", "s", "", "2026-01-01", 1)}, "2026-11-28",
			[]string{"new"}, map[string]string{"old": "new"}},
		"not yet":            {[]Version{v("old", "s", "", "2025-01-01", 1), v("next", "s", "", "2027-01-01", 2)}, "2026-11-28", []string{"old"}, nil},
		"as of a day before": {[]Version{v("old", "s", "", "2025-01-01", 1), v("new", "s", "", "2026-01-01", 2)}, "2025-06-01", []string{"old"}, nil},
		"on the very day":    {[]Version{v("old", "s", "", "", 1), v("new", "s", "", "2026-11-28", 2)}, "2026-11-28", []string{"new"}, map[string]string{"old": "new"}},
		"higher version":     {[]Version{v("ten", "s", "v10", "", 1), v("nine", "s", "v9", "", 2)}, "2026-11-28", []string{"ten"}, map[string]string{"nine": "ten"}},
		"later arrival":      {[]Version{v("a", "s", "", "", 1), v("b", "s", "", "", 2)}, "2026-11-28", []string{"b"}, map[string]string{"a": "b"}},
		"other series":       {[]Version{v("a", "s", "", "", 1), v("b", "t", "", "", 2)}, "2026-11-28", []string{"a", "b"}, nil},
		"nothing holds yet":  {[]Version{v("a", "s", "", "2027-01-01", 1), v("b", "", "", "2027-01-01", 1)}, "2026-11-28", nil, nil},
	}
	for name, c := range cases {
		holds, by := InForce(c.list, c.day)
		if got := slices.Sorted(maps.Keys(holds)); !slices.Equal(got, c.holds) || !maps.Equal(by, c.by) {
			t.Errorf("%s: holds %v, superseded by %v", name, got, by)
		}
	}
}

// Two people who were made up: the column is there before the users are.
func TestCollections_RightsAreInTheQuery(t *testing.T) {
	db, _ := openNew(t)
	newCollection(t, db, Collection{ID: "all", Owner: "anna", Readers: []string{EveryReader}})
	newCollection(t, db, Collection{ID: "board", Owner: "anna"})
	newCollection(t, db, Collection{ID: "works", Owner: "anna", Readers: []string{"ben"}})
	docs := map[string]Document{}
	for _, c := range []string{"all", "board", "works"} {
		docs[c] = newDocument(t, db, Document{CollectionID: c, Name: c + ".txt", SHA256: "aa"})
	}
	for person, want := range map[string][]string{"anna": {"all", "board", "works"}, "ben": {"all", "works"}, "carl": {"all"}, "": {"all"}} {
		list, err := db.Collections(t.Context(), person)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range list {
			got = append(got, c.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q reads %v, want %v", person, got, want)
		}
		seen, _, err := db.Documents(t.Context(), DocumentFilter{Person: person})
		if err != nil || len(seen) != len(want) {
			t.Errorf("%q lists %d documents, want %d, %v", person, len(seen), len(want), err)
		}
		for c, d := range docs {
			_, err := db.Document(t.Context(), person, d.ID)
			_, err2 := db.Collection(t.Context(), person, c)
			_, _, err3 := db.Documents(t.Context(), DocumentFilter{Person: person, Collection: c})
			for _, err := range []error{err, err2, err3} {
				if may := slices.Contains(want, c); may != (err == nil) || !may && !errors.Is(err, ErrNotFound) {
					t.Errorf("%q and %s: %v", person, c, err)
				}
			}
		}
	}
	mustDo(t, db.DeleteCollection(t.Context(), "board"))
	if _, err := db.Document(t.Context(), "anna", docs["board"].ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("a document of a deleted collection: %v", err)
	}
	for range 2 { // also when nothing is left of it
		if _, err := db.CreateCollection(t.Context(), Collection{ID: "board", Owner: "anna"}); !errors.Is(err, ErrRetired) {
			t.Errorf("the name of a deleted collection is given again: %v", err)
		}
		if count(t, db, "collections") > 3 {
			dropCollections(t, db, docs["board"].ID)
		}
	}
	checkWhole(t, db)
}

func dropCollections(t *testing.T, db *DB, want ...string) {
	t.Helper()
	ids, err := db.RemovableDocuments(t.Context(), 10)
	if err != nil || !slices.Equal(ids, want) {
		t.Fatalf("removable %v, %v", ids, err)
	}
	if gone, err := db.DeleteDocuments(t.Context(), append(ids, "nobody")...); err != nil || len(gone) != len(want) {
		t.Fatal(gone, err)
	}
	if ids, err := db.RemovableDocuments(t.Context(), 10); err != nil || len(ids) != 0 {
		t.Fatalf("removable %v, %v", ids, err)
	}
	if erased := erase(t, db); !slices.Equal(erased, want) {
		t.Errorf("erased %v", erased)
	}
}

func TestQueue_Order(t *testing.T) {
	db, c := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	newCollection(t, db, Collection{ID: "it", Owner: "anna"})
	folder, err := db.AddFolder(t.Context(), DocumentFolder{CollectionID: "hr", Path: "/srv"})
	if err != nil {
		t.Fatal(err)
	}
	add := func(collection, name string, priority int) {
		d := Document{CollectionID: collection, Name: name, Priority: priority, SHA256: name}
		if priority > 0 {
			d.Folder, d.Path = folder.ID, name
		}
		newDocument(t, db, d)
		c.advance(time.Second)
	}
	add("hr", "scan", 1)
	add("hr", "sent1", 0)
	add("it", "sent2", 0)
	add("hr", "sent3", 0)
	pause := func(p bool) {
		if _, err := db.ChangeCollection(t.Context(), "it", func(c *Collection) error { c.Paused = p; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	pause(true)
	for _, want := range []string{"sent1", "sent3", "scan"} {
		if d, _, err := db.NextDocument(t.Context()); err != nil || d.Name != want || d.Attempts != 1 {
			t.Fatalf("next is %s after %d attempts, want %s, %v", d.Name, d.Attempts, want, err)
		}
	}
	if _, _, err := db.NextDocument(t.Context()); !errors.Is(err, ErrNotFound) {
		t.Fatal(err)
	}
	pause(false)
	d, _, err := db.NextDocument(t.Context())
	if err != nil || d.Name != "sent2" {
		t.Fatal(d.Name, err)
	}
	later := c.now().Add(time.Minute)
	if _, err := db.QueueDocument(t.Context(), d.ID, 1, later); err != nil {
		t.Fatal(err)
	}
	if _, soon, err := db.NextDocument(t.Context()); !errors.Is(err, ErrNotFound) || !soon.Equal(later) {
		t.Fatal(soon, err)
	}
	c.advance(time.Minute)
	if d, _, err := db.NextDocument(t.Context()); err != nil || d.Name != "sent2" || d.Attempts != 2 {
		t.Fatal(d, err)
	}
	if _, err := db.MoveDocument(t.Context(), d.ID, DocumentReading, DocumentIndexing, ""); err != nil {
		t.Fatal(err)
	}
	mustDo(t, db.ResumeDocuments(t.Context(), 2, "crashed"))
	list, _, err := db.Documents(t.Context(), DocumentFilter{Person: "anna", Collection: "it"})
	if err != nil || list[0].State != DocumentFailed || list[0].Reason != "crashed" {
		t.Error(list, err)
	}
	if d, _, err := db.NextDocument(t.Context()); err != nil || d.Name != "sent1" || d.Attempts != 1 {
		t.Error("what was being read does not wait again:", d.Name, err)
	}
}

func TestDocuments_TheSameBytesOnce(t *testing.T) {
	db, _ := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	folder, err := db.AddFolder(t.Context(), DocumentFolder{CollectionID: "hr", Path: "/srv"})
	if err != nil {
		t.Fatal(err)
	}
	first := newDocument(t, db, Document{CollectionID: "hr", Name: "a", SHA256: "aa"})
	again, created, err := db.AddDocument(t.Context(), Document{CollectionID: "hr", Name: "b", SHA256: "aa"})
	if err != nil || created || again.ID != first.ID {
		t.Fatalf("created %v, %v", created, err)
	}
	copied := newDocument(t, db, Document{CollectionID: "hr", Name: "c", Path: "c", Folder: folder.ID, SHA256: "aa"})
	third := newDocument(t, db, Document{CollectionID: "hr", Name: "d", Path: "d", Folder: folder.ID, SHA256: "aa"})
	if copied.State != DocumentDuplicate || copied.Reason != first.ID {
		t.Fatal(copied.State, copied.Reason)
	}
	if _, err := db.DeleteDocument(t.Context(), first.ID); err != nil {
		t.Fatal(err)
	}
	if d, _, err := db.NextDocument(t.Context()); err != nil || d.ID != copied.ID {
		t.Errorf("the duplicate does not take the place of what went: %v", err)
	}
	if third, err = db.AnyDocument(t.Context(), third.ID); err != nil || third.Reason != copied.ID {
		t.Error("the other duplicate names", third.Reason, err)
	}
	if used, err := db.SentInUse(t.Context(), "aa"); err != nil || used {
		t.Error("the file that was sent is in use by nobody", used, err)
	}
}

// What is given up while its text still answers is there: its copy stays one.
func TestDocuments_CancelledAndStillFound(t *testing.T) {
	db, _ := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	folder, err := db.AddFolder(t.Context(), DocumentFolder{CollectionID: "hr", Path: "/srv"})
	if err != nil {
		t.Fatal(err)
	}
	newDocument(t, db, Document{CollectionID: "hr", Name: "a", SHA256: "aa"})
	first := read(t, db, "text")
	copied := newDocument(t, db, Document{CollectionID: "hr", Name: "b", Path: "b", Folder: folder.ID, SHA256: "aa"})
	if _, err := db.QueueDocument(t.Context(), first.ID, 0, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.MoveDocument(t.Context(), first.ID, DocumentWaiting, DocumentCancelled, ""); err != nil {
		t.Fatal(err)
	}
	if copied, err = db.AnyDocument(t.Context(), copied.ID); err != nil || copied.State != DocumentDuplicate {
		t.Error(copied.State, err)
	}
}

func TestDocuments_ChangedWhileTheOldAnswers(t *testing.T) {
	db, c := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	d := newDocument(t, db, Document{CollectionID: "hr", Name: "a", SHA256: "aa"})
	read(t, db, "kanarienvogel")
	if _, err := db.SetDocumentFile(t.Context(), d.ID, "bb", 7, c.now()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.QueueDocument(t.Context(), d.ID, 0, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if b, err := db.Blocks(t.Context(), d.ID, 0, 10); err != nil || len(b) != 1 || b[0].Text != "kanarienvogel" {
		t.Fatal(b, err)
	}
	if err := putContents(t.Context(), db, d.ID, Contents{SHA256: "bb"}); !errors.Is(err, ErrConflict) {
		t.Errorf("text of a document that waits was taken: %v", err)
	}
	if now := read(t, db, "new"); now.Indexed != "bb" || now.State != DocumentReady {
		t.Error(now)
	}
	if clean, err := db.ScrubDeleted(t.Context()); err != nil || !clean {
		t.Error(clean, err)
	}
	if found := grep(t, db, "kanarienvogel"); len(found) != 0 {
		t.Errorf("the old text is still in %v", found)
	}
}

func TestDocuments_DeletedLeavesNothing(t *testing.T) {
	db, _ := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	for i := range 50 {
		newDocument(t, db, Document{CollectionID: "hr", Name: fmt.Sprintf("kanarienvogel%d", i), SHA256: fmt.Sprint(i)})
		read(t, db, fmt.Sprintf("the kanarienvogel %d sings", i))
	}
	if len(grep(t, db, "kanarienvogel")) == 0 {
		t.Fatal("the test is blind")
	}
	list, _, err := db.Documents(t.Context(), DocumentFilter{Person: "anna"})
	if err != nil || len(list) != 50 {
		t.Fatal(len(list), err)
	}
	for _, d := range list {
		if _, err := db.DeleteDocument(t.Context(), d.ID); err != nil {
			t.Fatal(err)
		}
	}
	if erased := erase(t, db); len(erased) != 50 {
		t.Errorf("%d were erased", len(erased))
	}
	if clean, err := db.ScrubDeleted(t.Context()); err != nil || !clean {
		t.Error(clean, err)
	}
	if found := grep(t, db, "kanarienvogel"); len(found) != 0 {
		t.Errorf("still in %v", found)
	}
	checkWhole(t, db)
}

func TestDocuments_Versions(t *testing.T) {
	db, c := openNew(t)
	newCollection(t, db, Collection{ID: "hr", Owner: "anna"})
	old := newDocument(t, db, Document{CollectionID: "hr", Name: "a-2025", SHA256: "a", Series: "a", Effective: "2025-01-01"})
	newer := newDocument(t, db, Document{CollectionID: "hr", Name: "a-2027", SHA256: "b", Series: "a", Effective: "2027-01-01"})
	by := func(id string) string {
		d, err := db.AnyDocument(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return d.SupersededBy
	}
	read(t, db, "x")
	read(t, db, "y")
	if by(old.ID) != "" {
		t.Error("superseded by what is not in force yet")
	}
	c.advance(40 * 24 * time.Hour)
	if changed, err := db.Supersede(t.Context(), "hr"); err != nil || !slices.Equal(changed, []string{old.ID}) || by(old.ID) != newer.ID {
		t.Error("on New Year's day:", changed, err)
	}
	alone := ""
	if _, err := db.ChangeDocument(t.Context(), newer.ID, DocumentChange{Series: &alone}); err != nil || by(old.ID) != "" {
		t.Error("superseded by a document of another series", err)
	}
	series := "a"
	if _, err := db.ChangeDocument(t.Context(), newer.ID, DocumentChange{Series: &series}); err != nil || by(old.ID) != newer.ID {
		t.Error("not superseded", err)
	}
	if _, err := db.DeleteDocument(t.Context(), newer.ID); err != nil || by(old.ID) != "" {
		t.Error("superseded by what is gone", err)
	}
}
