package monitor

import "github.com/shirou/gopsutil/v3/disk"

// readDisk gives nil when the folder's file system does not say.
func readDisk(folder string) *Disk {
	if folder == "" {
		return nil
	}
	u, err := disk.Usage(folder)
	if err != nil || u.Total == 0 {
		return nil
	}
	return &Disk{Total: int64(u.Total), Free: int64(u.Free)}
}
