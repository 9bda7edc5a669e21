package window

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func mustTake(t *testing.T, run string) *Claim {
	t.Helper()
	c, err := Take(run)
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		t.Fatal("another process has the window")
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestClaimHandsOver(t *testing.T) {
	// Deeper than a socket's path may be.
	run := filepath.Join(t.TempDir(), strings.Repeat("deep/", 40), "run")
	first := mustTake(t, run)
	for range 3 {
		second, err := Take(run)
		if second != nil || err != nil {
			t.Fatalf("%v, %v", second, err)
		}
		<-first.shows
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	mustTake(t, run)
}

func TestClaimAfterAKill(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	first := mustTake(t, run)
	first.socket.SetUnlinkOnClose(false)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(run, socketName)); err != nil {
		t.Fatal("the test wants a socket that was left behind")
	}
	again := mustTake(t, run)
	if other, err := Take(run); other != nil || err != nil {
		t.Fatalf("%v, %v", other, err)
	}
	<-again.shows
}

func TestClaimIgnoresNoise(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	c := mustTake(t, run)
	for _, noise := range []string{"", "hello\n", strings.Repeat("x", 100_000)} {
		conn, err := net.DialUnix("unix", nil, socketOf(c.folder))
		if err != nil {
			t.Fatal(err)
		}
		conn.Write([]byte(noise)) //nolint:errcheck // it may be cut off
		conn.Close()
	}
	if other, err := Take(run); other != nil || err != nil {
		t.Fatalf("%v, %v", other, err)
	}
	<-c.shows
	if len(c.shows) != 0 {
		t.Error("noise raised the window")
	}
}

func TestClaimIsPrivate(t *testing.T) {
	run := filepath.Join(t.TempDir(), "run")
	mustTake(t, run)
	info, err := os.Stat(run)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
