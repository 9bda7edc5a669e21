//go:build linux && cgo

package monitor

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeDriver builds a driver of our own; the function sets how it behaves.
func fakeDriver(t *testing.T, mode string, flags ...string) (folder string, set func(mode string)) {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler: install gcc")
	}
	folder = t.TempDir()
	set = func(mode string) {
		if err := os.WriteFile(filepath.Join(folder, "mode.new"), []byte(mode), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(folder, "mode.new"), filepath.Join(folder, "mode")); err != nil {
			t.Fatal(err)
		}
	}
	set(mode)
	if out, err := exec.Command(cc, append(flags, "-shared", "-fPIC", "-o", filepath.Join(folder, "libnvidia-ml.so.1"), "testdata/nvml.c")...).CombinedOutput(); err != nil {
		t.Fatalf("build the driver: %v\n%s", err, out)
	}
	return folder, set
}

func healthy(n int) GPU {
	g := bare(n)
	g.PCI, g.TemperatureLimit, g.PowerLimit, g.Fan = "0000:0"+strconv.Itoa(n)+":00.0", new(90.0), new(350.0), new(30.0)
	g.Clock, g.ClockMax, g.MemoryClock, g.State, g.Throttle = new(1.98e9), new(1.98e9), new(2.619e9), "P0", []string{}
	g.ECCCorrected, g.ECCUncorrected = new(int64(0)), new(int64(0))
	g.PCIeGeneration, g.PCIeWidth, g.PCIeReceive, g.PCIeTransmit = new(int64(5)), new(int64(16)), new(2e6), new(1e6)
	if n == 2 { // it measures less
		g.PowerLimit, g.Fan, g.ECCCorrected, g.ECCUncorrected, g.PCIeReceive, g.PCIeTransmit = nil, nil, nil, nil, nil, nil
	}
	return g
}

// bare is what the oldest drivers say of it.
func bare(n int) GPU {
	g := GPU{
		UUID: "GPU-" + strconv.Itoa(n), Name: "Fake GPU " + strconv.Itoa(n), Vendor: vendorNVIDIA, Utilization: new(42.0), MemoryUtilization: new(7.0),
		MemoryTotal: new(int64(80e9)), MemoryUsed: new(int64(20e9)), Temperature: new(61.0), Power: new(250.5),
	}
	if n == 2 {
		g.Power = nil
	}
	return g
}

// Rounds of driver faults in soak, and in a test run.
const (
	roundsInSoak = 25
	roundsInTest = 2
)

// A driver goes through everything that can happen to it, and back again each
// time. The machine's figures never stop.
func TestSoakDriver(t *testing.T) {
	rounds := roundsInTest
	if soaking() {
		rounds = roundsInSoak
	}
	folder, set := fakeDriver(t, "good")
	m := start(t, Config{Sensors: sensors(t, folder), Disk: t.TempDir()})
	good := func(what string) {
		t.Helper()
		// Not all is read each time.
		until(t, m, what, func(s Sample) bool { return cmp.Equal([]GPU{healthy(1), healthy(2)}, s.GPUs) && s.Unavailable == nil })
	}
	good("two GPUs")
	for round := range rounds {
		t.Log("round", round)
		set("nonsense")
		s := until(t, m, "a driver that talks nonsense", func(s Sample) bool { return len(s.GPUs) != 2 && why(s, SourceGPU) == "" })
		for _, g := range s.GPUs {
			checkBounds(t, reflect.ValueOf(g), "GPU")
			if g.Name != "" || g.Utilization != nil || g.MemoryUsed != nil || g.Temperature != nil || g.Power != nil || g.Clock != nil || g.Fan != nil || g.State != "" ||
				g.ECCCorrected != nil || g.PowerLimit != nil || g.PCIeWidth != nil || g.Processes != nil || g.Xid != nil {
				t.Errorf("nonsense is shown: %+v", g)
			}
		}
		set("good")
		good("sense again")

		set("lost")
		s = until(t, m, "a lost GPU", func(s Sample) bool { return len(s.GPUs) == 2 && s.GPUs[0].Error != "" })
		lost := GPU{UUID: "GPU-1", Name: "Fake GPU 1", Vendor: vendorNVIDIA, PCI: "0000:01:00.0", TemperatureLimit: new(90.0), ClockMax: new(1.98e9), Error: "GPU is lost"}
		if d := cmp.Diff([]GPU{lost, healthy(2)}, s.GPUs); d != "" || s.Unavailable != nil {
			t.Errorf("lost: %v\n%s", s.Unavailable, d)
		}
		set("none") // the driver is unloaded; a broken one is opened anew
		s = until(t, m, "no driver any more", func(s Sample) bool { return s.GPUs == nil && why(s, SourceGPU) == "" })
		if s.Memory == nil || s.Unavailable != nil {
			t.Errorf("no driver: %+v", s)
		}
		set("good")
		good("the GPU is back")

		for mode, reason := range map[string]Reason{"hang": ReasonNoAnswer, "crash": ReasonEnded} {
			set(mode)
			s = until(t, m, mode, func(s Sample) bool {
				return why(s, SourceGPU) == reason && why(s, SourceMachine) == "" && s.Memory != nil
			})
			if s.GPUs != nil {
				t.Errorf("%s: GPUs are shown: %+v", mode, s.GPUs)
			}
			// Samples go on for longer than a child lives.
			until(t, m, mode+", and CPU figures beside it", func(s Sample) bool { return s.CPU != nil && why(s, SourceGPU) == reason })
			set("good")
			good("after " + mode)
		}
	}
}

func TestMonitor_DriverThatComesLate(t *testing.T) {
	folder, set := fakeDriver(t, "none")
	m := start(t, Config{Sensors: sensors(t, folder)})
	s := until(t, m, "the machine", func(s Sample) bool { return s.Memory != nil })
	if s.GPUs != nil || s.Unavailable != nil {
		t.Errorf("a driver that is not loaded is no GPU and no error: %+v", s)
	}
	set("old")
	s = until(t, m, "the driver's words", func(s Sample) bool { return why(s, SourceGPU) == ReasonError })
	if s.Unavailable[0].Detail != "Driver/library version mismatch" || s.Memory == nil {
		t.Errorf("%+v", s)
	}
	set("good")
	until(t, m, "the GPUs", func(s Sample) bool { return len(s.GPUs) == 2 && s.Unavailable == nil })
}

// What holds a device back, its faults, its memory errors and what runs on it.
func TestMonitor_TroubleOfAGPU(t *testing.T) {
	folder, set := fakeDriver(t, "good")
	put(t, folder, "pid", strconv.Itoa(os.Getpid()))
	m := start(t, Config{Sensors: sensors(t, folder), Engine: func() Live {
		return Live{Workers: []LiveWorker{{"tiny", os.Getpid()}, {"gone", 1 << 30}}}
	}})
	s := until(t, m, "a worker on a GPU", func(s Sample) bool {
		return len(s.GPUs) == 2 && s.Engine != nil && len(s.Engine.Workers) == 1 && s.Engine.Workers[0].GPU != nil
	})
	five := int64(5e9)
	if d := cmp.Diff([]GPUProcess{{PID: os.Getpid(), Memory: &five, Worker: true}, {PID: 4242}}, s.GPUs[0].Processes); d != "" {
		t.Error(d)
	}
	w := s.Engine.Workers[0]
	if w.Model != "tiny" || w.PID != os.Getpid() || *w.GPU != five || *s.Engine.Worker.GPU != five || *s.GPUs[0].Worker != five || s.GPUs[1].Worker != nil {
		t.Errorf("%+v, %+v", s.Engine, s.GPUs)
	}

	set("throttled")
	s = until(t, m, "a GPU that is held back", func(s Sample) bool { return len(s.GPUs) == 2 && len(s.GPUs[0].Throttle) > 0 })
	if d := cmp.Diff([]string{ThrottleThermalHard, ThrottleBrake, ThrottleHardware, ThrottlePower}, s.GPUs[0].Throttle); d != "" {
		t.Error(d)
	}
	set("ecc")
	s = until(t, m, "memory errors", func(s Sample) bool {
		return len(s.GPUs) == 2 && s.GPUs[0].ECCUncorrected != nil && *s.GPUs[0].ECCUncorrected == 2
	})
	if *s.GPUs[0].ECCCorrected != 17 || s.GPUs[1].ECCCorrected != nil || len(s.GPUs[0].Throttle) != 0 || s.GPUs[0].Throttle == nil {
		t.Errorf("%+v", s.GPUs)
	}
	fault := func(count int64) {
		t.Helper()
		set("xid")
		s := until(t, m, "a fault", func(s Sample) bool { return len(s.GPUs) == 2 && s.GPUs[0].XidCount >= count })
		if g := s.GPUs[0]; g.Xid == nil || *g.Xid != 79 || g.XidAt == nil || s.GPUs[1].Xid != nil {
			t.Errorf("%+v", s.GPUs)
		}
	}
	fault(1)
	set("good")
	until(t, m, "the fault is remembered", func(s Sample) bool { return len(s.GPUs) == 2 && s.GPUs[0].XidCount == 1 && s.GPUs[0].Error == "" })
	set("crash") // and over a restart of the sensors
	until(t, m, "sensors that have ended", func(s Sample) bool { return why(s, SourceGPU) == ReasonEnded })
	fault(2)
}

// Functions that a driver's library does not have would end the process.
func TestMonitor_OldDriver(t *testing.T) {
	folder, _ := fakeDriver(t, "good", "-DBARE")
	m := start(t, Config{Sensors: sensors(t, folder)})
	want := []GPU{bare(1), bare(2)}
	until(t, m, "what an old driver says, and goes on saying", func(Sample) bool {
		last := m.History(3 * seldom) // not all is asked each time
		return len(last) == 3*seldom && !slices.ContainsFunc(last, func(s Sample) bool { return !cmp.Equal(want, s.GPUs) })
	})
	folder, _ = fakeDriver(t, "good", "-DEMPTY")
	m = start(t, Config{Sensors: sensors(t, folder)})
	s := until(t, m, "a library that is none", func(s Sample) bool { return why(s, SourceGPU) == ReasonError && s.Memory != nil })
	if s.Unavailable[0].Detail != "The driver's library has no nvmlInit" || s.GPUs != nil || s.Memory == nil {
		t.Errorf("%+v", s)
	}
}

func TestThrottleOf(t *testing.T) {
	for bits, want := range map[uint64][]string{
		0: {}, 1: {}, 2: {ThrottleSetting}, 4 | 32: {ThrottleThermalSoft, ThrottlePower}, 8: {ThrottleHardware}, 16 | 256: {ThrottleSync, ThrottleDisplay},
		1 | 64 | 1<<40: {ThrottleThermalHard, ThrottleOther},
	} {
		if d := cmp.Diff(want, throttleOf(bits)); d != "" {
			t.Errorf("%#x: %s", bits, d)
		}
	}
}
