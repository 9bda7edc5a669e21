package window

import (
	"os"
	"path/filepath"
	"syscall"
)

// childAttributes give the window process a process group: Ctrl-C in the
// terminal is the host's to handle.
func childAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// needsPlainDrawing says whether WebKit's shared GPU buffers would show a
// blank window on this machine.
func needsPlainDrawing() bool {
	nodes, _ := filepath.Glob("/dev/dri/renderD*")
	_, err := os.Stat("/proc/driver/nvidia/version")
	return len(nodes) == 0 || err == nil
}
