package monitor

import "syscall"

// childAttributes make the kernel end the sensors with this program. A group
// of their own keeps Ctrl-C away from them: they end when we say so.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
