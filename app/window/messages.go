package window

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// setup is the first line on the window process's standard input. It carries
// the token, so it must never be an argument or a variable: others can read those.
type setup struct {
	Base    string `json:"base"`
	Token   string `json:"token"`
	Version string `json:"version"`
	// Folder is where size and place are kept.
	Folder string `json:"folder"`
	// Open is the fragment to show first ("#/c/..."): where the last window was.
	Open string `json:"open,omitempty"`
	// Problem is a sentence that is shown instead of the page.
	Problem string `json:"problem,omitempty"`
	Kiosk   *kiosk `json:"kiosk,omitempty"`
}

// kiosk is what the page must know of kiosk mode.
type kiosk struct {
	IdleSeconds int `json:"idle_seconds"`
	// Pin says whether there is a way out at all.
	Pin bool `json:"pin"`
	// Collection is the only one that questions are asked of; "" for none.
	Collection string `json:"collection,omitempty"`
}

// Orders to the window process.
const (
	orderShow = "show" // bring the window to the front
	orderQuit = "quit" // close it, whatever the page says
	orderPin  = "pin"  // the verdict on a PIN
)

type order struct {
	Do          string `json:"do"`
	OK          bool   `json:"ok,omitempty"`
	WaitSeconds int    `json:"wait_seconds,omitempty"`
}

// Reports of the window process.
const (
	reportReady  = "ready"  // the page has answered
	reportAt     = "at"     // Text is the fragment that the page shows
	reportClosed = "closed" // a person closed the window
	reportCannot = "cannot" // no window is possible here; Text is why
	reportLost   = "lost"   // the page is gone and needs a new window; Text is why
	reportLink   = "link"   // Text is an address for the system browser
	reportPin    = "pin"    // Text is a PIN that somebody typed
	reportBrowse = "browse" // show this page in the system browser
	reportReveal = "reveal" // show the model folder in the file manager
)

type report struct {
	Event string `json:"event"`
	Text  string `json:"text,omitempty"`
}

// maxLine bounds one message in bytes; an address or a fragment is far shorter.
const maxLine = 64 << 10

// lineWriter writes one JSON object a line, from many goroutines.
type lineWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lineWriter) write(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.w.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write message: %w", err)
	}
	return nil
}

// lineReader reads what a lineWriter wrote.
type lineReader struct{ lines *bufio.Scanner }

func newLineReader(r io.Reader) *lineReader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	return &lineReader{lines}
}

// next reads one message into v; false at the end. Lines that are no message are skipped.
func (l *lineReader) next(v any) bool {
	for l.lines.Scan() {
		if json.Unmarshal(l.lines.Bytes(), v) == nil {
			return true
		}
	}
	return false
}
