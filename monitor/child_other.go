//go:build !linux

package monitor

import "syscall"

// childAttributes are the default ones: the end of stdin ends the sensors.
func childAttributes() *syscall.SysProcAttr { return nil }
