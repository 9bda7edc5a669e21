package monitor

import (
	"os"
	"runtime"
	"slices"
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// workersMeter reads the engine's processes.
type workersMeter struct{ meters map[int]*workerMeter }

// read leaves out those that cannot be read: they have ended.
func (m *workersMeter) read(live []LiveWorker, now time.Time) []Worker {
	var out []Worker
	before := m.meters
	m.meters = make(map[int]*workerMeter, len(live))
	for _, l := range live {
		meter := before[l.PID]
		if meter == nil {
			meter = &workerMeter{}
		}
		if w := meter.read(l.PID, now); w != nil {
			w.Model, w.PID = l.Model, l.PID
			out = append(out, *w)
			m.meters[l.PID] = meter
		}
	}
	return out
}

// together is all workers as one, nil where there is none. Its processor time is
// known when that of each is.
func together(workers []Worker) *Worker {
	if len(workers) == 0 {
		return nil
	}
	all, cpu, known := Worker{}, 0.0, true
	for _, w := range workers {
		all.Resident += w.Resident
		if w.GPU != nil {
			all.GPU = new(total(all.GPU) + *w.GPU)
		}
		if known = known && w.CPU != nil; known {
			cpu += *w.CPU
		}
	}
	if known {
		all.CPU = new(min(100, cpu))
	}
	return &all
}

// markWorkers finds the workers among the processes on the GPUs. What the
// sensors said is not changed: earlier samples have it.
func markWorkers(gpus []GPU, workers []Worker) {
	for i := range gpus {
		g := &gpus[i]
		g.Processes = slices.Clone(g.Processes)
		for j := range g.Processes {
			p := &g.Processes[j]
			n := slices.IndexFunc(workers, func(w Worker) bool { return w.PID == p.PID })
			if n < 0 {
				continue
			}
			p.Worker = true
			if p.Memory != nil {
				g.Worker = new(total(g.Worker) + *p.Memory)
				workers[n].GPU = new(total(workers[n].GPU) + *p.Memory)
			}
		}
	}
}

// Own reads what this program itself uses. Its zero value is ready.
type Own struct{ meter workerMeter }

// CPU gives percent of all processors since the read before; nil: not known.
func (o *Own) CPU(now time.Time) *float64 {
	w := o.meter.read(os.Getpid(), now)
	if w == nil {
		return nil
	}
	return w.CPU
}

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
