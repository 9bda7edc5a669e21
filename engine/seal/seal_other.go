//go:build !linux

package seal

import "errors"

// Enter is not written for this system.
func Enter(Folders) error { return errors.New("seal: not written for this system") }

// Check reports that nothing is sealed, and lets the worker run.
func Check() (Report, bool, error) {
	return Report{Missing: "this system's worker is not sealed yet"}, true, nil
}

// NoPrograms is not written for this system.
func NoPrograms() error { return nil }
