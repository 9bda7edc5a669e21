package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"alcove/engine/local/fake"
	"alcove/monitor"
)

// sample gives the newest one that is as the test wants it.
func (a *served) sample(what string, ok func(monitor.Sample) bool) monitor.Sample {
	a.t.Helper()
	var newest []monitor.Sample
	for until := time.Now().Add(2 * time.Minute); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		var body struct{ Samples []monitor.Sample }
		a.get("/api/v1/monitor?seconds=1", &body)
		if newest = body.Samples; len(newest) == 1 && ok(newest[0]) {
			return newest[0]
		}
	}
	a.t.Fatalf("never seen: %s; the last one is %+v\n%s", what, newest, a.log)
	return monitor.Sample{}
}

// sensors finds the hidden child of an app.
func (a *served) sensors() int {
	a.t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		a.t.Fatal(err)
	}
	for _, file := range lines {
		text, _ := os.ReadFile(file)
		stat, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "stat"))
		_, after, _ := strings.Cut(string(stat), ") ") // state and parent follow
		if fields := strings.Fields(after); strings.HasPrefix(string(text), "alcove\x00sensors\x00") && fields[1] == strconv.Itoa(a.cmd.Process.Pid) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			return pid
		}
	}
	return 0
}

func TestMonitorOfTheProgram(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Pause: 2 * time.Millisecond})
	a := p.serve(t)
	a.ready()
	a.ask(a.newConversation(), "Count.")
	s := a.sample("tokens, the worker and the machine", func(s monitor.Sample) bool {
		return s.CPU != nil && s.Engine != nil && s.Engine.TokensPerSec != nil && *s.Engine.TokensPerSec > 0 && s.Engine.Worker != nil
	})
	if s.Engine.Model != "fake" || s.Memory == nil || s.Disk == nil || s.GPUs != nil && !driverHere() {
		t.Errorf("sample %+v, engine %+v", s, s.Engine)
	}
	// A sensor may be late at first, on a machine with much to do.
	a.sample("no tokens any more, every sensor", func(s monitor.Sample) bool { return *s.Engine.TokensPerSec == 0 && s.Unavailable == nil })

	first := a.sensors()
	if first == 0 {
		t.Fatal("the app has no sensors")
	}
	if err := syscall.Kill(first, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	s = a.sample("sensors that hang", func(s monitor.Sample) bool { return len(s.Unavailable) > 0 })
	if s.CPU != nil || s.Memory != nil || s.Engine == nil || s.Unavailable[0].Reason != monitor.ReasonNoAnswer {
		t.Errorf("sample %+v", s)
	}
	a.sample("sensors again", func(s monitor.Sample) bool { return s.CPU != nil && s.Unavailable == nil })
	second := a.sensors()
	if second == 0 || second == first {
		t.Errorf("sensors %d, then %d", first, second)
	}
	gone(t, first)
	a.kill()
	gone(t, second)

	b := p.serve(t)
	b.sample("a sample", func(monitor.Sample) bool { return true })
	child := b.sensors()
	if code := b.stop(); code != 0 || child == 0 {
		t.Errorf("exit status %d, sensors %d", code, child)
	}
	gone(t, child)
}

// driverHere says whether this machine has a driver of its own.
func driverHere() bool {
	_, err := os.Stat("/proc/driver/nvidia/version")
	return err == nil
}

// drivenPlace is a fakePlace whose programs find the tests' NVIDIA library first.
// set changes how that behaves, which is "good" at first.
func drivenPlace(t *testing.T) (p place, set func(mode string)) {
	t.Helper()
	cc, err := exec.LookPath("cc")
	if err != nil {
		t.Skip("no C compiler: install gcc")
	}
	folder := t.TempDir()
	if out, err := exec.Command(cc, "-shared", "-fPIC", "-o", filepath.Join(folder, "libnvidia-ml.so.1"), "monitor/testdata/nvml.c").CombinedOutput(); err != nil {
		t.Fatalf("build the driver: %v\n%s", err, out)
	}
	set = func(mode string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, "mode"), []byte(mode), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set("good")
	p = fakePlace(t, fake.Script{})
	p.env = []string{"LD_LIBRARY_PATH=" + folder}
	return p, set
}

// A driver that hangs for a minute costs the GPU's figures and nothing else.
func TestADriverThatHangsDoesNotTouchTheApp(t *testing.T) {
	t.Parallel()
	p, set := drivenPlace(t)
	a := p.serve(t)
	a.ready()
	two := func(s monitor.Sample) bool { return len(s.GPUs) == 2 && s.Unavailable == nil }
	s := a.sample("two GPUs", two)
	if g := s.GPUs[0]; g.Name != "Fake GPU 1" || g.Utilization == nil || *g.Utilization != 42 || g.MemoryTotal == nil || *g.MemoryTotal != 80e9 {
		t.Errorf("GPU %+v", g)
	}
	set("hang")
	s = a.sample("a GPU that does not answer", func(s monitor.Sample) bool { return len(s.Unavailable) > 0 && s.CPU != nil })
	if u := s.Unavailable[0]; len(s.Unavailable) != 1 || u.Source != monitor.SourceGPU || u.Reason != monitor.ReasonNoAnswer || s.GPUs != nil || s.Memory == nil {
		t.Errorf("sample %+v", s)
	}
	if m := a.ask(a.newConversation(), "Are you there?"); m.Status != "done" {
		t.Errorf("an answer beside a driver that hangs: %+v", m)
	}
	set("good")
	a.sample("the GPUs are back", two)
}
