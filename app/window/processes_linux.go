package window

import (
	"bytes"
	"os"
	"strconv"
)

// webProcesses counts the living WebKit processes that draw pages for parent.
func webProcesses(parent int) int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return 0
	}
	n := 0
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err == nil && isWebProcess(pid, parent) {
			n++
		}
	}
	return n
}

// isWebProcess reads /proc/PID/stat: "pid (name) state ppid ...". The kernel
// cuts names to 15 bytes.
func isWebProcess(pid, parent int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	open, shut := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
	if open < 0 || shut < open || string(stat[open+1:shut]) != "WebKitWebProces" {
		return false
	}
	rest := bytes.Fields(stat[shut+1:])
	return len(rest) > 1 && string(rest[0]) != "Z" && string(rest[1]) == strconv.Itoa(parent)
}
