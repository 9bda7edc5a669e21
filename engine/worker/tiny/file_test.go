package tiny

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"alcove/engine/models"
)

// The reader of the model folder takes each file as a whole and sound one, and
// the same options give the same bytes.
func TestFilesAreSound(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range All() {
		path := filepath.Join(t.TempDir(), "a.gguf")
		if err := m.Write(path, Options{Seed: 7, Template: "{{ messages }}"}); err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		h, err := models.ReadHeader(bytes.NewReader(data), int64(len(data)))
		if err != nil || h.Architecture != m.Architecture || h.Context != 2048 || h.Name != "tiny "+m.Name {
			t.Errorf("%s: %+v, %v", m.Name, h, err)
		}
		if h.Need > int64(len(data)) || h.Need <= int64(len(data))-alignment || len(data) > 8<<20 {
			t.Errorf("%s: %d bytes, its header says %d", m.Name, len(data), h.Need)
		}
		if err := m.Write(path, Options{}); err == nil {
			t.Errorf("%s: written over a file that was there", m.Name)
		}
		again, other := filepath.Join(t.TempDir(), "b.gguf"), filepath.Join(t.TempDir(), "c.gguf")
		if err := m.Write(again, Options{Seed: 7, Template: "{{ messages }}"}); err != nil {
			t.Fatal(err)
		}
		if err := m.Write(other, Options{Seed: 8, Template: "{{ messages }}"}); err != nil {
			t.Fatal(err)
		}
		b, _ := os.ReadFile(again)
		c, _ := os.ReadFile(other)
		if !bytes.Equal(data, b) || bytes.Equal(data, c) {
			t.Errorf("%s: the bytes do not follow from the seed", m.Name)
		}
		if seen[m.Name] {
			t.Errorf("two models are named %s", m.Name)
		}
		seen[m.Name] = true
	}
}

// The reader of the model folder takes an adapter as one, for models of its
// architecture alone.
func TestAdaptersAreFound(t *testing.T) {
	dir := t.TempDir()
	for _, m := range All() {
		if err := m.Write(filepath.Join(dir, m.Name+".gguf"), Options{}); err != nil {
			t.Fatal(err)
		}
		if err := m.WriteAdapter(filepath.Join(dir, "for "+m.Name+".gguf"), Adapter{}); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := models.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	infos, err := folder.List()
	if err != nil || len(infos) != 2*len(All()) {
		t.Fatalf("%d models, %v", len(infos), err)
	}
	byID := map[string]models.Info{}
	for _, i := range infos {
		byID[i.ID] = i
	}
	for _, m := range All() {
		if a := byID["for "+m.Name]; a.State != models.StateAdapter {
			t.Errorf("the adapter for %s: %s, %s", m.Name, a.State, a.Refused)
		}
		var want []string
		for _, o := range All() {
			if o.Architecture == m.Architecture {
				want = append(want, "for "+o.Name)
			}
		}
		slices.Sort(want)
		if got := byID[m.Name].Adapters; !slices.Equal(got, want) {
			t.Errorf("%s: adapters %q, want %q", m.Name, got, want)
		}
	}
}

// A prompt's words are tokens, and no byte is without one.
func TestVocabularies(t *testing.T) {
	for _, m := range All() {
		v := m.vocab()
		if n := len(v.tokens); n < 300 || n > 700 || len(v.types) != n || len(v.scores) != n || len(v.quiet) != n {
			t.Errorf("%s: %d tokens, %d types, %d scores", m.Name, n, len(v.types), len(v.scores))
		}
		words := 0
		for i, token := range v.tokens {
			if !v.quiet[i] && len(token) > 4 {
				words++
			}
		}
		if words < 25 {
			t.Errorf("%s: %d words only", m.Name, words)
		}
	}
}
