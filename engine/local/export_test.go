package local

import (
	"context"
	"io"
	"os"
	"time"

	"alcove/engine"
	"alcove/engine/hardware"
	"alcove/engine/models"
	"alcove/engine/plan"
	"alcove/engine/wire"
)

// Proc is a worker process without a supervisor, for the contract suite.
type Proc struct {
	PID  int
	Conn *os.File

	kill func() error
	done chan struct{}
}

// Spawn starts a worker as the supervisor does. Its log goes to log.
func Spawn(worker, runtimeDir, model string, log io.Writer) (*Proc, error) {
	s := newSpawner()
	p, err := s.start(worker, []string{"--runtime", runtimeDir, "--model", model}, workerEnv(runtimeDir, os.LookupEnv))
	if err != nil {
		s.close()
		return nil, err
	}
	x := &Proc{PID: p.pid, Conn: p.conn, kill: p.kill, done: make(chan struct{})}
	go func() {
		defer close(x.done)
		_, _ = io.Copy(log, p.logs)
		p.logs.Close()
		p.wait()
		s.close()
	}()
	return x, nil
}

// Ended waits for the end of the process, at most for limit.
func (p *Proc) Ended(limit time.Duration) bool {
	select {
	case <-p.done:
		return true
	case <-time.After(limit):
		return false
	}
}

// Close kills the process and waits for it.
func (p *Proc) Close() {
	_ = p.kill()
	p.Conn.Close()
	<-p.done
}

// SetMemory makes an engine plan for a machine with so many bytes, all free but
// for what loaded models were planned to take, and two cores.
func (c *Config) SetMemory(free func() int64) {
	c.machine = func(t tenants) (plan.Machine, bool) {
		m := plan.Machine{CPU: hardware.CPU{Cores: 2, Logical: 2}, Memory: hardware.Memory{Total: free()}}
		for _, o := range t.stay {
			m.Used += o.need
		}
		return m, true
	}
}

// Waits counts the Loads and Unloads that wait.
func (e *Engine) Waits() (n int) {
	e.call(func(s *supervisor) { n = len(s.loads) })
	return n
}

// PlanOf plans a model of a folder for a machine with plenty of memory.
func PlanOf(m models.Info, c Config) (plan.Plan, bool) {
	c.SetMemory(func() int64 { return 1 << 40 })
	p := newPlanner(c).now(m, engine.Tuning{}, 0, tenants{})
	if p == nil {
		return plan.Plan{}, false
	}
	return *p, true
}

// PlanOn plans a model for a machine with plenty of memory and these devices.
func PlanOn(m models.Info, c Config, devices ...engine.Device) (plan.Plan, bool) {
	c.SetMemory(func() int64 { return 1 << 40 })
	p := newPlanner(c)
	p.saw(devices, nil)
	made := p.now(m, engine.Tuning{}, 0, tenants{})
	if made == nil {
		return plan.Plan{}, false
	}
	return *made, true
}

// Frame is the Load of a model with a plan.
func Frame(c Config, path string, p plan.Plan) wire.Load {
	return c.frame(path, &p, engine.Tuning{}, nil)
}

// ProbeWithin is ProbeModel with another limit.
func ProbeWithin(ctx context.Context, limit time.Duration, worker, runtimeDir, path string) error {
	return probeModel(ctx, limit, worker, runtimeDir, path, nil)
}
