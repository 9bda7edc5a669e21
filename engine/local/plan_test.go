package local

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/plan"
	"alcove/engine/wire"
)

// TestPlanner_Cheap: nothing is planned again while neither folder nor memory
// has changed noticeably.
func TestPlanner_Cheap(t *testing.T) {
	memory, reads := int64(8<<30), 0
	c := Config{Slots: 16, Batch: 512, machine: func(tenants) (plan.Machine, bool) {
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
	p.tell(tenants{moving: true})
	memory -= 4 << 30
	later()
	if got := p.list(infos)["m"]; got != first || reads != 2 {
		t.Error("memory is read while a worker comes or goes")
	}
	p.tell(tenants{})
	if got := p.list(infos)["m"]; got == first || got.Free >= first.Free {
		t.Errorf("not planned again for much memory: %+v", got)
	}
	infos = []models.Info{{ID: "m", Context: 1000}}
	if got := p.list(infos)["m"]; got != nil {
		t.Errorf("a model that is not ready is planned: %+v", got)
	}
}

// TestMachineNow: what only the worker can know is not guessed, and models that
// stay in memory count with all that they may come to use.
func TestMachineNow(t *testing.T) {
	dir := t.TempDir()
	put := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("libggml-base.so")
	put("libggml-cpu-haswell.so")
	known := func(c Config) bool {
		c.RuntimeDir = dir
		_, ok := newPlanner(c).readAll(tenants{})
		return ok
	}
	m, ok := machineNow(tenants{})
	if !ok {
		t.Skip("this system does not tell its memory")
	}
	if m.Memory.Total <= 0 || m.Used <= 0 {
		t.Errorf("%+v", m)
	}
	if more, _ := machineNow(tenants{stay: []tenant{{pid: os.Getpid(), need: 8 << 40}}}); more.Used < m.Used+4<<40 {
		t.Errorf("%d used with a model of 8 TiB, %d without", more.Used, m.Used)
	}
	if !known(Config{}) {
		t.Error("a machine without GPU backends is not planned")
	}
	put("libggml-vulkan.so")
	if known(Config{}) {
		t.Error("a machine that may have a GPU is planned without it")
	}
	if !known(Config{DeviceOnly: "cpu"}) {
		t.Error("the CPU alone is not planned")
	}
	p := newPlanner(Config{RuntimeDir: dir})
	p.saw(nil, nil)
	if _, ok := p.readAll(tenants{}); !ok {
		t.Error("a machine whose GPU libraries found nothing is not planned")
	}
}

// TestPlanner_Devices: what our own models have of a GPU counts as theirs.
func TestPlanner_Devices(t *testing.T) {
	const gib = int64(1) << 30
	p := newPlanner(Config{machine: func(tenants) (plan.Machine, bool) { return plan.Machine{}, true }})
	mine, other := tenant{gpus: map[string]int64{"CUDA0": 6 * gib}}, tenant{gpus: map[string]int64{"CUDA0": 2 * gib}}
	p.saw([]engine.Device{{Name: "CUDA0", Backend: "cuda", Kind: "gpu", Total: 16 * gib, Free: 5 * gib}}, []tenant{mine, other})
	free := func(t tenants) int64 { m, _ := p.readAll(t); return m.Devices[0].Free }
	for want, t2 := range map[int64]tenants{
		13 * gib: {}, 7 * gib: {stay: []tenant{mine}}, 5 * gib: {stay: []tenant{mine, other}}, 11 * gib: {stay: []tenant{other}, leave: []tenant{mine}},
	} {
		if got := free(t2); got != want {
			t.Errorf("%d GiB free beside %+v, want %d", got/gib, t2, want/gib)
		}
	}
}

// TestPlanner_Adapters: what is chosen to be added to a model takes memory too.
func TestPlanner_Adapters(t *testing.T) {
	p := newPlanner(Config{Slots: 16, Batch: 512, machine: func(tenants) (plan.Machine, bool) {
		m := plan.Machine{}
		m.Memory.Total = 8 << 30
		return m, true
	}})
	const size = 100<<20 + 1
	m := models.Info{ID: "m", Context: 1000, Shape: &models.Shape{Vocab: 500, Layers: layersOf(2),
		Numbers: map[string][]int64{"embedding_length": {64}, "attention.head_count": {4}}}}
	infos := []models.Info{m, {ID: "lora", State: models.StateAdapter, Refused: "no model", Size: size}}
	alone := p.list(infos)["m"]
	with := engine.Tuning{LoRA: []string{"lora"}}
	p.tune(map[string]engine.Tuning{"m": with})
	if got := p.list(infos)["m"]; got.Need != alone.Need+size {
		t.Errorf("%d bytes, %d without the adapter of %d", got.Need, alone.Need, size)
	}
	_, bytes, missing := adaptersOf(with, infos)
	if got := fitOf(p.now(m, with, bytes, tenants{})); got.Need != alone.Need+size || missing != "" {
		t.Errorf("at the start: %d bytes, missing %q", got.Need, missing)
	}
	if got := p.list([]models.Info{m})["m"]; got.Need != alone.Need {
		t.Errorf("one that is not there counts: %d bytes", got.Need)
	}
}

// TestPlanner_TellsNobodyToWait: the supervisor can tell while models are planned.
func TestPlanner_TellsNobodyToWait(t *testing.T) {
	p := newPlanner(Config{machine: func(tenants) (plan.Machine, bool) { return plan.Machine{}, true }})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tell(tenants{moving: true})
	p.tune(nil)
}

// TestStates: the app grants what a plan leaves, and counts what is kept.
func TestStates(t *testing.T) {
	const mib, gib = int64(1) << 20, int64(1) << 30
	for free, want := range map[int64]int64{8 * gib: 0, 3*gib + 612*mib: 0, 3*gib + 300*mib: 200 * mib, 3*gib + 100*mib: 32 * mib} {
		p := plan.Plan{Host: plan.Share{Weights: 2 * gib, KV: gib, Reserve: 100 * mib, Free: free}}
		if got := (Config{}).frame("m", &p, engine.Tuning{}, nil).StateMemory; got != want {
			t.Errorf("%d MiB free: %d MiB for states, want %d", free/mib, got/mib, want/mib)
		}
	}
	u := &unit{planned: tenant{need: gib}, worker: &worker{beat: wire.Beat{Work: &wire.Work{KeptMemory: mib}}}}
	if got := u.memory().need; got != gib+mib {
		t.Errorf("%d bytes", got)
	}
	u.planned.need = 0 // nobody planned it: it counts as what it uses
	if got := u.memory().need; got != 0 {
		t.Errorf("%d bytes", got)
	}
}
