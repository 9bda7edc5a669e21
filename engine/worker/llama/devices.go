package llama

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hybridgroup/yzma/pkg/llama"

	"alcove/engine/wire"
)

// Kinds of wire.Device.
const (
	discrete   = "gpu"
	integrated = "igpu"
	software   = "software"
)

// device is one entry of ggml's list.
type device struct {
	wire.Device
	handle llama.GGMLBackendDevice
}

// Devices lists the GPUs that ggml's backends found, with the memory that is
// free now. A card that two backends see is in it twice.
func (l *Library) Devices() []wire.Device {
	var out []wire.Device
	for _, d := range l.devices() {
		out = append(out, d.Device)
	}
	return out
}

func (l *Library) devices() []device {
	var out []device
	for i := range llama.GGMLBackendDeviceCount() {
		handle := llama.GGMLBackendDeviceGet(i)
		kind := discrete
		switch llama.GGMLBackendDevType(handle) {
		case llama.GGMLBackendDeviceTypeGPU:
		case llama.GGMLBackendDeviceTypeIGPU:
			kind = integrated
		default:
			continue
		}
		free, total := llama.GGMLBackendDeviceMemory(handle)
		d := wire.Device{Name: llama.GGMLBackendDeviceName(handle), Description: llama.GGMLBackendDeviceDescription(handle),
			Backend: backendName(llama.GGMLBackendRegName(llama.GGMLBackendDeviceBackendReg(handle))), Kind: kind,
			Total: bytes64(total), Free: bytes64(free)}
		if isSoftware(d.Description) {
			d.Kind = software
		}
		out = append(out, device{d, handle})
	}
	return out
}

// bytes64 bounds what a driver claims.
func bytes64(n uint64) int64 { return int64(min(n, math.MaxInt64)) }

// backendName gives ggml's backends the names of their files.
func backendName(reg string) string {
	switch name := strings.ToLower(reg); name {
	case "rocm":
		return "hip"
	case "mtl":
		return "metal"
	default:
		return name
	}
}

// isSoftware knows the Vulkan drivers that compute on the CPU. ggml offers one
// only where GGML_VK_VISIBLE_DEVICES names it, which is how the road to a GPU
// is tested without one.
func isSoftware(description string) bool {
	for _, name := range []string{"llvmpipe", "lavapipe", "SwiftShader"} {
		if strings.Contains(description, name) {
			return true
		}
	}
	return false
}

// preferred are the backends from the best to the worst, where one card can be
// used through several; others come after them.
var preferred = []string{"cuda", "hip", "metal", "vulkan"}

// pick chooses the devices that a model is spread over: all of one backend and
// of one kind, as a slower one beside would set the pace. only, if not empty,
// is the one backend that may be used.
func pick(all []device, only string) []device {
	rank := func(d device) [2]int {
		i := slices.Index(preferred, d.Backend)
		if i < 0 {
			i = len(preferred)
		}
		return [2]int{slices.Index([]string{discrete, integrated, software}, d.Kind), i}
	}
	all = slices.DeleteFunc(slices.Clone(all), func(d device) bool { return only != "" && d.Backend != only })
	if len(all) == 0 {
		return nil
	}
	best := slices.MinFunc(all, func(a, b device) int {
		x, y := rank(a), rank(b)
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	})
	return slices.DeleteFunc(all, func(d device) bool { return d.Backend != best.Backend || d.Kind != best.Kind })
}

// choose gives the devices that a model is loaded onto, none for the CPU.
func (l *Library) choose(o Options) []device {
	if o.CPUOnly || o.GPULayers == 0 {
		return nil
	}
	all := l.devices()
	if len(o.Devices) > 0 {
		all = slices.DeleteFunc(all, func(d device) bool { return !slices.Contains(o.Devices, d.Name) })
	}
	return pick(all, o.Backend)
}

// GPU names what Load would load a model onto, "" for the CPU.
func (l *Library) GPU(o Options) string {
	if used := l.choose(o); len(used) > 0 {
		return describeDevices(used)
	}
	return ""
}

// describeDevices names what computes.
func describeDevices(used []device) string {
	first := used[0].Name + " " + used[0].Description
	if n := len(used) - 1; n > 0 {
		return fmt.Sprintf("%s and %d more", first, n)
	}
	return first
}

// handles is the list that llama.cpp takes: it ends with a zero.
func handles(used []device) []llama.GGMLBackendDevice {
	var out []llama.GGMLBackendDevice
	for _, d := range used {
		out = append(out, d.handle)
	}
	return append(out, 0)
}
