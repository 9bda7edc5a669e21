package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// connection takes the socket from file descriptor 3, to a number that native
// code does not expect and that no child inherits. Standard output becomes
// standard error: nothing that a library prints may look like ours.
func connection() (*os.File, error) {
	const inherited = 3
	kind, err := unix.GetsockoptInt(inherited, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil || kind != unix.SOCK_STREAM {
		return nil, errors.New("file descriptor 3 is no stream socket; alcove-worker is started by alcove")
	}
	fd, err := unix.FcntlInt(inherited, unix.F_DUPFD_CLOEXEC, 64)
	if err != nil {
		return nil, fmt.Errorf("take the socket: %w", err)
	}
	if err := unix.Close(inherited); err != nil {
		return nil, fmt.Errorf("take the socket: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // lets reads wait without a thread
		return nil, fmt.Errorf("take the socket: %w", err)
	}
	if err := unix.Dup3(int(os.Stderr.Fd()), int(os.Stdout.Fd()), 0); err != nil {
		return nil, fmt.Errorf("redirect standard output: %w", err)
	}
	return os.NewFile(uintptr(fd), "app"), nil
}

// niceness is how far a worker for passages steps back: enough that answers keep
// their pace, and not so much that a search waits.
const niceness = 5

func lowerPriority() {
	if err := unix.Setpriority(unix.PRIO_PROCESS, 0, niceness); err != nil {
		logf("lower the priority: %v", err)
	}
}

// limitMemory bounds the memory that this process may write, in bytes. Files
// that are mapped to be read do not count.
func limitMemory(n uint64) {
	if err := unix.Setrlimit(unix.RLIMIT_DATA, &unix.Rlimit{Cur: n, Max: n}); err != nil {
		logf("limit memory: %v", err)
	}
}
