package monitor

import (
	"context"

	"github.com/shirou/gopsutil/v3/cpu"
)

// cpuMeter compares the processors' times with those of its call before.
type cpuMeter struct{ last map[string]cpu.TimesStat }

// read gives nil for the first call, and when the system does not say.
func (m *cpuMeter) read(ctx context.Context) *CPU {
	all, err := cpu.TimesWithContext(ctx, true)
	if err != nil {
		m.last = nil
		return nil
	}
	before := m.last
	m.last = make(map[string]cpu.TimesStat, len(all))
	for _, t := range all {
		m.last[t.CPU] = t
	}
	return usage(before, all)
}

// spent is where processor time went.
type spent struct{ busy, steal, total float64 }

// usage is the share of busy time between two moments, of all processors and of
// each. One that was not there at both moments is not counted.
func usage(before map[string]cpu.TimesStat, now []cpu.TimesStat) *CPU {
	var all spent
	var cores []float64
	for _, b := range now {
		a, there := before[b.CPU]
		if !there {
			continue
		}
		s := between(a, b)
		all = spent{all.busy + s.busy, all.steal + s.steal, all.total + s.total}
		if s.total > 0 {
			cores = append(cores, percent(s.busy, s.total))
		}
	}
	if all.total <= 0 {
		return nil
	}
	return &CPU{Percent: percent(all.busy, all.total), Steal: percent(all.steal, all.total), Cores: cores}
}

// between is one processor's. Waiting for a disk is idle time. Guest time is
// part of user time on Linux and not counted again.
func between(a, b cpu.TimesStat) spent {
	s := spent{steal: passed(a.Steal, b.Steal)}
	s.busy = passed(a.User, b.User) + passed(a.System, b.System) + passed(a.Nice, b.Nice) + passed(a.Irq, b.Irq) + passed(a.Softirq, b.Softirq)
	s.total = s.busy + s.steal + passed(a.Idle, b.Idle) + passed(a.Iowait, b.Iowait)
	return s
}

// passed is the time between two readings of a counter. Some go back: that of
// a processor that was switched off, and that of waiting for disks.
func passed(a, b float64) float64 { return max(0, b-a) }

// percent is rounded to a tenth: more digits only make lines longer.
func percent(part, whole float64) float64 {
	return float64(int(1000*part/whole+0.5)) / 10
}
