package snapshot

import (
	"os"

	"golang.org/x/sys/unix"
)

// allocMemory takes memory from the system, outside the garbage collector:
// states are large, and it would keep as much again. Nil if there is none.
func allocMemory(bytes int) []byte {
	b, err := unix.Mmap(-1, 0, bytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil
	}
	return b
}

func freeMemory(b []byte) { _ = unix.Munmap(b) }

// syncDir makes a rename last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
