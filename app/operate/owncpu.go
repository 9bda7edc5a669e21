package operate

import (
	"os"
	"runtime"
	"time"

	"github.com/shirou/gopsutil/v3/process"
)

// ownCPU reads what this program uses of the processors.
type ownCPU struct {
	process *process.Process
	spent   float64 // seconds of processor time at the read before
	at      time.Time
}

// read gives percent of all processors since the read before; nil: not known.
func (o *ownCPU) read(now time.Time) *float64 {
	if o.process == nil {
		p, err := process.NewProcess(int32(os.Getpid()))
		if err != nil {
			return nil
		}
		o.process = p
	}
	times, err := o.process.Times()
	if err != nil {
		return nil
	}
	spent, passed := times.User+times.System, now.Sub(o.at).Seconds()
	known := !o.at.IsZero() && passed > 0 && spent >= o.spent
	share := 100 * (spent - o.spent) / (passed * float64(runtime.NumCPU()))
	o.spent, o.at = spent, now
	if !known {
		return nil
	}
	return new(min(100, share))
}
