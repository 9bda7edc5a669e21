package monitor

import (
	"cmp"
	"log/slog"
	"os/exec"
	"runtime"
	"time"
)

// HistoryTime is how much a Monitor remembers.
const HistoryTime = 10 * time.Minute

// Config is what a Monitor needs.
type Config struct {
	// Sensors makes the command of the hidden child; args are for Serve.
	Sensors func(args []string) *exec.Cmd
	// Disk is the data folder.
	Disk string
	// Engine says what the engine does now; may be nil. It must not wait for
	// anything that may hang.
	Engine func() Live
	// Publish is given each sample, once a second; may be nil. It must not block.
	Publish func(Sample)
	// Log may be nil.
	Log *slog.Logger

	times *times // tests shorten them
	root  string // where the kernel's files are; "" is "/", tests have others
}

// Live is what the engine does at one moment.
type Live struct {
	Model          string
	Active, Queued int
	Workers        []LiveWorker
	Written        uint64 // tokens written since the program's start
}

// LiveWorker is a process of the engine that runs now.
type LiveWorker struct {
	Model string
	PID   int
}

// times are how often things happen and how long they may take.
type times struct {
	limits
	every    time.Duration
	gpuAgain time.Duration
}

var defaultTimes = times{
	limits: limits{silence: 3 * time.Second, first: 30 * time.Second, retry: time.Second, retryMax: time.Minute},
	every:  time.Second, gpuAgain: time.Minute,
}

// Monitor keeps the samples of the last minutes. Its methods may be called
// from any goroutine.
type Monitor struct {
	calls chan func(*owner)
	over  chan struct{} // closed when the owner has ended
}

// owner is the one goroutine that has the state.
type owner struct {
	Config
	times
	supervision *supervision
	child       *child
	stuck       map[*child]bool // killed, and not gone after a while
	reports     chan report
	over        chan struct{}
	closing     bool

	machine   machine // the last reading
	machineAt time.Time
	gpus      []GPU // of the driver's last answer
	gpusAt    time.Time
	cards     []GPU
	cardsAt   time.Time
	board     board
	boardAt   time.Time
	space     space
	spaceAt   time.Time
	faults    faults
	workers   workersMeter
	speed     rate
	samples   *ring
}

// Start starts the sensors and the samples. Close must be called.
func Start(c Config) *Monitor {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.times == nil {
		c.times = &defaultTimes
	}
	m := &Monitor{calls: make(chan func(*owner)), over: make(chan struct{})}
	o := &owner{
		Config: c, times: *c.times, supervision: newSupervision(c.times.limits),
		stuck: map[*child]bool{}, reports: make(chan report), over: m.over,
		samples: newRing(int(HistoryTime / defaultTimes.every)),
	}
	go o.run(m.calls)
	return m
}

// History gives the newest n samples, one a second, oldest first.
func (m *Monitor) History(n int) []Sample {
	var out []Sample
	m.call(func(o *owner) { out = o.samples.last(n) })
	return out
}

// Close ends the sensors and the samples.
func (m *Monitor) Close() {
	m.call(func(o *owner) { o.closing = true })
	<-m.over
}

// call runs f on the owner's goroutine; not after Close.
func (m *Monitor) call(f func(*owner)) {
	ran := make(chan struct{})
	select {
	case m.calls <- func(o *owner) { defer close(ran); f(o) }:
		<-ran
	case <-m.over:
	}
}

func (o *owner) run(calls <-chan func(*owner)) {
	// Never unlocked: the kernel ends the child with the thread that made it
	// (golang/go#27505), and this thread lives as long as the Monitor.
	runtime.LockOSThread()
	defer close(o.over)
	tick := time.NewTicker(o.every)
	defer tick.Stop()
	if o.Engine != nil {
		o.speed.add(time.Now(), o.Engine().Written)
	}
	o.supervise()
	for !o.closing {
		select {
		case r := <-o.reports:
			o.take(r)
			o.supervise()
		case <-tick.C:
			o.supervise()
			o.sample(time.Now())
		case f := <-calls:
			f(o)
		}
	}
	o.end()
}

// supervise does what the supervision wants done.
func (o *owner) supervise() {
	s, was := o.supervision, o.supervision.phase
	switch s.tick(time.Now()) {
	case actStart:
		a := sensorArgs{disk: o.Disk, every: o.every, gpuAfter: s.gpuAfter(), gpuAgain: o.gpuAgain, root: cmp.Or(o.root, "/")}
		c, err := startChild(o.Sensors(a.list()), o.reports, o.over)
		s.started(time.Now(), err)
		if err != nil {
			o.Log.Warn("the sensors cannot be started", "err", err, "failures", s.failures)
			return
		}
		o.child = c
	case actKill:
		o.Log.Warn("the sensors are killed and started again", "unavailable", s.unavailable(), "failures", s.failures)
		o.child.kill()
	case actNothing:
		if was == phaseEnding && s.phase == phaseNone {
			o.Log.Warn("the sensors do not end: a driver holds them", "pid", o.child.cmd.Process.Pid)
			o.stuck[o.child] = true
			o.child = nil
		}
	}
}

// take takes a report of a child.
func (o *owner) take(r report) {
	s, now := o.supervision, time.Now()
	switch {
	case o.stuck[r.from]:
		if r.ended {
			delete(o.stuck, r.from)
			s.unstuck()
		}
	case r.from != o.child || !r.ended && s.phase != phaseRunning:
		// What was said before the kill, and read after it.
	case r.ended:
		if s.phase == phaseRunning {
			o.Log.Warn("the sensors ended by themselves and are started again", "how", r.from.last)
		}
		r.from.stdin.Close() //nolint:errcheck // nobody reads it any more
		o.child = nil
		s.ended(now)
	case r.read.Driver != nil:
		s.driverSaid(now, *r.read.Driver)
		o.gpus, o.gpusAt = o.faults.keep(r.from, r.read.Driver.GPUs), now
	case r.read.Cards != nil:
		s.kernelSaid(SourceCards, now, len(r.read.Cards.GPUs) == 0)
		o.cards, o.cardsAt = r.read.Cards.GPUs, now
	case r.read.Board != nil:
		s.kernelSaid(SourceBoard, now, len(r.read.Board.Temperatures) == 0 && r.read.Board.Battery == nil)
		o.board, o.boardAt = *r.read.Board, now
	case r.read.Space != nil:
		s.kernelSaid(SourceDisk, now, r.read.Space.Disk == nil)
		o.space, o.spaceAt = *r.read.Space, now
	case r.read.Machine != nil:
		s.machineRead(now)
		o.machine, o.machineAt = *r.read.Machine, now
	}
}

// sample keeps and publishes what is known now.
func (o *owner) sample(now time.Time) {
	out := Sample{At: now.UTC().Truncate(time.Millisecond), Unavailable: o.supervision.unavailable()}
	known := func(source Source, at time.Time) bool {
		_, no := o.supervision.why[source]
		return !no && now.Sub(at) <= o.silence
	}
	if m := o.machine; known(SourceMachine, o.machineAt) {
		out.CPU, out.Memory, out.Swap, out.Network = m.CPU, m.Memory, m.Swap, m.Network
	}
	if known(SourceBoard, o.boardAt) {
		out.Temperatures, out.Battery = o.board.Temperatures, o.board.Battery
	}
	if known(SourceDisk, o.spaceAt) {
		out.Disk = o.space.Disk
	}
	if known(SourceGPU, o.gpusAt) {
		out.GPUs = append(out.GPUs, o.gpus...)
	}
	if known(SourceCards, o.cardsAt) {
		out.GPUs = append(out.GPUs, o.cards...)
	}
	if o.Engine != nil {
		live := o.Engine()
		workers := o.workers.read(live.Workers, now)
		markWorkers(out.GPUs, workers)
		out.Engine = &Engine{
			Model: live.Model, Active: live.Active, Queued: live.Queued,
			TokensPerSec: o.speed.add(now, live.Written), Worker: together(workers), Workers: workers,
		}
	}
	o.samples.add(out)
	if o.Publish != nil {
		o.Publish(out)
	}
}

// end kills the child and waits until it is gone, or held by a driver.
func (o *owner) end() {
	if o.child == nil {
		return
	}
	o.child.kill()
	patience := time.After(o.silence)
	for {
		select {
		case r := <-o.reports:
			if r.from == o.child && r.ended {
				return
			}
		case <-patience:
			o.Log.Warn("the sensors do not end: a driver holds them", "pid", o.child.cmd.Process.Pid)
			return
		}
	}
}
