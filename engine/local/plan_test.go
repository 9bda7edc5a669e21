package local

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"alcove/engine/models"
	"alcove/engine/plan"
)

// TestPlanner_Cheap: nothing is planned again while neither folder nor memory
// has changed noticeably.
func TestPlanner_Cheap(t *testing.T) {
	memory, reads := int64(8<<30), 0
	c := Config{Slots: 16, Batch: 512, machine: func(int) (plan.Machine, bool) {
		reads++
		m := plan.Machine{}
		m.Memory.Total = memory
		return m, true
	}}
	p := newPlanner(c)
	infos := []models.Info{{ID: "m", Context: 1000, Shape: &models.Shape{Vocab: 500, Layers: layersOf(2),
		Numbers: map[string][]int64{"embedding_length": {64}, "attention.head_count": {4}}}}}
	later := func() { p.at = p.at.Add(-time.Hour) }
	first := p.list(infos)["m"]
	if first == nil || first.Free != 8<<30 {
		t.Fatalf("%+v", first)
	}
	p.list(infos)
	if reads != 1 {
		t.Errorf("memory is read %d times in a moment", reads)
	}
	memory -= 100 << 20
	later()
	if got := p.list(infos)["m"]; got != first || reads != 2 {
		t.Errorf("%d reads; planned again for a little memory: %+v", reads, got)
	}
	if got := p.list(append([]models.Info(nil), infos...))["m"]; got != first {
		t.Error("planned again for a list that says the same")
	}
	p.worker.Store(-1)
	memory -= 4 << 30
	later()
	if got := p.list(infos)["m"]; got != first || reads != 2 {
		t.Error("memory is read while a worker comes or goes")
	}
	p.worker.Store(0)
	if got := p.list(infos)["m"]; got == first || got.Free >= first.Free {
		t.Errorf("not planned again for much memory: %+v", got)
	}
	infos = []models.Info{{ID: "m", Context: 1000}}
	if got := p.list(infos)["m"]; got != nil {
		t.Errorf("a model that is not ready is planned: %+v", got)
	}
}

// TestMachineNow: what only the worker can know is not guessed.
func TestMachineNow(t *testing.T) {
	dir := t.TempDir()
	put := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("libggml-base.so")
	put("libggml-cpu-haswell.so")
	m, ok := machineNow(Config{RuntimeDir: dir}, 0, false)
	if !ok {
		t.Skip("this system does not tell its memory")
	}
	if m.Memory.Total <= 0 || m.Used <= 0 || m.CPU.Threads() < 1 {
		t.Errorf("%+v", m)
	}
	put("libggml-vulkan.so")
	if _, ok := machineNow(Config{RuntimeDir: dir}, 0, false); ok {
		t.Error("a machine that may have a GPU is planned without it")
	}
	if _, ok := machineNow(Config{RuntimeDir: dir, DeviceOnly: "cpu"}, 0, false); !ok {
		t.Error("the CPU alone is not planned")
	}
	if _, ok := machineNow(Config{RuntimeDir: dir}, 0, true); !ok {
		t.Error("a machine whose GPU libraries found nothing is not planned")
	}
}
