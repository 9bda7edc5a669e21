package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// cpuSeconds reads how long all cores, and this process, have worked.
func cpuSeconds() (busy, own float64, ok bool) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, false
	}
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0, 0, false
	}
	busy, ok = parseStat(data)
	seconds := func(t unix.Timeval) float64 { return float64(t.Sec) + float64(t.Usec)/1e6 }
	return busy, seconds(u.Utime) + seconds(u.Stime), ok
}
