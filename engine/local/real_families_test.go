package local_test

import (
	"math"
	"path/filepath"
	"testing"

	"alcove/engine/local"
	"alcove/engine/models"
	"alcove/engine/plan"
	"alcove/engine/worker/tiny"
)

// TestReal_PlannedFamilies compares cache and buffers of each kind of model
// with what ggml takes. The models are tiny, so the cache is made large.
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
			taken := map[string]int64{}
			for _, b := range loadPlanned(t, r, local.Frame(cfg, m.Path, p)).Buffers {
				taken[b.Kind] += b.Bytes
			}
			for _, k := range []struct {
				name      string
				want, got int64
			}{{"cache", p.Host.KV, taken["kv"] + taken["state"]}, {"buffers", p.Host.Compute, taken["compute"] + taken["output"]}} {
				off := float64(k.want)/float64(k.got) - 1
				t.Logf("%-8s planned %8.3f MiB, taken %8.3f MiB: %+.2f %%", k.name, float64(k.want)/(1<<20), float64(k.got)/(1<<20), 100*off)
				if !(math.Abs(off) <= 0.05) {
					t.Errorf("%s: planned %d, ggml took %d", k.name, k.want, k.got)
				}
			}
		})
	}
}
