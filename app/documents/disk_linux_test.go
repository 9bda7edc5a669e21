package documents

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"alcove/app"
	"alcove/storage"
)

// A full disk takes no file, leaves nothing of one, and what is there is read.
func TestSend_FullDisk(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=300m,mode=700", "tmpfs", folder).CombinedOutput(); err != nil {
		t.Skipf("NOT TESTED: mounting a tmpfs needs root: %v %s", err, out)
	}
	d := newDesk(t)
	t.Cleanup(func() {
		d.Close() //nolint:errcheck // closed again by the desk
		if out, err := exec.Command("umount", folder).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
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
