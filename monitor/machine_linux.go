package monitor

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v3/common"
)

// How often the kernel is asked which parts there are, and of how many
// processors the frequency is read each time: each one is interrupted for it.
const (
	lookAgain   = time.Minute
	maxReadFreq = 16
)

// machineMeter reads what the kernel itself says.
type machineMeter struct {
	files
	ctx   context.Context // tells gopsutil of the root
	cpus  cpuMeter
	freqs freqMeter
	swap  counters
	nets  counters
}

func newMachineMeter(a sensorArgs) *machineMeter {
	return &machineMeter{
		files: newFiles(a.root),
		ctx:   context.WithValue(context.Background(), common.EnvKey, common.EnvMap{common.HostProcEnvKey: filepath.Join(a.root, "proc")}),
	}
}

// read leaves out what needs a reading before it.
func (m *machineMeter) read(now time.Time) *machine {
	out := &machine{CPU: m.cpus.read(m.ctx)}
	if c := out.CPU; c != nil {
		c.Load, c.Pressure = m.load(), m.pressure()
		c.Frequency, c.FrequencyMax = m.freqs.read(&m.files, now)
	}
	if out.Memory, out.Swap = readMemory(m.ctx); out.Swap != nil {
		out.Swap.In, out.Swap.Out = m.swap.add(now, parseSwapped(m.text(m.root, "proc/vmstat"), os.Getpagesize()))
	}
	if in, gone := m.nets.add(now, m.netTotals()); in != nil {
		out.Network = &Network{Receive: *in, Transmit: *gone}
	}
	return out
}

func (m *machineMeter) load() *Load {
	f := strings.Fields(m.text(m.root, "proc/loadavg"))
	if len(f) < 3 {
		return nil
	}
	one, five, fifteen := parseNumber(f[0], 1), parseNumber(f[1], 1), parseNumber(f[2], 1)
	if one == nil || five == nil || fifteen == nil {
		return nil
	}
	return &Load{One: *one, Five: *five, Fifteen: *fifteen}
}

// pressure is nil on kernels without PSI.
func (m *machineMeter) pressure() *Pressure {
	p := Pressure{CPU: m.waited("cpu"), Memory: m.waited("memory"), IO: m.waited("io")}
	if p == (Pressure{}) {
		return nil
	}
	return &p
}

// waited reads the line "some avg10=1.23 avg60=...".
func (m *machineMeter) waited(what string) *float64 {
	_, after, found := strings.Cut(m.text(m.root, "proc/pressure", what), "some avg10=")
	if !found {
		return nil
	}
	value, _, _ := strings.Cut(after, " ")
	return parseNumber(value, 1)
}

// parseSwapped finds the bytes that came from and went to the swap, ever.
func parseSwapped(vmstat string, page int) map[string][2]uint64 {
	var pages [2]uint64
	found := 0
	for line := range strings.Lines(vmstat) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		for i, want := range []string{"pswpin", "pswpout"} {
			if n, err := strconv.ParseUint(value, 10, 64); name == want && err == nil {
				pages[i] = n * uint64(page)
				found++
			}
		}
	}
	if found != 2 {
		return nil
	}
	return map[string][2]uint64{"swap": pages}
}

// netTotals are the bytes of each interface that is hardware; of all but
// loopback where none is, as in a container.
func (m *machineMeter) netTotals() map[string][2]uint64 {
	all, hard := map[string][2]uint64{}, map[string][2]uint64{}
	for line := range strings.Lines(m.text(m.root, "proc/net/dev")) {
		i := strings.LastIndex(line, ":")
		if i < 0 {
			continue
		}
		name, f := strings.TrimSpace(line[:i]), strings.Fields(line[i+1:])
		if len(f) < 9 || name == "lo" {
			continue
		}
		in, err1 := strconv.ParseUint(f[0], 10, 64)
		gone, err2 := strconv.ParseUint(f[8], 10, 64)
		if err1 != nil || err2 != nil {
			continue
		}
		all[name] = [2]uint64{in, gone}
		if m.has(m.root, "sys/class/net", name, "device") {
			hard[name] = all[name]
		}
	}
	if len(hard) > 0 {
		return hard
	}
	return all
}

// freqMeter reads the frequencies of some processors each time, in turn.
type freqMeter struct {
	looked  time.Time
	dirs    []string
	next    int
	fastest *float64
}

// read gives the mean frequency now, and the highest that one may have.
func (m *freqMeter) read(f *files, now time.Time) (mean, fastest *float64) {
	if m.looked.IsZero() || now.Sub(m.looked) >= lookAgain {
		m.looked, m.next, m.fastest = now, 0, nil
		m.dirs = f.list("sys/devices/system/cpu/cpu[0-9]*/cpufreq")
		for _, dir := range m.dirs {
			if v := f.number(1000, dir, "cpuinfo_max_freq"); v != nil && (m.fastest == nil || *v > *m.fastest) {
				m.fastest = v
			}
		}
	}
	sum, n := 0.0, 0
	for range min(len(m.dirs), maxReadFreq) {
		if v := positive(f.number(1000, m.dirs[m.next], "scaling_cur_freq"), maxHertz); v != nil {
			sum += *v
			n++
		}
		m.next = (m.next + 1) % len(m.dirs)
	}
	if n == 0 {
		return nil, m.fastest
	}
	return new(sum / float64(n)), m.fastest
}
