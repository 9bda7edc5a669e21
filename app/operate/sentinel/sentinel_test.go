package sentinel

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"alcove/engine"
	"alcove/monitor"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// calm is a moment of a healthy box that writes n answers at speed.
func calm(i, n int, speed float64) Moment {
	m := Moment{
		Sample: monitor.Sample{
			At: start.Add(time.Duration(i) * time.Second), CPU: &monitor.CPU{Percent: 60},
			Memory: &monitor.Memory{Total: 16e9, Used: 4e9}, Disk: &monitor.Disk{Total: 1e12, Free: 5e11},
			Engine: &monitor.Engine{Active: n, TokensPerSec: &speed, Worker: &monitor.Worker{CPU: new(50.0)}},
		},
		Status: engine.Status{Ready: true, Model: "tiny", Device: "CPU", Active: n, View: &engine.View{}},
		OwnCPU: new(2.0),
	}
	for range n {
		m.Status.View.Slots = append(m.Status.View.Slots, engine.Slot{State: "decode"})
	}
	return m
}

// run feeds seconds from..to and gives what is found in the last one.
func run(s *Sentinel, from, to int, make func(i int) Moment) []Finding {
	var out []Finding
	for i := from; i < to; i++ {
		out = s.Step(make(i))
	}
	return out
}

func codes(found []Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, f.Code)
	}
	return strings.Join(out, " ")
}

func TestAHealthyBoxHasNoFindings(t *testing.T) {
	s := New()
	for i := range 1000 {
		if found := s.Step(calm(i, 1+i/100%3, 50)); len(found) > 0 {
			t.Fatalf("second %d: %+v", i, found)
		}
	}
	if s.Speed() == nil || s.Speed().Now != 50 || s.Speed().Usual < 48 || s.Speed().Usual > 52 {
		t.Errorf("speed %+v", s.Speed())
	}
}

// A box that writes slower than it usually does says so, with the cause when
// there is one, and stops saying so when it is well again.
func TestSlow(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Moment)
		want   string // part of the cause
		codes  string
	}{
		"no cause":  {func(*Moment) {}, "instead of the usual", Slow},
		"neighbour": {func(m *Moment) { m.Sample.CPU.Percent = 99 }, "Other programs use 47 %", Slow},
		"steal":     {func(m *Moment) { m.Sample.CPU.Steal = 30 }, "other virtual machines", Slow},
		"a GPU's": {func(m *Moment) {
			m.Sample.GPUs = []monitor.GPU{{Name: "L4", Processes: []monitor.GPUProcess{{PID: 1, Memory: new(int64(2e9)), Worker: true}, {PID: 2, Memory: new(int64(9e9))}}}}
		}, "Other programs hold 9 GB of the memory of GPU 0 (L4)", Slow},
		"fallback": {func(m *Moment) { m.Status.GPUReason = "The library libcudart is missing." }, "libcudart", Slow + " " + GPUUnused},
	} {
		t.Run(name, func(t *testing.T) {
			s := New()
			run(s, 0, 300, func(i int) Moment { return calm(i, 1, 50) })
			found := run(s, 300, 360, func(i int) Moment {
				m := calm(i, 1, 15)
				c.change(&m)
				return m
			})
			if codes(found) != c.codes || !strings.Contains(found[0].Cause, c.want) {
				t.Fatalf("found %+v", found)
			}
			if found[0].Severity != Warning || found[0].Advice == "" || !found[0].Since.After(start.Add(299*time.Second)) {
				t.Errorf("found %+v", found[0])
			}
			if found = run(s, 360, 460, func(i int) Moment { return calm(i, 1, 50) }); len(found) > 0 {
				t.Errorf("still %+v", found)
			}
		})
	}
}

// What is read, what another model writes and what nobody knows disturbs: the
// speed of such seconds is not judged.
func TestOnlyUndisturbedSecondsAreJudged(t *testing.T) {
	for name, change := range map[string]func(*Moment){
		"reading":       func(m *Moment) { m.Status.View.Slots[0].State = "prefill" },
		"no view":       func(m *Moment) { m.Status.View = nil },
		"another model": func(m *Moment) { m.Status.Loaded = []engine.Loaded{{Model: "other", Active: 1}} },
		"no engine":     func(m *Moment) { m.Sample.Engine = nil },
		"more slots":    func(m *Moment) { m.Status.View.MoreSlots = 3 },
		"idle":          func(m *Moment) { m.Status.Active = 0 },
	} {
		s := New()
		run(s, 0, 300, func(i int) Moment { return calm(i, 1, 50) })
		found := run(s, 300, 400, func(i int) Moment {
			m := calm(i, 1, 1)
			change(&m)
			return m
		})
		if len(found) > 0 || s.Speed() != nil {
			t.Errorf("%s: %+v, %+v", name, found, s.Speed())
		}
	}
	// So have long conversations: each token of theirs reads more.
	long := New()
	run(long, 0, 300, func(i int) Moment { return calm(i, 1, 50) })
	if found := run(long, 300, 400, func(i int) Moment {
		m := calm(i, 1, 15)
		m.Status.View.Slots[0].Have = 20_000
		return m
	}); len(found) > 0 {
		t.Errorf("a long conversation: %+v", found)
	}
	// Another count of answers has a base line of its own.
	s := New()
	run(s, 0, 300, func(i int) Moment { return calm(i, 1, 50) })
	if found := run(s, 300, 400, func(i int) Moment { return calm(i, 3, 20) }); len(found) > 0 {
		t.Errorf("three at once: %+v", found)
	}
}

func TestConditions(t *testing.T) {
	for code, change := range map[string]func(*Moment){
		GPULost:     func(m *Moment) { m.Sample.GPUs = []monitor.GPU{{Name: "Tesla T4", Error: "GPU is lost"}} },
		GPUUnused:   func(m *Moment) { m.Status.GPUReason = "no driver" },
		CannotWrite: func(m *Moment) { m.ReadOnly = true },
		NoModel:     func(m *Moment) { m.Status.Ready, m.Status.Reason = false, "No model file." },
		DiskFull:    func(m *Moment) { m.Sample.Disk.Free = 5e9 },
		MemoryFull:  func(m *Moment) { m.Sample.Memory.Used = 15.9e9 },
		Steal:       func(m *Moment) { m.Sample.CPU.Steal = 20 },
		Neighbour:   func(m *Moment) { m.Sample.CPU.Percent = 98 },
		NoSensors: func(m *Moment) {
			m.Sample.Unavailable = []monitor.Unavailable{{Source: monitor.SourceMachine, Reason: monitor.ReasonEnded}}
		},
		Throttled: func(m *Moment) { m.Sample.GPUs = []monitor.GPU{{Throttle: []string{"power_cap", "thermal_software"}}} },
		Hot:       func(m *Moment) { m.Sample.GPUs = []monitor.GPU{{Temperature: new(88.0), TemperatureLimit: new(90.0)}} },
		Swapping:  func(m *Moment) { m.Sample.Swap = &monitor.Swap{Total: 1e9, In: new(1e6), Out: new(1e6)} },
		GPUSensor: func(m *Moment) {
			m.Sample.Unavailable = []monitor.Unavailable{{Source: monitor.SourceGPU, Reason: monitor.ReasonError, Detail: "Driver not loaded"}}
		},
	} {
		s := New()
		found := run(s, 0, 90, func(i int) Moment {
			m := calm(i, 1, 50)
			change(&m)
			return m
		})
		if codes(found) != code {
			t.Errorf("%s: found %+v", code, found)
			continue
		}
		f := found[0]
		if f.Title == "" || f.Cause == "" || f.Advice == "" || f.Severity == "" {
			t.Errorf("%s says too little: %+v", code, f)
		}
		// One second is no trouble for those that wait; and it goes again.
		if found = run(s, 90, 200, func(i int) Moment { return calm(i, 1, 50) }); len(found) > 0 {
			t.Errorf("%s is still there: %+v", code, found)
		}
	}
}

// What is meant to be so is no finding.
func TestNoFindings(t *testing.T) {
	for name, change := range map[string]func(*Moment){
		"a power limit": func(m *Moment) { m.Sample.GPUs = []monitor.GPU{{Throttle: []string{"power_cap", "clocks_setting"}}} },
		"a warm processor": func(m *Moment) {
			m.Sample.Temperatures = []monitor.Temperature{{CPU: true, Celsius: 70, Limit: new(100.0)}}
		},
		"a hot disk":          func(m *Moment) { m.Sample.Temperatures = []monitor.Temperature{{Celsius: 100, Limit: new(80.0)}} },
		"no limit":            func(m *Moment) { m.Sample.Temperatures = []monitor.Temperature{{CPU: true, Celsius: 120}} },
		"swap that rests":     func(m *Moment) { m.Sample.Swap = &monitor.Swap{Total: 1e9, Used: 9e8, In: new(0.0), Out: new(0.0)} },
		"nothing is known":    func(m *Moment) { m.Sample = monitor.Sample{At: m.Sample.At} },
		"busy, nothing to do": func(m *Moment) { m.Sample.CPU.Percent, m.Status.Active = 99, 0 },
	} {
		if found := run(New(), 0, 90, func(i int) Moment {
			m := calm(i, 1, 50)
			change(&m)
			return m
		}); len(found) > 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
	found := run(New(), 0, 30, func(i int) Moment {
		m := calm(i, 1, 50)
		m.Sample.Temperatures = []monitor.Temperature{{CPU: true, Celsius: 99, Limit: new(100.0)}}
		return m
	})
	if codes(found) != Hot || !strings.HasPrefix(found[0].Cause, "The processor has 99 °C") {
		t.Errorf("%+v", found)
	}
}

func TestWorkersThatDie(t *testing.T) {
	s := New()
	died := 4 // before this program looked
	at := func(i int) Moment {
		m := calm(i, 1, 50)
		m.Status.Restarts = died
		return m
	}
	if found := run(s, 0, 5, at); len(found) > 0 {
		t.Fatalf("%+v", found)
	}
	died = 5
	if found := run(s, 5, 10, at); codes(found) != WorkerDied || found[0].Severity != Info || !strings.Contains(found[0].Cause, "once") {
		t.Errorf("%+v", found)
	}
	died = 6
	if found := run(s, 10, 20, at); codes(found) != WorkerDied || found[0].Severity != Warning || !strings.Contains(found[0].Cause, "2 times") {
		t.Errorf("%+v", found)
	}
	if found := run(s, 20, 700, at); len(found) > 0 {
		t.Errorf("after ten minutes: %+v", found)
	}
}

// A GPU that the driver does not list any more is lost too, but not while the
// driver gives no answer at all.
func TestAGPUVanishes(t *testing.T) {
	s := New()
	with := func(gpus []monitor.GPU, why ...monitor.Unavailable) func(int) Moment {
		return func(i int) Moment {
			m := calm(i, 1, 50)
			m.Sample.GPUs, m.Sample.Unavailable = gpus, why
			return m
		}
	}
	two := []monitor.GPU{{UUID: "GPU-a", Name: "T4"}, {UUID: "GPU-b", Name: "L4"}}
	if found := run(s, 0, 20, with(two)); len(found) > 0 {
		t.Fatalf("%+v", found)
	}
	if found := run(s, 20, 40, with(two[:1])); codes(found) != GPULost || !strings.Contains(found[0].Cause, "GPU 1 (L4)") {
		t.Errorf("%+v", found)
	}
	if found := run(s, 40, 100, with(two)); len(found) > 0 {
		t.Errorf("it came back: %+v", found)
	}
	silent := monitor.Unavailable{Source: monitor.SourceGPU, Reason: monitor.ReasonNoAnswer}
	if found := run(s, 100, 130, with(nil, silent)); len(found) > 0 {
		t.Errorf("a driver without an answer: %+v", found)
	}
}

// What was learned is there after a restart; what is damaged is learned again.
func TestSaveAndRestore(t *testing.T) {
	s := New()
	run(s, 0, 300, func(i int) Moment { return calm(i, 1, 50) })
	kept, err := s.Save()
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	for key, text := range map[string]string{"a": "{", "b": `{"counts":{"-1":5}}`, "c": `{"counts":{"5":4000000000}}`, "d": `{"counts":{"300":1}}`} {
		kept[key] = json.RawMessage(text)
	}
	if more, err := s.Save(); more != nil || err != nil {
		t.Errorf("saved once more though nothing was learned: %v, %v", more, err)
	}
	again := New()
	if damaged := again.Restore(kept); damaged != 4 {
		t.Errorf("%d damaged", damaged)
	}
	if found := run(again, 400, 460, func(i int) Moment { return calm(i, 1, 15) }); codes(found) != Slow {
		t.Errorf("after a restart: %+v", found)
	}
}

// Trouble of an hour does not become the usual, a change for good does.
func TestBaselineForgetsSlowly(t *testing.T) {
	s := New()
	run(s, 0, 3600, func(i int) Moment { return calm(i, 1, 50) })
	if found := run(s, 3600, 7200, func(i int) Moment { return calm(i, 1, 20) }); codes(found) != Slow {
		t.Errorf("after an hour: %+v", found)
	}
	if found := run(s, 7200, 7200+100*3600, func(i int) Moment { return calm(i, 1, 20) }); len(found) > 0 {
		t.Errorf("after four days: %+v, %+v", found, s.Speed())
	}
}

// A base line is within the width of a bucket of the quantile it stands for,
// and never grows without bound.
func TestBaselineProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b baseline
		middle := rapid.Float64Range(0.2, 20000).Draw(t, "speed")
		n := rapid.IntRange(enough, 3*full).Draw(t, "seconds")
		for i := range n {
			b.learn(middle, false, start.Add(time.Duration(i)*time.Second))
		}
		got, ok := b.usual()
		if !ok || got < middle/ratio || got > middle*ratio {
			t.Fatalf("usual %v (%v) of %v", got, ok, middle)
		}
		if b.total > full*slowWeight {
			t.Fatalf("total %d", b.total)
		}
	})
	if bucketOf(-1) != 0 || bucketOf(1e300) != buckets-1 {
		t.Error("a speed that cannot be has no bucket")
	}
}

// Base lines are bounded, whatever models are called.
func TestBaselinesAreBounded(t *testing.T) {
	s := New()
	for i := range 3 * maxKnown {
		run(s, i*10, i*10+10, func(at int) Moment {
			m := calm(at, 1, 50)
			m.Status.Model = strings.Repeat("x", i)
			return m
		})
	}
	if len(s.known) > maxKnown {
		t.Errorf("%d base lines", len(s.known))
	}
}

func TestLasting(t *testing.T) {
	lim := limits{begin: 10 * time.Second, end: 30 * time.Second}
	var l lasting
	step := func(at int, holds bool) bool {
		return l.step(start.Add(time.Duration(at)*time.Second), sight{}, holds, lim)
	}
	for i, c := range []struct {
		at    int
		holds bool
		want  bool
	}{
		{0, true, false}, {9, true, false}, {10, false, false}, // gone before it counted
		{11, true, false}, {20, true, false}, {21, true, true}, {50, false, true}, {51, false, false},
		{60, true, false}, {70, true, true}, {75, false, true}, {80, true, true}, {-100, false, true}, {-90, false, true}, {-60, false, false},
	} {
		if got := step(c.at, c.holds); got != c.want {
			t.Fatalf("step %d at %d s: %v", i, c.at, got)
		}
	}
}
