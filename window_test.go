package main

import (
	"image"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"alcove/engine/local/fake"
)

const aScreen = "1280x860"

func TestWindow(t *testing.T) {
	t.Parallel()
	program := needWindow(t)
	s := newScreen(t, aScreen)
	p := fakePlace(t, tea)
	path, opened := browser(t)
	a := p.open(t, program, s, []string{path}, "--listen", "127.0.0.1:0").find(p)
	a.opens(1)
	a.ready()

	t.Run("shows the chat", func(t *testing.T) {
		a.until("the page is drawn", func() bool {
			img := s.picture()
			return count(img, pageWall) > 300_000 && count(img, pageInk) > 500 && count(img, pageAccent) > 50
		})
		s.keep("window-start")
		// The server has seen the page ask for what it shows.
		for _, route := range []string{"GET /api/v1/session", "GET /api/v1/conversations", "GET /api/v1/models"} {
			if metrics := a.call("GET", "/metrics", "").body; !strings.Contains(metrics, `route="`+route+`"`) {
				t.Errorf("the page has not asked for %s", route)
			}
		}
	})
	t.Run("asks and answers", func(t *testing.T) {
		s.write("Where do I read about tea?")
		a.until("the answer is there", func() bool {
			all := a.answers()
			return len(all) == 1 && all[0].Status == "done"
		})
		if got := a.answers()[0].Text; got != tea.Text {
			t.Errorf("answered %q", got)
		}
	})
	var link image.Rectangle
	t.Run("opens a link in the system browser", func(t *testing.T) {
		// The answer stands right of the sidebar, below the question.
		area := image.Rect(400, 170, 1100, 400)
		a.until("the link is drawn", func() bool {
			link = bounds(s.picture(), area, pageAccent)
			return link.Dx() > 20
		})
		s.keep("window-answer")
		middle := link.Min.Add(link.Size().Div(2))
		s.tool("mousemove", strconv.Itoa(middle.X), strconv.Itoa(link.Min.Y+4), "click", "1")
		a.until("the browser is asked", func() bool { return read(opened) != "" })
		if got := read(opened); got != "https://example.com/tea?x=1\n" {
			t.Errorf("the browser was asked to open %q", got)
		}
	})
	t.Run("a second start hands over", func(t *testing.T) {
		r := runCommand(t, withEnv(exec.Command(program, p.args()...), "DISPLAY="+s.name))
		if r.code != 0 || !strings.Contains(r.stdout, "brought to the front") || r.stderr != "" {
			t.Errorf("%+v", r)
		}
		if n := len(descendants(a.cmd.Process.Pid, "alcove-desktop")); n != 1 {
			t.Errorf("%d window processes", n)
		}
	})
	t.Run("a killed WebKit comes back to the same conversation", func(t *testing.T) {
		// The page says where it is when it goes there; the process that dies with it may have that still in its pipe.
		time.Sleep(3 * time.Second)
		a.killWebKit()
		a.opens(2)
		a.until("the conversation is drawn again", func() bool {
			// The pointer may stand on the link now, which draws it a little larger.
			again := bounds(s.picture(), image.Rect(400, 170, 1100, 400), pageAccent)
			return again.Dx() > 20 && again.Overlaps(link)
		})
	})
	t.Run("quits by its key", func(t *testing.T) { quits(t, a, s) })
}

// quits ends the window by its key; nothing of it is left.
func quits(t *testing.T, a *served, s *screen) {
	t.Helper()
	web := descendants(a.cmd.Process.Pid, webProcess)
	if len(web) == 0 {
		t.Error("there is no web process")
	}
	s.tool("key", "ctrl+q")
	if code := a.exit(); code != 0 {
		t.Errorf("exit status %d\n%s", code, a.log)
	}
	for _, pid := range web {
		gone(t, pid)
	}
}

func withEnv(cmd *exec.Cmd, env ...string) *exec.Cmd {
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// TestWindowEndsSaved: SIGTERM in the middle of an answer keeps what was written.
func TestWindowEndsSaved(t *testing.T) {
	t.Parallel()
	program := needWindow(t)
	s := newScreen(t, aScreen)
	p := fakePlace(t, fake.Script{Text: "word after word ", Endless: true, Pause: 20 * time.Millisecond})
	a := p.open(t, program, s, nil, "--listen", "127.0.0.1:0").find(p)
	a.opens(1)
	a.ready()
	s.write("Go on and on")
	var seen message
	a.until("it is being written", func() bool {
		for _, m := range a.answers() {
			seen = m
		}
		return len(seen.Text) > 200
	})
	if code := a.stop(); code != 0 {
		t.Fatalf("exit status %d\n%s", code, a.log)
	}
	b := p.serve(t)
	var kept message
	b.get("/api/v1/messages/"+seen.ID, &kept)
	if kept.Status != "interrupted" || !strings.HasPrefix(kept.Text, seen.Text) {
		t.Errorf("%s, %d bytes kept of %d that were seen", kept.Status, len(kept.Text), len(seen.Text))
	}
}

var signInLink = regexp.MustCompile(`http://127\.0\.0\.1:\d+/#signin=(\S+)`)

// TestNoWindow: where no window is possible, a sentence names the link that
// works, and serving goes on.
func TestNoWindow(t *testing.T) {
	t.Parallel()
	program := needWindow(t)
	gone := newScreen(t, "640x480")
	for _, c := range []struct {
		name   string
		screen *screen
		why    string
		do     func(*served)
	}{
		{"no display", nil, "there is no display", func(*served) {}},
		{"a display that is not there", &screen{name: ":65001"}, "the display does not answer", func(*served) {}},
		{"a display that goes away", gone, "the display does not answer", func(a *served) {
			a.opens(1)
			gone.end()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := fakePlace(t, fake.Script{})
			a := p.open(t, program, c.screen, nil, "--listen", "127.0.0.1:0").find(p)
			c.do(a)
			a.until("it says that there is no window", func() bool { return strings.Contains(a.log.String(), "The window cannot be opened") })
			log := a.log.String()
			found := signInLink.FindStringSubmatch(log)
			if found == nil || !strings.Contains(log, c.why) || strings.Contains(log, "goroutine") {
				t.Fatalf("it says %s", log)
			}
			a.ready()
			answer, err := http.Post(a.base+"/api/v1/session", "application/json", strings.NewReader(`{"token":"`+found[1]+`"}`))
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusNoContent {
				t.Errorf("the link's sign-in answers %s", answer.Status)
			}
			if code := a.stop(); code != 0 {
				t.Errorf("exit status %d", code)
			}
		})
	}
}

// TestWindowShowsWhyNot: whoever started it from a menu reads what is wrong.
func TestWindowShowsWhyNot(t *testing.T) {
	t.Parallel()
	program := needWindow(t)
	s := newScreen(t, aScreen)
	p := fakePlace(t, fake.Script{})
	if err := os.Mkdir(p.data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.data, "alcove.db"), []byte("this is no database, it is a letter"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := p.open(t, program, s, nil, "--listen", "127.0.0.1:0")
	a.opens(1)
	a.until("the sentence is drawn", func() bool { img := s.picture(); return count(img, pageWall) > 150_000 && count(img, pageInk) > 500 })
	s.keep("window-problem")
	s.tool("mousemove", "640", "430", "key", "ctrl+q")
	if code := a.exit(); code != 1 || !strings.Contains(a.log.String(), "alcove: ") {
		t.Errorf("exit status %d\n%s", code, a.log)
	}
}

func TestHeadlessNeedsNoWindow(t *testing.T) {
	program := needWindow(t)
	linked := func(path string) string {
		out, err := exec.Command("ldd", path).CombinedOutput()
		if err != nil {
			t.Fatalf("ldd: %v\n%s", err, out)
		}
		return string(out)
	}
	for _, library := range []string{"libgtk", "libwebkit", "libX11", "libglib"} {
		if strings.Contains(linked(programs.app), library) {
			t.Errorf("the headless program needs %s", library)
		}
	}
	if !strings.Contains(linked(program), "libwebkit2gtk-4.1") {
		t.Error("the program with the window does not name WebKit; this test looks at the wrong thing")
	}
}

// TestWindowOfRunningServer: the window of a server that runs already, a
// service perhaps, is a guest there. The usual port is taken meanwhile.
func TestWindowOfRunningServer(t *testing.T) {
	t.Parallel()
	program := needWindow(t)
	s := newScreen(t, aScreen)
	p := fakePlace(t, fake.Script{})
	server := p.serve(t)
	a := p.open(t, program, s, nil)
	a.opens(1)
	if got := a.out.String(); got != "" {
		t.Errorf("it says %q", got)
	}
	s.tool("mousemove", "640", "400", "key", "ctrl+q")
	if code := a.exit(); code != 0 {
		t.Errorf("exit status %d\n%s", code, a.log)
	}
	server.ready()

	usual, err := net.Listen("tcp", "127.0.0.1:8484")
	if err == nil {
		defer usual.Close()
	}
	q := fakePlace(t, fake.Script{})
	b := q.open(t, program, s, nil).find(q)
	b.opens(1)
	if at, err := url.Parse(b.base); err != nil || at.Port() == "8484" || at.Hostname() != "127.0.0.1" {
		t.Errorf("it listens on %s, which is taken", b.base)
	}
	if code := b.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
}

func TestWindowRemembersItsPlace(t *testing.T) {
	t.Parallel()
	program := needWindow(t)
	s := newScreen(t, aScreen)
	p := fakePlace(t, fake.Script{})
	geometry := func(s *screen) string {
		return regexp.MustCompile(`(?s)X=\d+\nY=\d+\nWIDTH=\d+\nHEIGHT=\d+`).FindString(s.tool("getwindowgeometry", "--shell", s.window()))
	}
	a := p.open(t, program, s, nil, "--listen", "127.0.0.1:0").find(p)
	a.opens(1)
	s.tool("windowsize", s.window(), "900", "600")
	s.tool("windowmove", s.window(), "210", "130")
	want := "X=210\nY=130\nWIDTH=900\nHEIGHT=600"
	a.until("it is moved", func() bool { return geometry(s) == want })
	if code := a.stop(); code != 0 {
		t.Fatalf("exit status %d", code)
	}
	b := p.open(t, program, s, nil, "--listen", "127.0.0.1:0").find(p)
	b.opens(1)
	b.until("it is where it was", func() bool { return geometry(s) == want })
	if code := b.stop(); code != 0 {
		t.Fatalf("exit status %d", code)
	}
	small := newScreen(t, "800x560")
	c := p.open(t, program, small, nil, "--listen", "127.0.0.1:0").find(p)
	c.opens(1)
	c.until("it fits on a smaller screen", func() bool { return geometry(small) == "X=0\nY=0\nWIDTH=800\nHEIGHT=560" })
}

// TestWindowProcessesEnd: a host that is killed takes the window with it,
// and a window process that is killed is replaced.
func TestWindowProcessesEnd(t *testing.T) {
	t.Parallel()
	program := needWindow(t)
	s := newScreen(t, aScreen)
	p := fakePlace(t, fake.Script{})
	a := p.open(t, program, s, nil, "--listen", "127.0.0.1:0").find(p)
	a.opens(1)
	first := descendants(a.cmd.Process.Pid, "alcove-desktop")
	if len(first) != 1 {
		t.Fatalf("window processes: %v", first)
	}
	if err := syscall.Kill(first[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	a.opens(2)
	second := descendants(a.cmd.Process.Pid, "alcove-desktop")
	if len(second) != 1 || second[0] == first[0] {
		t.Fatalf("window processes: %v, then %v", first, second)
	}
	a.kill()
	a.until("the window process has ended", func() bool { return syscall.Kill(second[0], 0) == syscall.ESRCH })
	// The lock of a killed process does not keep the next one out.
	b := p.open(t, program, s, nil, "--listen", "127.0.0.1:0").find(p)
	b.opens(1)
}

// TestWindowNotifies: an answer that ends while nobody looks is told to the
// desktop, without a word of it.
func TestWindowNotifies(t *testing.T) {
	t.Parallel()
	program := needWindow(t)
	for _, tool := range []string{"dbus-run-session", "dbus-monitor"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the test needs %s: run `make setup-test`", tool)
		}
	}
	s := newScreen(t, aScreen)
	p := fakePlace(t, fake.Script{Text: "secret words", Pause: time.Second})
	heard := filepath.Join(t.TempDir(), "heard")
	script := `dbus-monitor --session "interface='org.freedesktop.Notifications'" >"$0" & monitor=$!; "$@"; kill $monitor`
	cmd := exec.Command("dbus-run-session", append([]string{"--", "sh", "-c", script, heard, program, "--listen", "127.0.0.1:0"}, p.args()...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	a := p.start(t, cmd, s, nil).find(p)
	t.Cleanup(func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) })
	a.opens(1)
	a.ready()
	s.write("A question")
	// Without a window manager the focus is where the pointer is.
	s.tool("mousemove", "5", "5")
	a.until("the desktop is told", func() bool { return strings.Contains(read(heard), "member=Notify") })
	if text := read(heard); !strings.Contains(text, "Your answer is ready.") || strings.Contains(text, "secret") || strings.Contains(text, "A question") {
		t.Errorf("the desktop was told %s", text)
	}
	// An alert of the box comes the same way, in the box's own words.
	if got := a.call("POST", "/api/v1/alerts/channels/desktop/test", "{}"); got.status != http.StatusOK {
		t.Errorf("test of the desktop channel: %+v", got)
	}
	a.until("the desktop is told of the alert", func() bool { return strings.Contains(read(heard), "Test of the alerts") })
	s.tool("mousemove", "640", "400", "key", "ctrl+q")
	a.exit()
}

// dragSource is a window with two files to drag away, one of them its argument.
const dragSource = `
import gi, sys
gi.require_version("Gtk", "3.0")
from gi.repository import Gtk, Gdk
box = Gtk.EventBox()
box.add(Gtk.Label(label="files"))
box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [Gtk.TargetEntry.new("text/uri-list", 0, 2)], Gdk.DragAction.COPY)
box.connect("drag-data-get", lambda _w, _c, data, _i, _t: data.set_uris(["file:///tmp/a%20b.pdf", sys.argv[1]]))
window = Gtk.Window(title="Files")
window.add(box)
window.show_all()
window.move(0, 0)
Gtk.main()
`

// TestWindowTakesFiles: a dropped file does not replace the page, and a model's
// is copied into the models folder by its path.
func TestWindowTakesFiles(t *testing.T) {
	t.Parallel()
	program := needWindow(t)
	if exec.Command("/usr/bin/python3", "-c", `import gi; gi.require_version("Gtk", "3.0")`).Run() != nil {
		t.Skip("the test needs python3-gi and gir1.2-gtk-3.0: run `make setup-test`")
	}
	s := newScreen(t, aScreen)
	p := fakePlace(t, fake.Script{})
	a := p.open(t, program, s, nil, "--listen", "127.0.0.1:0").find(p)
	a.opens(1)
	outside := t.TempDir()
	fake.Model(t, outside, "dropped here", fake.Script{})
	address := (&url.URL{Scheme: "file", Path: filepath.Join(outside, "dropped here.gguf")}).String()
	source := withEnv(exec.Command("/usr/bin/python3", "-c", dragSource, address), "DISPLAY="+s.name)
	if err := source.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		source.Process.Kill()
		source.Wait()
	}()
	a.until("there are files to drag", func() bool { return s.search("^Files$") != "" })
	s.tool("mousemove", "10", "10", "mousedown", "1")
	for _, x := range []string{"30", "90", "200", "400", "600", "640", "644"} {
		s.tool("mousemove", x, x, "sleep", "0.2")
	}
	before := s.picture()
	s.tool("mouseup", "1")
	// The page says at the bottom right what it does with them.
	corner := image.Rect(900, 700, 1220, 790)
	a.until("the page has been told", func() bool {
		return differing(before.SubImage(corner).(*image.RGBA), s.picture().SubImage(corner).(*image.RGBA)) > 0.05
	})
	a.until("the model is in the folder", func() bool {
		_, err := os.Stat(filepath.Join(p.models, "dropped here.gguf"))
		return err == nil
	})
	s.keep("window-files")
	img := s.picture()
	if count(img, pageAccent) < 50 || count(img, pageWall) < 300_000 {
		t.Error("the page is gone")
	}
}
