package documents

import (
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"alcove/app"
	"alcove/storage"
)

// smallDisk is a folder on a disk of its own.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size+",mode=700", "tmpfs", folder).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: mounting a tmpfs needs root: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", folder).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	return folder
}

// A full disk takes no file, leaves nothing of one, and what is there is read.
func TestSend_FullDisk(t *testing.T) {
	folder := smallDisk(t, "300m")
	d := newDesk(t)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d.open(func(deps *Deps) { deps.Dir = folder })
	before := d.wait(d.send("a.txt", "before").ID, storage.DocumentReady)
	if err := os.WriteFile(filepath.Join(folder, "filler"), make([]byte, 60<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{5, -1} {
		_, _, err := d.Send(t.Context(), anna, Sent{Collection: "hr", Name: "b.txt", Size: size}, strings.NewReader("after"))
		if codeOf(err) != app.CodeDiskFull {
			t.Errorf("size %d: %v", size, err)
		}
	}
	if parts, err := filepath.Glob(filepath.Join(folder, partPrefix+"*")); err != nil || len(parts) != 0 {
		t.Error(parts, err)
	}
	if d.said(before.ID) != "before\n" {
		t.Error("what was there is not read")
	}
}

// A document in work when the disk becomes full goes on when there is room
// again, also where the program was started meanwhile.
func TestQueue_FullDiskAndBack(t *testing.T) {
	t.Run("running", func(t *testing.T) { fullAndBack(t, false) })
	t.Run("started", func(t *testing.T) { fullAndBack(t, true) })
}

// fill takes all the room of the database's disk, and gives how to free it.
func (d *desk) fill(folder string) (free func()) {
	t := d.t
	t.Helper()
	full := filepath.Join(folder, "filler")
	f, err := os.Create(full)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	for err = nil; !errors.Is(err, storage.ErrReadOnly); { // its log may have room of its own
		if _, err = d.store.CreateCollection(t.Context(), storage.Collection{ID: "x", Description: strings.Repeat("x", 1<<20)}); err == nil {
			err = d.store.DeleteCollection(t.Context(), "x")
		}
	}
	return func() {
		t.Helper()
		if err := os.Remove(full); err != nil {
			t.Fatal(err)
		}
	}
}

// lineTo gives what is written to who listens, if anybody does.
type lineTo chan string

func (l lineTo) Write(p []byte) (int, error) {
	select {
	case l <- string(p):
	default:
	}
	return len(p), nil
}

// Folders that could not be given up on a full disk are still watched.
func TestFolder_FullDiskKeepsWatching(t *testing.T) {
	folder, files, dir := smallDisk(t, "8m"), t.TempDir(), t.TempDir()
	said := make(chan string, 100)
	d := newDeskIn(t, folder, func(deps *Deps) { deps.Dir, deps.Log = files, slog.New(slog.NewTextHandler(lineTo(said), nil)) })
	f, err := d.AddFolder(t.Context(), anna, "hr", dir)
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "a.txt"), "one")
	d.waitAt("a.txt", storage.DocumentReady)
	free := d.fill(folder)
	if err := d.RemoveFolder(t.Context(), anna, "hr", f.ID); !errors.Is(err, storage.ErrReadOnly) {
		t.Fatal(err)
	}
	if err := d.DeleteCollection(t.Context(), anna, "hr"); !errors.Is(err, storage.ErrReadOnly) {
		t.Fatal(err)
	}
	free()
	put(t, filepath.Join(dir, "b.txt"), "two")
	doc := d.waitAt("b.txt", storage.DocumentReady)
	free = d.fill(folder) // and documents that could not be removed are when there is room
	removed := make(chan struct{})
	go func() {
		defer close(removed)
		d.dropFolder(storage.DocumentFolder{ID: f.ID})
	}()
	for !strings.Contains(<-said, "still has documents") {
	}
	free()
	<-removed
	if _, err := d.Get(t.Context(), anna, doc.ID); codeOf(err) != app.CodeDocumentNotFound {
		t.Errorf("it is still there: %v", err)
	}
}

func fullAndBack(t *testing.T, restart bool) {
	folder := smallDisk(t, "8m")
	files := t.TempDir()
	elsewhere := func(deps *Deps) { deps.Dir = files }
	d := newDeskIn(t, folder, elsewhere)
	d.index.hold = make(chan struct{})
	doc := d.send("a.txt", "text")
	d.wait(doc.ID, storage.DocumentIndexing)
	free := d.fill(folder)
	close(d.index.hold)
	d.until("its end could not be stored", func() bool {
		unsaid := false
		return d.ask(t.Context(), func(q *queue) error { unsaid = q.unsaid; return nil }) == nil && unsaid
	})
	if restart {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		d.open(elsewhere)
	}
	free()
	d.wait(doc.ID, storage.DocumentReady)
}
