package server

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"alcove/monitor"
)

// A GPU is told by its number among those of its vendor and by its name.
var (
	gpuBusy        = gpuDesc("utilization_ratio", "Time in which the GPU computed something: 0 to 1.")
	gpuMemoryBusy  = gpuDesc("memory_utilization_ratio", "Time in which the GPU's memory was read or written: 0 to 1.")
	gpuMemoryUsed  = gpuDesc("memory_used_bytes", "The GPU's memory that is in use, by all programs.")
	gpuMemoryTotal = gpuDesc("memory_total_bytes", "The GPU's memory.")
	gpuWorker      = gpuDesc("worker_memory_bytes", "The GPU's memory that our models have.")
	gpuTemperature = gpuDesc("temperature_celsius", "The GPU's temperature.")
	gpuHot         = gpuDesc("temperature_limit_celsius", "The temperature at which it slows down.")
	gpuPower       = gpuDesc("power_watts", "What the GPU draws.")
	gpuPowerLimit  = gpuDesc("power_limit_watts", "What the GPU may draw.")
	gpuClock       = gpuDesc("clock_hertz", "The clock of what computes.")
	gpuFan         = gpuDesc("fan_ratio", "How fast the fan turns: 0 to 1.")
	gpuThrottled   = gpuDesc("throttled", "1: the GPU is slower than it could be for this reason. 0: it is not.", "reason")
	gpuECC         = gpuDesc("ecc_errors_total", "Memory errors since the driver's start: corrected, uncorrected.", "kind")
	gpuXid         = gpuDesc("xid_errors_total", "Faults that NVIDIA's driver told of since Alcove's start.")
	gpuLastXid     = gpuDesc("last_xid", "NVIDIA's code of the last fault.")
	gpuReceive     = gpuDesc("pcie_receive_bytes_per_second", "Received by the GPU over PCIe.")
	gpuTransmit    = gpuDesc("pcie_transmit_bytes_per_second", "Sent by the GPU over PCIe.")
	gpuLost        = gpuDesc("lost", "1: the driver answers for this GPU with an error. 0: it is well.")
)

func gpuDesc(name, help string, labels ...string) *prometheus.Desc {
	return machineDesc("gpu_"+name, help, append([]string{"gpu", "name"}, labels...)...)
}

// throttleReasons are all that a sample has: each has its series while they are known.
var throttleReasons = []string{
	monitor.ThrottlePower, monitor.ThrottleThermalHard, monitor.ThrottleThermalSoft, monitor.ThrottleBrake, monitor.ThrottleHardware,
	monitor.ThrottleSync, monitor.ThrottleSetting, monitor.ThrottleDisplay, monitor.ThrottleOther,
}

func (g gauges) gpu(u monitor.GPU, id ...string) {
	g.ratio(gpuBusy, u.Utilization, id...)
	g.ratio(gpuMemoryBusy, u.MemoryUtilization, id...)
	g.ratio(gpuFan, u.Fan, id...)
	maybe(g, gpuMemoryUsed, u.MemoryUsed, id...)
	maybe(g, gpuMemoryTotal, u.MemoryTotal, id...)
	maybe(g, gpuWorker, u.Worker, id...)
	maybe(g, gpuTemperature, u.Temperature, id...)
	maybe(g, gpuHot, u.TemperatureLimit, id...)
	maybe(g, gpuPower, u.Power, id...)
	maybe(g, gpuPowerLimit, u.PowerLimit, id...)
	maybe(g, gpuClock, u.Clock, id...)
	maybe(g, gpuReceive, u.PCIeReceive, id...)
	maybe(g, gpuTransmit, u.PCIeTransmit, id...)
	if u.Throttle != nil {
		for _, reason := range throttleReasons {
			g.set(gpuThrottled, truth(slices.Contains(u.Throttle, reason)), with(id, reason)...)
		}
	}
	g.count(gpuECC, u.ECCCorrected, with(id, "corrected")...)
	g.count(gpuECC, u.ECCUncorrected, with(id, "uncorrected")...)
	if u.Xid != nil {
		g.count(gpuXid, &u.XidCount, id...)
	}
	maybe(g, gpuLastXid, u.Xid, id...)
	g.set(gpuLost, truth(u.Error != ""), id...)
}

// with gives the labels of one GPU and one more.
func with(id []string, more string) []string { return append(slices.Clone(id), more) }

// count tells what only grows, where it is known.
func (g gauges) count(d *prometheus.Desc, n *int64, labels ...string) {
	if n != nil {
		g.ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(*n), labels...)
	}
}
