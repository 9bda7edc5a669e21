package models

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// exact is a model whose last byte belongs to a tensor, and its part of a split one.
func exact(extra ...kv) []byte {
	g := good()
	g.tensors = []tensor{{name: "a", dims: []uint64{1024}}}
	for _, k := range extra {
		g = g.set(k)
	}
	return g.bytes()
}

// part is one of a split model: only the first has more keys than it needs.
func part(no, count int) []byte {
	split := []kv{{key: "split.no", typ: typeUint16, vals: []any{uint16(no)}}, {key: "split.count", typ: typeUint16, vals: []any{uint16(count)}}}
	if no == 0 {
		return exact(split...)
	}
	return gguf{keys: split, tensors: []tensor{{name: "a", dims: []uint64{1024}}}}.bytes()
}

// watching is a Watcher with what it told.
type watching struct {
	*Watcher
	t   *testing.T
	dir string

	mu   sync.Mutex
	told []Info
	n    int
}

func watch(t *testing.T, dir string, o Options) *watching {
	t.Helper()
	w := &watching{t: t, dir: dir}
	o.Changed = func(infos []Info, _ error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.told = infos
		w.n++
	}
	var err error
	if w.Watcher, err = Watch(dir, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// is is what was told of a model: its state and reason.
func (w *watching) is(id string) (Info, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, m := range w.told {
		if m.ID == id {
			return m, true
		}
	}
	return Info{}, false
}

// await waits until the folder has told that a model is in a state, "" for gone.
func (w *watching) await(id string, want State) Info {
	w.t.Helper()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if m, ok := w.is(id); ok && m.State == want || !ok && want == "" {
			return m
		}
	}
	m, _ := w.is(id)
	w.t.Fatalf("%s is not %q: %+v", id, want, m)
	return m
}

// now asks and is answered.
func (w *watching) now(id string) State {
	w.t.Helper()
	infos, err := w.Refresh()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, m := range infos {
		if m.ID == id {
			return m.State
		}
	}
	return ""
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// kinds of notifier: the roads by which a change becomes known.
var notifiers = map[string]Options{
	"events": {},
	"no events": {poll: 20 * time.Millisecond, look: 20 * time.Millisecond,
		open: func() (notifier, error) { return nil, syscall.EMFILE }},
	"limit reached": {poll: 20 * time.Millisecond, look: 20 * time.Millisecond, open: func() (notifier, error) { return limited(1), nil }},
}

// few gives so many watches and no more.
type few struct {
	notifier
	left int
}

func limited(n int) *few {
	real, err := newInotify()
	if err != nil {
		return &few{deaf{}, 0}
	}
	return &few{real, n}
}

// Add is refused like the system does when its limit is reached.
func (f *few) Add(dir string) error {
	if f.left--; f.left < 0 {
		return syscall.ENOSPC
	}
	return f.notifier.Add(dir)
}

func TestWatcher_Drops(t *testing.T) {
	for name, o := range notifiers {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			w := watch(t, dir, o)
			put(t, dir, "cp.gguf", exact())
			w.await("cp", StateReady)
			rename(t, put(t, dir, ".rsync.gguf.Xa81bc", exact()), filepath.Join(dir, "rsync.gguf"))
			w.await("rsync", StateReady)
			rename(t, put(t, dir, "load.gguf.part", exact()), filepath.Join(dir, "load.gguf"))
			w.await("load", StateReady)
			put(t, dir, "a/b/c/deep.gguf", exact())
			w.await("deep", StateReady)
			put(t, dir, "a/b/late.gguf", exact())
			w.await("late", StateReady)
			rename(t, filepath.Join(dir, "a", "b"), filepath.Join(dir, "moved"))
			if m := w.await("deep", StateReady); m.Path != filepath.Join(dir, "moved", "c", "deep.gguf") {
				for m.Path != filepath.Join(dir, "moved", "c", "deep.gguf") && !t.Failed() {
					m = w.await("deep", StateReady)
				}
			}
			put(t, dir, "moved/c/later.gguf", exact())
			w.await("later", StateReady)
			put(t, dir, "bad.gguf", []byte("This is a text."))
			w.await("bad", StateRefused)
			if err := os.RemoveAll(filepath.Join(dir, "moved")); err != nil {
				t.Fatal(err)
			}
			w.await("deep", "")
			w.await("late", "")
			put(t, dir, "moved/c/back.gguf", exact()) // a folder that comes back
			w.await("back", StateReady)
			put(t, dir, "moved/c/again.gguf", exact())
			w.await("again", StateReady)
			if err := os.Remove(filepath.Join(dir, "cp.gguf")); err != nil {
				t.Fatal(err)
			}
			w.await("cp", "")
		})
	}
}

// Who asks at once is answered with what is there, whatever events do.
func TestWatcher_AsksAtOnce(t *testing.T) {
	dir := t.TempDir()
	w := watch(t, dir, Options{open: func() (notifier, error) { return nil, syscall.EMFILE }, poll: time.Hour})
	for i := range 50 {
		id := fmt.Sprintf("m%d", i)
		p := put(t, dir, fmt.Sprintf("sub%d/%s.gguf", i%5, id), exact())
		if got := w.now(id); got != StateReady {
			t.Fatalf("dropped: %q", got)
		}
		if err := os.Remove(p); err != nil {
			t.Fatal(err)
		}
		if got := w.now(id); got != "" {
			t.Fatalf("removed: %q", got)
		}
	}
}

func TestWatcher_SlowCopy(t *testing.T) {
	dir := t.TempDir()
	w := watch(t, dir, Options{look: 10 * time.Millisecond, settle: 200 * time.Millisecond})
	data := exact()
	f, err := os.Create(filepath.Join(dir, "slow.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if w.now("slow"); writersOf(mustOpen(t, f.Name())) != writersSome {
		t.Skip("this file system cannot tell who writes")
	}
	w.await("slow", StateCopying)
	last := 0
	for i := 0; i < len(data); i += 1000 {
		if _, err := f.Write(data[i:min(len(data), i+1000)]); err != nil {
			t.Fatal(err)
		}
		if got := w.now("slow"); got != StateCopying {
			t.Fatalf("%d of %d bytes: %s", i+1000, len(data), got)
		}
		m, _ := w.is("slow")
		if m.Percent < last || m.Percent > 99 {
			t.Errorf("%d %% after %d %%", m.Percent, last)
		}
		last = m.Percent
	}
	if last < 80 {
		t.Errorf("the last was %d %%", last)
	}
	time.Sleep(300 * time.Millisecond) // longer than what settles a file that nobody writes
	if got := w.now("slow"); got != StateCopying {
		t.Errorf("whole, but its writer has not closed it: %s", got)
	}
	f.Close()
	w.await("slow", StateReady)

	// A copy that was given up is incomplete, and may go on.
	p := put(t, dir, "half.gguf", data[:len(data)-2000])
	w.await("half", StateRefused)
	f, err = os.OpenFile(p, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(data[len(data)-2000 : len(data)-1000]); err != nil {
		t.Fatal(err)
	}
	w.await("half", StateCopying)
	if _, err := f.Write(data[len(data)-1000:]); err != nil {
		t.Fatal(err)
	}
	f.Close()
	w.await("half", StateReady)
}

func mustOpen(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestWatcher_Split(t *testing.T) {
	dir := t.TempDir()
	w := watch(t, dir, Options{look: 10 * time.Millisecond, settle: time.Hour})
	for _, no := range []int{3, 1, 2} {
		w.await("big", map[bool]State{true: "", false: StateCopying}[no == 3])
		put(t, dir, fmt.Sprintf("sub/big-%05d-of-00003.gguf", no), part(no-1, 3))
	}
	m := w.await("big", StateReady)
	if m.Path != filepath.Join(dir, "sub", "big-00001-of-00003.gguf") || m.Size != int64(len(part(0, 3))+2*len(part(1, 3))) || m.Parameters != "3K" || !m.Current() {
		t.Errorf("%+v", m)
	}
	if err := os.Remove(filepath.Join(dir, "sub", "big-00002-of-00003.gguf")); err != nil {
		t.Fatal(err)
	}
	if w.await("big", StateCopying); m.Current() {
		t.Error("a part is gone, and the model is current")
	}
	put(t, dir, "sub/big-00002-of-00003.gguf", part(0, 3))
	w.await("big", StateRefused)
	put(t, dir, "single.gguf", part(1, 3))
	w.await("single", StateRefused)
}

// A change of content is a change of Content, and of Inode when it was replaced.
func TestWatcher_Replaced(t *testing.T) {
	dir := t.TempDir()
	w := watch(t, dir, Options{look: 10 * time.Millisecond, settle: 100 * time.Millisecond})
	path := put(t, dir, "m.gguf", exact())
	first := w.await("m", StateReady)
	rename(t, put(t, dir, "new", exact(kv{key: "general.name", typ: typeString, vals: []any{"New"}})), path)
	if w.now("m") != StateReady || first.Current() {
		t.Fatal("replaced, and not seen")
	}
	second, _ := w.is("m")
	if second.Name != "New" || second.Content == first.Content || second.Inode == first.Inode || !second.Current() {
		t.Errorf("replaced: %+v", second)
	}
	if err := os.Truncate(path, second.Size-1); err != nil {
		t.Fatal(err)
	}
	third := w.await("m", StateRefused)
	if third.Inode != second.Inode || third.Content == second.Content || second.Current() {
		t.Errorf("cut: %+v", third)
	}
}

func TestWatcher_FolderComesAndGoes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "yet")
	w := watch(t, dir, Options{poll: 20 * time.Millisecond})
	if _, err := w.Refresh(); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("error %v, want fs.ErrNotExist", err)
	}
	for range 3 {
		put(t, dir, "m.gguf", exact())
		w.await("m", StateReady)
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		w.await("m", "")
	}
	put(t, dir, "m.gguf", exact())
	w.await("m", StateReady)
	rename(t, dir, dir+".old")
	put(t, dir, "n.gguf", exact())
	w.await("m", "")
	w.await("n", StateReady)
}

// scripted is a notifier whose events the test makes.
type scripted struct {
	deaf
	events chan fsnotify.Event
	errors chan error
}

// Add is always granted.
func (s scripted) Add(string) error { return nil }

// Events are the test's.
func (s scripted) Events() <-chan fsnotify.Event { return s.events }

// Errors are the test's.
func (s scripted) Errors() <-chan error { return s.errors }

// When events were lost, everything is read: also a file that was rewritten
// where it is, of which its folder's time says nothing.
func TestWatcher_Overflow(t *testing.T) {
	dir := t.TempDir()
	path := put(t, dir, "m.gguf", exact())
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(dir, old, old); err != nil {
		t.Fatal(err)
	}
	s := scripted{events: make(chan fsnotify.Event), errors: make(chan error)}
	w := watch(t, dir, Options{rescan: time.Hour, open: func() (notifier, error) { return s, nil }})
	w.await("m", StateReady)
	if err := os.WriteFile(path, []byte("no model any more"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := w.now("m"); got != StateReady {
		t.Fatalf("%s: the test shows nothing, it was seen without an event", got)
	}
	s.errors <- fsnotify.ErrEventOverflow
	w.await("m", StateRefused)
}

// The log is told once, however many folders there are.
func TestWatcher_LimitIsToldOnce(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		put(t, dir, fmt.Sprintf("s%d/m%d.gguf", i, i), exact())
	}
	var log bytes.Buffer
	w := watch(t, dir, Options{poll: 10 * time.Millisecond, open: func() (notifier, error) { return limited(5), nil },
		Log: slog.New(slog.NewTextHandler(&log, nil))})
	for i := range 20 {
		put(t, dir, fmt.Sprintf("s%d/late%d.gguf", i, i), exact())
		w.await(fmt.Sprintf("late%d", i), StateReady)
	}
	w.Close()
	if n := bytes.Count(log.Bytes(), []byte("does not tell of all changes")); n != 1 {
		t.Errorf("told %d times: %s", n, &log)
	}
}

// Ten thousand files, small and good, bad, cut or no model: all of them are
// listed, a header is read once, and looking again costs a stat each.
func TestSoak_ManyFiles(t *testing.T) {
	n := 10_000
	if os.Getenv("ALCOVE_SOAK") != "1" {
		n /= 20
	}
	dir := t.TempDir()
	damaged := good().set(number("general.alignment", 24)).bytes()
	kinds := []struct {
		data  []byte
		state State
	}{{exact(), StateReady}, {exact(), StateReady}, {[]byte("a text"), StateRefused}, {damaged, StateRefused},
		{exact()[:4000], StateRefused}, {adapter("llama", 64, "blk.1.attn_q").bytes(), StateAdapter}}
	old := time.Now().Add(-time.Hour)
	want := map[State]int{}
	for i := range n {
		k := kinds[i%len(kinds)]
		want[k.state]++
		if err := os.Chtimes(put(t, dir, fmt.Sprintf("d%d/m%d.gguf", i%50, i), k.data), old, old); err != nil {
			t.Fatal(err)
		}
		if i%10 == 0 {
			put(t, dir, fmt.Sprintf("d%d/readme%d.txt", i%50, i), nil)
		}
	}
	w := watch(t, dir, Options{})
	infos, err := w.Rescan()
	if err != nil || len(infos) != n {
		t.Fatalf("%d of %d models, error %v", len(infos), n, err)
	}
	got := map[State]int{}
	for _, m := range infos {
		got[m.State]++
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for range 3 {
		if again, err := w.Rescan(); err != nil || !same(again, infos) {
			t.Fatal("looked again, and it is another list", err)
		}
	}
	if heads := w.heads(); heads != n {
		t.Errorf("%d headers were read of %d files", heads, n)
	}
	put(t, dir, "d7/new.gguf", exact())
	if err := os.Remove(filepath.Join(dir, "d8", "m8.gguf")); err != nil {
		t.Fatal(err)
	}
	w.await("new", StateReady)
	w.await("m8", "")
	rename(t, filepath.Join(dir, "d9"), filepath.Join(dir, "moved"))
	for m := w.await("m9", StateRefused); m.Path != filepath.Join(dir, "moved", "m9.gguf"); m = w.await("m9", StateRefused) {
		if _, err := w.Refresh(); err != nil {
			t.Fatal(err)
		}
	}
	if heads := w.heads(); heads != n+1+n/50 {
		t.Errorf("%d headers were read, want %d, one and those of a folder that moved, %d", heads, n, n/50)
	}
}

// heads is how many headers have been read.
func (w *watching) heads() int {
	w.folder.mu.Lock()
	defer w.folder.mu.Unlock()
	return w.folder.heads
}
