//go:build unix

package fake

import (
	"os"
	"syscall"
)

// signals are what acts send.
var signals = map[Act]syscall.Signal{Kill: syscall.SIGKILL, Abort: syscall.SIGABRT, Freeze: syscall.SIGSTOP}

// signalSelf sends this process the signal of an act, and waits for it.
func signalSelf(a Act) {
	if err := syscall.Kill(os.Getpid(), signals[a]); err != nil {
		die(err)
	}
	select {}
}
