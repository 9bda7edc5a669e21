package documents

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"alcove/app"
	"alcove/app/documents/extract"
	"alcove/engine"
	"alcove/storage"
)

func codeOf(err error) engine.Code {
	var e *app.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestSend_IsReadAndFound(t *testing.T) {
	d := newDesk(t)
	doc := d.wait(d.send("2026/handbook-2026.txt", "Thirty days.").ID, storage.DocumentReady)
	if doc.Name != "handbook-2026.txt" || doc.Path != "2026" || doc.Version != "2026" || doc.Effective != "2026-01-01" || doc.Series != "handbook" || !doc.Found {
		t.Errorf("%+v", doc)
	}
	if got := d.said(doc.ID); got != "Thirty days.\n" {
		t.Errorf("said %q", got)
	}
	again, created, err := d.Send(t.Context(), anna, Sent{Collection: "hr", Name: "other.txt", Size: -1}, strings.NewReader("Thirty days."))
	if err != nil || created || again.ID != doc.ID {
		t.Errorf("the same bytes again: created %v, %v", created, err)
	}
	c, err := d.Collection(t.Context(), anna, "hr")
	if err != nil || c.Documents != 1 || c.Ready != 1 || c.Pages != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	f, _, err := d.File(t.Context(), anna, doc.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Mode().Perm() != 0o600 || info.Size() != 12 {
		t.Error(info.Mode(), err)
	}
}

func TestSend_Refuses(t *testing.T) {
	d := newDesk(t)
	wrong := "2026-13-01"
	cases := map[string]struct {
		sent Sent
		body io.Reader
		code engine.Code
	}{
		"no such collection":    {Sent{Collection: "none", Name: "a.txt"}, strings.NewReader("x"), app.CodeCollectionNotFound},
		"no name":               {Sent{Collection: "hr", Name: "a/"}, strings.NewReader("x"), app.CodeInvalid},
		"control characters":    {Sent{Collection: "hr", Name: "a\n.txt"}, strings.NewReader("x"), app.CodeInvalid},
		"empty":                 {Sent{Collection: "hr", Name: "a.txt"}, strings.NewReader(""), app.CodeInvalid},
		"no day":                {Sent{Collection: "hr", Name: "a.txt", Effective: &wrong}, strings.NewReader("x"), app.CodeInvalid},
		"too large by its size": {Sent{Collection: "hr", Name: "a.txt", Size: MaxFile + 1}, strings.NewReader("x"), app.CodeDocumentTooLarge},
		"too large":             {Sent{Collection: "hr", Name: "a.txt", Size: -1}, io.LimitReader(zeros{}, MaxFile+9), app.CodeDocumentTooLarge},
		"broken off":            {Sent{Collection: "hr", Name: "a.txt", Size: 9}, io.MultiReader(strings.NewReader("x"), iotest.ErrReader(io.ErrUnexpectedEOF)), ""},
	}
	for name, c := range cases {
		if _, _, err := d.Send(t.Context(), anna, c.sent, c.body); err == nil || codeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if entries, err := os.ReadDir(d.d.Dir); err != nil || len(entries) != 0 {
		t.Errorf("something is left: %v, %v", entries, err)
	}
	for name, want := range map[string]string{"../../etc/passwd": "passwd", `C:\x\y.txt`: "y.txt", "/a/b/../c.txt": "c.txt"} {
		if base, dir, err := splitName(name); err != nil || base != want || strings.Contains(dir, "..") {
			t.Errorf("%s: %s in %s, %v", name, base, dir, err)
		}
	}
}

// A year far ahead in a name is what the text is about, and keeps it from nobody.
func TestSend_YearFarAhead(t *testing.T) {
	d := newDesk(t, func(deps *Deps) {
		deps.Now = func() time.Time { return time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC) }
	})
	for name, want := range map[string]string{"Vision 2030.txt": "", "Handbook 2027.txt": "2027-01-01", "Handbook 2025.txt": "2025-01-01"} {
		if doc := d.send(name, name); doc.Effective != want {
			t.Errorf("%s: %+v", name, doc)
		}
	}
}

// A day that a text does not say any more holds no longer; its name's does.
func TestQueue_DayThatIsNotSaidAnyMore(t *testing.T) {
	d := newDesk(t, func(deps *Deps) {
		deps.Extract = func(ctx context.Context, f *os.File, name string, progress func(done, total int)) (extract.Document, error) {
			doc, err := lines(ctx, f, name, progress)
			doc.Effective = extract.Effective(doc)
			return doc, err
		}
	})
	dir := t.TempDir()
	put(t, filepath.Join(dir, "travel.txt"), "Valid from 2097-01-01")
	put(t, filepath.Join(dir, "leave-2024.txt"), "Leave. Valid from 2097-01-01")
	if _, err := d.AddFolder(t.Context(), anna, "hr", dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"travel.txt": "", "leave-2024.txt": "2024-01-01"} {
		doc := d.waitAt(name, storage.DocumentReady)
		if doc.Effective != "2097-01-01" {
			t.Errorf("%+v", doc)
		}
		put(t, filepath.Join(dir, name), "corrected "+name)
		d.until("the correction is read", func() bool { return d.said(doc.ID) == "corrected "+name+"\n" })
		if doc := d.waitAt(name, storage.DocumentReady); doc.Effective != want {
			t.Errorf("%s: %q, want %q", name, doc.Effective, want)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestQueue_FailuresAndRetry(t *testing.T) {
	d := newDesk(t)
	for reason, attempts := range map[extract.Reason]int{extract.Encrypted: 1, extract.Crashed: 2, extract.Timeout: 2, extract.Memory: 2} {
		doc := d.wait(d.send(string(reason)+".txt", "!"+string(reason)).ID, storage.DocumentFailed)
		if doc.Reason != string(reason) || doc.ReasonText == "" || doc.Attempts != attempts {
			t.Errorf("%s: %+v", reason, doc)
		}
	}
	d.wait(d.send("good.txt", "good").ID, storage.DocumentReady) // the queue goes on
	d.index.mu.Lock()
	d.index.fail = func(n int) error {
		if n < 4 {
			return errors.New("the index is ill")
		}
		return nil
	}
	d.index.puts = 0
	d.index.mu.Unlock()
	doc := d.send("later.txt", "later")
	d.wait(doc.ID, storage.DocumentReady)
	d.index.mu.Lock()
	d.index.fail = func(int) error { return errors.New("the index is dead") }
	d.index.mu.Unlock()
	doc = d.wait(d.send("never.txt", "never").ID, storage.DocumentFailed)
	if doc.Reason != string(ReasonIndex) || doc.Attempts != maxPuts {
		t.Errorf("%+v", doc)
	}
	d.index.mu.Lock()
	d.index.fail = nil
	d.index.mu.Unlock()
	if _, err := d.Retry(t.Context(), anna, doc.ID); err != nil {
		t.Fatal(err)
	}
	d.wait(doc.ID, storage.DocumentReady)
	// A file that failed and is sent again is read again: something may have changed.
	if again := d.send("encrypted.txt", "!encrypted"); again.State != storage.DocumentWaiting {
		t.Errorf("%+v", again)
	} else {
		d.wait(again.ID, storage.DocumentFailed)
	}
	f, err := d.Figures(t.Context())
	if err != nil || f.States[storage.DocumentReady] != 3 || f.Failed["hr"] != 4 || !f.Oldest.IsZero() {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestQueue_CancelPauseAndShutdown(t *testing.T) {
	d := newDesk(t)
	hold := make(chan struct{})
	d.index.hold = hold
	first := d.send("first.txt", "first")
	d.wait(first.ID, storage.DocumentIndexing)
	second := d.send("second.txt", strings.Repeat("second ", small)) // is read while the first one is put
	d.wait(second.ID, storage.DocumentReading)
	third := d.send("third.txt", "third")
	for _, doc := range []Document{third, first, second} {
		if _, err := d.Cancel(t.Context(), anna, doc.ID); err != nil {
			t.Fatal(err)
		}
		d.wait(doc.ID, storage.DocumentCancelled)
	}
	if got := d.said(first.ID); got != "" {
		t.Errorf("a cancelled document says %q", got)
	}
	if again := d.send("first.txt", "first"); again.ID != first.ID || again.State != storage.DocumentWaiting {
		t.Errorf("what was cancelled is sent again: %+v", again)
	}
	d.wait(first.ID, storage.DocumentIndexing)
	if c, err := d.Pause(t.Context(), anna, "hr", true); err != nil || !c.Paused {
		t.Fatal(c, err)
	}
	fourth := d.send("fourth.txt", "fourth")
	if err := d.Close(); err != nil { // in the middle of an index
		t.Fatal(err)
	}
	close(hold)
	d.open()
	d.wait(fourth.ID, storage.DocumentWaiting)
	if _, err := d.Pause(t.Context(), anna, "hr", false); err != nil {
		t.Fatal(err)
	}
	d.wait(fourth.ID, storage.DocumentReady)
	d.wait(first.ID, storage.DocumentReady)
}

// What was written here, an approved answer, goes before files that came earlier.
func TestWrite_IsReadFirst(t *testing.T) {
	d := newDesk(t)
	hold := make(chan struct{})
	d.index.hold = hold
	if _, err := d.Pause(t.Context(), anna, "hr", true); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.txt", "b.txt", "c.txt"} {
		d.send(name, strings.Repeat(name+" ", small)) // one at a time
	}
	id, _, err := d.Write(t.Context(), anna, Sent{Collection: "hr", Name: "answer.md"}, "HR says so.")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Pause(t.Context(), anna, "hr", false); err != nil {
		t.Fatal(err)
	}
	d.wait(id, storage.DocumentIndexing) // the others cannot pass it
	close(hold)
	d.wait(id, storage.DocumentReady)
}

func TestDelete_LeavesNothing(t *testing.T) {
	d := newDesk(t)
	var docs []Document
	for i := range 5 {
		docs = append(docs, d.send(fmt.Sprintf("kanarienvogel%d.txt", i), fmt.Sprintf("The kanarienvogel %d sings.", i)))
	}
	for _, doc := range docs {
		d.wait(doc.ID, storage.DocumentReady)
	}
	if len(d.grep("kanarienvogel")) < 5 {
		t.Fatal("the test is blind")
	}
	for _, doc := range docs {
		if err := d.Delete(t.Context(), anna, doc.ID); err != nil {
			t.Fatal(err)
		}
	}
	d.until("everything is gone from the disk", func() bool { return len(d.grep("kanarienvogel")) == 0 })
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Contains(d.forgot, docs[0].ID) || !slices.Contains(d.index.removed, docs[0].ID) || !slices.Contains(d.events, EventDocumentDeleted) {
		t.Error(d.forgot, d.index.removed, d.events)
	}
}

// A document that is deleted while it is read or put is not found afterwards.
func TestDelete_InWork(t *testing.T) {
	d := newDesk(t)
	hold := make(chan struct{})
	d.index.hold = hold
	doc := d.send("a.txt", "kanarienvogel")
	d.wait(doc.ID, storage.DocumentIndexing)
	if err := d.Delete(t.Context(), anna, doc.ID); err != nil {
		t.Fatal(err)
	}
	close(hold)
	d.wait(d.send("b.txt", "b").ID, storage.DocumentReady)
	if _, err := d.Get(t.Context(), anna, doc.ID); codeOf(err) != app.CodeDocumentNotFound {
		t.Error(err)
	}
	d.until("everything is gone from the disk", func() bool { return len(d.grep("kanarienvogel")) == 0 })
}

// The program ends when a document is marked and not erased yet: the next run
// goes on, and says when nothing is left.
func TestDelete_GoesOnAfterAnEnd(t *testing.T) {
	d := newDesk(t)
	doc := d.wait(d.send("a.txt", strings.Repeat("kanarienvogel\n", 3000)).ID, storage.DocumentReady)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.DeleteDocument(t.Context(), doc.ID); err != nil {
		t.Fatal(err)
	}
	d.open()
	d.until("everything is gone from the disk", func() bool { return len(d.grep("kanarienvogel")) == 0 })
	d.until("it is told", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return slices.Contains(d.events, EventDocumentErased)
	})
}

// A document becomes a duplicate of another one: its text goes too.
func TestDuplicate_ItsTextIsErased(t *testing.T) {
	d := newDesk(t)
	folder := t.TempDir()
	file := filepath.Join(folder, "a.txt")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("kanarienvogel")
	d.send("b.txt", "the same")
	if _, err := d.AddFolder(t.Context(), anna, "hr", folder); err != nil {
		t.Fatal(err)
	}
	d.until("both are found", func() bool {
		list, _, err := d.List(t.Context(), anna, Filter{Collection: "hr", State: string(storage.DocumentReady)})
		return err == nil && len(list) == 2
	})
	write("the same")
	d.until("the old text is gone from the disk", func() bool { return len(d.grep("kanarienvogel")) == 0 })
}

func TestDeleteCollection(t *testing.T) {
	d := newDesk(t)
	doc := d.wait(d.send("a.txt", "kanarienvogel").ID, storage.DocumentReady)
	if err := d.DeleteCollection(t.Context(), anna, "hr"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Get(t.Context(), anna, doc.ID); codeOf(err) != app.CodeDocumentNotFound {
		t.Error(err)
	}
	if _, err := d.CreateCollection(t.Context(), anna, "hr", CollectionChange{}); codeOf(err) != app.CodeCollectionRetired {
		t.Errorf("an old link would mean another collection now: %v", err)
	}
	d.until("everything is gone from the disk", func() bool { return len(d.grep("kanarienvogel")) == 0 })
}

func TestRights(t *testing.T) {
	d := newDesk(t)
	doc := d.wait(d.send("a.txt", "text").ID, storage.DocumentReady)
	if _, err := d.ChangeCollection(t.Context(), anna, "hr", CollectionChange{Readers: &[]string{"ben"}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Text(t.Context(), "ben", doc.ID, 0, 9); err != nil {
		t.Error("ben may read:", err)
	}
	type call func(ctx context.Context, person string) error
	changes := map[string]call{
		"delete": func(ctx context.Context, p string) error { return d.Delete(ctx, p, doc.ID) },
		"retry":  func(ctx context.Context, p string) error { _, err := d.Retry(ctx, p, doc.ID); return err },
		"cancel": func(ctx context.Context, p string) error { _, err := d.Cancel(ctx, p, doc.ID); return err },
		"change": func(ctx context.Context, p string) error {
			_, err := d.Change(ctx, p, doc.ID, storage.DocumentChange{})
			return err
		},
		"send": func(ctx context.Context, p string) error {
			_, _, err := d.Send(ctx, p, Sent{Collection: "hr", Name: "x.txt"}, strings.NewReader("x"))
			return err
		},
		"drop": func(ctx context.Context, p string) error { return d.DeleteCollection(ctx, p, "hr") },
	}
	for name, f := range changes {
		if err := f(t.Context(), "ben"); codeOf(err) != app.CodeForbidden {
			t.Errorf("ben may %s: %v", name, err)
		}
		if err := f(t.Context(), "carl"); codeOf(err) != app.CodeDocumentNotFound && codeOf(err) != app.CodeCollectionNotFound {
			t.Errorf("carl learns that there is something to %s: %v", name, err)
		}
	}
	if f, _, err := d.File(t.Context(), "carl", doc.ID); err == nil {
		f.Close()
		t.Error("carl reads the file")
	}
	if list, _, err := d.List(t.Context(), "carl", Filter{}); err != nil || len(list) != 0 {
		t.Error(list, err)
	}
}

// Small documents are put into the index together, so that the embedder gets
// their passages together; a large one has it for itself.
func TestQueue_SmallOnesTogether(t *testing.T) {
	d := newDesk(t)
	d.index.hold = make(chan struct{})
	puts := func() int {
		d.index.mu.Lock()
		defer d.index.mu.Unlock()
		return d.index.puts
	}
	var all []Document
	send := func(text string) {
		all = append(all, d.send(fmt.Sprintf("%d.txt", len(all)), fmt.Sprint(text, len(all))))
	}
	for range mostSmall - 1 {
		send("small")
	}
	d.until("small ones are put together", func() bool { return puts() == mostSmall-1 })
	send(strings.Repeat("large ", small))
	send("small")
	d.wait(all[mostSmall-1].ID, storage.DocumentReading)
	if n := puts(); n != mostSmall-1 {
		t.Errorf("%d are put", n)
	}
	close(d.index.hold)
	for _, doc := range all {
		d.wait(doc.ID, storage.DocumentReady)
	}
}
