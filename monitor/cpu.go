package monitor

import (
	"github.com/shirou/gopsutil/v3/cpu"
)

// cpuMeter compares the processors' times with those of its call before.
type cpuMeter struct{ last *cpu.TimesStat }

// read gives nil for the first call, and when the system does not say.
func (m *cpuMeter) read() *CPU {
	all, err := cpu.Times(false)
	if err != nil || len(all) != 1 {
		m.last = nil
		return nil
	}
	before := m.last
	m.last = &all[0]
	if before == nil {
		return nil
	}
	return usage(*before, all[0])
}

// usage is the share of busy time between two moments. Waiting for a disk is
// idle time. Guest time is part of user time on Linux and not counted again.
func usage(a, b cpu.TimesStat) *CPU {
	busy := passed(a.User, b.User) + passed(a.System, b.System) + passed(a.Nice, b.Nice) + passed(a.Irq, b.Irq) + passed(a.Softirq, b.Softirq)
	steal := passed(a.Steal, b.Steal)
	total := busy + steal + passed(a.Idle, b.Idle) + passed(a.Iowait, b.Iowait)
	if total <= 0 {
		return nil
	}
	return &CPU{Percent: percent(busy, total), Steal: percent(steal, total)}
}

// passed is the time between two readings of a counter. Some go back: that of
// a processor that was switched off, and that of waiting for disks.
func passed(a, b float64) float64 { return max(0, b-a) }

// percent is rounded to a tenth: more digits only make lines longer.
func percent(part, whole float64) float64 {
	return float64(int(1000*part/whole+0.5)) / 10
}
