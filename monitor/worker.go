package monitor

import (
	"runtime"
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// workerMeter reads one process, and begins anew when it is another one.
type workerMeter struct {
	process *process.Process
	spent   float64 // seconds of processor time at the read before
	at      time.Time
}

// read gives nil when there is no such process or it cannot be read.
func (m *workerMeter) read(pid int, now time.Time) *Worker {
	if pid <= 0 {
		m.process = nil
		return nil
	}
	if m.process == nil || m.process.Pid != int32(pid) {
		p, err := process.NewProcess(int32(pid))
		if err != nil {
			m.process = nil
			return nil
		}
		*m = workerMeter{process: p}
	}
	memory, err1 := m.process.MemoryInfo()
	times, err2 := m.process.Times()
	if err1 != nil || err2 != nil {
		m.process = nil
		return nil
	}
	w := &Worker{Resident: int64(memory.RSS)}
	spent := times.User + times.System
	if passed := now.Sub(m.at).Seconds(); !m.at.IsZero() && passed > 0 && spent >= m.spent {
		cpu := min(100, percent(spent-m.spent, passed*float64(runtime.NumCPU())))
		w.CPU = &cpu
	}
	m.spent, m.at = spent, now
	return w
}
