package monitor

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shirou/gopsutil/v3/cpu"
)

func TestUsage(t *testing.T) {
	a := cpu.TimesStat{User: 10, System: 5, Idle: 100, Iowait: 3, Steal: 1, Guest: 4}
	for name, c := range map[string]struct {
		b    cpu.TimesStat
		want *CPU
	}{
		"busy and stolen": {cpu.TimesStat{User: 11, System: 6, Idle: 101, Iowait: 3, Steal: 2, Guest: 5}, &CPU{Percent: 50, Steal: 25, Cores: []float64{50}}},
		"waits for disks": {cpu.TimesStat{User: 10, System: 5, Idle: 100, Iowait: 5, Steal: 1}, &CPU{Cores: []float64{0}}},
		"no time passed":  {a, nil},
		"all went back":   {cpu.TimesStat{}, nil},
		"one went back":   {cpu.TimesStat{User: 11, System: 5, Idle: 101, Iowait: 2, Steal: 1}, &CPU{Percent: 50, Cores: []float64{50}}},
		"never idle":      {cpu.TimesStat{User: 10.1, System: 5.2, Idle: 100, Iowait: 3, Steal: 1}, &CPU{Percent: 100, Cores: []float64{100}}},
	} {
		if d := cmp.Diff(c.want, usage(map[string]cpu.TimesStat{"": a}, []cpu.TimesStat{c.b})); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	before := map[string]cpu.TimesStat{"cpu0": {}, "cpu1": {}, "cpu9": {}}
	now := []cpu.TimesStat{{CPU: "cpu0", User: 1}, {CPU: "cpu1", Idle: 3}, {CPU: "cpu2", User: 50}} // 2 came, 9 went
	if d := cmp.Diff(&CPU{Percent: 25, Cores: []float64{100, 0}}, usage(before, now)); d != "" {
		t.Error(d)
	}
}

func TestCounters(t *testing.T) {
	var c counters
	at := func(s float64) time.Time { return time.Unix(1000, 0).Add(time.Duration(s * float64(time.Second))) }
	step := func(s float64, all map[string][2]uint64, want ...float64) {
		t.Helper()
		var got []float64
		if a, b := c.add(at(s), all); a != nil && b != nil {
			got = []float64{*a, *b}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("at %v: %s", s, d)
		}
	}
	step(0, map[string][2]uint64{"a": {1000, 5000}})
	step(2, map[string][2]uint64{"a": {1200, 5000}}, 100, 0)
	step(3, map[string][2]uint64{"a": {1210, 5001}, "b": {1 << 60, 1 << 60}}, 10, 1) // a new one does not count yet
	step(4, map[string][2]uint64{"a": {1, 1}, "b": {1<<60 + 5, 1 << 60}}, 5, 0)      // the first began anew
	step(4, map[string][2]uint64{"a": {2, 2}, "b": {1<<60 + 9, 1 << 60}})            // no time passed
	step(5, nil)
	step(6, map[string][2]uint64{"a": {3, 3}}) // it was away
}

func TestSortByNumber(t *testing.T) {
	got := []string{"card10", "card2", "b", "card02x", "card", "a10b2", "a10b10", "a9b99"}
	sortByNumber(got)
	if d := cmp.Diff([]string{"a9b99", "a10b2", "a10b10", "b", "card", "card2", "card02x", "card10"}, got); d != "" {
		t.Error(d)
	}
}

func TestWorkersTogether(t *testing.T) {
	if together(nil) != nil {
		t.Error("no worker is none")
	}
	two := []Worker{{Model: "a", PID: 1, CPU: new(70.0), Resident: 5, GPU: new(int64(3))}, {Model: "b", PID: 2, CPU: new(60.0), Resident: 6}}
	if d := cmp.Diff(&Worker{CPU: new(100.0), Resident: 11, GPU: new(int64(3))}, together(two)); d != "" {
		t.Error(d)
	}
	two[0].CPU = nil
	if got := together(two); got.CPU != nil {
		t.Error("a sum without one of its parts")
	}
}

func TestMarkWorkers(t *testing.T) {
	said := []GPUProcess{{PID: 7, Memory: new(int64(100))}, {PID: 8, Memory: new(int64(10))}, {PID: 9}, {PID: 1, Memory: new(int64(5))}}
	gpus := []GPU{{Processes: said}, {Processes: []GPUProcess{{PID: 7, Memory: new(int64(1))}}}, {}}
	workers := []Worker{{PID: 7}, {PID: 8}, {PID: 9}, {PID: 10}}
	markWorkers(gpus, workers)
	if d := cmp.Diff([]Worker{{PID: 7, GPU: new(int64(101))}, {PID: 8, GPU: new(int64(10))}, {PID: 9}, {PID: 10}}, workers); d != "" {
		t.Error(d)
	}
	if *gpus[0].Worker != 110 || *gpus[1].Worker != 1 || gpus[2].Worker != nil {
		t.Errorf("%v %v %v", gpus[0].Worker, gpus[1].Worker, gpus[2].Worker)
	}
	p := gpus[0].Processes
	if !p[0].Worker || !p[1].Worker || !p[2].Worker || p[3].Worker || said[0].Worker {
		t.Errorf("%+v, and what was said: %+v", p, said)
	}
}

// While NVIDIA's driver gives no answer, the GPU inside the processor keeps its
// number.
func TestNumberedGPUs(t *testing.T) {
	nvidia, intel := GPU{Vendor: vendorNVIDIA}, GPU{Vendor: vendorIntel}
	for _, c := range []struct {
		gpus []GPU
		want []int
	}{{nil, nil}, {[]GPU{nvidia, nvidia, intel}, []int{0, 1, 0}}, {[]GPU{intel}, []int{0}}, {[]GPU{{}, {}}, []int{0, 1}}} {
		var got []int
		for n := range (Sample{GPUs: c.gpus}).NumberedGPUs() {
			got = append(got, n)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Error(d)
		}
	}
}
