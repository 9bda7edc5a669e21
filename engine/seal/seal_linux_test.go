package seal

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The test program is its own helper: with modeName set it does what a worker
// does, sealed or not, and prints what it could do.
const modeName = "ALCOVE_SEAL_TEST"

func init() { runtime.LockOSThread() }

func TestMain(m *testing.M) {
	if mode := os.Getenv(modeName); mode != "" {
		os.Exit(helper(mode))
	}
	os.Exit(m.Run())
}

// attempts are a try at each thing that a sealed process must not do, with the
// error, "" if it worked.
type attempts struct {
	Sealed                             bool
	Report                             Report
	Read, List, Write, Connect, Listen string
	Signal, Model, Exec                string
	DeathSignal                        int32
}

func helper(mode string) int {
	file, addr, model := os.Args[1], os.Args[2], os.Args[3]
	report, sealed, err := Check()
	if err != nil {
		os.Stderr.WriteString(err.Error())
		return 1
	}
	if mode == "sealed" && !sealed {
		err := Enter(Folders{Model: model})
		os.Stderr.WriteString(err.Error())
		return 1
	}
	a := attempts{Sealed: sealed, Report: report}
	say := func(to *string, err error) {
		if err != nil {
			*to = err.Error()
		}
	}
	done := make(chan struct{})
	go func() { // on another thread than the sealed one
		defer close(done)
		_, err := os.ReadFile(file)
		say(&a.Read, err)
		_, err = os.ReadDir(filepath.Dir(file))
		say(&a.List, err)
		say(&a.Write, os.WriteFile(filepath.Join(filepath.Dir(file), "written"), nil, 0o600))
		c, err := net.DialTimeout("tcp", addr, 5*time.Second)
		say(&a.Connect, err)
		if err == nil {
			c.Close()
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		say(&a.Listen, err)
		if err == nil {
			l.Close()
		}
		say(&a.Signal, unix.Kill(os.Getppid(), 0))
		_, err = os.ReadFile(model)
		say(&a.Model, err)
		say(&a.Exec, exec.Command(file).Run())
	}()
	<-done
	_ = unix.Prctl(unix.PR_GET_PDEATHSIG, uintptr(unsafe.Pointer(&a.DeathSignal)), 0, 0, 0)
	json.NewEncoder(os.Stdout).Encode(a)
	return 0
}

func runHelper(t *testing.T, mode string) attempts {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	secrets, models := t.TempDir(), t.TempDir()
	file, model := filepath.Join(secrets, "alcove.db"), filepath.Join(models, "model.gguf")
	for _, p := range []string{file, model} {
		if err := os.WriteFile(p, []byte("#!/bin/sh\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(os.Args[0], file, listener.Addr().String(), model)
	cmd.Env = append(os.Environ(), modeName+"="+mode)
	cmd.SysProcAttr = &unix.SysProcAttr{Pdeathsig: unix.SIGKILL}
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", mode, err, out)
	}
	var a attempts
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%s: %v in %s", mode, err, out)
	}
	return a
}

func TestSealedProcess(t *testing.T) {
	open := runHelper(t, "open")
	if open.Sealed || open.Read+open.List+open.Write+open.Connect+open.Listen+open.Signal+open.Model+open.Exec != "" {
		t.Fatalf("without a seal all must work, or this test proves nothing: %+v", open)
	}
	a := runHelper(t, "sealed")
	t.Logf("%+v", a)
	if !a.Sealed || !a.Report.NoNewPrivileges || !a.Report.NoCoreDumps {
		t.Fatalf("report: %+v", a.Report)
	}
	if a.Model != "" {
		t.Errorf("the model cannot be read: %s", a.Model)
	}
	if a.DeathSignal != int32(unix.SIGKILL) {
		t.Errorf("parent-death signal is %d after exec", a.DeathSignal)
	}
	denied := map[string]string{}
	if a.Report.LandlockABI > 0 {
		denied["read"], denied["list"], denied["write"], denied["exec"] = a.Read, a.List, a.Write, a.Exec
	}
	if a.Report.LandlockABI >= 4 || a.Report.Seccomp {
		denied["connect"], denied["listen"] = a.Connect, a.Listen
	}
	if a.Report.LandlockABI >= 6 {
		denied["signal"] = a.Signal
	}
	if len(denied) < 7 && a.Report.Missing == "" {
		t.Errorf("not all is closed, and the report does not say so: %+v", a.Report)
	}
	for name, got := range denied {
		if !strings.Contains(got, "permission denied") && !strings.Contains(got, "not permitted") {
			t.Errorf("%s from inside the seal: %q", name, got)
		}
	}
}

// A report in the environment that the kernel does not confirm is refused.
func TestForgedReport(t *testing.T) {
	for _, report := range []string{`{"no_new_privileges":true}`, `{"landlock_abi":7}`, `not JSON`} {
		t.Setenv(envName, report)
		if _, sealed, err := Check(); sealed || err == nil {
			t.Errorf("%s: accepted", report)
		}
	}
}
