package library

import (
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFile opens a regular file for reading. What was put in its place since it
// was listed, a link or a pipe, is neither followed nor waited for.
func openFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
}

// dropCache tells the kernel that a part of a file is not needed again, so that
// reading it once does not push the loaded model out of memory. Pages that
// somebody has mapped stay.
func dropCache(f *os.File, at, n int64) {
	_ = unix.Fadvise(int(f.Fd()), at, n, unix.FADV_DONTNEED) // only advice
}

// openPart opens a part file for writing; the first piece makes it.
func openPart(path string, first bool) (*os.File, error) {
	flags := os.O_WRONLY | syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	if first {
		flags |= os.O_CREATE
	}
	return os.OpenFile(path, flags, 0o600)
}

// renameNew gives a file another name, and never replaces what has it already.
func renameNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if err == unix.EINVAL || err == unix.ENOSYS { // a file system that cannot promise that
		if _, err := os.Lstat(to); err == nil {
			return fs.ErrExist
		}
		return os.Rename(from, to)
	}
	return err
}

// freeBytes is what this user may still write to the disk of a folder.
func freeBytes(dir string) (n int64, known bool) {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return 0, false
	}
	return int64(min(st.Bavail, 1<<62/uint64(st.Bsize))) * st.Bsize, true
}

func inodeOf(st fs.FileInfo) uint64 {
	if s, ok := st.Sys().(*syscall.Stat_t); ok {
		return s.Ino
	}
	return 0
}
