package local

import (
	"io"
	"os"
	"time"
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
