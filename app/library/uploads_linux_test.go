package library

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"alcove/app"
)

// A disk that really is full: the piece that does not fit is cut off again, and
// the file goes on when there is room.
func TestUpload_DiskThatFillsUp(t *testing.T) {
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: mounting a tmpfs needs root: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", disk).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	db := openStore(t)
	u := newUploads(t, db, disk)
	content := aFile(5 << 20)
	if _, err := u.Begin(t.Context(), "a.gguf", int64(len(content)), 0); codeOf(err) != app.CodeDiskFull {
		t.Errorf("the disk is smaller than the file: %v", err)
	}
	u.free = func(string) (int64, bool) { return 1 << 40, true } // it fills up later
	v := begin(t, u, "a.gguf", len(content))
	v, err := u.Write(t.Context(), v.ID, 0, content[:1<<20])
	if err != nil {
		t.Fatal(err)
	}
	v, err = u.Write(t.Context(), v.ID, v.Offset, content[1<<20:])
	if codeOf(err) != app.CodeDiskFull || v.Offset != 1<<20 {
		t.Fatalf("%+v, %v", v, err)
	}
	if out, err := exec.Command("mount", "-o", "remount,size=16m", disk).CombinedOutput(); err != nil {
		t.Fatalf("remount: %v %s", err, out)
	}
	if v, err = u.Write(t.Context(), v.ID, v.Offset, content[1<<20:]); err != nil || v.Offset != v.Size {
		t.Fatalf("%+v, %v", v, err)
	}
	if got, err := os.ReadFile(filepath.Join(disk, "a.gguf")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
