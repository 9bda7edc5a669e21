package seal

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// denied are the system calls that make or use sockets, and those that would
// get around that or reach into other processes.
var denied = []uint32{
	unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
	unix.SYS_IO_URING_SETUP, unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PIDFD_GETFD,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	unix.SYS_MOUNT, unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_KEXEC_LOAD, unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE,
}

// Places in struct seccomp_data.
const (
	dataNumber = 0
	dataArch   = 4
)

// x32 marks the second set of numbers that x86-64 kernels know.
const x32 = 0x40000000

// denySockets installs the filter for the calling thread, which exec hands on.
func denySockets() error { return deny(denied, 0) }

// NoPrograms takes the right to start a program from every thread of this
// process. It comes after Check: Enter itself starts the program again.
func NoPrograms() error {
	return deny([]uint32{unix.SYS_EXECVE, unix.SYS_EXECVEAT}, unix.SECCOMP_FILTER_FLAG_TSYNC)
}

// deny installs a filter that refuses some calls, and all of another
// architecture (32-bit ones on a 64-bit kernel).
func deny(denied []uint32, flags uintptr) error {
	arch, ok := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	if !ok {
		return errors.New("no filter is known for this processor")
	}
	load := func(at uint32) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: at}
	}
	jump := func(op uint16, k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | op, Jt: yes, Jf: no, K: k}
	}
	ret := func(k uint32) unix.SockFilter { return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: k} }

	n := uint8(len(denied))
	prog := []unix.SockFilter{
		load(dataArch),
		jump(unix.BPF_JEQ, arch, 0, n+3),
		load(dataNumber),
		jump(unix.BPF_JGE, x32, n+1, 0),
	}
	for i, nr := range denied {
		prog = append(prog, jump(unix.BPF_JEQ, nr, n-uint8(i), 0))
	}
	prog = append(prog, ret(unix.SECCOMP_RET_ALLOW), ret(unix.SECCOMP_RET_ERRNO|uint32(unix.EPERM)))
	fprog := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	if thread, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&fprog))); e != 0 {
		return e
	} else if thread != 0 {
		return fmt.Errorf("thread %d does not take the filter", thread)
	}
	return nil
}
