package monitor

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

// Bounds of what the sensors may say, and of what may outlive them.
const (
	patience  = time.Second
	maxLine   = 64 << 10 // bytes of a reading
	maxStderr = 2 << 10  // bytes kept for the log
)

// child is one sensors process. Its goroutine reports to the owner.
type child struct {
	cmd    *exec.Cmd
	stdin  io.Closer // its end ends the process
	out    io.ReadCloser
	stderr head
	last   string // how it ended; set before the end is reported
}

// report is one reading of a child, or its end.
type report struct {
	from  *child
	read  reading
	ended bool
}

// startChild starts a process that the kernel ends with the calling thread.
func startChild(cmd *exec.Cmd, reports chan<- report, over <-chan struct{}) (*child, error) {
	c := &child{cmd: cmd}
	var err error
	if c.stdin, err = cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the sensors: %w", err)
	}
	if c.out, err = cmd.StdoutPipe(); err != nil {
		return nil, fmt.Errorf("start the sensors: %w", err)
	}
	cmd.Stderr = &c.stderr
	cmd.WaitDelay = patience // what the driver started may hold our pipes
	cmd.SysProcAttr = childAttributes()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the sensors: %w", err)
	}
	go c.follow(reports, over)
	return c, nil
}

// follow reports readings until the process has ended or over is closed.
func (c *child) follow(reports chan<- report, over <-chan struct{}) {
	send := func(r report) {
		select {
		case reports <- r:
		case <-over:
		}
	}
	var lines sync.WaitGroup
	lines.Go(func() { c.read(func(r reading) { send(report{from: c, read: r}) }) })
	c.cmd.Wait() //nolint:errcheck // the state says it all
	lines.Wait()
	c.last = fmt.Sprintf("%v: %s", c.cmd.ProcessState, c.stderr.String())
	send(report{from: c, ended: true})
}

// read reads lines until the process has ended or says too much in one.
func (c *child) read(to func(reading)) {
	lines := bufio.NewScanner(c.out)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var r reading
		if json.Unmarshal(lines.Bytes(), &r) == nil {
			to(r.plausible())
		} // else no answer; the silence will be noticed
	}
}

// kill ends the process at once, unless it is held in a system call.
func (c *child) kill() {
	c.stdin.Close()      //nolint:errcheck // the kill follows
	c.cmd.Process.Kill() //nolint:errcheck // it may have ended
}

// head keeps the beginning of what a process complains about.
type head struct {
	mu   sync.Mutex
	text []byte
}

// Write takes everything and keeps the first maxStderr bytes.
func (t *head) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p[:min(len(p), maxStderr-len(t.text))]...)
	return len(p), nil
}

func (t *head) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
