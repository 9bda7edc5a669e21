package window

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

func TestWebProcesses(t *testing.T) {
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip("there is no sleep")
	}
	text, err := os.ReadFile(sleep)
	if err != nil {
		t.Fatal(err)
	}
	named := filepath.Join(t.TempDir(), "WebKitWebProcess")
	if err := os.WriteFile(named, text, 0o700); err != nil {
		t.Fatal(err)
	}
	if n := webProcesses(os.Getpid()); n != 0 {
		t.Fatalf("%d at the start", n)
	}
	cmd := exec.Command(named, "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for webProcesses(os.Getpid()) != 1 { // until it has executed
		time.Sleep(5 * time.Millisecond)
	}
	if n := webProcesses(1); n != 0 {
		t.Errorf("%d belong to process 1", n)
	}
	cmd.Process.Kill() //nolint:errcheck // it runs
	for webProcesses(os.Getpid()) != 0 {
		time.Sleep(5 * time.Millisecond) // a dead process that nobody has read counts as gone
	}
	cmd.Wait() //nolint:errcheck // killed
}
