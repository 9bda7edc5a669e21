package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alcove/engine/wire"
	"alcove/engine/worker/tiny"
)

// kindOf is one of the tiny kinds.
func kindOf(t testing.TB, name string) tiny.Model {
	t.Helper()
	for _, kind := range tiny.All() {
		if kind.Name == name {
			return kind
		}
	}
	t.Fatalf("no tiny model is named %s", name)
	return tiny.Model{}
}

// adapterFile writes a LoRA file into a folder of its own, as a user may.
func adapterFile(t testing.TB, kind tiny.Model, a tiny.Adapter) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tone.gguf")
	if err := kind.WriteAdapter(path, a); err != nil {
		t.Fatal(err)
	}
	return path
}

var loraQuestions = []string{"What is the capital of France?", "Count to ten.", "one two three four one two three"}

// answers asks a worker all questions, in conversations that begin alike.
func answers(w *worker) (list []answer) {
	for i, q := range loraQuestions {
		w.write(newConversation(fmt.Sprint("user ", i), strings.Repeat(system, 3)).say(uint64(i)+1, wire.Sampling{MaxTokens: 16}, q))
		list = append(list, w.end(uint64(i)+1))
	}
	return list
}

func sameIDs(a, b []answer) bool {
	return slices.EqualFunc(a, b, func(x, y answer) bool { return slices.Equal(x.ids, y.ids) })
}

// An adapter is added to what a model computes: as if it were in the weights,
// and one that adds nothing changes nothing.
func TestLoRA(t *testing.T) {
	for _, name := range []string{"llama", "qwen3", "phi3", "gemma3"} {
		t.Run(name, func(t *testing.T) {
			kind := kindOf(t, name)
			path := tinyFile(t, kind, tiny.Options{Seed: 1})
			strong := tiny.Adapter{Seed: 5, Strength: 1.5}
			run := func(adapters ...string) []answer {
				m := tinyLoad(path)
				m.LoRA = adapters
				w := tinyWorker(t, m)
				defer w.conn.Close()
				return answers(w)
			}
			without, zero := run(), run(adapterFile(t, kind, tiny.Adapter{Seed: 5}))
			if !sameIDs(without, zero) {
				t.Error("an adapter that adds nothing changes the answer")
			}
			merged := tinyPlain(t, tinyFile(t, kind, tiny.Options{Seed: 1, Merged: &strong}))
			file := adapterFile(t, kind, strong)
			for what, got := range map[string][]answer{"once": run(file), "given twice": run(file, file)} {
				if sameIDs(got, without) {
					t.Errorf("%s: the adapter changes nothing", what)
				}
				n := &tally{routes: kind.Routes}
				for i, q := range loraQuestions {
					c := newConversation("x", strings.Repeat(system, 3))
					n.compare(t, fmt.Sprint(what, " ", q), got[i], merged.answer(t, c.say(1, wire.Sampling{MaxTokens: 16}, q).Submit))
				}
				n.report(t)
			}
		})
	}
}

// A state that was computed with an adapter is never used without it, nor one
// without with it.
func TestLoRA_StatesAreItsOwn(t *testing.T) {
	kind := kindOf(t, "llama3")
	m := tinyLoad(tinyFile(t, kind, tiny.Options{Seed: 1}))
	m.StateDir = stateDir(t)
	file := adapterFile(t, kind, tiny.Adapter{Seed: 5, Strength: 1.5})
	other := adapterFile(t, kind, tiny.Adapter{Seed: 6, Strength: 1.5})
	run := func(saves bool, adapters ...string) (list []answer, again int) {
		m.LoRA = adapters
		w := tinyWorker(t, m)
		list = answers(w)
		w.idle(func(x wire.Work) bool { return x.DecodeRows > 0 && (!saves || x.KeptDisk > 20<<10) })
		w.write(wire.ToWorker{Stop: &wire.Stop{}})
		w.exit()
		return list, list[0].end.CachedTokens
	}
	plain, _ := run(true)
	adapted, cached := run(true, file)
	if cached > 0 || sameIDs(plain, adapted) {
		t.Errorf("%d tokens of the model alone were used with the adapter; changed: %v", cached, !sameIDs(plain, adapted))
	}
	if got, cached := run(true, other); cached > 0 || sameIDs(got, adapted) {
		t.Errorf("%d tokens of one adapter were used with another", cached)
	}
	if got, cached := run(false, other); cached == 0 || sameIDs(got, adapted) {
		t.Error("nothing was used again with the same adapter: the test shows nothing")
	}
}

// badAdapters are files that no model of the kind can use.
func badAdapters(t testing.TB, kind tiny.Model) map[string]string {
	t.Helper()
	dir := t.TempDir()
	good, err := os.ReadFile(adapterFile(t, kind, tiny.Adapter{Seed: 5, Strength: 1}))
	if err != nil {
		t.Fatal(err)
	}
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	model := filepath.Join(dir, "model.gguf")
	if err := kind.Write(model, tiny.Options{Seed: 2}); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"a text":               put("text.gguf", []byte("This is a text.")),
		"cut":                  put("cut.gguf", good[:len(good)-2000]),
		"of other tensors":     put("names.gguf", []byte(strings.ReplaceAll(string(good), "ffn_down", "ffn_Down"))),
		"of another width":     put("width.gguf", []byte(strings.Replace(string(good), "\x40\x00\x00\x00\x00\x00\x00\x00\x04", "\x20\x00\x00\x00\x00\x00\x00\x00\x04", 1))),
		"of another kind":      adapterFile(t, kindOf(t, "qwen2"), tiny.Adapter{Seed: 5, Strength: 1}),
		"a model":              model,
		"not there":            filepath.Join(dir, "nothing.gguf"),
		"an adapter, not LoRA": put("other.gguf", []byte(strings.Replace(string(good), "\x04\x00\x00\x00\x00\x00\x00\x00lora", "\x04\x00\x00\x00\x00\x00\x00\x00ARol", 1))),
	}
}

// A bad adapter fails the load with a sentence that names it.
func TestLoRA_Bad(t *testing.T) {
	kind := kindOf(t, "llama")
	path := tinyFile(t, kind, tiny.Options{Seed: 1})
	for name, adapter := range badAdapters(t, kind) {
		t.Run(name, func(t *testing.T) {
			m := tinyLoad(path)
			m.LoRA = []string{adapter}
			w := spawn(t, runtimeDir, path, "--lora", adapter)
			w.write(wire.ToWorker{Load: m})
			for {
				f := w.read()
				if f.Ready != nil {
					t.Fatal("it was loaded")
				}
				if f.LoadFailed != nil {
					if f.LoadFailed.Code != "model_load_failed" || !strings.Contains(f.LoadFailed.Message, filepath.Base(adapter)) {
						t.Errorf("%+v", f.LoadFailed)
					}
					break
				}
			}
		})
	}
	t.Run("not of the seal", func(t *testing.T) {
		m := tinyLoad(path)
		m.LoRA = []string{adapterFile(t, kind, tiny.Adapter{Seed: 5, Strength: 1})}
		w := spawn(t, runtimeDir, path)
		w.write(wire.ToWorker{Load: m})
		if f := w.read(); f.LoadFailed == nil || f.LoadFailed.Code != "internal_error" {
			t.Errorf("%+v", f)
		}
	})
}
