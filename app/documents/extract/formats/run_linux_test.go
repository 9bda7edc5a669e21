package formats

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"alcove/app/documents/extract"
)

// program is the child, built once.
var program string

func TestMain(m *testing.M) {
	if note := os.Getenv("ALCOVE_TEST_PARENT"); note != "" {
		waitForever(note)
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "alcove-extract-*")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		program = filepath.Join(dir, "alcove")
		build := exec.Command("go", "build", "-o", program, "./child")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

func command(args ...string) *exec.Cmd { return exec.Command(program, args...) }

// handbook is a real PDF of this repository.
const handbook = "../../../../examples/handbook/dienstwagenrichtlinie.pdf"

// cacheDir is filled once for all tests.
func cacheDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(os.TempDir(), "alcove-test-pdfium")
	if err := extract.Warm(t.Context(), extract.Options{Command: command, CacheDir: dir}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func openFile(t testing.TB, path string) *os.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestRunReadsAPDFInAChild(t *testing.T) {
	o := extract.Options{Command: command, CacheDir: cacheDir(t)}
	var seen []int
	doc, err := extract.Run(t.Context(), o, openFile(t, handbook), "dienstwagenrichtlinie.pdf", func(done, total int) { seen = append(seen, done, total) })
	if err != nil {
		t.Fatal(err)
	}
	if doc.Format != "pdf" || doc.Pages != 5 || doc.Title != "Dienstwagenrichtlinie" || doc.Language != "de" || doc.Effective != "2026-04-01" {
		t.Errorf("%+v", doc)
	}
	if !slices.Equal(seen, []int{1, 5, 2, 5, 3, 5, 4, 5, 5, 5}) {
		t.Errorf("progress: %v", seen)
	}
	if !slices.ContainsFunc(doc.Blocks, func(b extract.Block) bool {
		return b.Kind == extract.Row && b.Page == 3 && b.Text == "Band: M2; Höchste Leasingrate im Monat: 610 Euro; Listenpreis höchstens: 52.000 Euro; Antrieb: elektrisch"
	}) {
		t.Errorf("no row of class M2 in %+v", doc.Blocks)
	}
}

// TestSealFromInside lets the child try what it must not be able to do.
func TestSealFromInside(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	secret := filepath.Join(t.TempDir(), "alcove.db")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := command("extract", "--cache", cacheDir(t), "--probe-seal", secret, listener.Addr().String())
	cmd.ExtraFiles = []*os.File{openFile(t, handbook)}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var p probed
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	t.Logf("%+v", p)
	if !p.Seal.NoNewPrivileges || !p.Seal.NoCoreDumps {
		t.Errorf("seal: %+v", p.Seal)
	}
	if p.OwnFile != "" {
		t.Errorf("the document cannot be read: %s", p.OwnFile)
	}
	denied := map[string]string{}
	if p.Seal.LandlockABI > 0 {
		denied["read"], denied["list"], denied["write"] = p.Read, p.List, p.Write
	}
	if p.Seal.LandlockABI >= 4 || p.Seal.Seccomp {
		denied["connect"] = p.Connect
	}
	if p.Seal.Seccomp {
		denied["exec"] = p.Exec
	}
	if len(denied) < 5 && p.Seal.Missing == "" {
		t.Errorf("not all is closed, and the report does not say so: %+v", p.Seal)
	}
	for name, got := range denied {
		if !strings.Contains(got, "permission denied") && !strings.Contains(got, "not permitted") {
			t.Errorf("%s from inside the seal: %q", name, got)
		}
	}
}

// reasonOf runs a child on bytes and gives why it failed, "" if it did not.
func reasonOf(t *testing.T, ctx context.Context, o extract.Options, data []byte, name string) extract.Reason {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := extract.Run(ctx, o, openFile(t, path), name, nil)
	var failed *extract.Error
	switch {
	case errors.As(err, &failed):
		return failed.Reason
	case err != nil:
		t.Fatal(err)
	}
	return ""
}

func TestRunTellsWhy(t *testing.T) {
	o := extract.Options{Command: command, CacheDir: cacheDir(t)}
	whole, err := os.ReadFile(handbook)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		data []byte
		want extract.Reason
	}{
		{"empty.pdf", nil, extract.Empty},
		{"half.pdf", []byte("%PDF-1.7\nnothing"), extract.Damaged},
		{"noise.pdf", bytes.Repeat([]byte{0x9f, 1, 2}, 1000), extract.Damaged},
		{"program", []byte("\x7fELF\x02\x01\x01"), extract.Unsupported},
	} {
		if got := reasonOf(t, t.Context(), o, c.data, c.name); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	few := o
	few.Limits = extract.DefaultLimits()
	few.Limits.Pages = 4
	if got := reasonOf(t, t.Context(), few, whole, "a.pdf"); got != extract.TooManyPages {
		t.Errorf("5 pages of 4: %q", got)
	}
	few.Limits = extract.DefaultLimits()
	few.Limits.Bytes = 100
	if got := reasonOf(t, t.Context(), few, whole, "a.pdf"); got != extract.TooLarge {
		t.Errorf("many bytes: %q", got)
	}
	few.Limits = extract.DefaultLimits()
	few.Limits.Memory = 8 << 20
	if got := reasonOf(t, t.Context(), few, whole, "a.pdf"); got != extract.Memory {
		t.Errorf("little memory: %q", got)
	}
}

// TestRunEndsAChildThatDoesNot uses children that break the rules.
func TestRunEndsAChildThatDoesNot(t *testing.T) {
	limits := extract.DefaultLimits()
	limits.Idle, limits.Total = 300*time.Millisecond, time.Minute
	for _, c := range []struct {
		name, script string
		want         extract.Reason
	}{
		{"silence", "exec sleep 100", extract.Timeout},
		{"the same page again and again", `while :; do echo '{"progress":[1,2]}'; sleep 0.05; done`, extract.Timeout},
		{"noise", "echo noise; exec sleep 100", extract.Crashed},
		{"a line without end", "exec tr '\\0' a </dev/zero", extract.Crashed},
		{"an end without a document", `echo '{"end":0}'; exec sleep 100`, extract.Crashed},
		{"fewer blocks than announced", `echo '{"document":{"pages":1}}'; echo '{"end":2}'; exec sleep 100`, extract.Crashed},
		{"an early end", `echo '{"document":{"pages":1}}'`, extract.Crashed},
		{"a crash", `echo '{"document":{"pages":1}}'; kill -SEGV $$`, extract.Crashed},
		{"an unknown reason", `echo '{"error":{"reason":"because"}}'; exec sleep 100`, extract.Crashed},
		{"a known reason, and no end", `echo '{"error":{"reason":"encrypted"}}'; exit 1`, extract.Encrypted},
		{"a picture without end", `while :; do echo '{"picture":{"page":1,"part":"` + strings.Repeat("AAAA", 60_000) + `"}}'; done`, extract.Crashed},
	} {
		o := extract.Options{Limits: limits, Command: func(...string) *exec.Cmd { return exec.Command("/bin/sh", "-c", c.script) }}
		o.Limits.Idle = limits.Idle
		if c.want != extract.Timeout {
			o.Limits.Idle = time.Minute
		}
		if got := reasonOf(t, t.Context(), o, []byte("x"), "a.pdf"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// waitForever runs a child that notes its number and does not end.
func waitForever(note string) {
	f, err := os.Open(os.Args[0])
	if err != nil {
		panic(err)
	}
	o := extract.Options{Command: func(...string) *exec.Cmd {
		return exec.Command("/bin/sh", "-c", `echo $$ >"$0.new"; mv "$0.new" "$0"; exec sleep 1000`, note)
	}, Limits: extract.DefaultLimits()}
	o.Limits.Idle = time.Hour
	_, err = extract.Run(context.Background(), o, f, "a.pdf", nil)
	panic(err)
}

func TestAChildEndsWithItsParent(t *testing.T) {
	note := filepath.Join(t.TempDir(), "pid")
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), "ALCOVE_TEST_PARENT="+note)
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var pid []byte
	for len(pid) == 0 && t.Context().Err() == nil {
		time.Sleep(10 * time.Millisecond)
		pid, _ = os.ReadFile(note) //nolint:errcheck // it comes
	}
	place := "/proc/" + strings.TrimSpace(string(pid)) + "/exe"
	if _, err := os.Readlink(place); err != nil {
		t.Fatalf("the child is not there: %v", err)
	}
	parent.Process.Kill() //nolint:errcheck // Wait follows
	parent.Wait()         //nolint:errcheck // killed
	for {                 // until the test's own limit
		if _, err := os.Readlink(place); err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestRunStopsWhenAsked(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := extract.Options{Command: func(...string) *exec.Cmd {
		time.AfterFunc(50*time.Millisecond, cancel)
		return exec.Command("/bin/sleep", "100")
	}}
	_, err := extract.Run(ctx, o, openFile(t, handbook), "a.pdf", nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
