package monitor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v3/common"
	"golang.org/x/sys/unix"
)

// How often the kernel is asked which parts there are, and of how many
// processors the frequency is read each time: each one is interrupted for it.
const (
	lookAgain   = time.Minute
	maxReadFreq = 16
)

// sectorBytes is the unit of /proc/diskstats, whatever a disk's own sectors are.
const sectorBytes = 512

// machineMeter reads what the kernel itself says.
type machineMeter struct {
	files
	ctx   context.Context // tells gopsutil of the root
	disk  string
	cpus  cpuMeter
	freqs freqMeter
	swap  counters
	disks counters
	nets  counters
}

func newMachineMeter(a sensorArgs) *machineMeter {
	return &machineMeter{
		files: newFiles(a.root), disk: a.disk,
		ctx: context.WithValue(context.Background(), common.EnvKey, common.EnvMap{common.HostProcEnvKey: filepath.Join(a.root, "proc")}),
	}
}

// read leaves out what needs a reading before it.
func (m *machineMeter) read(now time.Time) *machine {
	out := &machine{CPU: m.cpus.read(m.ctx), Disk: readDisk(m.ctx, m.disk)}
	if c := out.CPU; c != nil {
		c.Load, c.Pressure = m.load(), m.pressure()
		c.Frequency, c.FrequencyMax = m.freqs.read(&m.files, now)
	}
	if out.Memory, out.Swap = readMemory(m.ctx); out.Swap != nil {
		out.Swap.In, out.Swap.Out = m.swap.add(now, parseSwapped(m.text(m.root, "proc/vmstat"), os.Getpagesize()))
	}
	if out.Disk != nil {
		all, known := m.diskTotals()
		out.Disk.Read, out.Disk.Write = m.disks.add(now, all)
		out.Disk.All = !known && out.Disk.Read != nil
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

// diskTotals are the bytes that the data folder's device has read and written;
// those of all disks where it is not known.
func (m *machineMeter) diskTotals() (totals map[string][2]uint64, known bool) {
	stats := m.text(m.root, "proc/diskstats")
	if device := m.device(); device != "" {
		if all := parseDisks(stats, func(id, _ string) bool { return id == device }); len(all) == 1 {
			return all, true
		}
	}
	return parseDisks(stats, func(_, name string) bool {
		for _, double := range []string{"loop", "ram", "zram", "dm-", "md", "sr", "fd"} {
			if strings.HasPrefix(name, double) {
				return false
			}
		}
		return m.has(m.root, "sys/block", name) // or it is a partition
	}), false
}

// device is the number of the device that the data folder is on, "" where there
// is none of one number: a file system over several, or over others.
func (m *machineMeter) device() string {
	var s unix.Stat_t
	if unix.Stat(m.disk, &s) != nil {
		return ""
	}
	id := fmt.Sprintf("%d:%d", unix.Major(s.Dev), unix.Minor(s.Dev))
	if unix.Major(s.Dev) != 0 {
		return id
	}
	source := mountSource(m.text(m.root, "proc/self/mountinfo"), id) // btrfs has numbers of its own
	if !strings.HasPrefix(source, "/dev/") || unix.Stat(filepath.Join(m.root, source), &s) != nil || s.Mode&unix.S_IFMT != unix.S_IFBLK {
		return ""
	}
	return fmt.Sprintf("%d:%d", unix.Major(s.Rdev), unix.Minor(s.Rdev))
}

// mountSource finds what is mounted with a device number.
func mountSource(mountinfo, id string) string {
	for line := range strings.Lines(mountinfo) {
		before, after, found := strings.Cut(line, " - ")
		f, g := strings.Fields(before), strings.Fields(after)
		if found && len(f) > 2 && f[2] == id && len(g) > 1 {
			return g[1]
		}
	}
	return ""
}

// parseDisks reads the bytes read and written of each device that is wanted.
func parseDisks(diskstats string, wanted func(id, name string) bool) map[string][2]uint64 {
	out := map[string][2]uint64{}
	for line := range strings.Lines(diskstats) {
		f := strings.Fields(line)
		if len(f) < 10 || !wanted(f[0]+":"+f[1], f[2]) {
			continue
		}
		read, err1 := strconv.ParseUint(f[5], 10, 64)
		written, err2 := strconv.ParseUint(f[9], 10, 64)
		if err1 == nil && err2 == nil {
			out[f[2]] = [2]uint64{read * sectorBytes, written * sectorBytes}
		}
	}
	return out
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
