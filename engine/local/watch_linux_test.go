package local_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
)

// once calls f at the nth token of an answer.
func once(n int, f func()) func(engine.Event) {
	return func(ev engine.Event) {
		if _, ok := ev.(engine.Token); ok {
			if n--; n == 0 {
				f()
			}
		}
	}
}

// replace puts a model with another script over one, by rename.
func replace(t *testing.T, dir, id string, s fake.Script) {
	t.Helper()
	other := t.TempDir()
	fake.Model(t, other, id, s)
	for _, name := range []string{id + ".gguf.json", id + ".gguf"} {
		if err := os.Rename(filepath.Join(other, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
}

// A removed file ends no answer; then its model is gone, and the worker too.
func TestEngine_LoadedFileRemoved(t *testing.T) {
	b := newFake(t, nil)
	long := strings.Repeat(story, 20)
	fake.Model(t, b.dir, "m", fake.Script{Text: long, Cut: 1})
	r := b.generate(t.Context(), ask("hello"), once(5, func() {
		if err := os.Remove(filepath.Join(b.dir, "m.gguf")); err != nil {
			t.Error(err)
		}
		if m := b.model("m"); m.State != engine.ModelDraining || m.Reason == "" {
			t.Errorf("while it answers: %+v", m)
		}
		if r := b.generate(t.Context(), ask("another"), nil); code(r.err) != engine.CodeNoModel {
			t.Errorf("a new question: %v", r.err)
		}
	}))
	if r.err != nil || r.text != long || r.usage.Restarts != 0 {
		t.Fatalf("%d of %d bytes, %d restarts, error %v", len(r.text), len(long), r.usage.Restarts, r.err)
	}
	b.await(t, "the end of the worker", func() bool { return b.Status().WorkerPID == 0 && b.model("m").ID == "" })
	fake.Model(t, b.dir, "m", fake.Script{Text: story})
	if r := b.generate(t.Context(), ask("hello"), nil); r.err != nil || r.text != story {
		t.Errorf("put back: text %q, error %v", r.text, r.err)
	}
}

// A replaced file ends no answer, and the next one is of the new file.
func TestEngine_LoadedFileReplaced(t *testing.T) {
	b := newFake(t, nil)
	long := strings.Repeat(story, 20)
	fake.Model(t, b.dir, "m", fake.Script{Text: long, Cut: 1})
	r := b.generate(t.Context(), ask("hello"), once(5, func() {
		replace(t, b.dir, "m", fake.Script{Text: "new"})
		if m := b.model("m"); m.State != engine.ModelDraining || m.Reason == "" {
			t.Errorf("while it answers: %+v", m)
		}
	}))
	if r.err != nil || r.text != long || r.usage.Restarts != 0 {
		t.Fatalf("%d of %d bytes, %d restarts, error %v", len(r.text), len(long), r.usage.Restarts, r.err)
	}
	if r := b.generate(t.Context(), ask("hello"), nil); r.err != nil || r.text != "new" {
		t.Errorf("afterwards: text %q, error %v", r.text, r.err)
	}
	b.await(t, "the new file loaded", func() bool { return b.model("m").State == engine.ModelLoaded })
}

// A file that is cut under its worker is a fault of the worker at once, and the
// answer ends with the reason and what was written.
func TestEngine_LoadedFileCut(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "m", fake.Script{Endless: true})
	path := filepath.Join(b.dir, "m.gguf")
	r := b.generate(t.Context(), ask("hello"), once(5, func() {
		if err := os.Truncate(path, 100); err != nil {
			t.Error(err)
		}
	}))
	if code(r.err) != engine.CodeModelRefused || r.text == "" || !strings.Contains(r.err.Error(), "incomplete") {
		t.Fatalf("text %q, error %v", r.text, r.err)
	}
	if m := b.model("m"); m.State != engine.ModelCopying && m.State != engine.ModelRefused {
		t.Errorf("%+v", m)
	}
	fake.Model(t, b.dir, "m", fake.Script{Text: story})
	if r := b.generate(t.Context(), ask("hello"), nil); r.err != nil || r.text != story {
		t.Errorf("whole again: text %q, error %v", r.text, r.err)
	}
}

// A model that was set aside is tried again when its file is another.
func TestEngine_ReplacedIsTriedAgain(t *testing.T) {
	b := newFake(t, func(c *local.Config) { c.DeathLimit = 1 })
	fake.Model(t, b.dir, "m", fake.Script{Always: &fake.Fault{Do: fake.Kill, At: fake.AtLoad}})
	if r := b.generate(t.Context(), ask("hello"), nil); code(r.err) != engine.CodeModelSetAside {
		t.Fatalf("error %v", r.err)
	}
	replace(t, b.dir, "m", fake.Script{Text: story})
	if r := b.generate(t.Context(), ask("hello"), nil); r.err != nil || r.text != story {
		t.Errorf("text %q, error %v", r.text, r.err)
	}
}

// copyOf is the real model in a folder of the test's own.
func copyOf(t *testing.T, r real) string {
	t.Helper()
	dir := t.TempDir()
	data, err := os.ReadFile(filepath.Join(r.models, realModel+".gguf"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, realModel+".gguf"), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// The real worker has its file mapped: removed, it answers on; cut, the answer
// ends with the reason, and this process lives.
func TestReal_LoadedFileGoes(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"removed": os.Remove,
		"cut":     func(path string) error { return os.Truncate(path, 1<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, needReal(t))
			b := newReal(t, func(c *local.Config) { c.ModelsDir = dir })
			path := filepath.Join(dir, realModel+".gguf")
			r := b.generate(t.Context(), greedy("Count to one hundred.", 60), once(3, func() {
				if err := spoil(path); err != nil {
					t.Error(err)
				}
			}))
			switch {
			case r.text == "":
				t.Error("nothing was written")
			case name == "removed" && (r.err != nil || r.usage.Restarts != 0):
				t.Errorf("usage %+v, error %v", r.usage, r.err)
			case name == "cut" && r.err != nil && code(r.err) != engine.CodeModelRefused:
				t.Errorf("error %v", r.err)
			}
			b.await(t, "the end of the worker", func() bool { return b.Status().WorkerPID == 0 })
		})
	}
}
