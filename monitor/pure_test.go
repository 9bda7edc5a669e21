package monitor

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRing(t *testing.T) {
	at := func(n int) Sample { return Sample{At: time.Unix(int64(n), 0)} }
	r := newRing(3)
	for n := range 8 {
		r.add(at(n))
		if len(r.samples) > 3 {
			t.Fatalf("%d samples are kept", len(r.samples))
		}
	}
	for n, want := range map[int][]Sample{-1: {}, 0: {}, 1: {at(7)}, 2: {at(6), at(7)}, 99: {at(5), at(6), at(7)}} {
		if d := cmp.Diff(want, r.last(n)); d != "" {
			t.Errorf("last %d: %s", n, d)
		}
	}
	if got := newRing(3).last(2); len(got) != 0 {
		t.Errorf("%v of an empty ring", got)
	}
}

func TestRate(t *testing.T) {
	var r rate
	second := func(n int) time.Time { return time.Unix(int64(n), 0) }
	if r.add(second(0), 100) != nil {
		t.Error("a speed from one count")
	}
	for n, c := range []struct {
		total uint64
		want  float64
	}{{110, 10}, {120, 10}, {120, 20.0 / 3}, {120, 10.0 / 3}, {120, 0}, {120, 0}} {
		if got := r.add(second(n+1), c.total); got == nil || math.Abs(*got-c.want) > 1e-9 {
			t.Errorf("second %d: %v, want %v", n+1, got, c.want)
		}
	}
	if r.add(second(8), 3) != nil {
		t.Error("a speed after the count went back")
	}
	if r.add(second(8), 4) != nil {
		t.Error("a speed in no time")
	}
	if len(r.seen) > 5 {
		t.Errorf("%d counts are kept", len(r.seen))
	}
}

func TestSensorArgs(t *testing.T) {
	want := sensorArgs{disk: "/a b", every: time.Second, gpuAfter: -1, gpuAgain: time.Minute, root: "/x"}
	got, err := parseSensorArgs(want.list())
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, bad := range [][]string{{"-every=0s"}, {"-every=x"}, {"more"}, {"-unknown"}} {
		if _, err := parseSensorArgs(bad); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}

// story runs a supervision by a clock of its own.
type story struct {
	t *testing.T
	s *supervision
	n time.Time
}

func newStory(t *testing.T) *story {
	return &story{t, newSupervision(defaultTimes.limits), time.Unix(1000, 0)}
}

// after lets d pass and says what has to be done.
func (y *story) after(d time.Duration) action {
	y.n = y.n.Add(d)
	return y.s.tick(y.n)
}

func (y *story) want(d time.Duration, a action) {
	y.t.Helper()
	if got := y.after(d); got != a {
		y.t.Fatalf("at %v: action %v, want %v", y.n, got, a)
	}
}

// kernel lets the sources of the kernel's files answer.
func (y *story) kernel() {
	y.s.kernelSaid(SourceCards, y.n, true)
	y.s.kernelSaid(SourceBoard, y.n, false)
	y.s.kernelSaid(SourceDisk, y.n, false)
}

// launch expects a start now, with the driver asked after gpu.
func (y *story) launch(gpu time.Duration) {
	y.t.Helper()
	y.want(0, actStart)
	if got := y.s.gpuAfter(); got != gpu {
		y.t.Fatalf("the driver is asked after %v, want %v", got, gpu)
	}
	y.s.started(y.n, nil)
}

func TestSupervision_DriverThatHangsForEver(t *testing.T) {
	y := newStory(t)
	y.launch(0)
	for _, gpu := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		y.s.machineRead(y.n.Add(y.s.gpuAfter()))
		y.n = y.n.Add(y.s.gpuAfter())
		y.kernel()
		for range 10 { // to begin may take long where many devices sleep
			y.want(3*time.Second, actNothing)
			y.s.machineRead(y.n)
			y.kernel()
		}
		y.want(time.Millisecond, actKill)
		y.want(0, actNothing)
		y.s.ended(y.n)
		y.launch(gpu * time.Second) // at once: the machine's figures go on
	}
	if d := cmp.Diff([]Unavailable{{Source: SourceGPU, Reason: ReasonNoAnswer}}, y.s.unavailable()); d != "" {
		t.Error(d)
	}
	y.s.driverSaid(y.n.Add(50*time.Second), driver{GPUs: []GPU{{}}})
	if y.s.failures == 0 || y.s.unavailable() != nil {
		t.Error("one answer is not yet a driver that works")
	}
	y.s.driverSaid(y.n.Add(61*time.Second), driver{GPUs: []GPU{{}}})
	if y.s.failures != 0 {
		t.Error("a minute of answers is")
	}
}

func TestSupervision_ChildThatCannotReadTheMachine(t *testing.T) {
	y := newStory(t)
	y.want(0, actStart)
	y.s.started(y.n, errors.New("no such program"))
	y.want(999*time.Millisecond, actNothing)
	y.want(time.Millisecond, actStart)
	y.s.started(y.n, nil)
	y.s.ended(y.n) // at once, by itself
	y.want(1999*time.Millisecond, actNothing)
	y.want(time.Millisecond, actStart)
	y.s.started(y.n, nil)
	y.want(3001*time.Millisecond, actKill)
	if got := len(y.s.unavailable()); got != 2 {
		t.Errorf("%d sources are unavailable", got)
	}
	y.s.driverSaid(y.n, driver{})
	y.s.machineRead(y.n)
	if y.s.unavailable() != nil {
		t.Error("both have answered")
	}
	y.s.fail(SourceMachine, ReasonEnded)
	if got := len(y.s.unavailable()); got != 1 {
		t.Errorf("%d sources are unavailable where there is no driver", got)
	}
}

// Once it has answered, it answers at once.
func TestSupervision_DriverThatHangsLater(t *testing.T) {
	y := newStory(t)
	y.launch(0)
	for range 9 {
		y.want(3*time.Second, actNothing)
		y.s.machineRead(y.n)
		y.kernel()
	}
	if y.s.unavailable() != nil {
		t.Errorf("it begins: %v", y.s.unavailable())
	}
	y.s.driverSaid(y.n, driver{GPUs: []GPU{{}}})
	y.want(3*time.Second, actNothing)
	y.s.machineRead(y.n)
	y.kernel()
	y.want(time.Millisecond, actKill)
}

// A process in a system call of a driver cannot be killed.
func TestSupervision_ChildrenThatDoNotEnd(t *testing.T) {
	y := newStory(t)
	y.launch(0)
	y.want(3001*time.Millisecond, actKill)
	y.want(3001*time.Millisecond, actNothing)
	if y.s.stuck != 1 || y.s.phase != phaseNone {
		t.Fatalf("%+v", y.s)
	}
	y.n = y.n.Add(time.Minute)
	y.launch(-1) // its successor does not touch the driver
	y.s.machineRead(y.n)
	y.want(3*time.Second, actNothing)
	y.s.machineRead(y.n)
	y.s.unstuck()
	y.want(0, actKill) // now one may
	y.s.ended(y.n)
	y.launch(time.Second)

	y.s.stuck = maxStuck
	y.s.phase = phaseNone
	y.want(time.Hour, actNothing)
	y.s.unstuck()
	y.want(0, actStart)
}

// A source of the kernel's files that hangs is told of, and nothing is killed.
func TestSupervision_FilesThatHang(t *testing.T) {
	y := newStory(t)
	y.launch(0)
	live := func(d time.Duration) {
		t.Helper()
		y.n = y.n.Add(d)
		y.s.machineRead(y.n)
		y.s.driverSaid(y.n, driver{})
		y.want(0, actNothing)
	}
	live(time.Second)
	y.kernel() // no cards, a board and a disk
	live(2 * time.Second)
	live(2 * time.Second)
	if d := cmp.Diff([]Unavailable{{Source: SourceBoard, Reason: ReasonNoAnswer}, {Source: SourceDisk, Reason: ReasonNoAnswer}}, y.s.unavailable()); d != "" {
		t.Error(d) // cards that were not there are not missed
	}
	y.kernel()
	if got := y.s.unavailable(); got != nil {
		t.Errorf("it has answered: %v", got)
	}
	live(2 * time.Second)
	live(2 * time.Second)
	y.want(3001*time.Millisecond, actKill) // the machine, too: one reason is enough
	y.s.tick(y.n)
	if d := cmp.Diff([]Unavailable{{Source: SourceMachine, Reason: ReasonNoAnswer}}, y.s.unavailable()); d != "" {
		t.Error(d)
	}
	y.s.ended(y.n)
	y.n = y.n.Add(time.Second)
	y.launch(time.Second)
	live(time.Second) // its successor has as long as any
	if got := y.s.unavailable(); got != nil {
		t.Errorf("too early: %v", got)
	}
}
