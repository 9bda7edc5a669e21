package local

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/wire"
)

// This file says why a GPU that is there is not used; it has no state.

// groupsOf are the optional groups that can use a vendor's GPUs, best first.
func groupsOf(v hardware.Vendor) []string {
	if v == hardware.NVIDIA {
		return []string{"cuda", "vulkan"}
	}
	return []string{"vulkan"}
}

// driverHint is what to install where ggml's backend finds no device.
var driverHint = map[string]string{
	"cuda":   "NVIDIA's driver must be version 580 or later.",
	"vulkan": "The system needs libvulkan.so.1 and the card's Vulkan driver (Debian: libvulkan1, mesa-vulkan-drivers).",
}

// GPUReason says why answers are computed on the CPU although this machine has
// a GPU; "" where it has none. It is for a worker that uses no GPU. seen is
// what the kernel lists, groups what is installed, devices what ggml found.
func GPUReason(seen []hardware.GPU, groups []LibraryGroup, devices []engine.Device) string {
	const onCPU = "so answers are computed on the CPU."
	if len(seen) == 0 {
		return ""
	}
	g := seen[0]
	if len(devices) > 0 {
		return fmt.Sprintf("%s is there and was not chosen, %s", g.Name, onCPU)
	}
	switch {
	case g.Driver == "":
		return fmt.Sprintf("%s is there, but no driver is loaded for it, %s Install the driver and start the machine again.", g.Name, onCPU)
	case g.Closed != "":
		return fmt.Sprintf("%s is there, but Alcove may not use %s, %s Give its user the right to (usually the groups video and render), and start Alcove again.",
			g.Name, g.Closed, onCPU)
	}
	var known []LibraryGroup
	for _, name := range groupsOf(g.Vendor) {
		if i := slices.IndexFunc(groups, func(l LibraryGroup) bool { return l.Name == name }); i >= 0 {
			known = append(known, groups[i])
		}
	}
	if len(known) == 0 {
		return fmt.Sprintf("%s is there, but no GPU libraries are known for %s/%s, %s", g.Name, runtime.GOOS, runtime.GOARCH, onCPU)
	}
	for _, l := range known {
		if l.Complete() {
			return fmt.Sprintf("%s is there and the %s libraries are installed, but they find no device, %s %s", g.Name, l.Name, onCPU, driverHint[l.Name])
		}
	}
	best := known[0]
	missing := best.Missing()
	return fmt.Sprintf("%s is there, but %s is not installed, %s Run `alcove runtime install --from DIR`, where DIR has it (`make runtime GPU=%s` fetches it), and start Alcove again.",
		g.Name, missing[len(missing)-1], onCPU, best.Name)
}

// surroundings is what a worker is started into.
type surroundings struct {
	seen    []hardware.GPU
	groups  []LibraryGroup
	devices []engine.Device   // that the trying processes found
	broken  map[string]string // GPU backends whose trying process failed, and how
}

// tryTime is how long GPU drivers may take to list their devices: the first
// call after the machine's start may take seconds.
const tryTime = 20 * time.Second

// lookAround reads files and tries the GPU backends that may be used. It gives up
// when ctx ends.
func (c Config) lookAround(ctx context.Context) surroundings {
	groups, err := Libraries(c.RuntimeDir)
	if err != nil {
		groups = nil // CheckRuntime has said it
	}
	s := surroundings{seen: hardware.Read().GPUs, groups: groups}
	if c.DeviceOnly != deviceCPU {
		s.devices, s.broken = TryBackends(ctx, c.WorkerPath, c.RuntimeDir, c.DeviceOnly, groups)
	}
	return s
}

// TryBackends lets a process of its own try each GPU backend that is installed,
// or only the one that is named: a driver that crashes or hangs must not end
// every worker, nor take another backend with it. broken says how one failed.
func TryBackends(ctx context.Context, worker, runtimeDir, only string, groups []LibraryGroup) (devices []engine.Device, broken map[string]string) {
	broken = map[string]string{}
	for _, g := range groups {
		if !g.Optional || !g.Complete() || only != "" && only != g.Name {
			continue
		}
		inTime, cancel := context.WithTimeout(ctx, tryTime)
		found, err := ListDevices(inTime, worker, runtimeDir, g.Name)
		cancel()
		if err != nil {
			broken[g.Name] = err.Error()
		}
		devices = append(devices, found...)
	}
	return devices, broken
}

// deviceCPU is the DeviceOnly that keeps GPUs out.
const deviceCPU = "cpu"

// noGPU is the backend that a worker is told when it is to load none.
const noGPU = "none"

// gpuReason is why a worker that is ready does not use the best GPU backend; ""
// where it does, there is none, or somebody wants the CPU. avoid are the backends
// that were left out because they failed before.
func (c Config) gpuReason(s surroundings, backend string, avoid map[string]string, r wire.Ready) string {
	switch {
	case c.DeviceOnly == deviceCPU:
		return ""
	case r.GPUFailed != "":
		return fmt.Sprintf("The model could not be loaded onto %.100s; its memory may not suffice. So answers are computed on the CPU. "+
			"Choose a smaller model or a shorter context, or end what else uses the GPU, and load it again.", r.GPUFailed)
	}
	if why := stepDownReason(worse(s.broken, avoid, backend), backend); why != "" {
		return why
	}
	if r.GPU {
		return ""
	}
	return GPUReason(s.seen, s.groups, allowed(s.devices, avoid))
}

// worse joins the failures of backends that would be better than the one in use.
func worse(broken, avoid map[string]string, backend string) map[string]string {
	out := map[string]string{}
	for _, m := range []map[string]string{broken, avoid} {
		for b, why := range m {
			if backend == "" || rankOf(b) < rankOf(backend) {
				out[b] = why
			}
		}
	}
	return out
}

// maxGPUs bounds what a worker may claim.
const maxGPUs = 64

func toDevices(list []wire.Device) []engine.Device {
	var out []engine.Device
	for _, d := range list[:min(len(list), maxGPUs)] {
		out = append(out, engine.Device(d))
	}
	return out
}
