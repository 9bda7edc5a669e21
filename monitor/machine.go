package monitor

import (
	"context"

	"github.com/shirou/gopsutil/v3/disk"
	"github.com/shirou/gopsutil/v3/mem"
)

// readMemory gives nil of what the system does not say.
func readMemory(ctx context.Context) (*Memory, *Swap) {
	v, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil || v.Total == 0 || v.Available > v.Total {
		return nil, nil
	}
	// Caches that the kernel gives back at once are not in use: a model file
	// that was read would otherwise count twice.
	m := &Memory{Total: int64(v.Total), Used: int64(v.Total - v.Available)}
	if v.SwapTotal == 0 || v.SwapFree > v.SwapTotal {
		return m, nil
	}
	return m, &Swap{Total: int64(v.SwapTotal), Used: int64(v.SwapTotal - v.SwapFree)}
}

// readDisk gives nil when the folder's file system does not say.
func readDisk(ctx context.Context, folder string) *Disk {
	if folder == "" {
		return nil
	}
	u, err := disk.UsageWithContext(ctx, folder)
	if err != nil || u.Total == 0 {
		return nil
	}
	return &Disk{Total: int64(u.Total), Free: int64(u.Free)}
}
