package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// prepareFolder makes the data folder private, or says why it cannot be.
func prepareFolder(path string) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return refusedBy(err, "make the data folder")
	}
	info, err := os.Stat(folder)
	if err != nil {
		return refusedBy(err, "look at the data folder")
	}
	if err := checkOwner(info, folder); err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	ours, err := isOurs(path)
	if err != nil {
		return refusedBy(err, "read the data folder")
	}
	if !ours {
		return fmt.Errorf("%w: other users may look into %s (mode %04o) and it holds other things; choose a folder of its own, or run chmod 700 on it",
			ErrNotPrivate, folder, info.Mode().Perm())
	}
	if err := os.Chmod(folder, info.Mode().Perm()&0o700); err != nil {
		return refusedBy(err, "make the data folder private")
	}
	return nil
}

// isOurs reports whether the folder is empty or holds the database already:
// only then are its permissions ours to change.
func isOurs(path string) (bool, error) {
	if info, err := os.Lstat(path); err == nil {
		return info.Mode().IsRegular(), nil
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	return len(entries) == 0, err
}

// prepareFiles makes the database file, and makes it and its companions
// private. SQLite gives the WAL and its index the mode of the database.
func prepareFiles(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		flag := os.O_RDWR | unix.O_NOFOLLOW
		if name == path {
			flag |= os.O_CREATE
		}
		f, err := os.OpenFile(name, flag, 0o600)
		if name != path && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if errors.Is(err, unix.ELOOP) {
			return fmt.Errorf("%w: %s is a symbolic link; give the folder that it points into", ErrNotPrivate, name)
		}
		if err != nil {
			return refusedBy(err, "open the database")
		}
		err = makePrivate(f)
		f.Close()
		if err != nil {
			return err
		}
	}
	// The names of a new folder and file must outlive a power cut too. On a
	// full disk these syncs may fail; then SQLite's own say so.
	for _, folder := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path))} {
		if err := syncFolder(folder); errors.Is(err, unix.EIO) {
			return refusedBy(err, "sync the data folder")
		}
	}
	return nil
}

func makePrivate(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: %s is not a file", ErrNotPrivate, f.Name())
	}
	if err := checkOwner(info, f.Name()); err != nil {
		return err
	}
	if info.Mode().Perm()&0o177 == 0 {
		return nil
	}
	if err := f.Chmod(0o600); err != nil {
		return refusedBy(err, "make the database private")
	}
	return nil
}

func checkOwner(info fs.FileInfo, name string) error {
	if s, ok := info.Sys().(*syscall.Stat_t); ok && int(s.Uid) != os.Geteuid() {
		return fmt.Errorf("%w: %s belongs to user %d and Alcove runs as user %d; run it as its owner, or choose another folder with --data",
			ErrNotPrivate, name, s.Uid, os.Geteuid())
	}
	return nil
}

// lockFolder holds an advisory lock until the file is closed, also by kill -9.
func lockFolder(path string) (*os.File, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, refusedBy(err, "make the lock file")
	}
	if err := makePrivate(f); err != nil {
		f.Close()
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrInUse
		}
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	return f, nil
}

// refusedBy says what could not be done; what the disk or its mount refuses is
// ErrReadOnly.
func refusedBy(err error, what string) error {
	for _, e := range []error{unix.EROFS, unix.EACCES, unix.EPERM, unix.ENOSPC, unix.EDQUOT, unix.EIO} {
		if errors.Is(err, e) {
			return fmt.Errorf("%s: %w; nothing was changed; make it writable, or choose another folder with --data: %w", what, ErrReadOnly, err)
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}

// syncFolder makes a new name in a folder durable.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
