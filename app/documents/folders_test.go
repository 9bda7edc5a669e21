package documents

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/app"
	"alcove/storage"
)

// watched is a desk with a watched folder.
func watched(t *testing.T) (*desk, string, Folder) {
	t.Helper()
	d := newDesk(t)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f, err := d.AddFolder(t.Context(), anna, "hr", dir)
	if err != nil {
		t.Fatal(err)
	}
	return d, dir, f
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// at is the document of a path; the zero one: there is none.
func (d *desk) at(path string) Document {
	d.t.Helper()
	list, _, err := d.List(d.t.Context(), anna, Filter{})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, doc := range list {
		if doc.Path == path {
			return doc
		}
	}
	return Document{}
}

func (d *desk) waitAt(path string, state storage.DocumentState) Document {
	d.t.Helper()
	d.until(path+" is "+string(state), func() bool { return d.at(path).State == state })
	return d.at(path)
}

func TestFolder_FilesComeChangeMoveAndGo(t *testing.T) {
	d, dir, _ := watched(t)
	put(t, filepath.Join(dir, "a.txt"), "one")
	put(t, filepath.Join(dir, "deep", "er", "b.txt"), "two")
	put(t, filepath.Join(dir, "picture.png"), "no document")
	put(t, filepath.Join(dir, ".hidden", "c.txt"), "hidden")
	first := d.waitAt("a.txt", storage.DocumentReady)
	second := d.waitAt("deep/er/b.txt", storage.DocumentReady)

	put(t, filepath.Join(dir, "a.txt"), "one and more")
	d.until("the change is read", func() bool { return d.said(first.ID) == "one and more\n" })

	if err := os.Rename(filepath.Join(dir, "deep", "er", "b.txt"), filepath.Join(dir, "b-2026.txt")); err != nil {
		t.Fatal(err)
	}
	d.until("the move is seen", func() bool { return d.at("b-2026.txt").ID == second.ID && d.at("deep/er/b.txt").ID == "" })
	if moved := d.waitAt("b-2026.txt", storage.DocumentReady); moved.Name != "b-2026.txt" || moved.Series != "b" || moved.Version != "2026" || moved.Effective != "2026-01-01" {
		t.Errorf("%+v", moved)
	}

	put(t, filepath.Join(dir, "copy.txt"), "one and more")
	d.waitAt("copy.txt", storage.DocumentDuplicate)
	if err := os.Remove(filepath.Join(dir, "a.txt")); err != nil {
		t.Fatal(err)
	}
	d.until("the removed file is gone", func() bool { return d.at("a.txt").ID == "" })
	if doc := d.waitAt("copy.txt", storage.DocumentReady); d.said(doc.ID) != "one and more\n" { // the copy takes its place
		t.Errorf("%+v", doc)
	}
	if err := d.Delete(t.Context(), anna, d.at("copy.txt").ID); codeOf(err) != app.CodeConflict {
		t.Errorf("a watched file was deleted: %v", err)
	}
}

// A file is not read while it is copied: every look sees another size.
func TestFolder_PartialCopy(t *testing.T) {
	d, dir, _ := watched(t)
	f, err := os.Create(filepath.Join(dir, "a.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 30 {
		if _, err := f.WriteString("piece "); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Millisecond)
	}
	doc := d.waitAt("a.txt", storage.DocumentReady)
	d.until("all of it is read", func() bool { return len(d.said(doc.ID)) == 30*len("piece ")+1 })
}

func TestFolder_MissingKeepsItsDocuments(t *testing.T) {
	d, dir, f := watched(t)
	put(t, filepath.Join(dir, "a.txt"), "one")
	doc := d.waitAt("a.txt", storage.DocumentReady)
	away := dir + ".away"
	if err := os.Rename(dir, away); err != nil {
		t.Fatal(err)
	}
	state := func() Folder {
		list, err := d.Folders(t.Context(), anna, "hr")
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0]
	}
	d.until("the folder is missing", func() bool { return state().State == "missing" })
	if d.at("a.txt").ID != doc.ID || d.said(doc.ID) != "one\n" || state().Reason == "" {
		t.Error("a missing folder lost its documents")
	}
	if err := os.Rename(away, dir); err != nil {
		t.Fatal(err)
	}
	d.until("the folder is back", func() bool { return state().State == "watching" })
	if d.at("a.txt").ID != doc.ID {
		t.Error("it was taken in again")
	}
	if err := d.RemoveFolder(t.Context(), anna, "hr", f.ID); err != nil {
		t.Fatal(err)
	}
	d.until("its documents are gone", func() bool { return d.at("a.txt").ID == "" })
	if _, err := os.Stat(filepath.Join(dir, "a.txt")); err != nil {
		t.Error("the file itself is gone:", err)
	}
}

// What happened while the program did not run is seen at the start.
func TestFolder_Restart(t *testing.T) {
	d, dir, _ := watched(t)
	put(t, filepath.Join(dir, "a.txt"), "one")
	put(t, filepath.Join(dir, "b.txt"), "two")
	d.waitAt("a.txt", storage.DocumentReady)
	d.waitAt("b.txt", storage.DocumentReady)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "a.txt")); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "c.txt"), "three")
	d.open()
	d.waitAt("c.txt", storage.DocumentReady)
	d.until("the removed file is gone", func() bool { return d.at("a.txt").ID == "" })
}

// Nothing outside of the folder is read through it.
func TestFolder_LinksAreNotFollowed(t *testing.T) {
	d, dir, _ := watched(t)
	outside := t.TempDir()
	put(t, filepath.Join(outside, "secret.txt"), "secret")
	for from, to := range map[string]string{"file.txt": filepath.Join(outside, "secret.txt"), "folder": outside} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(dir, "a.txt"), "one")
	doc := d.waitAt("a.txt", storage.DocumentReady)
	if list, _, err := d.List(t.Context(), anna, Filter{}); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	// Also where the file became a link after it was found.
	if err := os.Remove(filepath.Join(dir, "a.txt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "secret.txt"), filepath.Join(dir, "a.txt")); err != nil {
		t.Fatal(err)
	}
	if f, err := openIn(dir, "a.txt"); err == nil {
		f.Close()
		t.Error("a link was followed")
	}
	d.until("the link is no document", func() bool { return d.at(doc.Path).ID == "" })
}

func TestAddFolder_Refuses(t *testing.T) {
	d, dir, _ := watched(t)
	put(t, filepath.Join(dir, "a.txt"), "one")
	for _, path := range []string{"", "relative", "/none/such", filepath.Join(dir, "a.txt"), d.d.Data, filepath.Dir(d.d.Data), d.d.Dir, "/", "/a\x00b"} {
		if _, err := d.AddFolder(t.Context(), anna, "hr", path); codeOf(err) != app.CodeInvalid {
			t.Errorf("%q: %v", path, err)
		}
	}
	if _, err := d.AddFolder(t.Context(), anna, "hr", dir+"/."); codeOf(err) != app.CodeConflict {
		t.Errorf("the same folder again: %v", err)
	}
	list, err := d.store.Folders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.unwatch(list[0].ID)
	if err := d.store.SetFolderState(t.Context(), list[0].ID, removing, 0); err != nil {
		t.Fatal(err)
	}
	var e *app.Error
	if _, err := d.AddFolder(t.Context(), anna, "hr", dir); !errors.As(err, &e) || !strings.Contains(e.Message, "still being removed") {
		t.Errorf("a folder that is being given up: %v", err)
	}
	if _, err := d.AddFolder(t.Context(), "ben", "hr", t.TempDir()); codeOf(err) != app.CodeForbidden {
		t.Error("somebody else's collection")
	}
}

// Copies come, change and stop being copies; no text stays found that no file has.
func TestFolder_Duplicates(t *testing.T) {
	d, dir, _ := watched(t)
	a, b := filepath.Join(dir, "a.txt"), filepath.Join(dir, "b.txt")
	put(t, a, "same")
	first := d.waitAt("a.txt", storage.DocumentReady)
	put(t, b, "same")
	second := d.waitAt("b.txt", storage.DocumentDuplicate)
	put(t, b, "its own text")
	d.waitAt("b.txt", storage.DocumentReady)
	if d.said(second.ID) != "its own text\n" {
		t.Error("a copy that changed is not read")
	}
	put(t, b, "same")
	d.waitAt("b.txt", storage.DocumentDuplicate)
	if doc := d.at("b.txt"); doc.Found || d.said(second.ID) != "" || doc.Chunks != 0 {
		t.Errorf("text is found that no file has: %+v", doc)
	}
	put(t, a, "changed")
	d.until("the first is read again", func() bool { return d.said(first.ID) == "changed\n" })
	d.waitAt("b.txt", storage.DocumentReady)
	if d.said(second.ID) != "same\n" {
		t.Error("the copy did not take the place of what changed")
	}
}

// Copies that move together stay what they were, and so does what a person
// chose of them.
func TestFolder_CopiesMoveTogether(t *testing.T) {
	d, dir, _ := watched(t)
	put(t, filepath.Join(dir, "old", "a.txt"), "same")
	first := d.waitAt("old/a.txt", storage.DocumentReady)
	put(t, filepath.Join(dir, "old", "b.txt"), "same")
	second := d.waitAt("old/b.txt", storage.DocumentDuplicate)
	if err := os.Rename(filepath.Join(dir, "old"), filepath.Join(dir, "new")); err != nil {
		t.Fatal(err)
	}
	d.until("both have moved", func() bool { return d.at("new/a.txt").ID != "" && d.at("new/b.txt").ID != "" })
	if a, b := d.at("new/a.txt"), d.at("new/b.txt"); a.ID != first.ID || b.ID != second.ID || a.State != storage.DocumentReady {
		t.Errorf("%+v, %+v", a, b)
	}
}

// Of a folder with more files than are taken chance says which were seen: no
// document of it counts as gone.
func TestLook_MoreFilesThanAreTaken(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a.txt"), "one")
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	l := listing{files: make([]found, maxFolderFiles)}
	if err := l.walk(t.Context(), root, ".", 0); err != nil {
		t.Fatal(err)
	}
	if gone := compare([]storage.Document{{Path: "b.txt"}}, l.files, l.unread).gone; len(gone) > 0 {
		t.Errorf("counts as gone: %+v", gone)
	}
}

// A file that was sent is kept though a watched folder has the same bytes: it
// answers when the folder gives them up.
func TestFolder_SentCopyStays(t *testing.T) {
	d, dir, _ := watched(t)
	put(t, filepath.Join(dir, "a.txt"), "same")
	d.waitAt("a.txt", storage.DocumentReady)
	sent := d.send("b.txt", "same")
	if again := d.send("c.txt", "same"); sent.State != storage.DocumentDuplicate || again.ID != sent.ID {
		t.Errorf("%+v, %+v", sent, again)
	}
	if err := os.Remove(filepath.Join(dir, "a.txt")); err != nil {
		t.Fatal(err)
	}
	d.wait(sent.ID, storage.DocumentReady)
	if f, _, err := d.File(t.Context(), anna, sent.ID); err != nil || d.said(sent.ID) != "same\n" {
		t.Errorf("the file that was sent is lost: %v", err)
	} else {
		f.Close()
	}
}

// A document that was given up keeps no copy of it from being found.
func TestFolder_CopyOfWhatWasCancelled(t *testing.T) {
	d, dir, _ := watched(t)
	if _, err := d.Pause(t.Context(), anna, "hr", true); err != nil {
		t.Fatal(err)
	}
	sent := d.send("a.txt", "same")
	put(t, filepath.Join(dir, "b.txt"), "same")
	d.waitAt("b.txt", storage.DocumentDuplicate)
	if _, err := d.Cancel(t.Context(), anna, sent.ID); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "c.txt"), "same")
	if _, err := d.Pause(t.Context(), anna, "hr", false); err != nil {
		t.Fatal(err)
	}
	d.waitAt("b.txt", storage.DocumentReady)
	d.waitAt("c.txt", storage.DocumentDuplicate)
	if again, err := d.Retry(t.Context(), anna, sent.ID); err != nil || again.State != storage.DocumentDuplicate {
		t.Errorf("the same text is taken in twice: %+v, %v", again, err)
	}
}

// A file that is away for one look only, as while a program saves it, stays the
// document that it was.
func TestFolder_AwayForAMoment(t *testing.T) {
	w := &watcher{s: &Service{t: *quick()}}
	gone, at := []storage.Document{{ID: "a"}, {ID: "b"}}, time.UnixMilli(1_000_000)
	if sure := w.surelyGone(gone, at); len(sure) > 0 {
		t.Errorf("at the first look: %v", sure)
	}
	if sure := w.surelyGone(gone[:1], at.Add(w.s.t.gone)); !sure["a"] || sure["b"] {
		t.Errorf("at the second look: %v", sure)
	}
	if sure := w.surelyGone(gone, at.Add(w.s.t.gone)); !sure["a"] || sure["b"] {
		t.Errorf("after b was there: %v", sure)
	}
}

// A file that is in a watched folder and cannot be read would come back: it is
// not deleted either.
func TestDelete_UnreadableFileOfAFolder(t *testing.T) {
	d, dir, _ := watched(t)
	large := filepath.Join(dir, "large.txt")
	put(t, large, "x")
	if err := os.Truncate(large, MaxFile+1); err != nil { // it takes no room
		t.Fatal(err)
	}
	doc := d.waitAt("large.txt", storage.DocumentFailed)
	if err := d.Delete(t.Context(), anna, doc.ID); codeOf(err) != app.CodeConflict {
		t.Errorf("%v", err)
	}
	if err := os.Remove(large); err != nil {
		t.Fatal(err)
	}
	d.until("it is gone", func() bool { return d.at("large.txt").ID == "" })
}
