//go:build linux && cgo

package monitor

import (
	"math"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// gpuMeter asks NVIDIA's management library. Any call may hang or end the
// process: only the sensors have one.
type gpuMeter struct {
	lib    nvml.Interface
	opened bool
}

// read opens the library where it is not open. No library and no driver are no
// GPU, not an error. broken says that opening it anew may help.
func (m *gpuMeter) read() (d driver, broken bool) {
	if !m.opened {
		m.lib = nvml.New()
		switch ret := m.lib.Init(); ret {
		case nvml.SUCCESS:
			m.opened = true
		case nvml.ERROR_LIBRARY_NOT_FOUND, nvml.ERROR_DRIVER_NOT_LOADED:
			return driver{}, true
		default:
			return driver{Error: ret.Error()}, true
		}
	}
	n, ret := m.lib.DeviceGetCount()
	if ret != nvml.SUCCESS {
		return driver{Error: ret.Error()}, true
	}
	for i := range min(n, maxGPUs) {
		g := m.device(i)
		broken = broken || g.Error != ""
		d.GPUs = append(d.GPUs, g)
	}
	return d, broken || len(d.GPUs) == 0
}

// open says whether the next read needs no new beginning.
func (m *gpuMeter) open() bool { return m.opened }

// close makes the next read begin anew.
func (m *gpuMeter) close() {
	if m.opened {
		m.lib.Shutdown() // its result changes nothing
		m.opened = false
	}
}

// device reads what one device gives; a figure that it refuses stays absent.
func (m *gpuMeter) device(i int) GPU {
	var g GPU
	d, ret := m.lib.DeviceGetHandleByIndex(i)
	if ret != nvml.SUCCESS {
		g.Error = ret.Error()
		return g
	}
	note := func(ret nvml.Return) bool {
		switch ret {
		case nvml.SUCCESS:
			return true
		case nvml.ERROR_GPU_IS_LOST, nvml.ERROR_UNKNOWN, nvml.ERROR_RESET_REQUIRED, nvml.ERROR_UNINITIALIZED:
			g.Error = ret.Error()
		}
		return false // most others: this kind of device does not measure it
	}
	g.Name, ret = d.GetName()
	note(ret)
	g.UUID, ret = d.GetUUID()
	note(ret)
	if u, ret := d.GetUtilizationRates(); note(ret) {
		g.Utilization = new(float64(u.Gpu))
	}
	if v, ret := d.GetMemoryInfo(); note(ret) && v.Total <= math.MaxInt64 && v.Used <= math.MaxInt64 {
		g.MemoryTotal, g.MemoryUsed = new(int64(v.Total)), new(int64(v.Used))
	}
	if t, ret := d.GetTemperature(nvml.TEMPERATURE_GPU); note(ret) {
		g.Temperature = new(float64(t))
	}
	if p, ret := d.GetPowerUsage(); note(ret) {
		g.Power = new(float64(p) / 1000)
	}
	return g
}
