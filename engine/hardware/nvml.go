//go:build linux && cgo

package hardware

import (
	"fmt"
	"math"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// maxGPUs bounds what a driver may claim.
const maxGPUs = 64

// askDriver asks NVIDIA's management library, if it is installed.
func askDriver() ([]GPU, error) {
	lib := nvml.New()
	switch ret := lib.Init(); ret {
	case nvml.SUCCESS:
	case nvml.ERROR_LIBRARY_NOT_FOUND, nvml.ERROR_DRIVER_NOT_LOADED:
		return nil, nil
	default:
		return nil, fmt.Errorf("open the GPU driver: %w", ret)
	}
	defer lib.Shutdown()
	n, ret := lib.DeviceGetCount()
	if ret != nvml.SUCCESS {
		return nil, fmt.Errorf("count GPUs: %w", ret)
	}
	driver, ret := lib.SystemGetDriverVersion()
	if ret != nvml.SUCCESS {
		return nil, fmt.Errorf("ask the GPU driver's version: %w", ret)
	}
	var gpus []GPU
	for i := range min(n, maxGPUs) {
		d, ret := lib.DeviceGetHandleByIndex(i)
		if ret != nvml.SUCCESS {
			continue // lost, or another user's: the others still count
		}
		g := GPU{Driver: driver}
		g.Name, _ = d.GetName()
		g.UUID, _ = d.GetUUID()
		if m, ret := d.GetMemoryInfo(); ret == nvml.SUCCESS && m.Total <= math.MaxInt64 {
			g.Memory = int64(m.Total)
		}
		gpus = append(gpus, g)
	}
	return gpus, nil
}
