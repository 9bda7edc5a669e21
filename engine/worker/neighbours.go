package main

import (
	"bytes"
	"runtime"
	"strconv"
	"time"
)

// neighbours watches how much of the machine other programs use. It is for one
// goroutine.
type neighbours struct {
	cores     float64
	read      func() (busy, own float64, ok bool) // seconds of all cores, of this process
	now       func() time.Time
	at        time.Time
	busy, own float64
	last      float64 // -1: not known
}

// window is the least time between two readings: the kernel counts in
// hundredths of a second.
const window = 250 * time.Millisecond

func newNeighbours() *neighbours {
	n := &neighbours{cores: float64(runtime.NumCPU()), read: cpuSeconds, now: time.Now, last: -1}
	n.free()
	return n
}

// free is how many cores the others leave to this process; -1 if that is not
// known.
func (n *neighbours) free() float64 {
	now := n.now()
	passed := now.Sub(n.at)
	if passed < window {
		return n.last
	}
	busy, own, ok := n.read()
	if ok && !n.at.IsZero() {
		others := (busy - n.busy - (own - n.own)) / passed.Seconds()
		n.last = n.cores - min(max(others, 0), n.cores)
	}
	n.at, n.busy, n.own = now, busy, own
	return n.last
}

// parseStat reads the first line of /proc/stat: seconds that all cores were
// busy, with what the hypervisor took.
func parseStat(data []byte) (busy float64, ok bool) {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	fields := bytes.Fields(line)
	if len(fields) < 9 || string(fields[0]) != "cpu" {
		return 0, false
	}
	for i, f := range fields[1:9] {
		if i == 3 || i == 4 { // idle, and idle while a disk works
			continue
		}
		v, err := strconv.ParseUint(string(f), 10, 63)
		if err != nil {
			return 0, false
		}
		busy += float64(v) / 100 // USER_HZ
	}
	return busy, true
}
