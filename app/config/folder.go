package config

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// MakeFolder makes a folder that only this person can enter. A folder that is
// there already is closed to others when it is empty and refused when it is
// not: its files may be meant for somebody. Errors are sentences.
func MakeFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		switch {
		case errors.Is(err, syscall.EROFS), errors.Is(err, os.ErrPermission):
			return fmt.Errorf("the folder %s cannot be written to. Choose another one with --data, or make it writable", path)
		case errors.Is(err, syscall.ENOTDIR):
			return fmt.Errorf("%s is not a folder. Choose another one with --data", path)
		}
		return fmt.Errorf("make folder: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("look at folder: %w", err)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return fmt.Errorf("the folder %s cannot be read: %w", path, err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("others can read the folder %s. Conversations are private: run `chmod 700 %s`, or choose another folder with --data", path, path)
	}
	if err := os.Chmod(path, 0o700); err != nil {
		return fmt.Errorf("the folder %s cannot be closed to others: %w", path, err)
	}
	return nil
}
