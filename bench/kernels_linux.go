package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// kernels names the CPU variant of ggml that a box computes with: "haswell",
// "sapphirerapids". It is what the box's processes have mapped, "" if that is
// none of ggml's variants.
func (b *box) kernels() string {
	if b.cmd == nil || b.cmd.Process == nil {
		return ""
	}
	for _, pid := range family(b.cmd.Process.Pid) {
		maps := readFile(fmt.Sprintf("/proc/%d/maps", pid))
		if _, rest, ok := strings.Cut(maps, "/libggml-cpu-"); ok {
			name, _, _ := strings.Cut(rest, ".so")
			return name
		}
	}
	return ""
}

// family is a process with all that came from it.
func family(pid int) []int {
	parents := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		data, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		// The name, in brackets, may hold anything.
		fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
		if len(fields) < 2 {
			continue
		}
		parent, _ := strconv.Atoi(fields[1])
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		parents[parent] = append(parents[parent], child)
	}
	out := []int{pid}
	for i := 0; i < len(out); i++ {
		out = append(out, parents[out[i]]...)
	}
	return out
}
