package load

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine names where the client ran.
type Machine struct {
	System    string  `json:"system"` // "linux/amd64"
	Processor string  `json:"processor"`
	Cores     int     `json:"cores"`
	MemoryGiB float64 `json:"memory_gib,omitempty"` // absent: not known
	Kernel    string  `json:"kernel,omitempty"`
}

// ReadMachine reads what the kernel tells; on other systems than Linux that is
// little.
func ReadMachine() Machine {
	m := Machine{System: runtime.GOOS + "/" + runtime.GOARCH, Processor: runtime.GOARCH, Cores: runtime.NumCPU(),
		Kernel: strings.TrimSpace(readFile("/proc/sys/kernel/osrelease"))}
	for line := range strings.Lines(readFile("/proc/cpuinfo")) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			m.Processor = strings.TrimSpace(value)
			break
		}
	}
	var kib float64
	if n, err := fmt.Sscanf(readFile("/proc/meminfo"), "MemTotal: %f", &kib); n == 1 && err == nil {
		m.MemoryGiB = float64(int(kib/(1<<20)*10)) / 10
	}
	return m
}

// readFile is "" where the kernel has no such file.
func readFile(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(data)
}
