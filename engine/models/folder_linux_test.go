package models

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// Nothing but regular files below the folder is opened, and nothing blocks.
func TestFolder_NotFiles(t *testing.T) {
	outside := put(t, t.TempDir(), "secret.gguf", good().bytes())
	dir := t.TempDir()
	for name, target := range map[string]string{"out.gguf": outside, "dangling.gguf": "nowhere", "loop.gguf": "loop.gguf", "folder": filepath.Dir(outside)} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "fifo.gguf"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "dir.gguf"), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "odd\n\u202Ename<img>.gguf", good().bytes())
	put(t, dir, "bad\xffutf8.gguf", good().bytes())
	got := list(t, dir)
	if len(got) != 2 || got["odd\n\u202Ename<img>"].Refused != "" || got["bad_utf8"].Path != filepath.Join(dir, "bad\xffutf8.gguf") {
		t.Errorf("models %v", got)
	}
}
