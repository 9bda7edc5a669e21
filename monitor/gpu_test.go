//go:build linux && cgo

package monitor

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeDriver builds a driver of our own; the function sets how it behaves.
func fakeDriver(t *testing.T, mode string) (folder string, set func(mode string)) {
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
	if out, err := exec.Command(cc, "-shared", "-fPIC", "-o", filepath.Join(folder, "libnvidia-ml.so.1"), "testdata/nvml.c").CombinedOutput(); err != nil {
		t.Fatalf("build the driver: %v\n%s", err, out)
	}
	return folder, set
}

func healthy(n int) GPU {
	g := GPU{
		UUID: "GPU-" + strconv.Itoa(n), Name: "Fake GPU " + strconv.Itoa(n), Utilization: new(42.0),
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
		s := until(t, m, what, func(s Sample) bool { return len(s.GPUs) == 2 && s.GPUs[0].Error == "" && s.GPUs[0].Utilization != nil })
		if d := cmp.Diff([]GPU{healthy(1), healthy(2)}, s.GPUs); d != "" || s.Unavailable != nil {
			t.Errorf("%s: %v\n%s", what, s.Unavailable, d)
		}
	}
	good("two GPUs")
	for round := range rounds {
		t.Log("round", round)
		set("nonsense")
		s := until(t, m, "a driver that talks nonsense", func(s Sample) bool { return len(s.GPUs) != 2 && why(s, SourceGPU) == "" })
		for _, g := range s.GPUs {
			if g.Name != "" || len(g.UUID) > maxText || g.Utilization != nil || g.MemoryUsed != nil || g.Temperature != nil || g.Power != nil {
				t.Errorf("nonsense is shown: %+v", g)
			}
		}
		set("good")
		good("sense again")

		set("lost")
		s = until(t, m, "a lost GPU", func(s Sample) bool { return len(s.GPUs) == 2 && s.GPUs[0].Error != "" })
		if d := cmp.Diff([]GPU{{Error: "GPU is lost"}, healthy(2)}, s.GPUs); d != "" || s.Unavailable != nil {
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
