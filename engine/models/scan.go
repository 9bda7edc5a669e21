package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Why a file could not be looked into.
var (
	errOpen       = errors.New("file cannot be opened")
	errNotRegular = errors.New("not a regular file")
)

// racyTime is how long after its last change a folder is not trusted to show
// the next one by its time: clocks of file systems tick in up to two seconds.
const racyTime = 3 * time.Second

// dirState is one folder as it was last read.
type dirState struct {
	info  fs.FileInfo
	at    time.Time // when
	dirty bool      // an event said that it changed
	subs  map[string]bool
	files map[string]bool
}

// scan brings files up to date. It reads the folders that changed by their
// times, all of them when full is set, and looks at files that are active.
// Headers are read of new and changed files only.
func (f *Folder) scan(now time.Time, full bool) error {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		f.drop(".")
		return fmt.Errorf("open model folder: %w", err)
	}
	defer root.Close()
	s := &scan{Folder: f, root: root, now: now, full: full, seen: map[string]fs.FileInfo{}}
	if err := s.dir("."); err != nil {
		f.drop(".")
		return fmt.Errorf("read model folder: %w", err)
	}
	s.files()
	return nil
}

// drop forgets a folder and all below it.
func (f *Folder) drop(p string) {
	d := f.dirs[p]
	if d == nil {
		return
	}
	delete(f.dirs, p)
	if f.hooks.leave != nil {
		f.hooks.leave(p)
	}
	for sub := range d.subs {
		f.drop(sub)
	}
	for name := range d.files {
		f.dropFile(name)
	}
}

func (f *Folder) dropFile(p string) {
	if f.files[p] != nil {
		f.dirty = true
		delete(f.files, p)
		delete(f.active, p)
	}
}

// scan is one pass over the folder.
type scan struct {
	*Folder
	root *os.Root
	now  time.Time
	full bool
	seen map[string]fs.FileInfo // files of the folders that were read
}

// dir reads one folder if it may have changed, and goes on to those below it.
func (s *scan) dir(p string) error {
	st, err := s.root.Lstat(p)
	if err != nil {
		return err
	}
	if !st.IsDir() {
		return errors.New("not a folder")
	}
	d := s.dirs[p]
	if d != nil && !os.SameFile(d.info, st) {
		s.drop(p)
		d = nil
	}
	if d == nil || d.dirty || s.full || !st.ModTime().Equal(d.info.ModTime()) || d.at.Sub(st.ModTime()) < racyTime {
		if d, err = s.read(p, d, st); err != nil {
			return err
		}
	}
	for sub := range d.subs {
		if s.dir(sub) != nil {
			s.drop(sub) // unreadable or gone: it hides its own models only
		}
	}
	return nil
}

// read lists one folder.
func (s *scan) read(p string, was *dirState, st fs.FileInfo) (*dirState, error) {
	if s.hooks.enter != nil {
		s.hooks.enter(p)
	}
	h, err := s.root.Open(p)
	if err != nil {
		return nil, err
	}
	entries, err := h.ReadDir(-1)
	h.Close()
	if err != nil {
		return nil, err
	}
	d := &dirState{info: st, at: s.now, subs: map[string]bool{}, files: map[string]bool{}}
	for _, e := range entries {
		name := path.Join(p, e.Name())
		switch {
		case e.IsDir():
			d.subs[name] = true
		case e.Type().IsRegular() && strings.EqualFold(path.Ext(name), ".gguf"):
			if st, err := s.root.Lstat(name); err == nil && st.Mode().IsRegular() { // else gone since the folder was read
				d.files[name] = true
				s.seen[name] = st
			}
		}
	}
	s.dirs[p] = d
	if was != nil {
		for sub := range was.subs {
			if !d.subs[sub] {
				s.drop(sub)
			}
		}
		for name := range was.files {
			if !d.files[name] {
				s.dropFile(name)
			}
		}
	}
	return d, nil
}

// files looks at what is new, changed or active.
func (s *scan) files() {
	for p := range s.active {
		if s.seen[p] != nil {
			continue
		}
		if st, err := s.root.Lstat(p); err == nil && st.Mode().IsRegular() {
			s.seen[p] = st
		} else {
			s.dropFile(p)
		}
	}
	var todo []string
	first := false
	for p, st := range s.seen {
		t := s.Folder.files[p]
		now := stampOf(st)
		switch {
		case t == nil:
			first = true
			s.Folder.files[p] = &track{look: look{at: s.now, stamp: now}, changed: s.now, state: StateNew, reason: "The file was just found."}
			s.active[p] = true
		case t.stamp != now && t.state == StateReady:
			first = true
			c := *t // the stamp stays: the look is still to come
			c.state, c.reason = StateChecking, "The file changed and is being checked."
			s.Folder.files[p] = &c
			s.active[p] = true
		case t.stamp == now && !s.active[p]:
			continue
		}
		todo = append(todo, p)
	}
	if first {
		s.dirty = true
		if s.hooks.found != nil {
			s.hooks.found()
		}
	}
	for _, p := range todo {
		s.look(p)
	}
}

// look looks into one file.
func (s *scan) look(p string) {
	was := s.Folder.files[p]
	if was.state == StateNew {
		was = nil
	}
	t := judge(was, s.inspect(p, was), s.settle)
	if was == nil || was.stamp != t.stamp || was.state != t.state || was.reason != t.reason || was.percent != t.percent {
		s.dirty = true
	}
	s.Folder.files[p] = t
	if t.active() {
		s.active[p] = true
	} else {
		delete(s.active, p)
	}
}

// inspect reads one file's header. It never blocks on what is not a file. A
// header that is whole stays so while its file grows.
func (s *scan) inspect(p string, was *track) look {
	l := look{at: s.now}
	f, err := s.root.OpenFile(filepath.FromSlash(p), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		if st, err := s.root.Lstat(p); err == nil {
			l.stamp = stampOf(st)
		}
		l.err = errOpen
		return l
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() {
		l.err = errNotRegular
		return l
	}
	l.stamp, l.writers = stampOf(st), writersOf(f)
	if was != nil && was.stamp == l.stamp {
		l.header, l.err = was.header, was.err
		return l
	}
	var incomplete *IncompleteError
	if was != nil && was.stamp.sameFile(l.stamp) && errors.As(was.err, &incomplete) && was.header.Need > l.stamp.size && l.stamp.size >= was.stamp.size {
		l.header, l.err = was.header, &IncompleteError{Have: l.stamp.size, Need: was.header.Need}
		return l
	}
	s.heads++
	l.header, l.err = ReadHeader(f, l.stamp.size)
	return l
}
