package hardware

import (
	"os"
	"path"

	"golang.org/x/sys/unix"
)

func read() Facts {
	var f Facts
	var set unix.CPUSet
	allowed := func(int) bool { return true }
	if unix.SchedGetaffinity(0, &set) == nil {
		allowed = set.IsSet
	}
	f.CPU.Name, f.CPU.Cores, f.CPU.Logical = parseCPUInfo(file("/proc/cpuinfo"), allowed)
	f.Memory.Total = parseMemInfo(file("/proc/meminfo"))
	// A group is bounded by each group above it.
	for p := path.Clean("/" + parseGroup(file("/proc/self/cgroup"))); ; p = path.Dir(p) {
		dir := path.Join("/sys/fs/cgroup", p)
		if q := parseCPUMax(file(dir + "/cpu.max")); q > 0 && (f.CPU.Quota == 0 || q < f.CPU.Quota) {
			f.CPU.Quota = q
		}
		if m := parseLimit(file(dir + "/memory.max")); m > 0 && (f.Memory.Limit == 0 || m < f.Memory.Limit) {
			f.Memory.Limit = m
		}
		if p == "/" {
			break
		}
	}
	readV1(&f)
	f.GPUs = readGPUs()
	return f
}

// readV1 reads the limits of the first version of control groups, which a
// container sees at fixed places.
func readV1(f *Facts) {
	if f.CPU.Quota == 0 {
		f.CPU.Quota = parseCPUMax(file("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") + " " + file("/sys/fs/cgroup/cpu/cpu.cfs_period_us"))
	}
	if f.Memory.Limit == 0 {
		f.Memory.Limit = parseLimit(file("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
	}
}

// file is the text of a small file of the kernel, "" when it cannot be read.
func file(p string) string {
	b, err := os.ReadFile(p)
	if err != nil {
		return ""
	}
	return string(b)
}
