package window

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// actEnv makes this binary a window process that does what it says.
const actEnv = "ALCOVE_TEST_WINDOW"

func TestMain(m *testing.M) {
	if act := os.Getenv(actEnv); act != "" {
		os.Exit(actWindow(act))
	}
	pinRounds = leastRounds
	os.Exit(m.Run())
}

// actWindow is a window process without a window. Its acts are tested in
// host_linux_test.go.
func actWindow(act string) int {
	lines, out := newLineReader(os.Stdin), &lineWriter{w: os.NewFile(3, "reports")}
	say := func(event, text string) { out.write(report{event, text}) } //nolint:errcheck // the host ends it
	var s setup
	if !lines.next(&s) {
		return 2
	}
	fmt.Fprintln(os.Stderr, "(alcove:1): Gtk-WARNING **: noise")
	var o order
	switch act {
	case "close":
		say(reportReady, "")
		say(reportClosed, "")
	case "crash":
		return 7
	case "cannot":
		say(reportCannot, "the test says so")
		return 1
	case "lost once":
		// The second process is told where the first one was.
		if s.Open == "" {
			say(reportReady, "")
			say(reportAt, "#/c/one")
			say(reportLost, "WebKit's process ended")
			return 3
		}
		say(reportLink, "file:///the-second-opened-at/"+s.Open)
		say(reportClosed, "")
	case "shown":
		say(reportReady, "")
		for lines.next(&o) {
			if o.Do == orderShow {
				say(reportClosed, "")
				return 0
			}
		}
	case "until quit":
		say(reportReady, "")
		for lines.next(&o) {
			if o.Do == orderQuit {
				return 0
			}
		}
	case "deaf":
		say(reportReady, "")
		time.Sleep(time.Hour)
	case "pin":
		say(reportReady, "")
		for _, pin := range []string{"0000", "4711"} {
			say(reportPin, pin)
			if !lines.next(&o) || o.Do != orderPin || o.OK != (pin == "4711") {
				return 4
			}
		}
		if !lines.next(&o) || o.Do != orderQuit || s.Kiosk == nil || !s.Kiosk.Pin || s.Kiosk.IdleSeconds != 30 || s.Kiosk.Collection != "hr" {
			return 5
		}
	}
	return 0
}
