package local_test

import (
	"path/filepath"
	"testing"

	"alcove/engine/local"
	"alcove/engine/models"
	"alcove/engine/plan"
	"alcove/engine/worker/tiny"
)

// TestReal_PlannedFamilies compares weights, cache and buffers of each kind of
// model with what ggml takes. The models are tiny, so the cache is made large.
func TestReal_PlannedFamilies(t *testing.T) {
	r := needReal(t)
	dir := t.TempDir()
	for _, kind := range tiny.All() {
		if err := kind.Write(filepath.Join(dir, kind.Name+".gguf"), tiny.Options{Seed: 1, Context: 8192}); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := models.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	infos, err := folder.List()
	if err != nil || len(infos) != len(tiny.All()) {
		t.Fatalf("%d models, %v", len(infos), err)
	}
	for _, m := range infos {
		t.Run(m.ID, func(t *testing.T) {
			cfg := local.Config{RuntimeDir: r.runtime, Slots: 8, Batch: 512, Threads: 1, DeviceOnly: "cpu", Context: 8192, Cells: 65536}
			p, ok := local.PlanOf(m, cfg)
			if !ok || p.Verdict != plan.Fits {
				t.Fatalf("%v %+v", ok, p)
			}
			compare(t, m, p.Host, loadPlanned(t, r, local.Frame(cfg, m.Path, p)).Buffers)
		})
	}
}
