package window

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// hosted is a host whose window process acts.
func hosted(t *testing.T, act string) (*Claim, Options, *logBuffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(actEnv, act)
	data := t.TempDir()
	if err := os.Chmod(data, 0o700); err != nil {
		t.Fatal(err)
	}
	log := &logBuffer{}
	return mustTake(t, filepath.Join(data, "run")), Options{
		Base: "http://127.0.0.1:1", Token: "the-token", Data: data, program: []string{self},
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}, log
}

func TestHostEndsWithTheWindow(t *testing.T) {
	c, o, log := hosted(t, "close")
	if err := c.Run(t.Context(), o); err != nil {
		t.Error(err)
	}
	if text := log.String(); !strings.Contains(text, "the window is open") || !strings.Contains(text, "Gtk-WARNING") || strings.Contains(text, "the-token") {
		t.Errorf("the log: %s", text)
	}
}

func TestHostGivesUp(t *testing.T) {
	for act, c := range map[string]struct {
		why    string
		starts int
	}{"crash": {"exit status 7", maxFailures}, "cannot": {"the test says so", 1}} {
		claim, o, log := hosted(t, act)
		err := claim.Run(t.Context(), o)
		why, ok := IsCannot(err)
		if !ok || !strings.Contains(why, c.why) {
			t.Errorf("%s: %v", act, err)
		}
		if n := strings.Count(log.String(), "the window ended"); n != c.starts {
			t.Errorf("%s: %d starts", act, n)
		}
	}
}

func TestHostReplacesALostWindow(t *testing.T) {
	c, o, log := hosted(t, "lost once")
	if err := c.Run(t.Context(), o); err != nil {
		t.Error(err)
	}
	// The second process was told where the first one was; what it asked to open is no link.
	if text := log.String(); !strings.Contains(text, "WebKit's process ended") || !strings.Contains(text, `addresses of kind \"file\"`) {
		t.Errorf("the log: %s", text)
	}
}

func TestHostShowsTheWindow(t *testing.T) {
	c, o, _ := hosted(t, "shown")
	if other, err := Take(filepath.Join(o.Data, "run")); other != nil || err != nil {
		t.Fatalf("%v, %v", other, err)
	}
	if err := c.Run(t.Context(), o); err != nil {
		t.Error(err)
	}
}

func TestHostQuits(t *testing.T) {
	for _, act := range []string{"until quit", "deaf"} {
		c, o, log := hosted(t, act)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- c.Run(ctx, o) }()
		for !strings.Contains(log.String(), "the window is open") {
			time.Sleep(5 * time.Millisecond)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("%s: %v", act, err)
		}
	}
}

func TestHostKiosk(t *testing.T) {
	c, o, log := hosted(t, "pin")
	line, err := HashPIN("4711")
	if err != nil {
		t.Fatal(err)
	}
	o.Kiosk, o.KioskIdle, o.KioskPIN, o.KioskCollection = true, 30*time.Second, line, "hr"
	left := filepath.Join(o.Data, "run", "kiosk", "web", "left-behind")
	if err := os.MkdirAll(filepath.Dir(left), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(left, []byte("a draft"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context(), o); err != nil {
		t.Error(err)
	}
	if text := log.String(); strings.Contains(text, "4711") || strings.Count(text, "a PIN was tried") != 2 {
		t.Errorf("the log: %s", text)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Error("a kiosk found what the one before had kept")
	}
}

func TestChildEnv(t *testing.T) {
	got := map[string]string{}
	for _, e := range childEnv([]string{"HOME=/home/a", "XDG_DATA_HOME=/home/a/data", "LANG=de", "no_proxy=x", "ALCOVE_OTLP_HEADERS=A=sesame"}, "/d/window", true) {
		key, value, _ := strings.Cut(e, "=")
		if _, twice := got[key]; twice {
			t.Errorf("%s is there twice", key)
		}
		got[key] = value
	}
	for key, want := range map[string]string{
		"HOME": "/home/a", "LANG": "de", "XDG_DATA_HOME": "/d/window/web", "XDG_CACHE_HOME": "/d/window/cache",
		"XDG_DATA_DIRS": "/home/a/data:/usr/local/share:/usr/share", plainDrawing: "1", "no_proxy": "127.0.0.1,localhost,::1",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
	if value, there := got[secretHeaders]; there {
		t.Errorf("the window knows a token: %q", value)
	}
	for _, e := range childEnv([]string{plainDrawing + "=0"}, "/d", true) {
		if e == plainDrawing+"=1" {
			t.Error("a person's own choice was overruled")
		}
	}
}
