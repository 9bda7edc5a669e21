package main

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"alcove/engine/local"
	"alcove/engine/local/fake"
)

// mustFail checks a command that cannot do its work: exit status 1 and a
// sentence with every one of the words, no stack and no usage text.
func mustFail(t *testing.T, r result, words ...string) {
	t.Helper()
	if r.code != 1 || !strings.HasPrefix(r.stderr, "alcove: ") || strings.Contains(r.stderr, "goroutine") || strings.Contains(r.stderr, "Usage:") {
		t.Fatalf("exit status %d, %q", r.code, r.stderr)
	}
	for _, w := range words {
		if !strings.Contains(r.stderr, w) {
			t.Errorf("%q is not in %q", w, r.stderr)
		}
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{})
	t.Run("addresses of others", func(t *testing.T) {
		for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "nonsense"} {
			mustFail(t, p.command(t, "serve", "--listen", addr), "only on this machine")
		}
		if _, err := os.Stat(p.data); err == nil {
			t.Error("a start that was refused made the data folder")
		}
	})
	t.Run("port of another program", func(t *testing.T) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		go http.Serve(ln, http.NotFoundHandler())
		mustFail(t, p.command(t, "serve", "--listen", ln.Addr().String()), "another program uses "+ln.Addr().String(), "--listen")
	})
	t.Run("bad config", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(p.data, "config.toml"), []byte("\nthread = 4\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(filepath.Join(p.data, "config.toml"))
		mustFail(t, p.command(t, "serve"), "config.toml, line 2", `"thread"`)
	})
	t.Run("not a database", func(t *testing.T) {
		q := fakePlace(t, fake.Script{})
		if err := os.Mkdir(q.data, 0o700); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(q.data, "alcove.db")
		text := strings.Repeat("this is my diary\n", 1000)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		mustFail(t, q.command(t, "serve", "--listen", "127.0.0.1:0"), "not a readable Alcove database")
		if got, err := os.ReadFile(file); err != nil || string(got) != text {
			t.Error("the file that is no database was changed")
		}
	})
}

func TestSecondStartOnTheSameData(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "kept"})
	a := p.serve(t)
	c := a.newConversation()
	a.ask(c, "hello")
	mustFail(t, p.command(t, "serve", "--listen", "127.0.0.1:0"), "is served already, at "+a.base, "alcove link")
	if m := a.ask(c, "still there?"); m.Status != "done" {
		t.Errorf("after a second start: %+v", m)
	}
	q := fakePlace(t, fake.Script{})
	mustFail(t, q.command(t, "serve", "--listen", strings.TrimPrefix(a.base, "http://")), "an Alcove with another data folder", "--listen")

	// A killed app leaves its instance.json; the next start is not stopped by it.
	a.kill()
	b := p.serve(t)
	if n := len(b.messages(c)); n != 4 {
		t.Errorf("%d messages after kill and start, want 4", n)
	}
	if code := b.stop(); code != 0 {
		t.Errorf("exit status %d after SIGTERM\n%s", code, b.log)
	}
	if _, err := os.Stat(filepath.Join(p.data, "run", "instance.json")); !os.IsNotExist(err) {
		t.Errorf("instance.json after a clean end: %v", err)
	}
}

// nobody runs a command as a person who cannot write what is not theirs.
func nobody(t *testing.T, cmd *exec.Cmd, own ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		return // modes bind us as they are
	}
	const id = 65534
	for _, path := range own {
		if err := os.Chown(path, id, id); err != nil {
			t.Fatal(err)
		}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
}

func TestDataFolderReadOnly(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{})
	a := p.serve(t)
	c := a.newConversation()
	a.ask(c, "hello")
	a.stop()

	// t.TempDir is closed to others; a folder of its own is not.
	parent, err := os.MkdirTemp("", "alcove-readonly-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(parent)
	if err := os.Chmod(parent, 0o755); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(parent, "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(p.data, "alcove.db"))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "alcove.db")
	if err := os.WriteFile(file, before, 0o400); err != nil {
		t.Fatal(err)
	}
	q := p
	q.data = folder
	cmd := exec.Command(programs.app, append([]string{"serve", "--listen", "127.0.0.1:0"}, q.args()...)...)
	cmd.Dir = "/"
	nobody(t, cmd, folder, file)
	if err := os.Chmod(folder, 0o500); err != nil {
		t.Fatal(err)
	}
	r := runCommand(t, cmd)
	os.Chmod(folder, 0o700)
	mustFail(t, r, folder, "cannot be written to")
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("the database was changed: %v", err)
	}
	b := p.serve(t)
	if n := len(b.messages(c)); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
}

// What the engine lacks does not keep the app from starting: questions are
// saved and answered with a sentence that says what to do.
func TestEngineCannotAnswer(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name, code, words string
		spoil             func(t *testing.T, p place)
	}{
		{"no model", "no_model", ".gguf", func(t *testing.T, p place) { os.Remove(filepath.Join(p.models, "fake.gguf")) }},
		{"no model folder", "no_model", "folder", func(t *testing.T, p place) { os.RemoveAll(p.models) }},
		{"not a GGUF", "model_refused", "", func(t *testing.T, p place) {
			write(t, filepath.Join(p.models, "fake.gguf"), strings.Repeat("not a model ", 100))
		}},
		{"no libraries", "runtime_missing", "make setup", func(t *testing.T, p place) { os.RemoveAll(p.runtime) }},
		{"one library missing", "runtime_missing", "libllama.so.0", func(t *testing.T, p place) { os.Remove(filepath.Join(p.runtime, "libllama.so.0")) }},
		{"library changed", "runtime_changed", "libllama.so.0", func(t *testing.T, p place) {
			write(t, filepath.Join(p.runtime, "libllama.so.0"), "another library")
		}},
		{"libraries of another version", "runtime_changed", "v9.9.9", func(t *testing.T, p place) {
			lock := filepath.Join(p.runtime, "lock.json")
			text, err := os.ReadFile(lock)
			if err != nil {
				t.Fatal(err)
			}
			write(t, lock, strings.Replace(string(text), local.LibraryVersion, "v9.9.9", 1))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := fakePlace(t, fake.Script{})
			test.spoil(t, p)
			a := p.serve(t)
			if got := a.call("GET", "/readyz", ""); got.status != http.StatusServiceUnavailable {
				t.Errorf("readyz: %+v", got)
			}
			c := a.newConversation()
			m := a.ask(c, "Are you there?")
			if m.Status != "failed" || m.Error == nil || m.Error.Code != test.code || !strings.Contains(m.Error.Message, test.words) {
				t.Errorf("answer %+v, error %+v; want %s", m, m.Error, test.code)
			}
			if all := a.messages(c); len(all) != 2 || all[0].Text != "Are you there?" {
				t.Errorf("the question was not kept: %+v", all)
			}
		})
	}
}
