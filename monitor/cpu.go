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
	busy := func(t cpu.TimesStat) float64 { return t.User + t.System + t.Nice + t.Irq + t.Softirq }
	idle := b.Idle + b.Iowait - a.Idle - a.Iowait
	steal := b.Steal - a.Steal
	total := busy(b) - busy(a) + idle + steal
	// Counters of a processor that was switched off, or of iowait, can go back.
	if total <= 0 || idle < 0 || steal < 0 || busy(b) < busy(a) {
		return nil
	}
	return &CPU{Percent: percent(busy(b)-busy(a), total), Steal: percent(steal, total)}
}

// percent is rounded to a tenth: more digits only make lines longer.
func percent(part, whole float64) float64 {
	return float64(int(1000*part/whole+0.5)) / 10
}
