package local_test

import (
	"bufio"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/engine/local"
	"alcove/engine/models"
	"alcove/engine/plan"
	"alcove/engine/wire"
)

// TestReal_PlannedMemory compares what is planned with what ggml takes: weights,
// cache and buffers each within 5 %.
func TestReal_PlannedMemory(t *testing.T) {
	r := needReal(t)
	folder, err := models.Open(r.models)
	if err != nil {
		t.Fatal(err)
	}
	infos, err := folder.List()
	if err != nil {
		t.Fatal(err)
	}
	var model models.Info
	for _, m := range infos {
		if m.ID == realModel {
			model = m
		}
	}
	base := local.Config{RuntimeDir: r.runtime, Slots: 16, Batch: 512, Threads: 1, DeviceOnly: "cpu"}
	for _, c := range []struct {
		context, slots, cells, batch int
		kv                           string
	}{
		{0, 16, 0, 512, ""}, {1024, 4, 0, 512, ""}, {8192, 16, 0, 512, "q8_0"}, {2048, 1, 20000, 512, "q8_0"}, {4096, 60, 32768, 512, "f16"}, {300, 2, 0, 64, "f16"},
	} {
		t.Run(fmt.Sprintf("%d tokens, %d slots, %d cells, %d rows, %s", c.context, c.slots, c.cells, c.batch, c.kv), func(t *testing.T) {
			cfg := base
			cfg.Context, cfg.Slots, cfg.Cells, cfg.Batch, cfg.KV = c.context, c.slots, c.cells, c.batch, c.kv
			p, ok := local.PlanOf(model, cfg)
			if !ok || p.Verdict != plan.Fits {
				t.Fatalf("%v %+v", ok, p)
			}
			ready := loadPlanned(t, r, local.Frame(cfg, filepath.Join(r.models, realModel+".gguf"), p))
			if ready.Context != p.Context || ready.Cells != p.Cells || ready.Slots != p.Slots || ready.Batch != p.Batch {
				t.Errorf("ready %+v, plan %+v", ready, p)
			}
			compare(t, model, p.Host, ready.Buffers)
		})
	}
}

// compare takes the file's mapping for what of it is used: where the CPU has
// the matrices in an order of its own, that is the embedding, and the matrices
// of a type that it has no such order for.
func compare(t *testing.T, m models.Info, host plan.Share, taken []wire.Buffer) {
	t.Helper()
	sum := map[string]int64{}
	copies := false
	for _, b := range taken {
		kind := b.Kind
		if kind == "model" && strings.HasSuffix(b.Device, "_Mapped") {
			kind = "mapped"
		}
		copies = copies || kind == "model"
		sum[kind] += b.Bytes
	}
	weights := host.Weights
	if copies {
		once := sum["mapped"] // what was copied is not used here, the rest is
		if m.Shape.Tied {
			once += m.Shape.TokenEmbd
		}
		sum["model"] = max(sum["model"]+m.Shape.Embedding, once)
	} else {
		sum["model"] = sum["mapped"]
		if m.Shape.Tied { // the output is the same matrix then
			weights -= m.Shape.TokenEmbd
		}
	}
	for _, k := range []struct {
		name      string
		want, got int64
	}{{"weights", weights, sum["model"]}, {"cache", host.KV, sum["kv"] + sum["state"]}, {"buffers", host.Compute, sum["compute"] + sum["output"]}} {
		off := float64(k.want)/float64(k.got) - 1
		t.Logf("%-8s planned %8.3f MiB, taken %8.3f MiB: %+.2f %%", k.name, float64(k.want)/(1<<20), float64(k.got)/(1<<20), 100*off)
		if !(math.Abs(off) <= 0.05) {
			t.Errorf("%s: planned %d, ggml took %d: %+v", k.name, k.want, k.got, taken)
		}
	}
}

// loadPlanned starts a worker and brings it to Ready.
func loadPlanned(t *testing.T, r real, l wire.Load) wire.Ready {
	t.Helper()
	p, err := local.Spawn(r.worker, r.runtime, l.ModelPath, logTo(t))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.Conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(p.Conn)
	for {
		var f wire.FromWorker
		if _, err := wire.Read(in, &f); err != nil {
			t.Fatal(err)
		}
		switch {
		case f.Hello != nil:
			if err := wire.Write(p.Conn, wire.ToWorker{Load: &l}, nil); err != nil {
				t.Fatal(err)
			}
		case f.Ready != nil:
			return *f.Ready
		case f.LoadFailed != nil:
			t.Fatalf("%+v", *f.LoadFailed)
		}
	}
}
