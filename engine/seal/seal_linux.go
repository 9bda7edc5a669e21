package seal

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Enter seals the process and starts the program again, with the same
// arguments. It returns only if that failed. The caller must be on the main
// thread: the parent-death signal belongs to a thread, and exec from another
// one would lose it.
func Enter(f Folders) error {
	if unix.Gettid() != unix.Getpid() {
		return errors.New("seal: not on the main thread")
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("seal: find own program: %w", err)
	}
	var r Report
	var missing []string
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("seal: no new privileges: %w", err)
	}
	r.NoNewPrivileges = true
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("seal: no core dumps: %w", err)
	}
	backends := gpuBackends(f.Runtime)
	if f.GPU != "" && f.GPU != "all" {
		backends = slices.DeleteFunc(backends, func(b string) bool { return b != f.GPU })
	}
	gpus := gpuNodes(backends) // before /dev is closed
	if r.LandlockABI, err = landlock(append(rules(f, self), gpuRules(backends, gpus)...)); err != nil {
		return fmt.Errorf("seal: landlock: %w", err)
	}
	switch {
	case r.LandlockABI == 0:
		missing = append(missing, "this kernel has no Landlock: the model process could read the user's files and use the network")
	case r.LandlockABI < 4:
		missing = append(missing, fmt.Sprintf("this kernel's Landlock (ABI %d) does not cover the network", r.LandlockABI))
	case r.LandlockABI < 6:
		missing = append(missing, fmt.Sprintf("this kernel's Landlock (ABI %d) does not cover signals to other processes", r.LandlockABI))
	}
	if len(gpus) > 0 {
		missing = append(missing, "no system call filter, because GPU drivers open sockets")
	} else if err := denySockets(); err != nil {
		missing = append(missing, fmt.Sprintf("no system call filter (%v)", err))
	} else {
		r.Seccomp = true
	}
	r.Missing = strings.Join(missing, "; ")
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("seal: report: %w", err)
	}
	// On an abort ggml would fork a debugger, and the fork would hold the
	// worker's socket open.
	env := append(os.Environ(), envName+"="+string(line), "GGML_NO_BACKTRACE=1")
	program, args := self, append([]string{self}, os.Args[1:]...)
	if len(f.Exec) > 0 {
		program, args = f.Exec[0], f.Exec
	}
	return fmt.Errorf("seal: start %s: %w", filepath.Base(program), unix.Exec(program, args, env))
}

// Check reads the report that Enter left and asks the kernel whether it is
// true. sealed is false in a process that has not been through Enter.
func Check() (r Report, sealed bool, err error) {
	line, found := os.LookupEnv(envName)
	if !found {
		return r, false, nil
	}
	if err := os.Unsetenv(envName); err != nil {
		return r, false, err
	}
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		return r, false, fmt.Errorf("seal: read report: %w", err)
	}
	nnp, _, e := unix.Syscall6(unix.SYS_PRCTL, unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0, 0)
	if e != 0 || nnp != 1 {
		return r, false, errors.New("seal: privileges are not closed although the report says so")
	}
	mode, _, e := unix.Syscall6(unix.SYS_PRCTL, unix.PR_GET_SECCOMP, 0, 0, 0, 0, 0)
	if r.Seccomp && (e != 0 || mode != 2) {
		return r, false, errors.New("seal: there is no system call filter although the report says so")
	}
	if r.LandlockABI > 0 {
		if _, err := os.ReadDir("/"); err == nil {
			return r, false, errors.New("seal: files are open although the report says closed")
		}
	}
	// Exec has made the process dumpable again.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return r, false, fmt.Errorf("seal: no core dumps: %w", err)
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil || limit.Cur != 0 || limit.Max != 0 {
		return r, false, errors.New("seal: core dumps are not closed")
	}
	r.NoCoreDumps = true
	return r, true, nil
}

// rule opens one path.
type rule struct {
	path   string
	access uint64
}

const (
	read    = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	execute = read | unix.LANDLOCK_ACCESS_FS_EXECUTE
	keep    = read | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE |
		unix.LANDLOCK_ACCESS_FS_TRUNCATE
	device = read | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	onFile = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_READ_FILE |
		unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
)

// rules lists what every worker may open. Paths that are not there are skipped.
func rules(f Folders, self string) []rule {
	all := []rule{{self, execute}}
	add := func(access uint64, paths ...string) {
		for _, p := range paths {
			if p != "" {
				all = append(all, rule{p, access})
			}
		}
	}
	add(execute, f.Runtime, "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
	if f.Model != "" {
		add(read, filepath.Dir(f.Model))
		if real, err := filepath.EvalSymlinks(f.Model); err == nil {
			add(read, filepath.Dir(real))
		}
	}
	add(read, f.LoRA...)
	add(keep, f.State)
	add(read, f.Read...)
	add(keep|unix.LANDLOCK_ACCESS_FS_MAKE_DIR|unix.LANDLOCK_ACCESS_FS_REMOVE_DIR|unix.LANDLOCK_ACCESS_FS_REFER, f.Keep...)
	if len(f.Exec) > 0 {
		add(execute, f.Exec[0])
	}
	add(read, "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/proc/self", "/proc/cpuinfo", "/proc/meminfo",
		"/proc/stat", "/sys/devices/system", "/sys/fs/cgroup", "/sys/kernel/mm/transparent_hugepage")
	add(device, "/dev/null")
	return all
}
