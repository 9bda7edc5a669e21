package main

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"alcove/engine/local/fake"
)

// buildWindow builds the program with the window, once. The flags are the
// Makefile's, so that both share Go's cache.
var buildWindow = sync.OnceValues(func() (string, error) {
	path := filepath.Join(filepath.Dir(programs.app), "alcove-desktop")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", "sqlite_fts5,desktop,production,webkit2_41",
		"-ldflags", "-X main.version=test -extldflags=-Wl,-z,lazy", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

// needWindow gives the program with the window, or skips the test where it
// cannot be built or shown. `make test` installs what it needs.
func needWindow(t *testing.T) string {
	t.Helper()
	for _, tool := range []string{"Xvfb", "xdotool", "pkg-config"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the window's tests need %s: run `make setup-test`", tool)
		}
	}
	if exec.Command("pkg-config", "--exists", "webkit2gtk-4.1").Run() != nil {
		t.Skip("the window needs libwebkit2gtk-4.1-dev: run `make setup-test`")
	}
	if _, err := os.Stat("frontend/dist/index.html"); err != nil {
		t.Skip("the window needs the page: run `make build`")
	}
	path, err := buildWindow()
	if err != nil {
		t.Fatalf("build the window: %v", err)
	}
	return path
}

// screen is a display of its own.
type screen struct {
	t      *testing.T
	name   string // ":7"
	folder string // holds the frame buffer
	cmd    *exec.Cmd
}

func newScreen(t *testing.T, size string) *screen {
	t.Helper()
	s := &screen{t: t, folder: t.TempDir()}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", size+"x24", "-nolisten", "tcp", "-fbdir", s.folder)
	s.cmd.ExtraFiles = []*os.File{write}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	t.Cleanup(s.end)
	line, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	s.name = ":" + strings.TrimSpace(line)
	return s
}

func (s *screen) end() {
	if s.cmd.ProcessState == nil {
		s.cmd.Process.Kill()
		s.cmd.Wait()
	}
}

// tool runs xdotool and gives what it prints.
func (s *screen) tool(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+s.name)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("xdotool %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// window is the id of Alcove's window.
func (s *screen) window() string {
	s.t.Helper()
	return s.search("^Alcove$")
}

// search gives the visible windows with a name; "" when there is none.
func (s *screen) search(name string) string {
	cmd := withEnv(exec.Command("xdotool", "search", "--onlyvisible", "--name", name), "DISPLAY="+s.name)
	out, _ := cmd.Output() // fails when nothing is found
	return strings.TrimSpace(string(out))
}

// write puts the pointer over the composer and types a line.
func (s *screen) write(text string) {
	s.t.Helper()
	var x, y, w, h int
	for line := range strings.Lines(s.tool("getwindowgeometry", "--shell", s.window())) {
		for key, to := range map[string]*int{"X": &x, "Y": &y, "WIDTH": &w, "HEIGHT": &h} {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), key+"="); ok {
				*to, _ = strconv.Atoi(value)
			}
		}
	}
	s.tool("mousemove", strconv.Itoa(x+w*2/3), strconv.Itoa(y+h-75), "click", "1")
	s.tool("type", "--delay", "40", text)
	s.tool("key", "Return")
}

// picture reads the frame buffer, an XWD file: a big-endian header, colour
// cells of 12 bytes, then rows of 32-bit pixels.
func (s *screen) picture() *image.RGBA {
	s.t.Helper()
	d, err := os.ReadFile(filepath.Join(s.folder, "Xvfb_screen0"))
	if err != nil {
		s.t.Fatal(err)
	}
	head := func(i int) int { return int(binary.BigEndian.Uint32(d[4*i:])) }
	w, h, little, row := head(4), head(5), head(7) == 0, head(12)
	at := head(0) + 12*head(19)
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			p := d[at+y*row+4*x:]
			c := color.RGBA{p[1], p[2], p[3], 255}
			if little {
				c = color.RGBA{p[2], p[1], p[0], 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// keep saves a picture where ALCOVE_SHOTS says, for a person to look at.
func (s *screen) keep(name string) {
	s.t.Helper()
	s.keepPart(name, s.picture().Rect)
}

// keepPart is keep for a part of the screen.
func (s *screen) keepPart(name string, part image.Rectangle) {
	s.t.Helper()
	folder := os.Getenv("ALCOVE_SHOTS")
	if folder == "" {
		return
	}
	f, err := os.Create(filepath.Join(folder, name+".png"))
	if err == nil {
		err = png.Encode(f, s.picture().SubImage(part))
		f.Close()
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// Colours of the page's tokens, light theme.
var (
	pageWall   = color.RGBA{0xf5, 0xf7, 0xf4, 255}
	pageAccent = color.RGBA{0x15, 0x5e, 0x56, 255}
	pageInk    = color.RGBA{0x17, 0x21, 0x1e, 255}
)

// count is how many pixels have exactly this colour.
func count(img *image.RGBA, c color.RGBA) int {
	n := 0
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i] == c.R && img.Pix[i+1] == c.G && img.Pix[i+2] == c.B {
			n++
		}
	}
	return n
}

// bounds is the smallest rectangle inside of area around all pixels of the colour.
func bounds(img *image.RGBA, area image.Rectangle, c color.RGBA) image.Rectangle {
	var out image.Rectangle
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if img.RGBAAt(x, y) == c {
				out = out.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return out
}

// differing is the share of pixels that differ.
func differing(a, b *image.RGBA) float64 {
	n := 0
	for y := a.Rect.Min.Y; y < a.Rect.Max.Y; y++ {
		for x := a.Rect.Min.X; x < a.Rect.Max.X; x++ {
			if a.RGBAAt(x, y) != b.RGBAAt(x, y) {
				n++
			}
		}
	}
	return float64(n) / float64(a.Rect.Dx()*a.Rect.Dy())
}

// open starts the program with its window on a screen; a nil screen is none.
func (p place) open(t *testing.T, program string, s *screen, env []string, flags ...string) *served {
	t.Helper()
	cmd := exec.Command(program, append(p.args(), flags...)...)
	return p.start(t, cmd, s, env)
}

func (p place) start(t *testing.T, cmd *exec.Cmd, s *screen, env []string) *served {
	t.Helper()
	p.warm(t)
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "DISPLAY=") && !strings.HasPrefix(e, "WAYLAND_DISPLAY=") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	if s != nil {
		cmd.Env = append(cmd.Env, "DISPLAY="+s.name)
	}
	cmd.Env = append(cmd.Env, env...)
	a := &served{t: t, cmd: cmd, log: &lockedBuffer{}, out: &lockedBuffer{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = a.out, a.log
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		cmd.Wait()
		close(a.ended)
	}()
	t.Cleanup(a.kill)
	return a
}

// find reads where the server is.
func (a *served) find(p place) *served {
	a.t.Helper()
	a.until("it listens", func() bool { return strings.Contains(a.out.String(), "listening on ") })
	b := p.attach(a.t)
	a.base, a.token = b.base, b.token
	return a
}

// until waits for something that a person would wait for.
func (a *served) until(what string, ok func() bool) {
	a.t.Helper()
	for end := time.Now().Add(90 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			a.t.Fatalf("never: %s\nstdout: %s\nlog: %s", what, a.out, a.log)
		}
	}
}

const opened = "the window is open"

// opens waits until the page has been there n times.
func (a *served) opens(n int) {
	a.t.Helper()
	a.until(fmt.Sprintf("the page is there, time %d", n), func() bool { return strings.Count(a.log.String(), opened) >= n })
}

// exit waits for the program's end and gives its exit status.
func (a *served) exit() int {
	a.t.Helper()
	a.until("the program ends", func() bool {
		select {
		case <-a.ended:
			return true
		default:
			return false
		}
	})
	return a.cmd.ProcessState.ExitCode()
}

// answers are all answers in the history.
func (a *served) answers() []message {
	a.t.Helper()
	var list struct{ Conversations []struct{ ID string } }
	a.get("/api/v1/conversations", &list)
	var out []message
	for _, c := range list.Conversations {
		for _, m := range a.messages(c.ID) {
			if m.Role == "assistant" {
				out = append(out, m)
			}
		}
	}
	return out
}

// descendants lists processes below pid whose name is name.
func descendants(pid int, name string) []int {
	parents, names := map[int]int{}, map[int]string{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		open, shut := strings.IndexByte(string(text), '('), strings.LastIndexByte(string(text), ')')
		var state string
		var parent int
		if _, err := fmt.Sscan(string(text[shut+1:]), &state, &parent); err != nil || state == "Z" {
			continue
		}
		id, _ := strconv.Atoi(strings.TrimSpace(string(text[:open])))
		parents[id], names[id] = parent, string(text[open+1:shut])
	}
	var out []int
	for id := range parents {
		for up := parents[id]; up > 1; up = parents[up] {
			if up == pid {
				if names[id] == name {
					out = append(out, id)
				}
				break
			}
		}
	}
	return out
}

const webProcess = "WebKitWebProces" // the kernel cuts names

func (a *served) killWebKit() {
	a.t.Helper()
	pids := descendants(a.cmd.Process.Pid, webProcess)
	if len(pids) == 0 {
		a.t.Fatal("there is no web process")
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			a.t.Fatal(err)
		}
	}
}

// browser puts a stand-in for the system browser first into PATH and gives the
// file that it writes what it was asked to open to.
func browser(t *testing.T) (env, file string) {
	t.Helper()
	folder := t.TempDir()
	file = filepath.Join(folder, "opened")
	script := "#!/bin/sh\nprintf '%s\\n' \"$@\" >>" + file + "\n"
	if err := os.WriteFile(filepath.Join(folder, "xdg-open"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return "PATH=" + folder + ":" + os.Getenv("PATH"), file
}

func read(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return string(text)
}

// tea is an answer that is one link.
var tea = fake.Script{Text: "[guide to tea](https://example.com/tea?x=1)"}
