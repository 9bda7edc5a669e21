//go:build !linux || !cgo

package hardware

// askDriver knows no driver in this build.
func askDriver() ([]GPU, error) { return nil, nil }
