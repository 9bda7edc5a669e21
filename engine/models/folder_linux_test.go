package models

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// Nothing but regular files below the folder is opened, and nothing blocks.
func TestFolder_NotFiles(t *testing.T) {
	outside := put(t, t.TempDir(), "secret.gguf", good().bytes())
	dir := t.TempDir()
	for name, target := range map[string]string{"out.gguf": outside, "dangling.gguf": "nowhere", "loop.gguf": "loop.gguf", "folder": filepath.Dir(outside),
		"up.gguf": "../" + filepath.Base(filepath.Dir(outside)) + "/secret.gguf", "self": ".", "null.gguf": "/dev/null", "zero.gguf": "/dev/zero", "memory.gguf": "/proc/self/mem"} {
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
	t.Chdir(dir) // the path of a socket is short
	socket, err := net.Listen("unix", "socket.gguf")
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	const null = 1<<8 | 3
	for name, kind := range map[string]uint32{"letters.gguf": syscall.S_IFCHR, "blocks.gguf": syscall.S_IFBLK} {
		if err := syscall.Mknod(filepath.Join(dir, name), kind|0o600, null); err != nil {
			t.Logf("without a %s: %v", name, err) // only root may
		}
	}
	put(t, dir, "real.gguf", good().bytes())
	if got := list(t, dir); len(got) != 1 || got["real"].State != StateReady {
		t.Errorf("models %v", got)
	}
}

// A file that becomes a pipe, or a link out of the folder, between two looks is
// gone, and a look does not wait for it.
func TestFolder_BecomesNoFile(t *testing.T) {
	outside := put(t, t.TempDir(), "secret.gguf", good().bytes())
	dir := t.TempDir()
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "m.gguf")
	for _, become := range []func() error{
		func() error { return syscall.Mkfifo(path, 0o600) },
		func() error { return os.Symlink(outside, path) },
		func() error { return os.Mkdir(path, 0o700) },
	} {
		put(t, dir, "m.gguf", good().bytes())
		if infos, err := f.List(); err != nil || len(infos) != 1 {
			t.Fatalf("%v, %v", infos, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := become(); err != nil {
			t.Fatal(err)
		}
		if infos, err := f.List(); err != nil || len(infos) != 0 {
			t.Errorf("%v, %v", infos, err)
		}
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
	// Also one that is looked into just then.
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if l := (&scan{Folder: f, root: root}).inspect("m.gguf", nil); l.err != errNotRegular {
		t.Errorf("a pipe: %v", l.err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, path); err != nil {
		t.Fatal(err)
	}
	if l := (&scan{Folder: f, root: root}).inspect("m.gguf", nil); l.err == nil || l.header.Architecture != "" {
		t.Errorf("a link out of the folder was read: %+v", l)
	}
}

// A name may be anything that the system allows. It is an ID as it is, but for
// bytes that are no text, and is shown in one line.
func TestFolder_OddNames(t *testing.T) {
	dir := t.TempDir()
	shown := map[string]string{ // by ID
		"odd\n\u202Ename<img>":                  "odd name<img>",
		" spaces  in it ":                       "spaces in it",
		"-rf --no-gpu":                          "-rf --no-gpu",
		"🙂 emoji 東京":                            "🙂 emoji 東京",
		"a\x1b[31mred":                          "a[31mred",
		"%s%n$(id)`id`;'\"\\":                   "%s%n$(id)`id`;'\"\\",
		strings.Repeat("l", 250):                strings.Repeat("l", 199) + "…",
		"..":                                    "..",
		".hidden":                               ".hidden",
		"CON":                                   "CON",
		"model-00001-of-99999-00001-of-0001":    "model-00001-of-99999-00001-of-0001",
		"zero\u200Bwidth":                       "zerowidth",
		"e\u0301 and \u00e9":                    "e\u0301 and \u00e9",
		strings.Repeat("\u0301", 100) + "zalgo": strings.Repeat("\u0301", 100) + "zalgo",
	}
	for id := range shown {
		put(t, dir, id+".gguf", good().bytes())
	}
	put(t, dir, "bad\xffutf8.gguf", good().bytes())
	put(t, dir, "bad\xfeutf8.gguf", good().bytes())
	shown["bad_utf8"] = "bad_utf8"
	got := list(t, dir)
	for id, name := range shown {
		m, ok := got[id]
		if !ok || m.State != StateReady || m.Name != name || !m.Current() {
			t.Errorf("%q: %+v, want the name %q", id, m, name)
		}
	}
	if n := len(got) - len(shown); n != 0 {
		t.Errorf("%d models more or less", n)
	}
}

// Folders may be deep, unreadable, or both.
func TestFolder_DeepFolders(t *testing.T) {
	dir := t.TempDir()
	deep := strings.Repeat("d/", 200)
	put(t, dir, deep+"m.gguf", good().bytes())
	put(t, dir, "shut/n.gguf", good().bytes())
	put(t, dir, "open/o.gguf", good().bytes())
	if err := os.Chmod(filepath.Join(dir, "shut"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "shut"), 0o700) })
	var ids []string
	for id := range list(t, dir) {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	want := []string{"m", "o"}
	if os.Geteuid() == 0 {
		want = []string{"m", "n", "o"} // nothing is shut for root
	}
	if !slices.Equal(ids, want) {
		t.Errorf("%q", ids)
	}
}
