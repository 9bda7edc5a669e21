//go:build unix

package config

import "syscall"

// KeepPrivate makes every file that this process creates from now on
// readable by its person alone.
func KeepPrivate() { syscall.Umask(0o077) }
