package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/engine/local/fake"
)

// TestServiceIsTold: systemd hears that Alcove is ready when it listens, and
// that it stops.
func TestServiceIsTold(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: socket})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	heard := func() string {
		t.Helper()
		b := make([]byte, 4096)
		conn.SetReadDeadline(time.Now().Add(time.Minute))
		n, err := conn.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		return string(b[:n])
	}
	p := fakePlace(t, fake.Script{})
	p.env = []string{"NOTIFY_SOCKET=" + socket}
	a := p.serve(t)
	if got := heard(); got != "READY=1" {
		t.Errorf("heard %q", got)
	}
	a.call("GET", "/healthz", "")
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	if got := heard(); got != "STOPPING=1" {
		t.Errorf("heard %q", got)
	}
}

// TestUnits: systemd understands the unit files and finds the service closed.
func TestUnits(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("the test needs systemd-analyze: run `make setup-test`")
	}
	for path, program := range map[string]string{
		"build/systemd/alcove.service": "/usr/bin/alcove", "build/kiosk/alcove-kiosk.service": "/opt/alcove/share/kiosk/kiosk.sh",
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("ExecStart="+program)) {
			t.Errorf("%s does not start %s", path, program)
		}
		unit := filepath.Join(t.TempDir(), filepath.Base(path))
		if err := os.WriteFile(unit, bytes.ReplaceAll(text, []byte(program), []byte("/bin/true")), 0o600); err != nil {
			t.Fatal(err)
		}
		// It is silent about files that are as they should be.
		if out, err := exec.Command("systemd-analyze", "verify", unit).CombinedOutput(); err != nil || strings.Contains(string(out), filepath.Base(path)) {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
		if strings.HasSuffix(path, "/alcove.service") {
			// 20 of 100: what is left open is the network of this machine and the GPUs.
			if out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=20", unit).CombinedOutput(); err != nil {
				t.Errorf("%s is too open: %v\n%s", path, err, out)
			}
		}
	}
}

// TestKioskScript: its exit status is Alcove's, so that only the PIN keeps
// systemd from starting it again.
func TestKioskScript(t *testing.T) {
	for _, tool := range []string{"xinit", "Xvfb"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the test needs %s: run `make setup-test`", tool)
		}
	}
	folder := t.TempDir()
	program := filepath.Join(folder, "a program")
	for _, c := range []struct {
		script, pin, args string
		code              int
	}{
		{"exit 0", "", "--kiosk --kiosk-idle 2m", 0},
		{"exit 1", "/a b/pin", "--kiosk --kiosk-idle 2m --kiosk-pin-file /a b/pin", 1},
		{"kill -9 $$", "", "--kiosk --kiosk-idle 2m", 137},
	} {
		seen := filepath.Join(folder, "seen")
		if err := os.WriteFile(program, []byte("#!/bin/sh\nprintf '%s' \"$*\" >"+seen+"\n"+c.script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		free := newScreen(t, "64x64") // its number is free when it has ended
		free.end()
		cmd := withEnv(exec.Command("build/kiosk/kiosk.sh"), "ALCOVE_KIOSK_PROGRAM="+program, "ALCOVE_KIOSK_PIN_FILE="+c.pin,
			"ALCOVE_KIOSK_X=/usr/bin/Xvfb "+free.name+" -screen 0 320x240x24 -nolisten tcp")
		r := runCommand(t, cmd)
		if got := read(seen); r.code != c.code || got != c.args {
			t.Errorf("%s: exit status %d, started with %q\n%s", c.script, r.code, got, r.stderr)
		}
	}
}
