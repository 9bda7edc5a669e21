package hardware

import (
	"math"
	"runtime"
	"sync"
)

// Facts is what was found once at start.
type Facts struct {
	CPU    CPU    `json:"cpu"`
	Memory Memory `json:"memory"`
	GPUs   []GPU  `json:"gpus,omitempty"`
}

// CPU describes the processors. Quota is in cores, 0 when there is none.
type CPU struct {
	Name    string  `json:"name"`
	Cores   int     `json:"cores"`          // physical, that this process may run on
	Logical int     `json:"logical"`        // processors, that this process may run on
	Quota   float64 `json:"quota,omitzero"` // cores' worth of time that the control group grants
}

// Memory is in bytes. Limit is the control group's, 0 when there is none.
type Memory struct {
	Total int64 `json:"total"`
	Limit int64 `json:"limit,omitzero"`
}

// GPU is one device by its driver's words, or by the kernel's where no driver
// was asked: Read asks none. Memory is in bytes, 0 where the kernel does not
// say. Driver is its version, or the name of the kernel's module.
type GPU struct {
	Name   string `json:"name"`
	UUID   string `json:"uuid,omitzero"`
	Memory int64  `json:"memory,omitzero"`
	Driver string `json:"driver,omitzero"` // "": none is loaded
	Vendor Vendor `json:"vendor,omitzero"`
	Closed string `json:"closed,omitzero"` // the device file that this process may not open, "" when it may
}

// Vendor is who made a GPU.
type Vendor string

// The vendors whose GPUs ggml can use through Vulkan or their own backend.
const (
	NVIDIA Vendor = "NVIDIA"
	AMD    Vendor = "AMD"
	Intel  Vendor = "Intel"
)

// Threads is how many threads a worker gets when nobody chose: one for each
// physical core this process may use, at most the control group's quota, at
// least one. More than that only waits.
func (c CPU) Threads() int {
	n := c.Cores
	if n <= 0 {
		n = c.Logical
	}
	if c.Quota > 0 {
		n = min(n, int(math.Floor(c.Quota)))
	}
	return max(1, n)
}

// Available is the memory this process may use at most, in bytes.
func (m Memory) Available() int64 {
	if m.Limit > 0 && (m.Total == 0 || m.Limit < m.Total) {
		return m.Limit
	}
	return m.Total
}

var once = sync.OnceValue(func() Facts { return read() })

// Read gives the facts about processors and memory. It reads files only, once.
func Read() Facts {
	f := once()
	if f.CPU.Logical == 0 {
		f.CPU.Logical = runtime.NumCPU()
	}
	if f.CPU.Cores == 0 {
		f.CPU.Cores = f.CPU.Logical
	}
	return f
}

// Threads is the default for a worker on this machine.
func Threads() int { return Read().CPU.Threads() }
