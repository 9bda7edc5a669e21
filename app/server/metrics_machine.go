package server

import (
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"alcove/monitor"
)

// sampleHolds is how long a sample is the machine's state. An older one says
// that the monitor stands still; its figures are not told any more.
const sampleHolds = 10 * time.Second

// machineMetrics shows the newest sample of the machine. A figure that is not
// known has no series; none is 0 for want of a sensor.
type machineMetrics struct {
	monitor Monitor
	now     func() time.Time
}

var (
	cpuBusy     = machineDesc("cpu_utilization_ratio", "Busy, of all processors together: 0 to 1.")
	cpuSteal    = machineDesc("cpu_steal_ratio", "Taken by the hypervisor for others, of all processors together: 0 to 1.")
	memoryUsed  = machineDesc("memory_used_bytes", "Main memory that programs could not be given at once.")
	memoryTotal = machineDesc("memory_total_bytes", "Main memory.")
	diskFree    = machineDesc("disk_free_bytes", "What Alcove may still write to the file system of its data folder.")
	diskTotal   = machineDesc("disk_total_bytes", "The file system of the data folder.")

	workerResident = machineDesc("worker_resident_bytes", "Memory of the engine's process, with the part of the model file that is read.", "model")
	workerCPU      = machineDesc("worker_cpu_ratio", "Work of the engine's process, of all processors together: 0 to 1.", "model")
	sensorsAnswer  = machineDesc("sensors_available", "1: the source answers. 0: it should and does not. Absent where there is none.", "source")

	gpuBusy        = machineDesc("gpu_utilization_ratio", "Time in which the GPU computed something: 0 to 1.", "gpu", "name")
	gpuMemoryUsed  = machineDesc("gpu_memory_used_bytes", "The GPU's memory that is in use, by all programs.", "gpu", "name")
	gpuMemoryTotal = machineDesc("gpu_memory_total_bytes", "The GPU's memory.", "gpu", "name")
	gpuTemperature = machineDesc("gpu_temperature_celsius", "The GPU's temperature.", "gpu", "name")
	gpuPower       = machineDesc("gpu_power_watts", "What the GPU draws.", "gpu", "name")
	gpuLost        = machineDesc("gpu_lost", "1: the driver answers for this GPU with an error. 0: it is well.", "gpu", "name")
)

// machineDescs are all of them, in the order of their declaration.
var machineDescs []*prometheus.Desc

func machineDesc(name, help string, labels ...string) *prometheus.Desc {
	d := prometheus.NewDesc("alcove_"+name, help, labels, nil)
	machineDescs = append(machineDescs, d)
	return d
}

// Describe names the metrics.
func (m machineMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range machineDescs {
		ch <- d
	}
}

// Collect reads them.
func (m machineMetrics) Collect(ch chan<- prometheus.Metric) {
	last := m.monitor.History(1)
	if len(last) == 0 {
		return
	}
	s, g := last[0], gauges{ch}
	if age := m.now().Sub(s.At); age > sampleHolds {
		g.set(sensorsAnswer, 0, string(monitor.SourceMachine))
		return
	}
	g.machine(s)
	g.sources(s)
	for i, gpu := range s.GPUs {
		g.gpu(strconv.Itoa(i), gpu)
	}
	if e := s.Engine; e != nil && e.Worker != nil {
		g.set(workerResident, float64(e.Worker.Resident), e.Model)
		g.ratio(workerCPU, e.Worker.CPU, e.Model)
	}
}

// gauges hands metrics out.
type gauges struct{ ch chan<- prometheus.Metric }

// label makes a name fit: names of files and devices may be any bytes.
func label(name string) string { return strings.ToValidUTF8(name, "\ufffd") }

// set tells one figure.
func (g gauges) set(d *prometheus.Desc, v float64, labels ...string) {
	for i, l := range labels {
		labels[i] = label(l)
	}
	g.ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

// ratio tells per cent as a part of one.
func (g gauges) ratio(d *prometheus.Desc, percent *float64, labels ...string) {
	if percent != nil {
		g.set(d, *percent/100, labels...)
	}
}

// maybe tells a figure that may not be known.
func maybe[N int64 | float64](g gauges, d *prometheus.Desc, v *N, labels ...string) {
	if v != nil {
		g.set(d, float64(*v), labels...)
	}
}

func (g gauges) machine(s monitor.Sample) {
	if c := s.CPU; c != nil {
		g.ratio(cpuBusy, &c.Percent)
		g.ratio(cpuSteal, &c.Steal)
	}
	if m := s.Memory; m != nil {
		g.set(memoryUsed, float64(m.Used))
		g.set(memoryTotal, float64(m.Total))
	}
	if d := s.Disk; d != nil {
		g.set(diskFree, float64(d.Free))
		g.set(diskTotal, float64(d.Total))
	}
}

// sources says which of them answer. That the driver of a GPU is quiet is no
// fault where there is none.
func (g gauges) sources(s monitor.Sample) {
	up := map[monitor.Source]bool{}
	if s.CPU != nil || s.Memory != nil || s.Disk != nil {
		up[monitor.SourceMachine] = true
	}
	if len(s.GPUs) > 0 {
		up[monitor.SourceGPU] = true
	}
	for _, u := range s.Unavailable {
		up[u.Source] = false
	}
	for source, ok := range up {
		g.set(sensorsAnswer, truth(ok), string(source))
	}
}

func (g gauges) gpu(index string, u monitor.GPU) {
	g.ratio(gpuBusy, u.Utilization, index, u.Name)
	maybe(g, gpuMemoryUsed, u.MemoryUsed, index, u.Name)
	maybe(g, gpuMemoryTotal, u.MemoryTotal, index, u.Name)
	maybe(g, gpuTemperature, u.Temperature, index, u.Name)
	maybe(g, gpuPower, u.Power, index, u.Name)
	g.set(gpuLost, truth(u.Error != ""), index, u.Name)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
