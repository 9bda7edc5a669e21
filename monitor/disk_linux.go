package monitor

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// sectorBytes is the unit of /proc/diskstats, whatever a disk's own sectors are.
const sectorBytes = 512

// diskMeter reads the disk of the data folder. It is a source of its own: a disk
// that hangs holds each call that touches it.
type diskMeter struct {
	files
	folder string
	totals counters
}

func newDiskMeter(a sensorArgs) *diskMeter {
	return &diskMeter{files: newFiles(a.root), folder: a.disk}
}

// read leaves out what needs a reading before it.
func (m *diskMeter) read(now time.Time) *space {
	out := &space{readDisk(context.Background(), m.folder)}
	if d := out.Disk; d != nil {
		all, known := m.diskTotals()
		d.Read, d.Write = m.totals.add(now, all)
		d.All = !known && d.Read != nil
	}
	return out
}

// diskTotals are the bytes that the data folder's device has read and written;
// those of all disks where it is not known.
func (m *diskMeter) diskTotals() (totals map[string][2]uint64, known bool) {
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
func (m *diskMeter) device() string {
	var s unix.Stat_t
	if unix.Stat(m.folder, &s) != nil {
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
