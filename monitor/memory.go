package monitor

import "github.com/shirou/gopsutil/v3/mem"

// readMemory gives nil when the system does not say.
func readMemory() *Memory {
	v, err := mem.VirtualMemory()
	if err != nil || v.Total == 0 || v.Available > v.Total {
		return nil
	}
	// Caches that the kernel gives back at once are not in use: a model file
	// that was read would otherwise count twice.
	return &Memory{Total: int64(v.Total), Used: int64(v.Total - v.Available)}
}
