package monitor

import "time"

// limits are how long things may take.
type limits struct {
	silence  time.Duration // a source that is silent for longer is unavailable
	first    time.Duration // but the driver's first answer to a child: it may have to wake many devices
	retry    time.Duration // until the first new try; it doubles with each failure
	retryMax time.Duration
}

// maxStuck is how many killed children may be unable to end, in a system call
// of the driver, before no more are started.
const maxStuck = 2

// phase is where the child is in its life.
type phase int

const (
	phaseNone    phase = iota // none; the next one starts at due
	phaseRunning              //
	phaseEnding               // killed, and not yet gone
)

// action is what the owner has to do.
type action int

const (
	actNothing action = iota
	actStart          // with gpuAfter
	actKill
)

// supervision decides when the child is started and killed. It has no
// goroutine and no clock of its own.
type supervision struct {
	limits
	phase   phase
	due     time.Time // phaseNone: of the next start; phaseEnding: of giving up on its end
	began   time.Time // of this child
	asked   time.Time // when it was to ask the driver first
	machine time.Time // its last reading, or its beginning
	gpu     time.Time // the driver's last answer, or when the patience with its first one begins
	lived   bool      // it has read the machine
	noGPU   bool      // it does not ask the driver
	absent  bool      // the driver's last answer was that there is none

	// kernel has the sources that are the kernel's files. A read of them that
	// hangs is not killed: it ends when the kernel's driver lets go of it, and
	// no sooner.
	kernel map[Source]*kernelSource

	failures int // in a row
	stuck    int // killed children that have not ended

	// why says why a source is unavailable.
	why map[Source]Unavailable
}

// kernelSource is what is known of one source of the kernel's files.
type kernelSource struct {
	heard  time.Time // its last answer, or when it was to be asked
	absent bool      // its last answer was that there is nothing
}

func newSupervision(l limits) *supervision {
	return &supervision{limits: l, why: map[Source]Unavailable{}, kernel: map[Source]*kernelSource{SourceCards: {}, SourceBoard: {}, SourceDisk: {}}}
}

// backoff is how long to wait after so many failures in a row.
func (s *supervision) backoff() time.Duration {
	d := s.retry
	for i := 1; i < s.failures && d < s.retryMax; i++ {
		d *= 2
	}
	return min(d, s.retryMax)
}

// gpuAfter is when the next child may ask the driver; negative: never.
func (s *supervision) gpuAfter() time.Duration {
	switch {
	case s.stuck > 0:
		return -1
	case s.failures > 0:
		return s.backoff()
	}
	return 0
}

// tick says what is to be done at now.
func (s *supervision) tick(now time.Time) action {
	s.listen(now)
	switch s.phase {
	case phaseNone:
		if s.stuck < maxStuck && !now.Before(s.due) {
			return actStart
		}
	case phaseRunning:
		if silent := now.Sub(s.machine) > s.silence; silent {
			return s.kill(SourceMachine, now)
		}
		if silent := !s.noGPU && now.Sub(s.gpu) > s.silence; silent {
			return s.kill(SourceGPU, now)
		}
		if s.noGPU && s.stuck == 0 {
			s.noGPU, s.asked = false, now // its successor may ask the driver, and need not wait
			s.phase, s.due = phaseEnding, now.Add(s.silence)
			return actKill
		}
	case phaseEnding:
		if now.After(s.due) {
			s.stuck++
			s.next(now)
		}
	}
	return actNothing
}

// listen marks the silent sources of the kernel's files. Where nothing works,
// or nothing was there, they are not missed.
func (s *supervision) listen(now time.Time) {
	_, dead := s.why[SourceMachine]
	for source, k := range s.kernel {
		if !dead && !k.absent && s.lived && now.Sub(k.heard) > s.silence {
			s.fail(source, ReasonNoAnswer)
		} else if dead {
			delete(s.why, source)
		}
	}
}

// kernelSaid notes an answer of a source of the kernel's files.
func (s *supervision) kernelSaid(source Source, now time.Time, absent bool) {
	*s.kernel[source] = kernelSource{heard: now, absent: absent}
	delete(s.why, source)
}

func (s *supervision) kill(silent Source, now time.Time) action {
	s.failures++
	s.fail(silent, ReasonNoAnswer)
	s.phase, s.due = phaseEnding, now.Add(s.silence)
	return actKill
}

// started notes how the start went that tick asked for.
func (s *supervision) started(now time.Time, err error) {
	after := s.gpuAfter()
	s.began, s.machine, s.asked = now, now, now.Add(after)
	s.gpu, s.lived, s.noGPU = s.asked.Add(s.first-s.silence), false, after < 0
	for _, k := range s.kernel {
		k.heard = now
	}
	if err == nil {
		s.phase = phaseRunning
		return
	}
	s.failures++
	s.fail(SourceMachine, ReasonStart)
	s.next(now)
}

// ended notes that the running or killed child is gone.
func (s *supervision) ended(now time.Time) {
	if s.phase == phaseRunning {
		s.failures++
		s.fail(SourceMachine, ReasonEnded)
	}
	s.next(now)
}

// fail marks a source. A child that does not read the machine asks no driver
// either; where there is none, nothing is missed.
func (s *supervision) fail(source Source, why Reason) {
	s.why[source] = Unavailable{Source: source, Reason: why}
	if source == SourceMachine && !s.absent {
		s.why[SourceGPU] = Unavailable{Source: SourceGPU, Reason: why}
	}
}

// unstuck notes that an earlier child has ended at last.
func (s *supervision) unstuck() { s.stuck-- }

// next waits for the next start. A child that could read the machine until it
// asked the driver is followed at once: its successor waits before it asks.
func (s *supervision) next(now time.Time) {
	s.phase, s.due = phaseNone, now
	if s.failures > 0 && (!s.lived || s.noGPU || now.Before(s.asked)) {
		s.due = now.Add(s.backoff())
	}
}

// machineRead notes a reading of the machine.
func (s *supervision) machineRead(now time.Time) {
	s.machine, s.lived = now, true
	delete(s.why, SourceMachine)
}

// driverSaid notes an answer of the driver.
func (s *supervision) driverSaid(now time.Time, d driver) {
	s.gpu = now
	s.absent = d.Error == "" && len(d.GPUs) == 0
	if d.Error != "" {
		s.why[SourceGPU] = Unavailable{Source: SourceGPU, Reason: ReasonError, Detail: d.Error}
	} else {
		delete(s.why, SourceGPU)
	}
	// A driver that answers for a while and hangs again must not be asked
	// each second.
	if now.Sub(s.began) > s.retryMax {
		s.failures = 0
	}
}

// unavailable lists the sources that should answer and do not.
func (s *supervision) unavailable() []Unavailable {
	var out []Unavailable
	for _, source := range []Source{SourceMachine, SourceGPU, SourceCards, SourceBoard, SourceDisk} {
		if u, ok := s.why[source]; ok {
			out = append(out, u)
		}
	}
	return out
}
