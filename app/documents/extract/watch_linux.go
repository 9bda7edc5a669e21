package extract

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// childAttributes make the kernel end a child with the thread that started it,
// and keep Ctrl-C away from it: it ends when we say so.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

// resident gives the bytes of memory that a process has, 0 where it is gone.
func resident(pid int) int64 {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(line)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

// processorTime is what a process has computed so far, in the kernel's hundredths.
func processorTime(pid int) time.Duration {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The name, in parentheses, may hold spaces.
	fields := bytes.Fields(line[bytes.LastIndexByte(line, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	total := time.Duration(0)
	for _, f := range fields[11:13] {
		if ticks, err := strconv.ParseInt(string(f), 10, 64); err == nil {
			total += time.Duration(ticks) * (time.Second / 100)
		}
	}
	return total
}

// overTime says whether the kernel ended the process for its processor time.
func overTime(s *os.ProcessState) bool {
	status, ok := s.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGXCPU
}
