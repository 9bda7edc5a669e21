package formats

import (
	"time"

	"golang.org/x/sys/unix"
)

// limitSelf bounds this process: few open files, no written bytes, and
// processor time for the case that the parent does not look. The address space
// is not bounded: Go and WebAssembly reserve much more than they use. The
// parent watches what is used.
func limitSelf(total time.Duration) error {
	seconds := uint64(total/time.Second)*2 + 60
	for resource, limit := range map[int]uint64{unix.RLIMIT_NOFILE: 64, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_CPU: seconds} {
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	return nil
}

// limitTesseract bounds what exec hands on to tesseract.
func limitTesseract() error {
	for resource, limit := range map[int]uint64{unix.RLIMIT_NOFILE: 64, unix.RLIMIT_FSIZE: 0, unix.RLIMIT_CPU: 120, unix.RLIMIT_AS: 2 << 30} {
		if err := unix.Setrlimit(resource, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	return nil
}
