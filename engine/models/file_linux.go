package models

import (
	"io/fs"
	"os"
	"syscall"
)

// stampOf reads a stamp from what stat said.
func stampOf(st fs.FileInfo) stamp {
	s := stamp{size: st.Size(), modified: st.ModTime().UnixNano()}
	if u, ok := st.Sys().(*syscall.Stat_t); ok {
		s.device, s.inode = uint64(u.Dev), u.Ino
	}
	return s
}

// writersOf asks the kernel whether somebody has the file open for writing: a
// read lease is only given when nobody has. It is given back at once; whoever
// opens the file in between waits for that moment. Files of other users and
// most network shares have no answer.
func writersOf(f *os.File) writers {
	const setLease = 1024 // F_SETLEASE, in package unix only
	who := writersUnknown
	conn, err := f.SyscallConn()
	if err != nil {
		return who
	}
	_ = conn.Control(func(fd uintptr) {
		switch _, _, e := syscall.Syscall(syscall.SYS_FCNTL, fd, setLease, syscall.F_RDLCK); e {
		case 0:
			_, _, _ = syscall.Syscall(syscall.SYS_FCNTL, fd, setLease, syscall.F_UNLCK)
			who = writersNone
		case syscall.EAGAIN:
			who = writersSome
		}
	})
	return who
}
