package hardware

import (
	"math"
	"strconv"
	"strings"
)

// parseCPUInfo reads /proc/cpuinfo. allowed says whether a processor counts.
// cores is 0 where the file does not say which core a processor is part of.
func parseCPUInfo(text string, allowed func(processor int) bool) (name string, cores, logical int) {
	seen := map[string]bool{}
	for _, block := range strings.Split(text, "\n\n") {
		fields := map[string]string{}
		for _, line := range strings.Split(block, "\n") {
			k, v, ok := strings.Cut(line, ":")
			if ok {
				fields[strings.TrimSpace(k)] = strings.TrimSpace(v)
			}
		}
		if name == "" {
			name = fields["model name"]
		}
		id, err := strconv.Atoi(fields["processor"])
		if err != nil || !allowed(id) {
			continue
		}
		logical++
		if core, ok := fields["core id"]; ok {
			seen[fields["physical id"]+"/"+core] = true
		}
	}
	return name, len(seen), logical
}

// parseMemInfo reads the total of /proc/meminfo in bytes.
func parseMemInfo(text string) int64 {
	for _, line := range strings.Split(text, "\n") {
		rest, ok := strings.CutPrefix(line, "MemTotal:")
		if !ok {
			continue
		}
		kib, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
		if err != nil || kib < 0 || kib > math.MaxInt64/1024 {
			return 0
		}
		return kib * 1024
	}
	return 0
}

// parseCPUMax reads a control group's cpu.max ("150000 100000"): cores, 0 for none.
func parseCPUMax(text string) float64 {
	f := strings.Fields(text)
	if len(f) != 2 {
		return 0
	}
	quota, err1 := strconv.ParseFloat(f[0], 64)
	period, err2 := strconv.ParseFloat(f[1], 64)
	if err1 != nil || err2 != nil || quota <= 0 || period <= 0 {
		return 0 // "max" is no quota
	}
	return quota / period
}

// parseLimit reads a control group's memory limit in bytes, 0 for none. The
// first version of control groups writes a number near 2^63 for none.
func parseLimit(text string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	if err != nil || n <= 0 || n >= 1<<60 {
		return 0
	}
	return n
}

// parseGroup reads /proc/self/cgroup: the path of the unified hierarchy, ""
// when there is none.
func parseGroup(text string) string {
	for _, line := range strings.Split(text, "\n") {
		if path, ok := strings.CutPrefix(line, "0::"); ok {
			return path
		}
	}
	return ""
}
