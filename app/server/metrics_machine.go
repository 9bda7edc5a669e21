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
	cpuBusy      = machineDesc("cpu_utilization_ratio", "Busy, of all processors together: 0 to 1.")
	cpuSteal     = machineDesc("cpu_steal_ratio", "Taken by the hypervisor for others, of all processors together: 0 to 1.")
	cpuFrequency = machineDesc("cpu_frequency_hertz", "The mean of all processors now.")
	loadAverage  = machineDesc("load_average", "Programs that run or want to, the mean over 1, 5 and 15 minutes.", "window")
	pressure     = machineDesc("pressure_ratio", "Part of the last ten seconds in which some program had to wait for cpu, memory or io: 0 to 1.", "resource")

	memoryUsed  = machineDesc("memory_used_bytes", "Main memory that programs could not be given at once.")
	memoryTotal = machineDesc("memory_total_bytes", "Main memory.")
	swapUsed    = machineDesc("swap_used_bytes", "Swap that is in use.")
	swapTotal   = machineDesc("swap_total_bytes", "Swap.")
	swapIn      = machineDesc("swap_in_bytes_per_second", "Read back from swap.")
	swapOut     = machineDesc("swap_out_bytes_per_second", "Written to swap.")

	diskFree     = machineDesc("disk_free_bytes", "What Alcove may still write to the file system of its data folder.")
	diskTotal    = machineDesc("disk_total_bytes", "The file system of the data folder.")
	diskRead     = machineDesc("disk_read_bytes_per_second", "Read from the disk of the data folder; from all disks where it is not known.")
	diskWrite    = machineDesc("disk_write_bytes_per_second", "Written to the disk of the data folder; to all disks where it is not known.")
	netReceive   = machineDesc("network_receive_bytes_per_second", "Received by all interfaces but loopback.")
	netTransmit  = machineDesc("network_transmit_bytes_per_second", "Sent by all interfaces but loopback.")
	temperature  = machineDesc("temperature_celsius", "Sensors of the machine, by chip and name as the kernel has them; not of GPUs.", "sensor")
	batteryLevel = machineDesc("battery_ratio", "How full the battery is: 0 to 1.")
	onMains      = machineDesc("battery_on_mains", "1: a charger feeds the machine. 0: the battery does.")

	workerResident = machineDesc("worker_resident_bytes", "Memory of a model's process, with the part of the model file that is read.", "model")
	workerCPU      = machineDesc("worker_cpu_ratio", "Work of a model's process, of all processors together: 0 to 1.", "model")
	workerGPU      = machineDesc("worker_gpu_memory_bytes", "What a model's process has on all GPUs.", "model")
	sensorsAnswer  = machineDesc("sensors_available", "1: the source answers. 0: it should and does not. Absent where there is none.", "source")
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
	for i, gpu := range s.NumberedGPUs() {
		g.gpu(gpu, strconv.Itoa(i), label(gpu.Name))
	}
	if s.Engine != nil {
		g.workers(*s.Engine)
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
		g.cpu(*c)
	}
	if m := s.Memory; m != nil {
		g.set(memoryUsed, float64(m.Used))
		g.set(memoryTotal, float64(m.Total))
	}
	if w := s.Swap; w != nil {
		g.set(swapUsed, float64(w.Used))
		g.set(swapTotal, float64(w.Total))
		maybe(g, swapIn, w.In)
		maybe(g, swapOut, w.Out)
	}
	if d := s.Disk; d != nil {
		g.set(diskFree, float64(d.Free))
		g.set(diskTotal, float64(d.Total))
		maybe(g, diskRead, d.Read)
		maybe(g, diskWrite, d.Write)
	}
	if n := s.Network; n != nil {
		g.set(netReceive, n.Receive)
		g.set(netTransmit, n.Transmit)
	}
	g.temperatures(s.Temperatures)
	if b := s.Battery; b != nil {
		g.ratio(batteryLevel, &b.Percent)
		if b.Mains != nil {
			g.set(onMains, truth(*b.Mains))
		}
	}
}

func (g gauges) cpu(c monitor.CPU) {
	g.ratio(cpuBusy, &c.Percent)
	g.ratio(cpuSteal, &c.Steal)
	maybe(g, cpuFrequency, c.Frequency)
	if l := c.Load; l != nil {
		g.set(loadAverage, l.One, "1m")
		g.set(loadAverage, l.Five, "5m")
		g.set(loadAverage, l.Fifteen, "15m")
	}
	if p := c.Pressure; p != nil {
		g.ratio(pressure, p.CPU, "cpu")
		g.ratio(pressure, p.Memory, "memory")
		g.ratio(pressure, p.IO, "io")
	}
}

// temperatures tells the hottest of sensors with one name: a series twice
// would be an error.
func (g gauges) temperatures(list []monitor.Temperature) {
	hottest := map[string]float64{}
	for _, t := range list {
		name := label(t.Label)
		if c, ok := hottest[name]; !ok || t.Celsius > c {
			hottest[name] = t.Celsius
		}
	}
	for name, c := range hottest {
		g.set(temperature, c, name)
	}
}

// workers tells of each model's process. While one gives way to another of the
// same model, they are counted together.
func (g gauges) workers(e monitor.Engine) {
	list := e.Workers
	if len(list) == 0 && e.Worker != nil {
		w := *e.Worker
		w.Model = e.Model
		list = []monitor.Worker{w}
	}
	type sum struct {
		resident float64
		cpu      *float64
		gpu      *int64
	}
	sums := map[string]sum{}
	for _, w := range list {
		model := label(w.Model)
		s := sums[model]
		sums[model] = sum{s.resident + float64(w.Resident), add(s.cpu, w.CPU), add(s.gpu, w.GPU)}
	}
	for model, s := range sums {
		g.set(workerResident, s.resident, model)
		g.ratio(workerCPU, s.cpu, model)
		maybe(g, workerGPU, s.gpu, model)
	}
}

// add adds what is known.
func add[N int64 | float64](a, b *N) *N {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	n := *a + *b
	return &n
}

// sources says which of them answer. That the driver of a GPU is quiet is no
// fault where there is none.
func (g gauges) sources(s monitor.Sample) {
	up := map[monitor.Source]bool{}
	if s.CPU != nil || s.Memory != nil {
		up[monitor.SourceMachine] = true
	}
	if s.Disk != nil {
		up[monitor.SourceDisk] = true
	}
	for _, u := range s.GPUs {
		if u.Vendor == "" || u.Vendor == "nvidia" {
			up[monitor.SourceGPU] = true
		} else {
			up[monitor.SourceCards] = true
		}
	}
	if len(s.Temperatures) > 0 || s.Battery != nil {
		up[monitor.SourceBoard] = true
	}
	for _, u := range s.Unavailable {
		up[u.Source] = false
	}
	for source, ok := range up {
		g.set(sensorsAnswer, truth(ok), string(source))
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
