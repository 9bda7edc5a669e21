package window

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPIN(t *testing.T) {
	line, err := HashPIN("4711")
	if err != nil {
		t.Fatal(err)
	}
	again, err := HashPIN("4711")
	if err != nil || line == again || strings.Contains(line, "4711") {
		t.Errorf("%q and %q, %v", line, again, err)
	}
	for pin, want := range map[string]bool{"4711": true, "4712": false, "": false, "47110": false} {
		if ok, err := matchPIN(line, pin); ok != want || err != nil {
			t.Errorf("%q: %v, %v", pin, ok, err)
		}
	}
	for _, pin := range []string{"", "123", "12a4", "１２３４", " 1234", strings.Repeat("1", 65)} {
		if _, err := HashPIN(pin); err == nil {
			t.Errorf("%q was taken", pin)
		}
	}
}

func TestReadPIN(t *testing.T) {
	good, err := HashPIN("123456")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text string
		mode os.FileMode
		want string // of the error
	}{
		"good":       {good + "\n", 0o600, ""},
		"open":       {good, 0o644, "chmod 600"},
		"plain":      {"4711", 0o600, "not a hashed PIN"},
		"few rounds": {"pbkdf2-sha256$1$AAAAAAAAAAAAAAAAAAAAAA$AA", 0o600, "rounds"},
		"cut":        {good[:len(good)-3], 0o600, "damaged"},
		"empty":      {"", 0o600, "not a hashed PIN"},
	} {
		path := filepath.Join(t.TempDir(), "pin")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		line, err := ReadPIN(path)
		if c.want == "" && (err != nil || line != good) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %q, %v", name, line, err)
		}
	}
	if _, err := ReadPIN(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there was read")
	}
}

func TestPinGate(t *testing.T) {
	line, err := HashPIN("4711")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	g := &pinGate{line: line, now: func() time.Time { return now }}
	for i := range pinTries - 1 {
		if ok, wait := g.try("0000"); ok || wait != 0 {
			t.Fatalf("try %d: %v, wait %v", i, ok, wait)
		}
	}
	if ok, wait := g.try("0000"); ok || wait != pinPause {
		t.Fatalf("the last try: %v, wait %v", ok, wait)
	}
	now = now.Add(pinPause - time.Second)
	if ok, wait := g.try("4711"); ok || wait != time.Second {
		t.Errorf("the right PIN in the pause: %v, wait %v", ok, wait)
	}
	now = now.Add(time.Second)
	if ok, wait := g.try("0000"); ok || wait != pinPause {
		t.Errorf("one try after the pause: %v, wait %v", ok, wait)
	}
	now = now.Add(pinPause)
	if ok, _ := g.try("4711"); !ok {
		t.Error("the right PIN after the pause was refused")
	}
	if ok, wait := g.try("0000"); ok || wait != 0 {
		t.Errorf("the count was not reset: %v, %v", ok, wait)
	}
	if ok, _ := (&pinGate{now: time.Now}).try(""); ok {
		t.Error("without a PIN file something ended the kiosk")
	}
}
