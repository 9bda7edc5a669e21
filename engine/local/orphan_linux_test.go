package local_test

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"alcove/engine/local"
	"alcove/engine/local/fake"
)

// kill -9 of the app ends its worker, running or frozen.
func TestEngine_ParentKilled(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, freeze := range map[string]bool{"running": false, "frozen": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			fake.Model(t, dir, "m", fake.Script{Endless: true, Pause: time.Millisecond})
			killParent(t, exe, []string{exe, fake.Runtime(t, local.LibraryVersion, local.BindingVersion), dir}, freeze)
		})
	}
}

// killParent starts a parent with a worker, kills the parent, and waits until
// the worker has gone.
func killParent(t *testing.T, exe string, args []string, freeze bool) {
	t.Helper()
	cmd := exec.Command(exe, append([]string{parentArg}, args...)...)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the parent said %q: %v", line, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "worker ")))
	if err != nil || !alive(pid) {
		t.Fatalf("the parent said %q: no such process", line)
	}
	if freeze {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	for alive(pid) {
		select {
		case <-ctx.Done():
			syscall.Kill(pid, syscall.SIGKILL)
			t.Fatal("the worker outlived its parent")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// alive says whether a process runs; one that has ended and is not collected
// yet does not.
func alive(pid int) bool {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}
