package models

import (
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Options are how a Watcher works. Zero values mean the defaults beside them.
type Options struct {
	// Changed gets what List gives after each change, on the Watcher's goroutine:
	// it must not call the Watcher. Whoever waits in Refresh goes on after it.
	Changed func([]Info, error)
	Log     *slog.Logger // nil: discarded

	open   func() (notifier, error) // inotify
	settle time.Duration            // settleTime
	look   time.Duration            // between looks at files that are copied; 500 ms
	pause  time.Duration            // from an event to the look; 100 ms
	rescan time.Duration            // of everything, where all folders tell of changes; 30 s
	poll   time.Duration            // of everything, where some do not; 5 s
}

// Watcher keeps a model folder's list up to date. One goroutine owns the
// folder; everybody else reads a snapshot, or asks and waits.
type Watcher struct {
	folder *Folder
	opts   Options
	asks   chan ask
	stop   chan struct{}
	done   chan struct{}
	now    atomic.Pointer[snapshot]

	// Of the owner alone:
	notify  notifier
	watched map[string]bool // folders below dir that tell of changes
	refused bool            // the system gave no more watches in this scan
	stale   bool            // a watched folder went away, or moved
	told    bool            // the log has been told so
	whole   bool            // everything has to be read at the next scan
	soon    time.Time       // when to scan because of an event; zero: no event
	last    time.Time       // end of the last scan
	took    time.Duration   // and how long it was
	read    time.Time       // last time everything was read
}

// snapshot is the folder at one moment.
type snapshot struct {
	infos []Info
	err   error
}

// ask is somebody who waits for a scan.
type ask struct {
	full  bool
	reply chan snapshot
}

// Watch begins to watch a folder, which need not be there yet. Close must be called.
func Watch(dir string, o Options) (*Watcher, error) {
	f, err := Open(dir)
	if err != nil {
		return nil, err
	}
	for d, v := range map[*time.Duration]time.Duration{&o.settle: settleTime, &o.look: 500 * time.Millisecond,
		&o.pause: 100 * time.Millisecond, &o.rescan: 30 * time.Second, &o.poll: 5 * time.Second} {
		if *d == 0 {
			*d = v
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.open == nil {
		o.open = newInotify
	}
	w := &Watcher{folder: f, opts: o, asks: make(chan ask), stop: make(chan struct{}), done: make(chan struct{}),
		watched: map[string]bool{}, whole: true, soon: time.Now()}
	f.settle = o.settle
	f.hooks = hooks{enter: w.enter, leave: w.leave, found: func() { w.publish(w.folder.build(time.Now()), nil) }}
	w.notify = deaf{}
	w.renew()
	go w.run()
	return w, nil
}

// Dir is the folder's absolute path.
func (w *Watcher) Dir() string { return w.folder.dir }

// List is the last snapshot; nothing is read. Before the first one it is empty.
// A missing folder gives an error that is fs.ErrNotExist.
func (w *Watcher) List() ([]Info, error) {
	if s := w.now.Load(); s != nil {
		return s.infos, s.err
	}
	return nil, nil
}

// Refresh looks whether folders have changed and waits for the result: what
// was put there before the call is in it. It costs one stat a folder when
// nothing has changed.
func (w *Watcher) Refresh() ([]Info, error) { return w.ask(false) }

// Rescan looks at every file and waits for the result: also a file that was
// rewritten where it is, without a sign of it in its folder, is seen.
func (w *Watcher) Rescan() ([]Info, error) { return w.ask(true) }

func (w *Watcher) ask(full bool) ([]Info, error) {
	a := ask{full, make(chan snapshot, 1)}
	select {
	case w.asks <- a:
		s := <-a.reply
		return s.infos, s.err
	case <-w.done:
		return w.List()
	}
}

// Close ends the watching. A scan that is under way ends first.
func (w *Watcher) Close() error {
	select {
	case <-w.done:
	case w.stop <- struct{}{}:
		<-w.done
	}
	return nil
}

// run is the owner's loop.
func (w *Watcher) run() {
	defer close(w.done)
	defer func() { w.notify.Close() }()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		var waiting []ask
		select {
		case <-w.stop:
			return
		case a := <-w.asks:
			waiting = w.gather(a)
		case ev := <-w.notify.Events():
			w.mark(ev)
			timer.Reset(w.wait(time.Now()))
			continue
		case err := <-w.notify.Errors():
			w.lost(err)
			timer.Reset(w.wait(time.Now()))
			continue
		case <-timer.C:
		}
		s := w.scan()
		for _, a := range waiting {
			a.reply <- s
		}
		timer.Reset(w.wait(time.Now()))
	}
}

// gather takes all who wait now: one scan serves them.
func (w *Watcher) gather(a ask) []ask {
	list := []ask{a}
	w.whole = w.whole || a.full
	for {
		select {
		case a := <-w.asks:
			w.whole = w.whole || a.full
			list = append(list, a)
		default:
			return list
		}
	}
}

// wait is how long the owner may sleep. Scans that take long are further apart,
// so that no folder keeps the machine busy.
func (w *Watcher) wait(now time.Time) time.Duration {
	next := w.read.Add(w.opts.rescan)
	if w.degraded() {
		next = w.read.Add(max(w.opts.poll, 50*w.took))
	}
	earlier := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	if len(w.folder.active) > 0 || w.folder.joins {
		earlier(w.last.Add(max(w.opts.look, 10*w.took)))
	}
	if !w.soon.IsZero() {
		t := w.last.Add(10 * w.took)
		if t.Before(w.soon) {
			t = w.soon
		}
		earlier(t)
	}
	return max(0, next.Sub(now))
}

// degraded says that some folder does not tell of its changes.
func (w *Watcher) degraded() bool { return len(w.watched) < max(1, len(w.folder.dirs)) }

// scan brings the folder and the snapshot up to date.
func (w *Watcher) scan() snapshot {
	f := w.folder
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	rest := w.opts.rescan
	if w.degraded() {
		rest = w.opts.poll
	}
	full := w.whole || now.Sub(w.read) >= rest
	w.whole, w.soon, w.refused = false, time.Time{}, false
	err := f.scan(now, full)
	if w.stale {
		w.renew()
		full = true // what happened before the new watches is not told
		err = f.scan(now, full)
	}
	if full {
		w.read = now
		w.watchRest()
	}
	var infos []Info
	if err == nil {
		infos = f.build(time.Now())
	}
	w.publish(infos, err)
	w.last = time.Now()
	w.took = w.last.Sub(now)
	return *w.now.Load()
}

// publish makes a snapshot and tells of it when it differs from the last.
func (w *Watcher) publish(infos []Info, err error) {
	was := w.now.Swap(&snapshot{infos, err})
	gone := func(err error) bool { return errors.Is(err, fs.ErrNotExist) }
	if was != nil && (was.err == nil) == (err == nil) && gone(was.err) == gone(err) && same(was.infos, infos) {
		return
	}
	if w.opts.Changed != nil {
		w.opts.Changed(infos, err)
	}
}

// same compares two lists; most often they are the same memory.
func same(a, b []Info) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0] || reflect.DeepEqual(a, b))
}

// mark notes what an event says. It reads nothing.
func (w *Watcher) mark(ev fsnotify.Event) {
	rel, err := filepath.Rel(w.folder.dir, ev.Name)
	if err != nil || strings.HasPrefix(rel, "..") {
		return
	}
	p := filepath.ToSlash(rel)
	isModel := strings.EqualFold(filepath.Ext(p), ".gguf")
	switch {
	case ev.Op&^(fsnotify.Write|fsnotify.Chmod) != 0:
		if d := w.folder.dirs[slashDir(p)]; d != nil {
			d.dirty = true
		}
		if d := w.folder.dirs[p]; d != nil {
			d.dirty = true
			w.stale = w.stale || ev.Has(fsnotify.Rename)
		}
	case isModel && w.folder.files[p] != nil:
		w.folder.active[p] = true
	case !isModel:
		return // somebody writes something else
	}
	if w.soon.IsZero() {
		w.soon = time.Now().Add(w.opts.pause)
	}
}

func slashDir(p string) string { return filepath.ToSlash(filepath.Dir(filepath.FromSlash(p))) }

// lost takes an error of the notifier: events were lost, so everything is read.
func (w *Watcher) lost(err error) {
	if errors.Is(err, fsnotify.ErrEventOverflow) {
		w.opts.Log.Info("model folder: more changes than the system can tell, reading it again")
	} else {
		w.opts.Log.Warn("model folder: watching", "error", err)
	}
	w.whole = true
	if w.soon.IsZero() {
		w.soon = time.Now().Add(w.opts.pause)
	}
}

// enter watches a folder before it is read, so that no change falls between.
func (w *Watcher) enter(p string) {
	if w.watched[p] || w.refused {
		return
	}
	if err := w.notify.Add(filepath.Join(w.folder.dir, filepath.FromSlash(p))); err != nil {
		w.refused = true // asking thousands of times more does not help
		w.complain(err)
		return
	}
	w.watched[p] = true
}

// leave notes that a watched folder is gone. Its watch may live on where the
// folder was moved to, under a name that is no longer true.
func (w *Watcher) leave(p string) {
	w.stale = w.stale || w.watched[p]
	delete(w.watched, p)
}

// renew begins the watching anew: a notifier cannot be told that a folder has
// moved, and folders move seldom.
func (w *Watcher) renew() {
	w.stale, w.refused = false, false
	clear(w.watched)
	w.notify.Close()
	n, err := w.opts.open()
	if err != nil {
		w.complain(err)
		n = deaf{}
	}
	w.notify = n
}

// watchRest tries again what the system refused.
func (w *Watcher) watchRest() {
	for p := range w.folder.dirs {
		w.enter(p)
	}
}

// complain says once that changes are not told.
func (w *Watcher) complain(err error) {
	if w.told {
		return
	}
	w.told = true
	w.opts.Log.Warn("model folder: the system does not tell of all changes, it is read every few seconds instead", "every", w.opts.poll, "error", err)
}
