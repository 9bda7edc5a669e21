//go:build !linux

package extract

import (
	"os"
	"syscall"
	"time"
)

// childAttributes are the default ones: the end of stdin ends the child.
func childAttributes() *syscall.SysProcAttr { return nil }

// resident is not written for this system: memory is bounded by the child alone.
func resident(int) int64 { return 0 }

// processorTime is not known here.
func processorTime(int) time.Duration { return 0 }

func overTime(*os.ProcessState) bool { return false }
