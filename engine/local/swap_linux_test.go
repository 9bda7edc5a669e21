package local_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/local"
	"alcove/engine/worker/tiny"
)

// tinies puts two small models of different kinds into a folder.
func tinies(t *testing.T) (dir string, ids []string) {
	t.Helper()
	dir = t.TempDir()
	for _, kind := range tiny.All() {
		if kind.Name != "llama" && kind.Name != "qwen2" {
			continue
		}
		if err := kind.Write(filepath.Join(dir, kind.Name+".gguf"), tiny.Options{Seed: 1, Context: 512}); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, kind.Name)
	}
	if len(ids) != 2 {
		t.Fatalf("%v", ids)
	}
	return dir, ids
}

// held is what this process holds.
type held struct {
	heap       uint64 // bytes
	files      int    // open
	goroutines int
	children   int
}

func holding(t *testing.T) held {
	t.Helper()
	runtime.GC()
	runtime.GC() // what the first one finalised
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return held{heap: m.HeapAlloc, files: len(files), goroutines: runtime.NumGoroutine(), children: children(t)}
}

// children counts the processes that this one has started and that live.
func children(t *testing.T) (n int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// "12 (name) S 11 ...": a name may have spaces.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(os.Getpid()) {
			n++
		}
	}
	return n
}

// Two models in turn, each loaded after the other has left: the same answers,
// and nothing stays behind, neither here nor in the workers.
func TestSoak_Swaps(t *testing.T) {
	dir, ids := tinies(t)
	b := newReal(t, func(c *local.Config) { c.ModelsDir, c.MaxLoaded, c.Context = dir, 1, 256 })
	want, first := map[string]string{}, map[string]int64{}
	var before held
	n := soak(500)
	for i := range n + 4 { // the first four make what is kept for ever
		id := ids[i%2]
		req := greedy("Tell me about the sea.", 8)
		req.Model = id
		r := b.generate(t.Context(), req, nil)
		if r.err != nil || r.text == "" || want[id] != "" && r.text != want[id] {
			t.Fatalf("swap %d to %s: %q, want %q, %v", i, id, r.text, want[id], r.err)
		}
		want[id] = r.text
		st := b.Status()
		if len(st.Loaded) != 1 || st.Model != id {
			t.Fatalf("swap %d to %s: %+v", i, id, st)
		}
		used := hardware.Anonymous(st.WorkerPID)
		switch {
		case i < 4:
			first[id] = max(first[id], used)
			before = holding(t)
		case i >= n+2:
			// A process that begins anew cannot grow; one that is given more would.
			t.Logf("%s: worker %d KiB, at first %d KiB", id, used>>10, first[id]>>10)
			if used > first[id]+first[id]/20 {
				t.Errorf("the worker of %s has %d bytes, it had %d at first", id, used, first[id])
			}
		}
	}
	after := holding(t)
	t.Logf("after %d swaps %+v, before %+v", n, after, before)
	// Of the test itself, and the descriptors of ended goroutines, which Go keeps for
	// later ones: up to 64 for each processor. A heap profile has nothing else after 800 swaps.
	const slack = 256 << 10
	if after.heap > before.heap+before.heap/100+slack || after.files > before.files || after.goroutines > before.goroutines+2 || after.children > before.children {
		t.Errorf("something stays behind: %+v, before %+v", after, before)
	}
	for _, id := range ids {
		if err := b.Unload(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if got := children(t); got != before.children-1 {
		t.Errorf("%d children without a model, %d with one", got, before.children)
	}
}

// Two real models beside each other, both answering at once, are the same as alone.
func TestReal_Beside(t *testing.T) {
	dir, ids := tinies(t)
	b := newReal(t, func(c *local.Config) { c.ModelsDir, c.Context = dir, 256 })
	question := func(id string) engine.Request {
		req := greedy("Tell me about the sea.", 24)
		req.Model = id
		return req
	}
	want := map[string]string{}
	for _, id := range ids {
		r := b.generate(t.Context(), question(id), nil)
		if r.err != nil || r.text == "" {
			t.Fatalf("%s: %q, %v", id, r.text, r.err)
		}
		want[id] = r.text
	}
	if got := b.loaded(); len(got) != 2 {
		t.Fatalf("loaded: %v", got)
	}
	results := make(chan error)
	for i := range 8 {
		go func() {
			id := ids[i%2]
			r := b.generate(t.Context(), question(id), nil)
			if r.err != nil || r.text != want[id] {
				results <- fmt.Errorf("%s: %q, want %q, %w", id, r.text, want[id], r.err)
				return
			}
			results <- nil
		}()
	}
	for range 8 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
}
