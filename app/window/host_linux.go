package window

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"alcove/app/config"
)

// ChildArg is the one argument of the window process.
const ChildArg = "window-process"

// Options is what a host needs to show the window of a running server.
type Options struct {
	Base, Token string // of the server
	Data        string // the data folder; the window's own files are in its folder "window"
	Models      string // the model folder, for the file manager
	Version     string
	// Problem is shown instead of the page, when there is no server.
	Problem string
	Log     *slog.Logger
	// Kiosk shows the page full screen without a way out but the PIN.
	Kiosk bool
	// KioskIdle is after how long without a touch the screen is wiped.
	KioskIdle time.Duration
	// KioskPIN is a line of HashPIN; "" means that nothing ends the kiosk from its screen.
	KioskPIN string
	// KioskCollection is the only collection that the kiosk answers from; "" for none.
	KioskCollection string

	program []string // of the window process; tests put in their own
}

// CannotError says that no window is possible, in half a sentence.
type CannotError struct{ Why string }

func (e *CannotError) Error() string { return e.Why }

// Times of a host.
const (
	quitPatience = 5 * time.Second  // then the window process is killed
	steadyTime   = time.Minute      // a window that lived so long is not "failing to start"
	kioskPause   = 10 * time.Second // between tries of a kiosk whose window does not start
	restartPause = 300 * time.Millisecond
	maxFailures  = 3 // in a row, without a kiosk
)

// host runs window processes one after the other. Its state belongs to the
// goroutine of Run; reports reach it through a channel.
type host struct {
	o     Options
	claim *Claim
	gate  pinGate
	at    string // where the page was
}

// ended is how a window process ended.
type ended struct {
	closed bool   // by a person
	cannot bool   // no window is possible here
	why    string // when it was not closed
}

// Run shows the window until a person closes it or ctx ends; both give nil. A
// window that dies is shown again. When no window is possible it gives a
// *CannotError; a kiosk goes on trying.
func (c *Claim) Run(ctx context.Context, o Options) error {
	h := &host{o: o, claim: c, gate: pinGate{line: o.KioskPIN, now: time.Now}}
	if o.Log == nil {
		h.o.Log = slog.New(slog.DiscardHandler)
	}
	if len(o.program) == 0 {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program: %w", err)
		}
		h.o.program = []string{self, ChildArg}
	}
	failures := 0
	for {
		began := time.Now()
		end, err := h.once(ctx)
		switch {
		case err != nil:
			return err
		case end.closed, ctx.Err() != nil:
			return nil
		}
		if time.Since(began) > steadyTime {
			failures = 0
		}
		failures++
		h.o.Log.Warn("the window ended and is opened again", "why", end.why, "failures", failures)
		if !o.Kiosk && (end.cannot || failures >= maxFailures) {
			return &CannotError{end.why}
		}
		pause := restartPause
		if o.Kiosk && (end.cannot || failures >= maxFailures) {
			pause = kioskPause
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// once runs one window process to its end.
func (h *host) once(ctx context.Context) (ended, error) {
	folder, err := h.folder()
	if err != nil {
		return ended{}, err
	}
	cmd := exec.Command(h.o.program[0], h.o.program[1:]...) //nolint:gosec // our own program
	cmd.Args[0] = "alcove"                                  // GTK makes the class of the window of it, which the desktop file names
	cmd.Env = childEnv(os.Environ(), folder, needsPlainDrawing())
	cmd.SysProcAttr = childAttributes()
	orders, err := cmd.StdinPipe()
	if err != nil {
		return ended{}, fmt.Errorf("start the window: %w", err)
	}
	defer orders.Close() //nolint:errcheck // the process may have ended
	noise, err := cmd.StderrPipe()
	if err != nil {
		return ended{}, fmt.Errorf("start the window: %w", err)
	}
	fromChild, toHost, err := os.Pipe()
	if err != nil {
		return ended{}, fmt.Errorf("start the window: %w", err)
	}
	defer fromChild.Close() //nolint:errcheck // read to its end
	cmd.ExtraFiles = []*os.File{toHost}
	if err := cmd.Start(); err != nil {
		toHost.Close() //nolint:errcheck // nothing was written
		return ended{}, fmt.Errorf("start the window: %w", err)
	}
	toHost.Close() //nolint:errcheck // the process has its own

	to := &lineWriter{w: orders}
	first := setup{Base: h.o.Base, Token: h.o.Token, Version: h.o.Version, Folder: folder, Open: h.at, Problem: h.o.Problem}
	if h.o.Kiosk {
		first.Kiosk, first.Open = &kiosk{IdleSeconds: int(h.o.KioskIdle / time.Second), Pin: h.gate.line != "", Collection: h.o.KioskCollection}, ""
	}
	to.write(first) //nolint:errcheck // a process that is gone is seen below

	reports := make(chan report)
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(reports)
		for lines := newLineReader(fromChild); ; {
			var r report
			if !lines.next(&r) {
				return
			}
			reports <- r
		}
	})
	reading.Go(func() { h.logNoise(noise) })
	end := h.relay(ctx, to, reports, cmd.Process)
	reading.Wait()
	err = cmd.Wait()
	if !end.closed && end.why == "" {
		end.why = "the window's process ended"
		if err != nil {
			end.why = fmt.Sprintf("the window's process ended (%v)", err)
		}
	}
	return end, nil
}

// relay passes orders and reports until the reports end with their process.
func (h *host) relay(ctx context.Context, to *lineWriter, reports <-chan report, p *os.Process) ended {
	var end ended
	var kill <-chan time.Time
	stop := ctx.Done()
	for {
		select {
		case r, ok := <-reports:
			if !ok {
				return end
			}
			switch r.Event {
			case reportClosed:
				end.closed = true
			case reportCannot:
				end.cannot, end.why = true, r.Text
				kill = time.After(quitPatience)
			case reportLost:
				end.why = r.Text
				kill = time.After(quitPatience)
			default:
				end.closed = h.take(to, r) || end.closed
			}
		case <-h.claim.shows:
			to.write(order{Do: orderShow}) //nolint:errcheck // a process that is gone is seen by its reports' end
		case <-stop:
			stop = nil
			to.write(order{Do: orderQuit}) //nolint:errcheck // as above
			kill = time.After(quitPatience)
		case <-kill:
			p.Kill() //nolint:errcheck // it may have ended
		}
	}
}

// take does what a report asks for. It says whether that ended the window.
func (h *host) take(to *lineWriter, r report) (closed bool) {
	switch r.Event {
	case reportReady:
		h.o.Log.Info("the window is open")
	case reportAt:
		h.at = r.Text
	case reportLink:
		if !h.o.Kiosk { // a browser would be a way out
			h.browse(openLink(r.Text))
		}
	case reportBrowse:
		if !h.o.Kiosk {
			h.browse(openPage(h.o))
		}
	case reportReveal:
		if !h.o.Kiosk {
			h.browse(openFolder(h.o.Models))
		}
	case reportPin:
		ok, wait := h.gate.try(r.Text)
		to.write(order{Do: orderPin, OK: ok, WaitSeconds: int((wait + time.Second - 1) / time.Second)}) //nolint:errcheck // seen by the reports' end
		h.o.Log.Info("a PIN was tried on the kiosk", "right", ok)
		if ok {
			to.write(order{Do: orderQuit}) //nolint:errcheck // as above
		}
		return ok
	}
	return false
}

func (h *host) browse(err error) {
	if err != nil {
		h.o.Log.Warn("the desktop opened nothing", "err", err)
	}
}

// folder makes the window's own folder. A kiosk's is emptied: WebKit keeps
// what pages store, and the next person must not find it.
func (h *host) folder() (string, error) {
	folder := filepath.Join(h.o.Data, "window")
	if h.o.Kiosk {
		folder = filepath.Join(h.o.Data, "run", "kiosk")
		if err := os.RemoveAll(folder); err != nil {
			return "", fmt.Errorf("empty the kiosk's folder: %w", err)
		}
	}
	return folder, config.MakeFolder(folder)
}

// logNoise keeps GTK's and WebKit's messages out of the terminal.
func (h *host) logNoise(r io.Reader) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if line := lines.Text(); line != "" {
			h.o.Log.Debug("window", "says", line)
		}
	}
	io.Copy(io.Discard, r) //nolint:errcheck // a line that is too long must not block the process
}

// IsCannot says whether err is that no window is possible, and why.
func IsCannot(err error) (why string, ok bool) {
	var c *CannotError
	if errors.As(err, &c) {
		return c.Why, true
	}
	return "", false
}
