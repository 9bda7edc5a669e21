//go:build !linux

package local

import (
	"errors"
	"runtime"
)

// startProcess is not written for this system yet.
func startProcess(string, []string, []string) (*process, error) {
	return nil, errors.New("workers cannot be started on " + runtime.GOOS + " yet")
}
