package models

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// several watches folders and keeps what was told last.
type several struct {
	*Folders
	mu   sync.Mutex
	told []Info
	err  error
}

func watchAll(t *testing.T, o Options, dirs ...string) *several {
	t.Helper()
	s := &several{}
	o.Changed = func(infos []Info, err error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.told, s.err = infos, err
	}
	var err error
	if s.Folders, err = WatchAll(dirs, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (s *several) ids(t *testing.T) (ids []string) {
	t.Helper()
	infos, err := s.Refresh()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range infos {
		ids = append(ids, m.ID)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !same(s.told, infos) || s.err != nil {
		t.Errorf("told %v, %v; asked %v", s.told, s.err, infos)
	}
	return ids
}

// Models of several folders are one list, and each has a name of its own.
func TestFolders(t *testing.T) {
	root := t.TempDir()
	one, two, three := filepath.Join(root, "one", "models"), filepath.Join(root, "two", "models"), filepath.Join(root, "three")
	put(t, one, "a.gguf", exact())
	put(t, one, "sub/b.gguf", exact())
	put(t, two, "a.gguf", exact())
	put(t, two, "b.gguf", exact())
	put(t, three, "a.gguf", exact())
	put(t, three, "models/a.gguf", exact())
	four := filepath.Join(root, "four", "three")
	put(t, four, "models/a.gguf", exact())
	base := good().set(number("llama.embedding_length", 64))
	put(t, one, "base.gguf", base.bytes())
	put(t, three, "tone.gguf", adapter("llama", 64, "blk.1.attn_q").bytes())
	s := watchAll(t, Options{}, one, two, three, one, four)
	if !slices.Equal(s.Dirs(), []string{one, two, three, four}) {
		t.Errorf("folders %v", s.Dirs())
	}
	whole := func(dir, name string) string { return strings.Trim(filepath.ToSlash(dir), "/") + "/" + name }
	want := []string{"a", "b", "base", "models/a", "sub/b", "three/a", "three/models/a", "tone", whole(four, "models/a")}
	slices.Sort(want)
	if got := s.ids(t); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	infos, _ := s.List()
	paths := map[string]string{}
	for _, m := range infos {
		paths[m.ID] = m.Path
		if m.ID == "base" && !slices.Equal(m.Adapters, []string{"tone"}) {
			t.Errorf("adapters in another folder: %v", m.Adapters)
		}
	}
	if paths["a"] != filepath.Join(one, "a.gguf") || paths["models/a"] != filepath.Join(two, "a.gguf") ||
		paths["b"] != filepath.Join(two, "b.gguf") || paths["three/a"] != filepath.Join(three, "a.gguf") {
		t.Errorf("%v", paths)
	}
	put(t, two, "new.gguf", exact())
	if err := os.Remove(filepath.Join(one, "a.gguf")); err != nil {
		t.Fatal(err)
	}
	if got := s.ids(t); !slices.Contains(got, "new") || !slices.Contains(got, "a") {
		t.Errorf("after a change: %v", got)
	}
}

// One folder that is missing hides nothing of the others; the log says so once,
// and once that it is back.
func TestFolders_OneIsMissing(t *testing.T) {
	root := t.TempDir()
	one, two := filepath.Join(root, "one"), filepath.Join(root, "two")
	var log bytes.Buffer
	s := watchAll(t, Options{poll: 10 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))}, one, two)
	if _, err := s.Refresh(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("both are missing: %v", err)
	}
	put(t, two, "b.gguf", exact())
	for range 5 {
		if got := s.ids(t); !slices.Equal(got, []string{"b"}) {
			t.Fatalf("%v", got)
		}
	}
	put(t, one, "a.gguf", exact())
	if got := s.ids(t); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%v", got)
	}
	if err := os.RemoveAll(two); err != nil {
		t.Fatal(err)
	}
	if got := s.ids(t); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%v", got)
	}
	s.Close()
	for what, want := range map[string]int{"is not there or cannot be read": 3, "is back": 2} {
		if got := strings.Count(log.String(), what); got != want {
			t.Errorf("%q stands %d times, want %d:\n%s", what, got, want, &log)
		}
	}
}

// A folder that cannot be read for the moment keeps its models: a network share
// may come back.
func TestFolders_OneIsUnreadable(t *testing.T) {
	s := &Folders{dirs: []string{"one", "two"}, last: make([]snapshot, 2), sick: make([]bool, 2), log: slog.New(slog.DiscardHandler)}
	a, b := Info{ID: "a", place: "a", State: StateReady}, Info{ID: "b", place: "b", State: StateReady}
	s.take(0, snapshot{[]Info{a}, nil})
	s.take(1, snapshot{[]Info{b}, nil})
	s.take(1, snapshot{nil, fs.ErrPermission})
	if infos, err := s.List(); len(infos) != 2 || err != nil {
		t.Errorf("%v, %v", infos, err)
	}
	s.take(1, snapshot{nil, fs.ErrNotExist})
	if infos, err := s.List(); len(infos) != 1 || err != nil {
		t.Errorf("gone: %v, %v", infos, err)
	}
	s.take(0, snapshot{nil, fs.ErrPermission})
	if infos, err := s.List(); infos != nil || !errors.Is(err, fs.ErrPermission) {
		t.Errorf("all: %v, %v", infos, err)
	}
}
