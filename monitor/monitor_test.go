package monitor

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The test binary is also the sensors. No test may leave a goroutine.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "sensors" {
		if err := Serve(os.Args[2:], os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// soaking says whether the full counts are wanted.
func soaking() bool { return os.Getenv("ALCOVE_SOAK") != "" }

// sensors makes the command of the child, which finds libraries in folder.
func sensors(t *testing.T, folder string) func([]string) *exec.Cmd {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return func(args []string) *exec.Cmd {
		cmd := exec.Command(self, append([]string{"sensors"}, args...)...)
		// A race ends the child, so that its test sees it.
		cmd.Env = []string{"LD_LIBRARY_PATH=" + folder, "GORACE=halt_on_error=1"}
		return cmd
	}
}

// quick are times for tests. Nothing is asserted about them.
var quick = times{
	limits: limits{silence: 1500 * time.Millisecond, first: 1500 * time.Millisecond, retry: 50 * time.Millisecond, retryMax: 400 * time.Millisecond},
	every:  20 * time.Millisecond, gpuAgain: 50 * time.Millisecond,
}

func start(t *testing.T, c Config) *Monitor {
	t.Helper()
	if c.times == nil {
		c.times = &quick
	}
	m := Start(c)
	t.Cleanup(m.Close)
	return m
}

// until waits for a sample that is as the test wants it.
func until(t *testing.T, m *Monitor, what string, ok func(Sample) bool) Sample {
	t.Helper()
	var last []Sample
	for range 3000 {
		last = m.History(1)
		if len(last) == 1 && ok(last[0]) {
			return last[0]
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never seen: %s; the last sample is %+v", what, last)
	return Sample{}
}

func why(s Sample, source Source) Reason {
	for _, u := range s.Unavailable {
		if u.Source == source {
			return u.Reason
		}
	}
	return ""
}

func TestMonitor_ThisMachineWithoutADriver(t *testing.T) {
	m := start(t, Config{Sensors: sensors(t, t.TempDir()), Disk: t.TempDir(), Engine: func() Live {
		return Live{Model: "tiny", Active: 1, Queued: 2, Workers: []LiveWorker{{"tiny", os.Getpid()}}, Written: uint64(time.Now().UnixNano())}
	}})
	s := until(t, m, "every figure", func(s Sample) bool {
		return s.CPU != nil && s.Memory != nil && s.Disk != nil && s.Engine.TokensPerSec != nil && s.Engine.Worker != nil && s.Engine.Worker.CPU != nil &&
			s.GPUs == nil && s.Unavailable == nil // no driver is no GPU and no error
	})
	if s.Memory.Used <= 0 || s.Disk.Total <= 0 || s.Engine.Worker.Resident <= 0 || *s.Engine.TokensPerSec <= 0 {
		t.Errorf("sample %+v", s)
	}
	if e := s.Engine; e.Model != "tiny" || e.Active != 1 || e.Queued != 2 {
		t.Errorf("engine %+v", e)
	}
}

func TestMonitor_SilentChild(t *testing.T) {
	published := 0
	m := start(t, Config{Sensors: func([]string) *exec.Cmd {
		return exec.Command("sleep", "60") // says nothing
	}, Disk: t.TempDir(), Publish: func(Sample) { published++ }})
	s := until(t, m, "a machine without sensors", func(s Sample) bool { return why(s, SourceMachine) == ReasonNoAnswer })
	if s.CPU != nil || s.Memory != nil || s.Disk != nil || s.GPUs != nil || why(s, SourceGPU) != ReasonNoAnswer {
		t.Errorf("a silent child counts nothing: %+v", s)
	}
	m.Close()
	if published == 0 {
		t.Error("nothing was published")
	}
}

func TestMonitor_AProgramThatCannotBeStarted(t *testing.T) {
	m := start(t, Config{Sensors: func([]string) *exec.Cmd { return exec.Command("/nonexistent/alcove") }})
	s := until(t, m, "the reason", func(s Sample) bool { return why(s, SourceMachine) == ReasonStart })
	if why(s, SourceGPU) != ReasonStart || s.Engine != nil {
		t.Errorf("%+v", s)
	}
}

func TestMonitor_ANoisyChildIsBounded(t *testing.T) {
	m := start(t, Config{Sensors: func([]string) *exec.Cmd {
		return exec.Command("sh", "-c", `echo '{"machine":{"cpu":{"percent":1e308},"memory":{"total_bytes":1,"used_bytes":2}}}'; echo not JSON; echo '[]'; head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2`)
	}})
	s := until(t, m, "an end", func(s Sample) bool { return why(s, SourceMachine) != "" })
	if s.CPU != nil || s.Memory != nil {
		t.Errorf("nonsense is shown: %+v", s)
	}
}

func TestMonitor_CloseTwiceAndHistoryAfterwards(t *testing.T) {
	m := Start(Config{Sensors: sensors(t, t.TempDir()), times: &quick})
	until(t, m, "a sample", func(Sample) bool { return true })
	m.Close()
	m.Close()
	if got := m.History(10); got != nil {
		t.Errorf("%d samples after Close", len(got))
	}
}
