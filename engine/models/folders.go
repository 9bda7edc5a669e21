package models

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Folders are several model folders that are watched as one. Its methods are
// safe for concurrent use.
type Folders struct {
	dirs     []string // absolute
	watchers []*Watcher
	changed  func([]Info, error)
	log      *slog.Logger

	mu   sync.Mutex // of the fields below, and while changed is called
	last []snapshot // of each folder
	sick []bool     // folders of which the log has been told that they cannot be used
	now  snapshot   // of all
}

// WatchAll begins to watch folders, which need not be there yet; see Watch.
// Changed is called on goroutines of the watchers, one call at a time. A folder
// that is missing or cannot be read is told to the log and hides its own models
// only; there is an error, the first one's, when it is so with all. Close must
// be called.
func WatchAll(dirs []string, o Options) (*Folders, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	f := &Folders{changed: o.Changed, log: o.Log}
	for _, dir := range dirs {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return nil, fmt.Errorf("model folder: %w", err)
		}
		if !slices.Contains(f.dirs, abs) {
			f.dirs = append(f.dirs, abs)
		}
	}
	if len(f.dirs) == 0 {
		return nil, errors.New("no model folder is named")
	}
	f.last, f.sick = make([]snapshot, len(f.dirs)), make([]bool, len(f.dirs))
	for no, dir := range f.dirs {
		o.Changed = func(infos []Info, err error) { f.take(no, snapshot{infos, err}) }
		w, err := Watch(dir, o)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		f.watchers = append(f.watchers, w)
	}
	return f, nil
}

// Dirs are the folders' absolute paths.
func (f *Folders) Dirs() []string { return f.dirs }

// List is the last snapshot; nothing is read.
func (f *Folders) List() ([]Info, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now.infos, f.now.err
}

// Refresh is Watcher.Refresh of all folders.
func (f *Folders) Refresh() ([]Info, error) { return f.ask((*Watcher).Refresh) }

// Rescan is Watcher.Rescan of all folders.
func (f *Folders) Rescan() ([]Info, error) { return f.ask((*Watcher).Rescan) }

// ask asks all folders at the same time. What they found has come to take when
// they answer.
func (f *Folders) ask(of func(*Watcher) ([]Info, error)) ([]Info, error) {
	var group sync.WaitGroup
	for _, w := range f.watchers {
		group.Go(func() { _, _ = of(w) })
	}
	group.Wait()
	return f.List()
}

// take is told of a change of one folder, on its watcher's goroutine.
func (f *Folders) take(no int, s snapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	// A folder that cannot be read for the moment keeps what it had: a network
	// share may come back. For the only one there is the error.
	if s.err != nil && !errors.Is(s.err, fs.ErrNotExist) && len(f.last) > 1 {
		s.infos = f.last[no].infos
	}
	f.last[no] = s
	f.tell(no, s.err)
	f.join()
	if f.changed != nil {
		f.changed(f.now.infos, f.now.err)
	}
}

// tell says once in the log that a folder cannot be used, and once that it can
// again. Where it is the only one, whoever asks is told.
func (f *Folders) tell(no int, err error) {
	if len(f.dirs) < 2 || f.sick[no] == (err != nil) {
		return
	}
	if f.sick[no] = err != nil; f.sick[no] {
		f.log.Warn("A model folder is not there or cannot be read. The others go on.", "folder", f.dirs[no], "error", err)
	} else {
		f.log.Info("A model folder is back.", "folder", f.dirs[no])
	}
}

// join makes one list of all folders.
func (f *Folders) join() {
	if len(f.last) == 1 {
		f.now = f.last[0]
		return
	}
	var lists [][]Info
	f.now = snapshot{err: f.last[0].err}
	for _, s := range f.last {
		lists = append(lists, s.infos)
		if s.err == nil {
			f.now.err = nil
		}
	}
	if f.now.err == nil {
		f.now.infos = merge(lists)
	}
}

// merge gives each model of several folders an ID of its own: the bare name goes
// to the one nearest to the top of its folder, and of those in the folder that
// was named first. The others get their folders in front, and where that is not
// enough all of them from the root.
func merge(lists [][]Info) []Info {
	var all []Info
	for _, list := range lists {
		all = append(all, list...)
	}
	depth := func(m Info) int { return strings.Count(m.place, "/") }
	sort.SliceStable(all, func(i, j int) bool { return depth(all[i]) < depth(all[j]) })
	taken := map[string]bool{}
	for i := range all {
		m := &all[i]
		was := m.ID
		whole := strings.Trim(filepath.ToSlash(m.Path), "/")
		for _, id := range []string{m.ID, m.place, m.base + "/" + m.place, strings.TrimSuffix(whole, ".gguf"), whole} {
			if m.ID = strings.ToValidUTF8(id, "_"); !taken[m.ID] {
				break
			}
		}
		taken[m.ID] = true
		if m.Name == clean(was, maxTitle) { // it has no other
			m.Name = clean(m.ID, maxTitle)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	match(all)
	return all
}

// Close ends the watching of all folders.
func (f *Folders) Close() error {
	var err error
	for _, w := range f.watchers {
		err = errors.Join(err, w.Close())
	}
	return err
}
