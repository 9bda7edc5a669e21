package extract

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Options says how children are started and what they may cost.
type Options struct {
	// Command starts this program with arguments: `alcove extract ...`.
	Command func(args ...string) *exec.Cmd
	// CacheDir holds PDFium compiled for this machine, see Warm. Without it
	// each PDF takes some seconds more.
	CacheDir string
	Limits   Limits // zero: DefaultLimits
	OCR      *OCR   // nil: scanned pages are flagged and not read
}

// look is how often the parent looks at the child's memory and time.
const look = 25 * time.Millisecond

// Run reads a file in a child process that can do nothing but that. name only
// gives the extension. progress may be nil; it is called from Run's goroutine.
// The error is an *Error, or ctx's. The child is gone when Run returns.
func Run(ctx context.Context, o Options, file *os.File, name string, progress func(done, total int)) (Document, error) {
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits()
	}
	if progress == nil {
		progress = func(int, int) {}
	}
	switch info, err := file.Stat(); {
	case err != nil:
		return Document{}, Fail(Gone, "%v", err)
	case !info.Mode().IsRegular():
		return Document{}, Fail(Unsupported, "not a file")
	case info.Size() > o.Limits.Bytes:
		return Document{}, Fail(TooLarge, "%d bytes", info.Size())
	}
	// The parent-death signal belongs to the thread that starts the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c, err := start(o, file, strings.TrimPrefix(filepath.Ext(name), "."))
	if err != nil {
		return Document{}, err
	}
	doc, err := c.follow(ctx, progress)
	if err != nil {
		return Document{}, err
	}
	return doc, nil
}

// Warm compiles PDFium for this machine into o.CacheDir, in a child, where
// that is not done yet. It takes some seconds the first time.
func Warm(ctx context.Context, o Options) error {
	cmd := o.Command("extract", "--warm", "--cache", o.CacheDir)
	cmd.SysProcAttr = childAttributes()
	if err := os.MkdirAll(o.CacheDir, 0o700); err != nil {
		return fmt.Errorf("warm the reader of PDF: %w", err)
	}
	var says head
	cmd.Stderr = &says
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("warm the reader of PDF: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { cmd.Process.Kill() }) //nolint:errcheck // it may have ended
	defer stop()
	if err := cmd.Wait(); err != nil {
		return errors.Join(ctx.Err(), fmt.Errorf("warm the reader of PDF: %w: %s", err, says.String()))
	}
	return nil
}

// child is a running child, followed by one goroutine.
type child struct {
	cmd    *exec.Cmd
	o      Options
	stdin  interface{ Close() error } // its end ends the child
	frames chan frame
	end    chan error // of the reading; frames is closed before
	stop   chan struct{}
	stderr head
}

func start(o Options, file *os.File, hint string) (*child, error) {
	limits, err := json.Marshal(o.Limits)
	if err != nil {
		return nil, err
	}
	args := []string{"extract", "--hint", cut(hint, 20), "--limits", string(limits), "--cache", o.CacheDir}
	if o.OCR != nil {
		args = append(args, "--pictures")
	}
	c := &child{cmd: o.Command(args...), o: o, frames: make(chan frame), end: make(chan error, 1), stop: make(chan struct{})}
	if c.cmd.Env == nil {
		c.cmd.Env = []string{"LANG=C.UTF-8"} // no secrets of ours in what reads strangers' files
	}
	c.cmd.ExtraFiles, c.cmd.Stderr, c.cmd.SysProcAttr = []*os.File{file}, &c.stderr, childAttributes()
	c.cmd.WaitDelay = time.Second
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, Fail(Crashed, "start: %v", err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, Fail(Crashed, "start: %v", err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, Fail(Crashed, "start: %v", err)
	}
	c.stdin = in
	go func() {
		err := readFrames(out, func(f frame) bool {
			select {
			case c.frames <- f:
				return true
			case <-c.stop:
				return false
			}
		})
		close(c.frames)
		c.end <- err
	}()
	return c, nil
}

// follow collects what the child says until it ends or has to be ended.
func (c *child) follow(ctx context.Context, progress func(done, total int)) (Document, error) {
	got := &collected{limits: c.o.Limits}
	why := c.listen(ctx, got, progress)
	close(c.stop)
	kill := func() { c.cmd.Process.Kill() } //nolint:errcheck // it may have ended
	if why != nil || got.ended || got.failed != nil {
		kill() // nothing that it still says counts
	}
	// Else it is ending by itself, and how tells why; or it only acts so.
	defer time.AfterFunc(time.Second, kill).Stop()
	c.stdin.Close()       //nolint:errcheck // ends what is not killed
	ended := c.cmd.Wait() // all is read, or nothing more counts: it closes the pipe
	if err := <-c.end; why == nil {
		why = err
	}
	switch {
	case ctx.Err() != nil:
		return Document{}, ctx.Err()
	case why != nil:
		return Document{}, why
	case got.failed != nil:
		return Document{}, got.failed
	case !got.ended:
		return Document{}, c.crashed(ended)
	}
	return got.finished(c.o.OCR != nil)
}

// listen returns nil when the child has said all, or why it must end.
func (c *child) listen(ctx context.Context, got *collected, progress func(done, total int)) error {
	ticks := time.NewTicker(look)
	defer ticks.Stop()
	w := watch{limits: c.o.Limits, pid: c.cmd.Process.Pid, last: time.Now()}
	w.deadline = w.last.Add(w.limits.Total)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case now := <-ticks.C:
			if err := w.check(now); err != nil {
				return err
			}
		case f, open := <-c.frames:
			if !open {
				return nil
			}
			if f.Progress != nil {
				if w.advance(f.Progress[0], time.Now()) {
					progress(f.Progress[0], max(f.Progress[0], f.Progress[1]))
				}
				continue
			}
			page, png, err := got.take(f)
			if err != nil {
				return err
			}
			if png == nil || c.o.OCR == nil {
				continue
			}
			if got.seen++; got.seen <= maxScans {
				if err := c.read(ctx, &w, got, page, png); err != nil {
					return err
				}
			}
		}
	}
}

// read runs OCR on a page. The child waits meanwhile, and is still watched.
func (c *child) read(ctx context.Context, w *watch, got *collected, page int, png []byte) error {
	began := time.Now()
	done := make(chan []Block, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { done <- c.o.OCR.page(ctx, c.o, page, png) }()
	ticks := time.NewTicker(look)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			<-done
			return ctx.Err()
		case <-ticks.C:
			if err := w.memory(); err != nil {
				cancel()
				<-done
				return err
			}
		case blocks := <-done:
			w.pause(time.Since(began))
			got.scans = append(got.scans, blocks...)
			return nil
		}
	}
}

// crashed gives the reason of a child that said no more.
func (c *child) crashed(ended error) *Error {
	said := c.stderr.String()
	switch {
	case strings.Contains(said, "out of memory") || strings.Contains(said, "cannot allocate"):
		return Fail(Memory, "%v", ended)
	case overTime(c.cmd.ProcessState):
		return Fail(Timeout, "%v", ended)
	}
	// A crash note may hold text of the file: only what the runtime itself says is kept.
	first, _, _ := strings.Cut(said, "\n")
	if !strings.HasPrefix(first, "fatal error: ") && !strings.HasPrefix(first, "SIG") && !strings.HasPrefix(first, "seal: ") {
		first = ""
	}
	return Fail(Crashed, "%v %s", ended, cut(first, 200))
}
