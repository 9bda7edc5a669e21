package main

import (
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"alcove/engine/local/fake"
)

func TestKiosk(t *testing.T) {
	t.Parallel()
	program := needWindow(t)
	s := newScreen(t, "1024x768")
	p := fakePlace(t, fake.Script{Text: "The next shift begins at six."})
	pins := filepath.Join(t.TempDir(), "pin")
	made := runCommand(t, withStdin(exec.Command(program, "kiosk-pin"), "4711\n"))
	if made.code != 0 || !strings.HasPrefix(made.stdout, "pbkdf2-sha256$") || strings.Contains(made.stdout, "4711") {
		t.Fatalf("%+v", made)
	}
	if err := os.WriteFile(pins, []byte(made.stdout), 0o600); err != nil {
		t.Fatal(err)
	}
	a := p.open(t, program, s, nil, "--listen", "127.0.0.1:0", "--kiosk", "--kiosk-idle", "10s", "--kiosk-pin-file", pins).find(p)
	a.opens(1)
	a.ready()
	a.until("it fills the screen", func() bool { return filled(s.picture()) })

	var fresh *image.RGBA
	t.Run("is wiped after idle time", func(t *testing.T) { fresh = wiped(t, a, s) })
	t.Run("comes back when WebKit or the window is killed", func(t *testing.T) {
		a.killWebKit()
		a.opens(2)
		for _, pid := range descendants(a.cmd.Process.Pid, "alcove-desktop") {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		a.opens(3)
		a.until("it fills the screen again", func() bool { return filled(s.picture()) })
	})
	t.Run("keys and the window's close do not end it", func(t *testing.T) {
		for _, key := range []string{"ctrl+q", "alt+F4", "F11", "ctrl+w", "ctrl+b", "ctrl+k", "ctrl+comma", "ctrl+n", "ctrl+p", "ctrl+o"} {
			s.tool("key", key)
		}
		s.tool("mousemove", "500", "300", "click", "3")
		a.until("it looks as at the start", func() bool { return differing(fresh, s.picture()) < 0.01 })
		if !filled(s.picture()) {
			t.Error("the screen is not filled any more")
		}
	})
	t.Run("only the PIN ends it", func(t *testing.T) {
		s.tool("key", "ctrl+shift+q")
		a.until("the number pad is drawn", func() bool { return s.picture().RGBAAt(2, 2) != pageWall })
		s.keep("kiosk-pin")
		s.tool("type", "--delay", "40", "1234")
		s.tool("key", "Return")
		a.until("the wrong PIN is refused", func() bool { return strings.Contains(a.log.String(), `"right":false`) })
		s.tool("type", "--delay", "40", "4711")
		s.tool("key", "Return")
		if code := a.exit(); code != 0 {
			t.Errorf("exit status %d\n%s", code, a.log)
		}
	})
}

// filled says whether the page reaches into every corner and shows something.
func filled(img *image.RGBA) bool {
	for _, c := range []image.Point{{2, 2}, {1021, 2}, {2, 765}, {1021, 765}} {
		if img.RGBAAt(c.X, c.Y) != pageWall {
			return false
		}
	}
	return count(img, pageInk) > 500
}

// wiped asks a question and leaves. It gives what the screen shows before and after.
func wiped(t *testing.T, a *served, s *screen) (fresh *image.RGBA) {
	t.Helper()
	s.tool("mousemove", "1000", "400")
	a.until("the page stands still", func() bool {
		before := fresh
		fresh = s.picture()
		return before != nil && differing(before, fresh) < 0.001
	})
	s.keep("kiosk-start")
	s.write("When does the next shift begin?")
	a.until("the answer is there", func() bool {
		all := a.answers()
		return len(all) == 1 && all[0].Status == "done"
	})
	a.until("the answer is drawn", func() bool { return differing(fresh, s.picture()) > 0.05 })
	s.keep("kiosk-answer")
	s.tool("mousemove", "1000", "400")
	a.until("the countdown is drawn", func() bool { return s.picture().RGBAAt(2, 2) != pageWall })
	s.keep("kiosk-countdown")
	a.until("it is as it was at the start", func() bool { return differing(fresh, s.picture()) < 0.01 })
	if len(a.answers()) != 1 {
		t.Error("the history has lost the conversation")
	}
	return fresh
}

func withStdin(cmd *exec.Cmd, text string) *exec.Cmd {
	cmd.Stdin = strings.NewReader(text)
	return cmd
}

func TestKioskRefusesBadPins(t *testing.T) {
	t.Parallel()
	program := needWindow(t)
	for _, pin := range []string{"", "12", "12ab", "１２３４"} {
		if r := runCommand(t, withStdin(exec.Command(program, "kiosk-pin"), pin)); r.code != 1 || !strings.Contains(r.stderr, "digits") {
			t.Errorf("%q: %+v", pin, r)
		}
	}
	p := fakePlace(t, fake.Script{})
	file := filepath.Join(t.TempDir(), "pin")
	if err := os.WriteFile(file, []byte("4711"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustFail(t, runCommand(t, exec.Command(program, append(p.args(), "--kiosk", "--kiosk-pin-file", file)...)), "not a hashed PIN", "kiosk-pin")
}
