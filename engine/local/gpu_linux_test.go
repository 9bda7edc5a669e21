package local_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/local"
	"alcove/engine/local/fake"
	"alcove/engine/models"
	"alcove/engine/plan"
	"alcove/engine/worker/tiny"
)

// A driver that crashes when it is tried costs the GPU and nothing else, and is
// never silent. The fake worker without a list of devices crashes so.
func TestGPU_BrokenDriver(t *testing.T) {
	b := newFake(t, func(c *local.Config) { fake.PutBackend(t, c.RuntimeDir) })
	fake.Model(t, b.dir, "m", fake.Script{Text: "all is well"})
	if r := b.generate(t.Context(), ask("hello"), nil); r.err != nil || r.text != "all is well" {
		t.Fatalf("text %q, error %v", r.text, r.err)
	}
	if st := b.Status(); !strings.Contains(st.GPUReason, "the driver crashed") || !strings.Contains(st.GPUReason, "Vulkan: ") || !strings.Contains(st.GPUReason, "on the CPU") {
		t.Errorf("status %+v", st)
	}
	quiet := newFake(t, func(c *local.Config) { fake.PutBackend(t, c.RuntimeDir); c.DeviceOnly = "cpu" })
	fake.Model(t, quiet.dir, "m", fake.Script{})
	if r := quiet.generate(t.Context(), ask("hello"), nil); r.err != nil || quiet.Status().GPUReason != "" {
		t.Errorf("the CPU is wished: error %v, status %+v", r.err, quiet.Status())
	}
}

// A driver that hangs keeps neither the question nor the end of the program
// longer than it must.
func TestGPU_HungDriver(t *testing.T) {
	worker := filepath.Join(t.TempDir(), "worker")
	syscall.ForkLock.RLock() // no child of another test has it open then: "text file busy"
	err := os.WriteFile(worker, []byte("#!/bin/sh\nexec sleep 60\n"), 0o700)
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if devices, err := local.ListDevices(ctx, worker, t.TempDir(), "all"); !errors.Is(err, hardware.ErrNoAnswer) || devices != nil {
		t.Errorf("%v, %v", devices, err)
	}
	b := newFake(t, func(c *local.Config) { fake.PutBackend(t, c.RuntimeDir); c.WorkerPath = worker })
	fake.Model(t, b.dir, "m", fake.Script{})
	loaded := make(chan error, 1)
	go func() { loaded <- b.Load(t.Context(), "m") }()
	b.wait(t, "loading", func(s engine.Status) bool { return strings.Contains(s.Reason, "being loaded") })
	began := time.Now()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if err := <-loaded; code(err) != engine.CodeClosed {
		t.Errorf("the load that waited: %v", err)
	}
	if took := time.Since(began); took > 15*time.Second { // a driver gets 20 seconds
		t.Errorf("the end took %v", took)
	}
}

// withVulkan is a folder of libraries with the Vulkan backend, and llvmpipe to
// play the GPU.
func withVulkan(t *testing.T, r real) (runtime string) {
	t.Helper()
	const backend = "libggml-vulkan.so"
	from := filepath.Join(r.runtime, "..", "gpu", backend)
	if _, err := os.Stat(from); err != nil {
		t.Skip("the Vulkan backend is not here; run: build/setup/runtime.sh --only vulkan build/runtime/gpu")
	}
	drivers, _ := filepath.Glob("/usr/share/vulkan/icd.d/lvp_icd*.json")
	if len(drivers) == 0 {
		t.Skip("no llvmpipe is here to play the GPU; install Debian's mesa-vulkan-drivers")
	}
	t.Setenv("GGML_VK_VISIBLE_DEVICES", "0")
	t.Setenv("VK_DRIVER_FILES", drivers[0])
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(r.runtime)); err != nil {
		t.Fatal(err)
	}
	if _, err := local.InstallLibraries(t.Context(), dir, filepath.Dir(from)); err != nil && !errors.Is(err, local.ErrNothingToInstall) {
		t.Fatal(err)
	}
	return dir
}

// TestReal_PlannedOnGPU compares what is planned for a device with what ggml
// takes there: weights and cache within 5 %. So are the buffers of models that lie
// there whole; of a part of one they are planned for the worst that was seen.
func TestReal_PlannedOnGPU(t *testing.T) {
	r := needReal(t)
	r.runtime = withVulkan(t, r)
	dir := t.TempDir()
	for _, kind := range tiny.All() {
		if kind.Name == "gemma3" {
			if err := kind.Write(filepath.Join(dir, kind.Name+".gguf"), tiny.Options{Seed: 1, Context: 8192}); err != nil {
				t.Fatal(err)
			}
		}
	}
	infos := append(listed(t, dir), listed(t, r.models)...)
	const mib = int64(1) << 20
	for _, m := range infos {
		if !m.Writes() {
			continue
		}
		cfg := local.Config{RuntimeDir: r.runtime, Slots: 2, Seqs: 2, Batch: 32, Threads: 2, DeviceOnly: "vulkan", Context: 2048, Cells: 16384, GPULayers: -1}
		card := engine.Device{Name: "Vulkan0", Backend: "vulkan", Kind: "software", Total: 4096 * mib, Free: 4000 * mib}
		whole := m.ID != realModel
		if !whole {
			cfg.Cells, cfg.Batch, card.Free = 8192, 32, 96*mib
		}
		p, ok := local.PlanOn(m, cfg, card)
		if !ok || len(p.Devices) != 1 || p.Devices[0].Layers < 2 || whole != (p.Verdict == plan.Fits) {
			t.Fatalf("%s: %v %+v", m.ID, ok, p)
		}
		taken := map[string]int64{}
		for _, b := range loadPlanned(t, r, local.Frame(cfg, m.Path, p)).Buffers {
			if b.Device == "Vulkan0" {
				taken[b.Kind] += b.Bytes
			}
		}
		d := p.Devices[0]
		for _, k := range []struct {
			name      string
			want, got int64
		}{{"weights", d.Weights, taken["model"]}, {"cache", d.KV, taken["kv"]}, {"buffers", d.Compute, taken["compute"]}} {
			off := float64(k.want)/float64(k.got) - 1
			t.Logf("%s, %d layers: %-8s planned %7.2f MiB, taken %7.2f MiB: %+.2f %%", m.ID, d.Layers, k.name, float64(k.want)/(1<<20), float64(k.got)/(1<<20), 100*off)
			if bound := whole || k.name != "buffers"; bound && !(math.Abs(off) <= 0.05) || off < -0.05 {
				t.Errorf("%s: %s: planned %d, ggml took %d", m.ID, k.name, k.want, k.got)
			}
		}
	}
}

// listed are the models of a folder.
func listed(t *testing.T, dir string) []models.Info {
	t.Helper()
	folder, err := models.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	infos, err := folder.List()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(infos, func(m models.Info) bool { return m.Refused != "" })
}

// The whole program's side of the road through a GPU: hashes, the process that
// tries the driver, the worker, and what the status says. mesa's llvmpipe plays
// the GPU; engine/worker has the other side.
func TestReal_GPU(t *testing.T) {
	r := needReal(t)
	dir := withVulkan(t, r)
	devices, err := local.ListDevices(t.Context(), r.worker, dir, "vulkan")
	if err != nil || len(devices) != 1 {
		t.Fatalf("devices %+v, %v", devices, err)
	}
	b := open(t, local.Config{WorkerPath: r.worker, RuntimeDir: dir, ModelsDir: r.models, Threads: 1, Context: 256, Cells: 512, Batch: 16,
		Slots: 2, GPULayers: 2, DeviceOnly: "vulkan", StepTimeout: 3 * time.Minute, Log: testLog(t)})
	req := greedy("What is the capital of France?", 8)
	system := engine.Message{Role: engine.RoleSystem, Segments: []engine.Segment{{Text: "You are a helpful assistant."}}}
	req.Messages = append([]engine.Message{system}, req.Messages...)
	answer := b.generate(t.Context(), req, nil)
	if answer.err != nil || !strings.Contains(answer.text, "Paris") || !strings.HasPrefix(answer.usage.Device, "Vulkan0 llvmpipe") {
		t.Errorf("text %q, usage %+v, error %v", answer.text, answer.usage, answer.err)
	}
	if f := b.model("SmolLM2-135M-Instruct.Q4_1").Fit; f == nil || len(f.Devices) < 1 || f.Devices[0].Name != "Vulkan0" || f.Devices[0].Layers < 1 {
		t.Errorf("fit %+v", f)
	}
	st := b.Status()
	if len(st.Devices) != 1 || st.Devices[0].Name != "Vulkan0" || st.Devices[0].Kind != "software" || st.Devices[0].Total <= 0 || st.GPUReason != "" {
		t.Errorf("status %+v", st)
	}
	t.Logf("%q on %+v", answer.text, st.Devices)
}
