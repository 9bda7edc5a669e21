//go:build !linux || !cgo

package monitor

// gpuMeter knows no driver in this build.
type gpuMeter struct{}

func (*gpuMeter) read() (d driver, broken bool) { return driver{}, true }

func (*gpuMeter) open() bool { return false }

func (*gpuMeter) close() {}
