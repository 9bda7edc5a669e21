package hardware

import (
	"math"
	"strconv"
	"strings"
)

// Use is how much memory there is and how much of it is taken, now. Bytes.
// Page cache that the kernel can give back does not count as taken.
type Use struct {
	Memory Memory
	Used   int64 // of the machine
	// GroupUsed is what the control group with Memory.Limit uses; 0 without one.
	// Of groups above one another the one counts that has the least left.
	GroupUsed int64
}

// ReadUse reads the use of memory. It reports false where the system does not
// say. The memory of workers, which are processes, counts as free: they would be
// ended to make room.
func ReadUse(workers ...int) (Use, bool) { return readUse(workers) }

// Anonymous is the memory of a process that no file backs, in bytes; 0 where
// that is not known.
func Anonymous(pid int) int64 { return anonymous(pid) }

// kib is the value of a line "name: 12 kB" in bytes, -1 when there is none.
func kib(text, name string) int64 {
	for line := range strings.SplitSeq(text, "\n") {
		rest, ok := strings.CutPrefix(line, name+":")
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
		if err != nil || n < 0 || n > math.MaxInt64/1024 {
			return -1
		}
		return n * 1024
	}
	return -1
}

// parseMemUse reads /proc/meminfo: all there is, and what is taken.
func parseMemUse(text string) (total, used int64, ok bool) {
	total, available := kib(text, "MemTotal"), kib(text, "MemAvailable")
	if total <= 0 || available < 0 {
		return 0, 0, false
	}
	return total, max(0, total-available), true
}

// parseFilePages reads a control group's memory.stat: the file pages that the
// kernel takes back when others need them.
func parseFilePages(text string) int64 {
	var sum int64
	for line := range strings.SplitSeq(text, "\n") {
		name, value, _ := strings.Cut(line, " ")
		switch name {
		case "inactive_file", "active_file":
			if n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64); err == nil && n > 0 && n < 1<<60 {
				sum += n
			}
		}
	}
	return sum
}

// group is a control group with a limit. Bytes.
type group struct{ limit, current, files int64 }

func (g group) used() int64 { return max(0, g.current-g.files) }

// tightest is the group that has the least left.
func tightest(groups []group) group {
	var best group
	for i, g := range groups {
		if i == 0 || g.limit-g.used() < best.limit-best.used() {
			best = g
		}
	}
	return best
}
