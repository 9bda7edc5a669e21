package local_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/worker/tiny"
)

// A split model is ready when its last part arrives, in whatever order they come,
// loads behind the seal, and answers as the whole file does.
func TestReal_Split(t *testing.T) {
	r := needReal(t)
	const parts = 3
	req := greedy("Tell me about the sea.", 32)
	whole := newReal(t, nil).generate(t.Context(), req, nil)
	if whole.err != nil || whole.usage.OutputTokens < 16 {
		t.Fatalf("the whole file: %+v", whole)
	}
	made, dir := t.TempDir(), t.TempDir()
	name := func(no int) string { return fmt.Sprintf("sea-%05d-of-%05d.gguf", no, parts) }
	syscall.ForkLock.RLock()
	err := tiny.Split(filepath.Join(r.models, realModel+".gguf"), parts, func(no int) string { return filepath.Join(made, name(no)) })
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	b := newReal(t, func(c *local.Config) { c.ModelsDir = dir })
	arrive := func(no int) {
		t.Helper()
		if err := os.Rename(filepath.Join(made, name(no)), filepath.Join(dir, name(no))); err != nil {
			t.Fatal(err)
		}
	}
	order := rand.Perm(parts)
	t.Logf("order %v", order)
	for _, no := range order {
		if list := b.Models(); len(list) == 1 && list[0].State != engine.ModelCopying {
			t.Fatalf("before all parts are there: %+v", list)
		}
		if e := b.Load(t.Context(), "sea"); e == nil {
			t.Fatal("it was loaded without all its parts")
		}
		arrive(no + 1)
	}
	list := b.Models()
	if len(list) != 1 || list[0].State != engine.ModelReady || list[0].Fit == nil || list[0].SizeBytes < 90e6 || list[0].Quant != "Q4_1" {
		t.Fatalf("all parts are there: %+v", list)
	}
	if err := local.ProbeModel(t.Context(), r.worker, r.runtime, list[0].Path); err != nil {
		t.Error(err)
	}
	req.Model = "sea"
	got := b.generate(t.Context(), req, nil)
	if got.err != nil || got.text != whole.text || got.usage.OutputTokens != whole.usage.OutputTokens {
		t.Errorf("%v\n got %q\nwant %q", got.err, got.text, whole.text)
	}
	// Without one of them it cannot be loaded again, and says which.
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, name(2))); err != nil {
		t.Fatal(err)
	}
	after := newReal(t, func(c *local.Config) { c.ModelsDir = dir })
	if list := after.Models(); len(list) != 1 || list[0].State != engine.ModelCopying && list[0].State != engine.ModelRefused || list[0].Reason == "" {
		t.Errorf("without a part: %+v", list)
	}
}

// What llama.cpp says of parts that do not belong together is a sentence too.
func TestReal_SplitOfTwoModels(t *testing.T) {
	r := needReal(t)
	dir := t.TempDir()
	for seed, kind := range []tiny.Model{tiny.All()[0], tiny.All()[3]} { // of other widths
		path := filepath.Join(t.TempDir(), "m.gguf")
		if err := kind.Write(path, tiny.Options{Seed: uint64(seed)}); err != nil {
			t.Fatal(err)
		}
		made := t.TempDir()
		part := func(no int) string { return filepath.Join(made, fmt.Sprintf("m-%05d-of-00002.gguf", no)) }
		if err := tiny.Split(path, 2, part); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(part(seed+1), filepath.Join(dir, filepath.Base(part(seed+1)))); err != nil {
			t.Fatal(err)
		}
	}
	if err := local.ProbeModel(t.Context(), r.worker, r.runtime, filepath.Join(dir, "m-00001-of-00002.gguf")); code(err) != engine.CodeModelLoad {
		t.Errorf("%v", err)
	}
}
