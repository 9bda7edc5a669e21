package window

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"
)

func TestPlainName(t *testing.T) {
	for name, want := range map[string]string{
		"chat.md": "chat.md", "../../etc/passwd": "passwd", "/etc/passwd": "passwd", `..\..\x.txt`: "x.txt",
		"": "alcove.txt", "..": "alcove.txt", "/": "alcove.txt", ".bashrc": "bashrc", "a/": "a", "Größe 3.txt": "Größe 3.txt",
	} {
		if got := plainName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "chat.md")
	for _, text := range []string{"old", "", "new\x00\xff"} {
		if err := writeFile(path, base64.StdEncoding.EncodeToString([]byte(text))); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%q, %v, want %q", got, err, text)
		}
	}
	if err := writeFile(path, "%%%"); err == nil {
		t.Error("what is not base64 was written")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new\x00\xff" {
		t.Errorf("a failure has changed the file: %q, %v", got, err)
	}
	if err := writeFile(filepath.Join(t.TempDir(), "none", "x"), ""); err == nil {
		t.Error("a folder that is not there was written to")
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("files are left: %v, %v", files, err)
	}
}
