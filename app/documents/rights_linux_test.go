package documents

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"alcove/storage"
)

// asNobody runs f on a thread that may read what everybody may, also where the
// tests run as root.
func asNobody(t *testing.T, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if os.Geteuid() == 0 {
			if err := unix.Setfsuid(65534); err != nil {
				t.Error(err)
				return
			}
		}
		f()
	}()
	<-done
}

// restricted is a folder with a file, and the way there is open to everybody.
func restricted(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "restricted-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	put(t, filepath.Join(dir, "share", "a.txt"), "one")
	for _, path := range []string{dir, filepath.Join(dir, "share")} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A file that Alcove may not read is a document that says so, and is tried
// again at each look.
func TestFolder_FileThatMayNotBeRead(t *testing.T) {
	dir := restricted(t)
	if err := os.Chmod(filepath.Join(dir, "share", "a.txt"), 0); err != nil {
		t.Fatal(err)
	}
	w := &watcher{folder: storage.DocumentFolder{Path: dir}}
	asNobody(t, func() {
		l, err := look(t.Context(), dir)
		if err != nil || len(l.files) != 1 {
			t.Error(l, err)
			return
		}
		if sum, same := w.hash(t.Context(), l.files[0]); sum != "" || !same {
			t.Errorf("%q, %v: nobody is told", sum, same)
		}
		doc := storage.Document{Path: "share/a.txt", Size: l.files[0].size, Modified: l.files[0].modified}
		if d := compare([]storage.Document{doc}, l.files, l.unread); len(d.changed) != 1 {
			t.Errorf("it is not tried again: %+v", d)
		}
	})
}
