package local_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/local"
	"alcove/engine/local/fake"
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

// The whole program's side of the road through a GPU: hashes, the process that
// tries the driver, the worker, and what the status says. mesa's llvmpipe plays
// the GPU; engine/worker has the other side.
func TestReal_GPU(t *testing.T) {
	r := needReal(t)
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
