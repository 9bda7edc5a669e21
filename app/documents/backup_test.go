package documents

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"alcove/storage"
)

// backup says what of a desk goes where.
func (d *desk) backup(file string) Backup {
	return Backup{Database: filepath.Join(d.dir, "data", "alcove.db"), Dir: d.d.Dir, File: file}
}

func restoreTo(file, folder string) Restore {
	return Restore{File: file, Database: filepath.Join(folder, "alcove.db"), Dir: filepath.Join(folder, "documents")}
}

// files names the files below a folder.
func filesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, e.Name())
		}
		return err
	})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return names
}

// A document is deleted while the backup is made, in the moment between the two
// halves of it: it is in neither. What is restored opens as it was.
func TestBackup_RestoredElsewhere(t *testing.T) {
	d := newDesk(t)
	kept := d.wait(d.send("a.txt", "kept").ID, storage.DocumentReady)
	gone := d.wait(d.send("b.txt", "kanarienvogel").ID, storage.DocumentReady)
	file := filepath.Join(t.TempDir(), "backup.db")
	b, copies := d.backup(file), 0
	var told Copied
	b.Tell = func(c Copied) { told = c }
	b.copied = func() {
		if copies++; copies == 1 {
			if err := d.Delete(t.Context(), anna, gone.ID); err != nil {
				t.Error(err)
			}
		}
	}
	done, err := b.Run(t.Context())
	if err != nil || done.Files != 1 || done.Bytes != 4 || done.Missing != 0 || told.Files != 2 || told.Need() <= 17 || copies != 2 {
		t.Fatalf("%+v after %+v, %d copies, %v", done, told, copies, err)
	}
	if names := filesIn(t, Beside(file)); !slices.Equal(names, []string{kept.SHA256}) {
		t.Errorf("files %v", names)
	}
	if names := filesIn(t, filepath.Dir(file)); len(names) != 2 {
		t.Errorf("left %v", names)
	}
	if _, err := b.Run(t.Context()); !errors.Is(err, storage.ErrExists) {
		t.Errorf("a backup was replaced: %v", err)
	}

	e := &desk{t: t, dir: t.TempDir()}
	folder := filepath.Join(e.dir, "data")
	if done, err := restoreTo(file, folder).Run(t.Context()); err != nil || done.Files != 1 {
		t.Fatal(done, err)
	}
	if _, err := restoreTo(file, folder).Run(t.Context()); !errors.Is(err, storage.ErrExists) {
		t.Errorf("a database was replaced: %v", err)
	}
	if e.store, err = storage.Open(t.Context(), storage.Options{Path: filepath.Join(folder, "alcove.db")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.store.Close() })
	e.index = &shelf{store: e.store}
	e.open()
	f, _, err := e.File(t.Context(), anna, kept.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if b, err := io.ReadAll(f); err != nil || string(b) != "kept" || e.said(kept.ID) != "kept\n" {
		t.Errorf("%q, %v", b, err)
	}
	if info, err := f.Stat(); err != nil || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
	if _, err := e.Get(t.Context(), anna, gone.ID); err == nil {
		t.Error("a deleted document came back")
	}
	e.until("nothing of it is there", func() bool { return len(e.grep("kanarienvogel")) == 0 })
}

// A file of a backup that is missing or is not what it was is found before
// anything is written. The database alone can be restored all the same.
func TestRestore_FilesAreHeldAgainstTheirHashes(t *testing.T) {
	d := newDesk(t)
	docs := []Document{d.send("a.txt", "one"), d.send("b.txt", "two"), d.send("c.txt", "six")}
	file := filepath.Join(t.TempDir(), "backup.db")
	if err := os.Remove(inDir(d.d.Dir, docs[2].SHA256)); err != nil {
		t.Fatal(err)
	}
	if done, err := d.backup(file).Run(t.Context()); err != nil || done.Files != 2 || done.Missing != 1 {
		t.Fatal(done, err)
	}
	if err := os.WriteFile(inDir(Beside(file), docs[0].SHA256), []byte("owo"), 0o600); err != nil { // as long as before
		t.Fatal(err)
	}
	if err := os.Remove(inDir(Beside(file), docs[1].SHA256)); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "data")
	var bad *BadFiles
	if _, err := restoreTo(file, folder).Run(t.Context()); !errors.As(err, &bad) || bad.Missing != 2 || bad.Damaged != 1 {
		t.Errorf("%v", err)
	}
	if names := filesIn(t, folder); len(names) != 0 {
		t.Errorf("written: %v", names)
	}
	r := restoreTo(file, folder)
	r.NoFiles = true
	if done, err := r.Run(t.Context()); err != nil || done.Files != 0 {
		t.Error(done, err)
	}
	alone := d.backup(filepath.Join(t.TempDir(), "alone.db"))
	alone.NoFiles = true
	if done, err := alone.Run(t.Context()); err != nil || done.Files != 0 || len(filesIn(t, filepath.Dir(alone.File))) != 1 {
		t.Error(done, err)
	}
	for _, wrong := range []string{filepath.Join(folder, "none.db"), inDir(Beside(file), docs[0].SHA256)} {
		if _, err := restoreTo(wrong, filepath.Join(t.TempDir(), "data")).Run(t.Context()); err == nil {
			t.Errorf("%s was restored", wrong)
		}
	}
	if err := (Copied{Database: 7, Bytes: 2, Free: 8}).room(); !errors.Is(err, ErrNoRoom) {
		t.Error(err)
	}
}

// Two backups to one name: the one that comes second leaves the other's files.
func TestBackup_TheOthersFilesStay(t *testing.T) {
	d := newDesk(t)
	d.wait(d.send("a.txt", "kept").ID, storage.DocumentReady)
	file := filepath.Join(t.TempDir(), "backup.db")
	second := d.backup(file)
	second.NoFiles = true
	second.copied = func() {
		if _, err := d.backup(file).Run(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if _, err := second.Run(t.Context()); !errors.Is(err, storage.ErrExists) {
		t.Errorf("a name that is taken: %v", err)
	}
	if names := filesIn(t, Beside(file)); len(names) != 1 {
		t.Errorf("the other's files: %v", names)
	}
}
