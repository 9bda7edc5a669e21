package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"
)

// ticks are times of all cores since the start of the machine, in ticks of the
// kernel's clock.
type ticks struct{ steal, idle, all uint64 }

// parseTicks reads the text of /proc/stat.
func parseTicks(stat string) ticks {
	line, _, _ := strings.Cut(stat, "\n")
	var f [8]uint64 // user nice system idle iowait irq softirq steal
	fmt.Sscanf(line, "cpu %d %d %d %d %d %d %d %d", &f[0], &f[1], &f[2], &f[3], &f[4], &f[5], &f[6], &f[7])
	t := ticks{steal: f[7], idle: f[3] + f[4]}
	for _, v := range f {
		t.all += v
	}
	return t
}

func readTicks() ticks { return parseTicks(readFile("/proc/stat")) }

// stealSince is the share of time taken away since then, in per cent.
func (t ticks) stealSince(then ticks) float64 {
	return 100 * float64(t.steal-then.steal) / float64(max(t.all-then.all, 1))
}

// usedSince is the share of time that programs have used since then, in per cent.
func (t ticks) usedSince(then ticks) float64 {
	idle, steal := t.idle-then.idle, t.steal-then.steal
	return 100 - 100*float64(idle+steal)/float64(max(t.all-then.all, 1))
}

// secondsSince is the time since then, of all cores together.
func (t ticks) secondsSince(then ticks) float64 { return float64(max(t.all-then.all, 1)) / 100 }

// readFile is "" where the kernel has no such file.
func readFile(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(data)
}

// loadAverage is the load average of the last minute.
func loadAverage() float64 {
	var l float64
	fmt.Sscan(readFile("/proc/loadavg"), &l)
	return l
}

// busyNow looks for half a second how busy the machine is without us.
func busyNow() float64 {
	then := readTicks()
	time.Sleep(500 * time.Millisecond)
	return readTicks().usedSince(then)
}

// ownSeconds is the processor time that this program has used: the cost of
// being the client on the machine that is measured.
func ownSeconds() float64 {
	_, after, ok := strings.Cut(readFile("/proc/self/stat"), ") ")
	if f := strings.Fields(after); ok && len(f) > 12 {
		var user, system float64
		fmt.Sscan(f[11]+" "+f[12], &user, &system)
		return (user + system) / 100
	}
	return 0
}

// machineFacts name where the figures come from.
type machineFacts struct {
	Slug      string  `json:"slug"`
	Processor string  `json:"processor"`
	Cores     int     `json:"cores"`
	MemoryGiB float64 `json:"memory_gib"`
	Kernel    string  `json:"kernel"`
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

func readMachine() machineFacts {
	m := machineFacts{Processor: runtime.GOARCH, Cores: runtime.NumCPU(), Kernel: strings.TrimSpace(readFile("/proc/sys/kernel/osrelease"))}
	for line := range strings.Lines(readFile("/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			m.Processor = strings.TrimSpace(value)
			break
		}
	}
	var kib float64
	fmt.Sscanf(readFile("/proc/meminfo"), "MemTotal: %f", &kib)
	m.MemoryGiB = float64(int(kib/(1<<20)*10)) / 10
	name := strings.NewReplacer("(R)", "", "(r)", "", "(TM)", "", "Processor", "", "CPU", "").Replace(m.Processor)
	m.Slug = fmt.Sprintf("%d-cores-%s", m.Cores, strings.Trim(notSlug.ReplaceAllString(strings.ToLower(name), "-"), "-"))
	return m
}

// bandwidth is how many bytes a second all cores together read from memory.
func bandwidth() float64 {
	cores := runtime.NumCPU()
	before := runtime.GOMAXPROCS(cores)
	defer runtime.GOMAXPROCS(before)
	const words = 32 << 20 // 256 MiB a core, more than any cache
	blocks := make([][]uint64, cores)
	for i := range blocks {
		blocks[i] = make([]uint64, words)
		for j := range blocks[i] {
			blocks[i][j] = uint64(j)
		}
	}
	best := time.Hour
	sums := make([]uint64, cores)
	for range 3 {
		start := time.Now()
		var all sync.WaitGroup
		for i, block := range blocks {
			all.Go(func() {
				var a, b, c, d uint64 // independent sums, so that the adds do not wait for each other
				for j := 0; j < len(block); j += 4 {
					a, b, c, d = a+block[j], b+block[j+1], c+block[j+2], d+block[j+3]
				}
				sums[i] += a + b + c + d
			})
		}
		all.Wait()
		best = min(best, time.Since(start))
	}
	return float64(cores*words*8) / best.Seconds()
}

// busyProcess is the hidden command "busy": one core's worth of work, as a
// browser that draws an answer is. It ends by itself, so that none is left over.
func busyProcess() (work uint64) {
	runtime.GOMAXPROCS(1)
	for until := time.Now().Add(time.Minute); time.Now().Before(until); {
		for n := range uint64(1e6) {
			work += n
		}
	}
	return work
}

// startBusy starts n busy processes; end ends them and says how much processor
// time they have used, in seconds.
func startBusy(n int) (end func() float64, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var all []*exec.Cmd
	end = func() (used float64) {
		for _, cmd := range all {
			_ = cmd.Process.Kill() // by its own id; gone already is as good
			_ = cmd.Wait()
			used += secondsOf(cmd)
		}
		return used
	}
	for range n {
		cmd := exec.Command(self, "busy")
		endWithParent(cmd)
		if err := cmd.Start(); err != nil {
			end()
			return nil, fmt.Errorf("start a busy process: %w", err)
		}
		all = append(all, cmd)
	}
	return end, nil
}

// secondsOf is the processor time of a program that has ended, and of the
// programs that it has started and waited for.
func secondsOf(cmd *exec.Cmd) float64 {
	if cmd.ProcessState == nil {
		return 0
	}
	return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}
