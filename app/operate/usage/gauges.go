package usage

import (
	"fmt"

	"alcove/monitor"
	"alcove/monitor/rollup"
)

// units says what the gauges are measured in, and which there are.
var units = map[string]string{
	"cpu_percent":                       "percent",
	"cpu_steal_percent":                 "percent",
	"load_1m":                           "",
	"memory_used_bytes":                 "bytes",
	"swap_used_bytes":                   "bytes",
	"disk_free_bytes":                   "bytes",
	"disk_read_bytes_per_second":        "bytes_per_second",
	"disk_write_bytes_per_second":       "bytes_per_second",
	"network_receive_bytes_per_second":  "bytes_per_second",
	"network_transmit_bytes_per_second": "bytes_per_second",
	"cpu_temperature_celsius":           "celsius",
	"cpu_frequency_hertz":               "hertz",
	"battery_percent":                   "percent",
	"gpu_utilization_percent":           "percent",
	"gpu_memory_used_bytes":             "bytes",
	"gpu_temperature_celsius":           "celsius",
	"gpu_power_watts":                   "watts",
	"worker_cpu_percent":                "percent",
	"worker_resident_bytes":             "bytes",
	"answers_active":                    "",
	"answers_queued":                    "",
	"tokens_per_second":                 "tokens_per_second",
}

// addSample counts what a sample says. What it does not say is not counted.
func addSample(g rollup.Gauges, s monitor.Sample) {
	put := func(name string, v float64) { g.Add(rollup.Name{Name: name}, v) }
	maybe := func(name string, v *float64) {
		if v != nil {
			put(name, *v)
		}
	}
	if c := s.CPU; c != nil {
		put("cpu_percent", c.Percent)
		put("cpu_steal_percent", c.Steal)
		maybe("cpu_frequency_hertz", c.Frequency)
		if c.Load != nil {
			put("load_1m", c.Load.One)
		}
	}
	if m := s.Memory; m != nil {
		put("memory_used_bytes", float64(m.Used))
	}
	if d := s.Disk; d != nil {
		put("disk_free_bytes", float64(d.Free))
		maybe("disk_read_bytes_per_second", d.Read)
		maybe("disk_write_bytes_per_second", d.Write)
	}
	if w := s.Swap; w != nil {
		put("swap_used_bytes", float64(w.Used))
	}
	if n := s.Network; n != nil {
		put("network_receive_bytes_per_second", n.Receive)
		put("network_transmit_bytes_per_second", n.Transmit)
	}
	if b := s.Battery; b != nil {
		put("battery_percent", b.Percent)
	}
	maybe("cpu_temperature_celsius", hottest(s.Temperatures))
	for i, gpu := range s.NumberedGPUs() {
		addGPU(g, fmt.Sprintf("%s #%d", gpu.Name, i), gpu)
	}
	if e := s.Engine; e != nil {
		put("answers_active", float64(e.Active))
		put("answers_queued", float64(e.Queued))
		maybe("tokens_per_second", e.TokensPerSec)
		if w := e.Worker; w != nil {
			maybe("worker_cpu_percent", w.CPU)
			put("worker_resident_bytes", float64(w.Resident))
		}
	}
}

// hottest is the temperature of the processors; nil: not known.
func hottest(list []monitor.Temperature) (most *float64) {
	for _, t := range list {
		if t.CPU && (most == nil || t.Celsius > *most) {
			most = &t.Celsius
		}
	}
	return most
}

func addGPU(g rollup.Gauges, device string, gpu monitor.GPU) {
	for name, v := range map[string]*float64{
		"gpu_utilization_percent": gpu.Utilization, "gpu_temperature_celsius": gpu.Temperature, "gpu_power_watts": gpu.Power,
	} {
		if v != nil {
			g.Add(rollup.Name{Name: name, Device: device}, *v)
		}
	}
	if gpu.MemoryUsed != nil {
		g.Add(rollup.Name{Name: "gpu_memory_used_bytes", Device: device}, float64(*gpu.MemoryUsed))
	}
}
