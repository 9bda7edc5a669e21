//go:build !linux

package library

import (
	"io/fs"
	"os"
)

func openFile(path string) (*os.File, error) { return os.Open(path) }

func openPart(path string, first bool) (*os.File, error) {
	flags := os.O_WRONLY
	if first {
		flags |= os.O_CREATE
	}
	return os.OpenFile(path, flags, 0o600)
}

// renameNew cannot promise here that nothing comes between its two steps.
func renameNew(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return fs.ErrExist
	}
	return os.Rename(from, to)
}

func freeBytes(string) (int64, bool) { return 0, false }

func dropCache(*os.File, int64, int64) {}

func inodeOf(fs.FileInfo) uint64 { return 0 }
