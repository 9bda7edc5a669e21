package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/plan"
	"alcove/engine/wire"
)

// worker is one running worker process. Its goroutines read, write and wait;
// what they learn goes to the supervisor as events.
type worker struct {
	proc  *process
	model string
	unit  *unit // not read: it names the events

	mu    sync.Mutex
	queue []wire.ToWorker // not written yet
	ended bool
	wake  chan struct{}

	// Of the supervisor alone:
	cause     string // why it was killed, "" if it was not
	ready     bool   // it has been ready
	hello     wire.Hello
	facts     wire.Ready
	around    surroundings
	adapters  []string    // files that are added to the model
	backend   string      // GPU backend that it was started with, "" for the CPU
	gpuReason string      // why it uses no GPU although there is one
	beat      wire.Beat   // the last
	view      engine.View // as the last beats told
	watch     watch
}

// event is what happened to a unit. Exactly one of worker, frame, exit, err,
// room and probed is set.
type event struct {
	unit   *unit
	worker *worker // that has started
	frame  *wire.FromWorker
	raw    []byte // of frame
	exit   *exit
	err    error       // it could not be started
	room   bool        // another unit has to leave first
	probed *probed     // a look for GPUs, of no unit
	model  models.Info // as its file is now, with worker and room
	plan   *plan.Plan  // and its plan
	need   int64       // and the host's memory that it may come to use, where there is no plan
}

// exit is the last event of a worker.
type exit struct {
	how  string // "signal: killed", "exit status 2"
	read error  // what ended the reading: io.EOF, a bad frame
	tail []string
}

func newWorker(p *process, model string, u *unit, now time.Time) *worker {
	return &worker{proc: p, model: model, unit: u, wake: make(chan struct{}, 1), view: engine.View{Slots: []engine.Slot{}, Tree: []engine.Node{}},
		watch: watch{started: now, tick: now, frame: now, progress: now, stepped: now, brought: now}}
}

// run starts the goroutines. The last event is an exit, sent when the process
// has ended and all of them are done.
func (w *worker) run(events chan<- event, log *slog.Logger) {
	tail := &logTail{}
	var group sync.WaitGroup
	group.Go(func() { tail.read(w.proc.logs, log, w.proc.pid) })
	group.Go(w.write)
	go func() {
		err := w.read(events)
		w.kill() // a worker that cannot be understood, or that closed its end, is of no use
		how := w.proc.wait()
		w.stopWriting()
		w.proc.conn.Close()
		// Nobody but the worker has the other end of the log pipe; the limit is for the case that somebody does.
		_ = w.proc.logs.SetReadDeadline(time.Now().Add(time.Second))
		group.Wait()
		w.proc.logs.Close()
		events <- event{unit: w.unit, exit: &exit{how: how, read: err, tail: tail.lines()}}
	}()
}

func (w *worker) read(events chan<- event) error {
	r := bufio.NewReaderSize(w.proc.conn, 64<<10)
	for {
		var f wire.FromWorker
		raw, err := wire.Read(r, &f)
		if err != nil {
			return err
		}
		if err := checkFrame(&f); err != nil {
			return err
		}
		events <- event{unit: w.unit, frame: &f, raw: raw}
	}
}

// checkFrame refuses a frame that says nothing or two things.
func checkFrame(f *wire.FromWorker) error {
	n := 0
	for _, set := range []bool{f.Hello != nil, f.Progress != nil, f.Ready != nil, f.LoadFailed != nil, f.Step != nil, f.Beat != nil, f.Vectors != nil, f.Counted != nil} {
		if set {
			n++
		}
	}
	if n != 1 {
		return fmt.Errorf("%w: %d messages in one frame", wire.ErrBadHead, n)
	}
	return nil
}

// send queues a frame and never blocks. The queue is bounded by MaxAnswers:
// one Submit and one Cancel each.
func (w *worker) send(m wire.ToWorker) {
	w.mu.Lock()
	w.queue = append(w.queue, m)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *worker) write() {
	for range w.wake {
		w.mu.Lock()
		batch, ended := w.queue, w.ended
		w.queue = nil
		w.mu.Unlock()
		if ended {
			return
		}
		for _, m := range batch {
			if err := wire.Write(w.proc.conn, m, nil); err != nil {
				w.kill() // the reader sees the end and reports it
				break
			}
		}
	}
}

// stopWriting ends the writer; a write that waits is ended by closing conn.
func (w *worker) stopWriting() {
	w.mu.Lock()
	w.ended = true
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// kill ends the process. Its exit event follows. Killing twice is harmless.
func (w *worker) kill() { _ = w.proc.kill() }

// logTail keeps the last lines of a worker's log for the crash note.
type logTail struct {
	mu   sync.Mutex
	ring []string
}

// Bounds of a crash note: lines and bytes of one.
const (
	tailLines = 30
	tailWidth = 400
)

func (t *logTail) read(r io.Reader, log *slog.Logger, pid int) {
	b := bufio.NewReaderSize(r, tailWidth)
	for {
		line, more, err := b.ReadLine()
		if len(line) > 0 {
			s := string(line)
			log.Log(context.Background(), slog.LevelDebug, "worker", "pid", pid, "line", s)
			t.add(s)
		}
		for more && err == nil { // the rest of a long line is dropped
			_, more, err = b.ReadLine()
		}
		if err != nil {
			return
		}
	}
}

func (t *logTail) add(s string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.ring) == tailLines {
		t.ring = append(t.ring[:0], t.ring[1:]...)
	}
	t.ring = append(t.ring, s)
}

func (t *logTail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string(nil), t.ring...)
}

// describe joins what is known about the end of a worker, for the log.
func (e exit) describe(cause string) string {
	s := e.how
	if cause != "" {
		s = cause + "; " + s
	}
	if e.read != nil && !errors.Is(e.read, io.EOF) {
		s += "; " + e.read.Error()
	}
	return s
}
