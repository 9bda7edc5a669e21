package documents

import (
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFlags keep a link from being followed and a pipe from blocking.
const openFlags = unix.O_NOFOLLOW | unix.O_NONBLOCK

// freeBytes is what this user may still write to the disk of a folder.
func freeBytes(dir string) (n int64, known bool) {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return 0, false
	}
	return int64(min(st.Bavail, 1<<62/uint64(st.Bsize))) * st.Bsize, true
}

// deviceOf tells file systems apart; 0: nobody knows.
func deviceOf(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Dev & (1<<63 - 1) // SQLite's integers have a sign
	}
	return 0
}

// tellsChanges says whether the system tells of what others change in a folder:
// on a network drive it tells only of what this machine does.
func tellsChanges(dir string) bool {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return false
	}
	switch uint32(st.Type) {
	case unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.FUSE_SUPER_MAGIC, unix.V9FS_MAGIC:
		return false
	}
	return true
}
