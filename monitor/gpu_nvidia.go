//go:build linux && cgo

package monitor

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/NVIDIA/go-nvml/pkg/nvml"
)

// seldom is after how many readings what changes slowly is read again: some of
// these calls take milliseconds.
const seldom = 10

// nvidiaCard is what is kept of one device between readings.
type nvidiaCard struct {
	fixed   GPU  // what does not change; a lost device is named by it
	known   bool // fixed was read since the library was opened
	slow    GPU  // what changes slowly
	slowIn  int  // readings until it is read again
	link    GPU  // its traffic: the driver measures for a while
	watched bool // its events were asked for
	handle  nvml.Device
}

// answers looks at what the driver returns for one device.
type answers struct{ trouble string }

// must takes the answer to what every device can say. Most refusals mean that
// this kind does not measure it; some, that it is in trouble.
func (a *answers) must(ret nvml.Return) bool {
	if ret == nvml.ERROR_UNKNOWN || ret == nvml.ERROR_UNINITIALIZED {
		a.trouble = ret.Error()
	}
	return a.may(ret)
}

// may takes the answer to what not every driver knows how to refuse.
func (a *answers) may(ret nvml.Return) bool {
	if ret == nvml.ERROR_GPU_IS_LOST || ret == nvml.ERROR_RESET_REQUIRED {
		a.trouble = ret.Error()
	}
	return ret == nvml.SUCCESS
}

// device reads what one device gives; a figure that it refuses stays absent.
func (m *gpuMeter) device(i int, c *nvidiaCard) GPU {
	d, ret := m.lib.DeviceGetHandleByIndex(i)
	if ret != nvml.SUCCESS {
		g := c.fixed
		g.Error = ret.Error()
		return g
	}
	a := &answers{}
	if !c.known {
		c.fixed = m.identity(d, a)
		c.known = a.trouble == ""
	}
	m.watch(d, c)
	if c.slowIn--; c.slowIn <= 0 {
		c.slow, c.slowIn = m.slowly(d, a), seldom
	}
	if m.turn%len(m.cards) == i {
		c.link = m.traffic(d, a)
	}
	g := c.fixed
	g.PowerLimit, g.ECCCorrected, g.ECCUncorrected = c.slow.PowerLimit, c.slow.ECCCorrected, c.slow.ECCUncorrected
	g.PCIeGeneration, g.PCIeWidth = c.slow.PCIeGeneration, c.slow.PCIeWidth
	g.PCIeReceive, g.PCIeTransmit = c.link.PCIeReceive, c.link.PCIeTransmit
	m.figures(d, &g, a)
	m.speed(d, &g, a)
	g.Processes = m.processes(d, a)
	g.Error = a.trouble
	return g
}

// identity reads what does not change.
func (m *gpuMeter) identity(d nvml.Device, a *answers) GPU {
	g := GPU{Vendor: vendorNVIDIA}
	var ret nvml.Return
	if m.has("nvmlDeviceGetName") {
		g.Name, ret = d.GetName()
		a.must(ret)
	}
	if m.has("nvmlDeviceGetUUID") {
		g.UUID, ret = d.GetUUID()
		a.must(ret)
	}
	if m.has("nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2", "nvmlDeviceGetPciInfo") {
		if p, ret := d.GetPciInfo(); a.may(ret) {
			g.PCI = bus(p)
		}
	}
	if m.has("nvmlDeviceGetTemperatureThreshold") {
		if t, ret := d.GetTemperatureThreshold(nvml.TEMPERATURE_THRESHOLD_SLOWDOWN); a.may(ret) {
			g.TemperatureLimit = new(float64(t))
		}
	}
	if m.has("nvmlDeviceGetMaxClockInfo") {
		if mhz, ret := d.GetMaxClockInfo(nvml.CLOCK_SM); a.may(ret) {
			g.ClockMax = new(float64(mhz) * 1e6)
		}
	}
	return g
}

// slowly reads what changes slowly.
func (m *gpuMeter) slowly(d nvml.Device, a *answers) (g GPU) {
	if m.has("nvmlDeviceGetEnforcedPowerLimit") {
		if mw, ret := d.GetEnforcedPowerLimit(); a.may(ret) {
			g.PowerLimit = new(float64(mw) / 1000)
		}
	}
	if m.has("nvmlDeviceGetTotalEccErrors") {
		if n, ret := d.GetTotalEccErrors(nvml.MEMORY_ERROR_TYPE_CORRECTED, nvml.VOLATILE_ECC); a.may(ret) {
			g.ECCCorrected = whole(n)
		}
		if n, ret := d.GetTotalEccErrors(nvml.MEMORY_ERROR_TYPE_UNCORRECTED, nvml.VOLATILE_ECC); a.may(ret) {
			g.ECCUncorrected = whole(n)
		}
	}
	if m.has("nvmlDeviceGetCurrPcieLinkGeneration") {
		if n, ret := d.GetCurrPcieLinkGeneration(); a.may(ret) {
			g.PCIeGeneration = new(int64(n))
		}
	}
	if m.has("nvmlDeviceGetCurrPcieLinkWidth") {
		if n, ret := d.GetCurrPcieLinkWidth(); a.may(ret) {
			g.PCIeWidth = new(int64(n))
		}
	}
	return g
}

// traffic reads what goes over the link. The driver measures for twenty
// milliseconds each, so each reading asks one device.
func (m *gpuMeter) traffic(d nvml.Device, a *answers) (g GPU) {
	if !m.has("nvmlDeviceGetPcieThroughput") {
		return g
	}
	if kb, ret := d.GetPcieThroughput(nvml.PCIE_UTIL_RX_BYTES); a.may(ret) {
		g.PCIeReceive = new(float64(kb) * 1000)
	}
	if kb, ret := d.GetPcieThroughput(nvml.PCIE_UTIL_TX_BYTES); a.may(ret) {
		g.PCIeTransmit = new(float64(kb) * 1000)
	}
	return g
}

// figures reads how busy, full, hot and hungry a device is.
func (m *gpuMeter) figures(d nvml.Device, g *GPU, a *answers) {
	if m.has("nvmlDeviceGetUtilizationRates") {
		if u, ret := d.GetUtilizationRates(); a.must(ret) {
			g.Utilization, g.MemoryUtilization = new(float64(u.Gpu)), new(float64(u.Memory))
		}
	}
	if m.has("nvmlDeviceGetMemoryInfo") {
		if v, ret := d.GetMemoryInfo(); a.must(ret) {
			g.MemoryTotal, g.MemoryUsed = whole(v.Total), whole(v.Used)
		}
	}
	if m.has("nvmlDeviceGetTemperature") {
		if t, ret := d.GetTemperature(nvml.TEMPERATURE_GPU); a.must(ret) {
			g.Temperature = new(float64(t))
		}
	}
	if m.has("nvmlDeviceGetPowerUsage") {
		if mw, ret := d.GetPowerUsage(); a.must(ret) {
			g.Power = new(float64(mw) / 1000)
		}
	}
	if m.has("nvmlDeviceGetFanSpeed") {
		if percent, ret := d.GetFanSpeed(); a.may(ret) {
			g.Fan = new(float64(percent))
			if percent > 100 && percent < 200 { // of the speed it was made for
				*g.Fan = 100
			}
		}
	}
}

// speed reads how fast a device runs, and what holds it back.
func (m *gpuMeter) speed(d nvml.Device, g *GPU, a *answers) {
	if m.has("nvmlDeviceGetClockInfo") {
		if mhz, ret := d.GetClockInfo(nvml.CLOCK_SM); a.may(ret) {
			g.Clock = new(float64(mhz) * 1e6)
		}
		if mhz, ret := d.GetClockInfo(nvml.CLOCK_MEM); a.may(ret) {
			g.MemoryClock = new(float64(mhz) * 1e6)
		}
	}
	if m.has("nvmlDeviceGetPerformanceState") {
		if p, ret := d.GetPerformanceState(); a.may(ret) && p >= nvml.PSTATE_0 && p <= nvml.PSTATE_15 {
			g.State = "P" + strconv.Itoa(int(p))
		}
	}
	switch { // one function, renamed by newer drivers
	case m.has("nvmlDeviceGetCurrentClocksEventReasons"):
		if bits, ret := d.GetCurrentClocksEventReasons(); a.may(ret) {
			g.Throttle = throttleOf(bits)
		}
	case m.has("nvmlDeviceGetCurrentClocksThrottleReasons"):
		if bits, ret := d.GetCurrentClocksThrottleReasons(); a.may(ret) {
			g.Throttle = throttleOf(bits)
		}
	}
}

// throttleBits are the driver's reasons in our words, the worst first.
var throttleBits = []struct {
	bit  uint64
	name string
}{
	{nvml.ClocksThrottleReasonHwThermalSlowdown, ThrottleThermalHard},
	{nvml.ClocksThrottleReasonHwPowerBrakeSlowdown, ThrottleBrake},
	{nvml.ClocksThrottleReasonHwSlowdown, ThrottleHardware},
	{nvml.ClocksEventReasonSwThermalSlowdown, ThrottleThermalSoft},
	{nvml.ClocksEventReasonSwPowerCap, ThrottlePower},
	{nvml.ClocksEventReasonSyncBoost, ThrottleSync},
	{nvml.ClocksEventReasonApplicationsClocksSetting, ThrottleSetting},
	{nvml.ClocksEventReasonDisplayClockSetting, ThrottleDisplay},
}

// throttleOf is empty where nothing, or nothing but idleness, holds it back.
func throttleOf(bits uint64) []string {
	out := []string{}
	bits &^= nvml.ClocksEventReasonGpuIdle
	for _, t := range throttleBits {
		if bits&t.bit != 0 {
			out = append(out, t.name)
			bits &^= t.bit
		}
	}
	if bits != 0 {
		out = append(out, ThrottleOther)
	}
	return out
}

// processes are those that compute or draw on a device, the largest first. A
// driver that says more of them than there is room for makes go-nvml panic.
func (m *gpuMeter) processes(d nvml.Device, a *answers) (out []GPUProcess) {
	defer func() {
		if recover() != nil {
			out = nil
		}
	}()
	add := func(list []nvml.ProcessInfo, ret nvml.Return) {
		if !a.may(ret) {
			return
		}
		for _, p := range list {
			pid := int(p.Pid)
			if slices.ContainsFunc(out, func(q GPUProcess) bool { return q.PID == pid }) {
				continue // it computes and draws: the figure is of both
			}
			out = append(out, GPUProcess{PID: pid, Memory: whole(p.UsedGpuMemory)})
		}
	}
	const compute, graphics = "nvmlDeviceGetComputeRunningProcesses", "nvmlDeviceGetGraphicsRunningProcesses"
	if m.has(compute+"_v3", compute+"_v2", compute) {
		add(d.GetComputeRunningProcesses())
	}
	if m.has(graphics+"_v3", graphics+"_v2", graphics) {
		add(d.GetGraphicsRunningProcesses())
	}
	slices.SortStableFunc(out, func(a, b GPUProcess) int { return cmp.Compare(total(b.Memory), total(a.Memory)) })
	return out[:min(len(out), maxProcesses)]
}

// whole is nil for what cannot be a number of bytes or errors: drivers say all
// ones where they do not know.
func whole(n uint64) *int64 {
	if n > math.MaxInt64 {
		return nil
	}
	return new(int64(n))
}
