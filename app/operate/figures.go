package operate

import (
	"alcove/app/operate/sentinel"
)

// figures gives the alerts what is known in a moment, by the names of their
// rules. What is not known is absent: it neither fires nor ends an alert.
func figures(m sentinel.Moment, l Latency, speed *sentinel.Speed) map[string]float64 {
	out := map[string]float64{
		"no_model":        truth(!m.Status.Ready),
		"store_read_only": truth(m.ReadOnly),
		"answers_queued":  float64(m.Status.Queued),
		"gpu_unused":      truth(m.Status.GPUReason != ""),
	}
	put := func(name string, v *float64) {
		if v != nil {
			out[name] = *v
		}
	}
	put("first_token_p95_seconds", l.FirstTokenP95)
	put("inter_token_p95_seconds", l.InterTokenP95)
	put("queue_p95_seconds", l.QueueP95)
	if l.Requests > 0 {
		out["error_percent"] = 100 * float64(l.Failed) / float64(l.Requests)
	}
	if speed != nil && speed.Usual > 0 {
		out["speed_percent"] = 100 * speed.Now / speed.Usual
	}
	s := m.Sample
	if s.CPU != nil {
		out["cpu_percent"] = s.CPU.Percent
	}
	if s.Memory != nil {
		out["memory_used_percent"] = percent(s.Memory.Used, s.Memory.Total)
	}
	if s.Disk != nil {
		out["disk_free_bytes"] = float64(s.Disk.Free)
		out["disk_free_percent"] = percent(s.Disk.Free, s.Disk.Total)
	}
	if s.Swap != nil && s.Swap.Total > 0 {
		out["swap_used_percent"] = percent(s.Swap.Used, s.Swap.Total)
	}
	for _, t := range s.Temperatures {
		if t.CPU {
			out["cpu_temperature_celsius"] = max(out["cpu_temperature_celsius"], t.Celsius)
		}
	}
	gpuFigures(m, out)
	return out
}

// gpuFigures are of the worst GPU: one that is hot among eight is hot.
func gpuFigures(m sentinel.Moment, out map[string]float64) {
	worst := func(name string, v float64) { out[name] = max(out[name], v) }
	for _, g := range m.Sample.GPUs {
		worst("gpu_lost", truth(g.Error != ""))
		if g.Temperature != nil {
			worst("gpu_temperature_celsius", *g.Temperature)
		}
		if g.Utilization != nil {
			worst("gpu_utilization_percent", *g.Utilization)
		}
		if g.MemoryUsed != nil && g.MemoryTotal != nil {
			worst("gpu_memory_used_percent", percent(*g.MemoryUsed, *g.MemoryTotal))
		}
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func percent(part, whole int64) float64 {
	if whole <= 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}
