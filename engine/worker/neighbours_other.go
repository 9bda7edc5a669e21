//go:build !linux

package main

// cpuSeconds is not known on this system.
func cpuSeconds() (busy, own float64, ok bool) { return 0, 0, false }
