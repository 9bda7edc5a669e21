package local

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// oomScore makes the worker the first process the kernel ends when memory is
// short: the app survives and says what happened.
const oomScore = 800

// startProcess makes a worker whose fd 3 is one end of a socket pair. It must
// run on the spawner's thread: the kernel kills the child when the thread that
// made it ends (golang/go#27505), which is how kill -9 of the app ends it too.
func startProcess(path string, args, env []string) (*process, error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("make socket pair: %w", err)
	}
	if err := syscall.SetNonblock(fds[0], true); err != nil { // so that Close ends a Read
		syscall.Close(fds[0])
		syscall.Close(fds[1])
		return nil, fmt.Errorf("make socket pair: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "worker"), os.NewFile(uintptr(fds[1]), "app")
	defer theirs.Close()
	logs, logsIn, err := os.Pipe()
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("make log pipe: %w", err)
	}
	defer logsIn.Close()
	cmd := exec.Command(path, args...)
	cmd.Env = env
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = logsIn, logsIn // native code that prints must not reach our stdout
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		ours.Close()
		logs.Close()
		return nil, fmt.Errorf("start worker: %w", err)
	}
	// Raising one's own child's score needs no right; where it fails the worker still works.
	_ = os.WriteFile("/proc/"+strconv.Itoa(cmd.Process.Pid)+"/oom_score_adj", []byte(strconv.Itoa(oomScore)), 0)
	return &process{pid: cmd.Process.Pid, conn: ours, logs: logs, kill: cmd.Process.Kill, wait: func() string {
		_ = cmd.Wait() // the state says it all
		return cmd.ProcessState.String()
	}}, nil
}
