package library

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"alcove/engine"
	"alcove/storage"
)

func write(t *testing.T, path string, content []byte) string {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// hashing runs a hasher that notes each piece that it reads.
type hashing struct {
	*hasher
	read []string
}

func startHashing(t *testing.T, db *storage.DB, s *shelf, piece func(path string)) *hashing {
	t.Helper()
	known, err := db.FileHashes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h := &hashing{hasher: newHasher(Deps{Store: db, Shelf: s, Log: slog.New(slog.DiscardHandler)}, known)}
	h.look = 5 * time.Millisecond
	h.piece = func(path string) {
		h.read = append(h.read, filepath.Base(path)) // read by the test after close only
		if piece != nil {
			piece(path)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	go h.run(ctx)
	t.Cleanup(h.close)
	return h
}

func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 4000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("never happened: " + what)
}

func TestHash_InUseFirstAndRemembered(t *testing.T) {
	dir, db := t.TempDir(), openStore(t)
	s := &shelf{}
	want := map[string][]string{}
	for _, name := range []string{"a", "b", "c", "d-00001-of-00002"} {
		path := filepath.Join(dir, name+".gguf")
		want[path] = []string{write(t, path, bytes.Repeat([]byte(name), 3<<20))} // more than a piece
		s.models = append(s.models, engine.Model{ID: name, Path: path, State: engine.ModelReady})
	}
	first := filepath.Join(dir, "d-00001-of-00002.gguf")
	want[first] = append(want[first], write(t, filepath.Join(dir, "d-00002-of-00002.gguf"), []byte("second")))
	s.models[1].Default = true
	s.models[2].State = engine.ModelLoaded
	s.models = append(s.models, engine.Model{ID: "bad", Path: filepath.Join(dir, "bad.gguf"), State: engine.ModelRefused})
	write(t, filepath.Join(dir, "bad.gguf"), []byte("bad"))

	h := startHashing(t, db, s, nil)
	for path, sums := range want {
		wait(t, "the hash of "+path, func() bool { return h.of(path) != nil })
		if d := cmp.Diff(sums, h.of(path)); d != "" {
			t.Error(d)
		}
	}
	h.close()
	order := slices.Compact(h.read)
	if d := cmp.Diff([]string{"c.gguf", "b.gguf", "a.gguf", "d-00001-of-00002.gguf", "d-00002-of-00002.gguf"}, order); d != "" {
		t.Error(d)
	}

	// After a restart nothing is read; a file that changed is read alone.
	again := startHashing(t, db, s, nil)
	a := s.models[0].Path
	if d := cmp.Diff(want[a], again.of(a)); d != "" {
		t.Error(d)
	}
	sum := write(t, a, []byte("another"))
	wait(t, "the new hash", func() bool { return slices.Equal(again.of(a), []string{sum}) })
	again.close()
	if d := cmp.Diff([]string{"a.gguf"}, slices.Compact(again.read)); d != "" {
		t.Error(d)
	}
}

func TestHash_BegunAgainWhenTheFileChanges(t *testing.T) {
	dir, db := t.TempDir(), openStore(t)
	path := filepath.Join(dir, "a.gguf")
	write(t, path, make([]byte, 9<<20))
	s := &shelf{models: []engine.Model{{ID: "a", Path: path, State: engine.ModelReady}}}
	sum, changed := "", false
	h := startHashing(t, db, s, func(string) {
		if !changed {
			changed = true
			sum = write(t, path, bytes.Repeat([]byte("x"), 8<<20))
		}
	})
	wait(t, "a hash", func() bool { return h.of(path) != nil })
	h.close()
	if got := h.of(path); got[0] != sum {
		t.Errorf("hash %v of a file that became another one, want %s", got, sum)
	}
}

func TestHash_WhatIsNoFileHurtsNobody(t *testing.T) {
	dir, db := t.TempDir(), openStore(t)
	good := filepath.Join(dir, "good.gguf")
	write(t, good, []byte("good"))
	link := filepath.Join(dir, "link.gguf")
	if err := os.Symlink(good, link); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(dir, "folder.gguf")
	if err := os.Mkdir(locked, 0o700); err != nil {
		t.Fatal(err)
	}
	s := &shelf{}
	for _, p := range []string{link, locked, filepath.Join(dir, "gone.gguf"), "", good} {
		s.models = append(s.models, engine.Model{ID: p, Path: p, State: engine.ModelReady})
	}
	h := startHashing(t, db, s, nil)
	wait(t, "the good one", func() bool { return h.of(good) != nil })
	if h.of(link) != nil || h.of(locked) != nil {
		t.Error("a link or a folder has a hash")
	}
}

// A full folder: what is in use does not wait for the others.
func TestHash_ManyFiles(t *testing.T) {
	dir, db := t.TempDir(), openStore(t)
	s := &shelf{}
	for i := range 2000 {
		path := filepath.Join(dir, fmt.Sprintf("m%04d.gguf", i))
		write(t, path, []byte(path))
		s.models = append(s.models, engine.Model{ID: path, Path: path, State: engine.ModelReady})
	}
	h := newHasher(Deps{Store: db, Shelf: s}, nil)
	if got := len(h.missing()); got != 2000 {
		t.Fatalf("%d are missing", got)
	}
	s.models[1999].State = engine.ModelLoaded
	if got := h.missing()[0].Path; got != s.models[1999].Path {
		t.Errorf("%s is first", got)
	}
}

func TestRest(t *testing.T) {
	for _, c := range []struct {
		busy bool
		took time.Duration
		want time.Duration
	}{
		{false, 5 * time.Millisecond, 5 * time.Millisecond},
		{true, 5 * time.Millisecond, 200 * time.Millisecond},
		{true, 50 * time.Millisecond, time.Second},
	} {
		if got := rest(c.busy, c.took); got != c.want {
			t.Errorf("rest(%v, %v) = %v", c.busy, c.took, got)
		}
	}
}

func TestBusy(t *testing.T) {
	if busy(engine.Status{Ready: true, Loaded: []engine.Loaded{{Model: "a"}, {Model: "b"}}}) {
		t.Error("nobody waits")
	}
	for _, s := range []engine.Status{{Active: 1}, {Queued: 1}, {Loaded: []engine.Loaded{{Model: "a"}, {Model: "b", Active: 1}}}} {
		if !busy(s) {
			t.Errorf("%+v", s)
		}
	}
}

func TestPartsOf(t *testing.T) {
	for path, want := range map[string][]string{
		"/m/a.gguf":                {"/m/a.gguf"},
		"/m/a-00001-of-00002.gguf": {"/m/a-00001-of-00002.gguf", "/m/a-00002-of-00002.gguf"},
		"/m/a-00002-of-00002.gguf": {"/m/a-00002-of-00002.gguf"},
		"/m/a-00001-of-00000.gguf": {"/m/a-00001-of-00000.gguf"},
	} {
		if d := cmp.Diff(want, partsOf(path)); d != "" {
			t.Error(d)
		}
	}
}
