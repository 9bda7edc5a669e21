//go:build !linux

package hardware

// readUse knows nothing of this system yet.
func readUse(int) (Use, bool) { return Use{}, false }
