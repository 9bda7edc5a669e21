package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/engine/wire"
)

// gpuDir is where `make setup-test` puts the Vulkan backend for these tests: a
// folder of its own, so that everything else is tested without it.
const gpuDir = "../../build/runtime/gpu"

// withVulkan gives a folder of libraries with the Vulkan backend, and makes
// mesa's llvmpipe, which computes on the CPU, the GPU of what is started.
func withVulkan(t *testing.T) string {
	t.Helper()
	const backend = "libggml-vulkan.so"
	from := filepath.Join(gpuDir, backend)
	if _, err := os.Stat(from); err != nil {
		from = filepath.Join(runtimeDir, backend)
	}
	if _, err := os.Stat(from); err != nil {
		t.Skip("the Vulkan backend is not here; run: build/setup/runtime.sh --only vulkan build/runtime/gpu")
	}
	drivers, _ := filepath.Glob("/usr/share/vulkan/icd.d/lvp_icd*.json")
	if len(drivers) == 0 {
		t.Skip("no llvmpipe is here to play the GPU; install Debian's mesa-vulkan-drivers")
	}
	t.Setenv("GGML_VK_VISIBLE_DEVICES", "0")
	t.Setenv("VK_DRIVER_FILES", drivers[0])
	t.Setenv("LD_LIBRARY_PATH", "")
	dir := t.TempDir()
	libraries, err := os.ReadDir(runtimeDir)
	if err != nil {
		t.Skip("no libraries here; run: make setup")
	}
	for _, l := range libraries { // the seal opens this folder, so links would lead nowhere
		place(t, filepath.Join(runtimeDir, l.Name()), filepath.Join(dir, l.Name()))
	}
	place(t, from, filepath.Join(dir, backend))
	return dir
}

// place makes a file, or the link that it is, known under another name.
func place(t *testing.T, from, to string) {
	t.Helper()
	if os.Link(from, to) == nil || fileIs(to) {
		return
	}
	data, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func fileIs(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// loadedOnGPU is a worker that has loaded the model onto what GPU there is.
func loadedOnGPU(t *testing.T, dir string, change func(*wire.Load)) *worker {
	t.Helper()
	l := loadMessage()
	l.RuntimeDir, l.GPULayers, l.DeviceOnly, l.Context, l.Cells, l.Batch = dir, -1, "", 256, 512, 16
	if change != nil {
		change(l)
	}
	return loadedAs(t, l)
}

// TestGPURoad goes all of the road that an answer takes through a GPU: the seal
// lets the driver in and nobody out, ggml finds the device, every layer lies on
// it, and the words are those of the CPU.
func TestGPURoad(t *testing.T) {
	dir := withVulkan(t)
	began := time.Now()
	w := loadedOnGPU(t, dir, nil)
	t.Logf("ready after %v", time.Since(began))
	if len(w.ready.Devices) != 1 || !w.ready.GPU || !strings.HasPrefix(w.ready.Device, "Vulkan0 llvmpipe") {
		t.Fatalf("ready: %+v", w.ready)
	}
	d := w.ready.Devices[0]
	if d.Name != "Vulkan0" || d.Backend != "vulkan" || d.Kind != "software" || !strings.Contains(d.Description, "llvmpipe") ||
		d.Total < 1<<28 || d.Free < 1<<20 || d.Free > d.Total {
		t.Errorf("device: %+v", d)
	}
	if !strings.Contains(w.log.String(), "offloaded 31/31 layers to GPU") {
		t.Errorf("not all layers are on the device; the log:\n%s", w.log)
	}
	if s := w.hello.Seal; !s.NoNewPrivileges || !s.NoCoreDumps {
		t.Errorf("seal: %+v", s)
	}
	p := newPlain(t)
	m := ask(1, wire.Sampling{MaxTokens: 10}, "What is the capital of France?")
	w.write(m)
	got, want := w.end(1), p.answer(t, m.Submit)
	at := differ(got, want)
	if at >= 0 && want[at].gap >= nearly {
		t.Errorf("token %d differs from the CPU's, whose choice was clear by %.2f: %q", at, want[at].gap, got.text)
	}
	t.Logf("%q; differs at %d of %d; %v", got.text, at, len(want), time.Since(began))
}

// TestGPUIsAChoice keeps the CPU where the app says so, with the GPU still in
// the list.
func TestGPUIsAChoice(t *testing.T) {
	dir := withVulkan(t)
	for only, gpu := range map[string]bool{"cpu": false, "cuda": false} {
		t.Run(only, func(t *testing.T) {
			w := loadedOnGPU(t, dir, func(l *wire.Load) { l.DeviceOnly = only })
			if w.ready.GPU != gpu || len(w.ready.Devices) != 1 || !strings.HasPrefix(w.ready.Device, "CPU (") {
				t.Errorf("ready: %+v", w.ready)
			}
		})
	}
}

// TestGPUTooSmall makes the device refuse what the model needs: the CPU
// answers, and the app is told which GPU it was.
func TestGPUTooSmall(t *testing.T) {
	dir := withVulkan(t)
	t.Setenv("GGML_VK_FORCE_MAX_BUFFER_SIZE", "1000000")
	w := loadedOnGPU(t, dir, nil)
	if w.ready.GPU || !strings.HasPrefix(w.ready.GPUFailed, "Vulkan0 llvmpipe") || !strings.HasPrefix(w.ready.Device, "CPU (") {
		t.Errorf("ready: %+v", w.ready)
	}
}

// TestGPUSeal tries to break out of the seal of a worker with a GPU backend,
// and lists its devices as doctor does.
func TestGPUSeal(t *testing.T) {
	dir := withVulkan(t)
	secret := filepath.Join(t.TempDir(), "alcove.db")
	if err := os.WriteFile(secret, []byte("secret"), 0o644); err != nil {
		t.Fatal(err)
	}
	run := func(into any, args ...string) {
		t.Helper()
		var log bytes.Buffer
		cmd := exec.Command(workerBin, append(args, "--runtime", dir)...)
		cmd.Stderr = &log
		out, err := cmd.Output()
		if err == nil {
			err = json.Unmarshal(out, into)
		}
		if err != nil {
			t.Fatal(fmt.Errorf("%w: %s%s", err, out, log.Bytes()))
		}
	}
	var found struct{ Devices []wire.Device }
	run(&found, "--list-devices")
	if len(found.Devices) != 1 || found.Devices[0].Backend != "vulkan" {
		t.Errorf("devices: %+v", found)
	}
	var got struct {
		Seal          wire.Seal
		Read, Connect string
	}
	out, err := exec.Command(workerBin, "--runtime", dir, "--model", modelPath, "--probe-seal", secret, "127.0.0.1:1").Output()
	if err == nil {
		err = json.Unmarshal(out, &got)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", got)
	if got.Seal.LandlockABI > 0 && !strings.Contains(got.Read, "permission denied") {
		t.Errorf("the file: %q", got.Read)
	}
	if nodes, _ := filepath.Glob("/dev/dri/*"); len(nodes) == 0 && !got.Seal.Seccomp {
		t.Errorf("llvmpipe needs no device file and no socket: %+v", got.Seal)
	}
}
