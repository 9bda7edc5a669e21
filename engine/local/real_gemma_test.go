package local_test

import (
	"fmt"
	"os"
	"testing"

	"alcove/engine/local"
	"alcove/engine/models"
	"alcove/engine/plan"
)

// TestReal_GemmaPlan compares what is planned with what ggml takes, on a true
// model most of whose layers have a sliding window and whose output is its
// embedding. The engine's own folder reader finds it.
func TestReal_GemmaPlan(t *testing.T) {
	const dir, id = "../../build/models-extra", "gemma-3-270m-q4_k_m"
	if _, err := os.Stat(dir + "/" + id + ".gguf"); err != nil {
		t.Skip("the model with a sliding window is not here, which has terms of its own; run: make gemma")
	}
	r := needReal(t)
	folder, err := models.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	infos, err := folder.List()
	if err != nil || len(infos) != 1 || infos[0].ID != id || infos[0].Architecture != "gemma3" || infos[0].Context != 32768 {
		t.Fatalf("%+v, %v", infos, err)
	}
	m := infos[0]
	for _, c := range []struct {
		context, slots, cells, batch int
		kv                           string
	}{{0, 4, 0, 512, ""}, {2048, 1, 0, 512, "f16"}, {4096, 8, 32768, 256, "q8_0"}} {
		t.Run(fmt.Sprintf("%d tokens, %d slots, %d cells, %d rows, %s", c.context, c.slots, c.cells, c.batch, c.kv), func(t *testing.T) {
			cfg := local.Config{RuntimeDir: r.runtime, Threads: 1, DeviceOnly: "cpu", Context: c.context, Slots: c.slots, Cells: c.cells, Batch: c.batch, KV: c.kv}
			p, ok := local.PlanOf(m, cfg)
			if !ok || p.Verdict != plan.Fits {
				t.Fatalf("%v %+v", ok, p)
			}
			ready := loadPlanned(t, r, local.Frame(cfg, m.Path, p))
			if ready.Context != p.Context || ready.Cells != p.Cells {
				t.Errorf("ready %+v, plan %+v", ready, p)
			}
			compare(t, m, p.Host, ready.Buffers)
		})
	}
}
