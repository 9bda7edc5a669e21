package operate

import (
	"slices"

	"alcove/app/operate/alerts"
	"alcove/app/operate/sentinel"
	"alcove/monitor"
)

// figures gives the alerts what is known in a moment, by the names of their
// rules. What is not known is absent: it neither fires nor ends an alert.
func figures(m sentinel.Moment, found []sentinel.Finding, w waited, speed *sentinel.Speed) map[string]float64 {
	out := map[string]float64{
		alerts.NoModel:       truth(!m.Status.Ready && !m.CanLoad),
		alerts.StoreReadOnly: truth(m.ReadOnly),
		alerts.AnswersQueued: float64(m.Status.Queued),
		alerts.GPUUnused:     truth(m.Status.GPUReason != ""),
	}
	put := func(name string, v *float64) {
		if v != nil {
			out[name] = *v
		}
	}
	put(alerts.FirstTokenP95, w.firstToken)
	put(alerts.InterTokenP95, w.interToken)
	put(alerts.QueueP95, w.queue)
	put(alerts.ErrorPercent, w.errors)
	if speed != nil && speed.Usual > 0 {
		out[alerts.SpeedPercent] = 100 * speed.Now / speed.Usual
	}
	s := m.Sample
	if s.CPU != nil {
		out[alerts.CPUPercent] = s.CPU.Percent
	}
	if s.Memory != nil {
		out[alerts.MemoryUsed] = percent(s.Memory.Used, s.Memory.Total)
	}
	if s.Disk != nil {
		out[alerts.DiskFreeBytes] = float64(s.Disk.Free)
		out[alerts.DiskFreePercent] = percent(s.Disk.Free, s.Disk.Total)
	}
	if s.Swap != nil && s.Swap.Total > 0 {
		out[alerts.SwapUsed] = percent(s.Swap.Used, s.Swap.Total)
	}
	for _, t := range s.Temperatures {
		if t.CPU {
			out[alerts.CPUTemperature] = max(out[alerts.CPUTemperature], t.Celsius)
		}
	}
	gpuFigures(m, out)
	for _, f := range found {
		if f.Code == sentinel.GPULost { // also one that is not listed any more
			out[alerts.GPULost] = 1
		}
	}
	return out
}

// gpuFigures are of the worst GPU: one that is hot among eight is hot. How full
// and busy one is counts only where a worker is, if that is known: what others do
// with a small one beside it is no trouble of ours.
func gpuFigures(m sentinel.Moment, out map[string]float64) {
	worst := func(name string, v float64) { out[name] = max(out[name], v) }
	known := slices.ContainsFunc(m.Sample.GPUs, hasWorker)
	for _, g := range m.Sample.GPUs {
		worst(alerts.GPULost, truth(g.Error != ""))
		if g.Temperature != nil {
			worst(alerts.GPUTemperature, *g.Temperature)
		}
		if known && !hasWorker(g) {
			continue
		}
		if g.Utilization != nil {
			worst(alerts.GPUUtilization, *g.Utilization)
		}
		if g.MemoryUsed != nil && g.MemoryTotal != nil {
			worst(alerts.GPUMemoryUsed, percent(*g.MemoryUsed, *g.MemoryTotal))
		}
	}
}

func hasWorker(g monitor.GPU) bool {
	return slices.ContainsFunc(g.Processes, func(p monitor.GPUProcess) bool { return p.Worker })
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
