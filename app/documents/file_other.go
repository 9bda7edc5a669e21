//go:build !linux

package documents

import "io/fs"

const openFlags = 0

func freeBytes(string) (int64, bool) { return 0, false }

func deviceOf(fs.FileInfo) uint64 { return 0 }

func tellsChanges(string) bool { return false }
