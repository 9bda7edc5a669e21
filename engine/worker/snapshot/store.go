package snapshot

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"alcove/engine/worker/prefix"
)

// Limits bound a store, in bytes.
type Limits struct{ Memory, Disk int64 }

// Store holds entries. It is safe for concurrent use; the data of an entry is
// valid until Release.
type Store struct {
	dir    string // "": nothing is written
	key    string
	limits Limits

	mu      sync.Mutex
	entries []*Entry
	tick    uint64
	memory  int64
	disk    int64       // files of all keys
	jobs    chan *Entry // to be written
	closing sync.Once
	done    chan struct{}
}

// Entry is the state of tokens Start to End of a text.
type Entry struct {
	Text       prefix.Text // all tokens before End
	Start, End int

	data   []byte // nil: only on disk
	path   string // "": only in memory
	size   int64  // of the file
	used   uint64
	users  int // of data
	gone   bool
	tried  time.Time // when Prefetch last read its file
	broken error     // what Prefetch found, for Data to tell
}

// Open makes a store with what an earlier one left in dir for the same key. An
// empty dir, or one that cannot be used, keeps nothing on disk; err says why
// then, and the store works in memory.
func Open(dir, key string, limits Limits) (s *Store, err error) {
	s = &Store{key: key, limits: limits, jobs: make(chan *Entry, 64), done: make(chan struct{})}
	if dir != "" && limits.Disk > 0 {
		if err = checkDir(dir); err == nil {
			s.dir = dir
			s.scan()
		}
	}
	go s.write()
	return s, err
}

// Close waits for what is being written and gives memory back. Nothing may be
// put or read afterwards.
func (s *Store) Close() {
	s.closing.Do(func() { close(s.jobs) })
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if e.data != nil && e.users == 0 {
			freeMemory(e.data)
			e.data = nil
		}
	}
	s.entries, s.memory = nil, 0
}

// Find gives the entry that brings a text farthest beyond its first from
// tokens, to at most limit, and how far; nil if none does.
func (s *Store) Find(text prefix.Text, from, limit int) (best *Entry, to int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(text, from, limit)
}

func (s *Store) find(text prefix.Text, from, limit int) (best *Entry, to int) {
	to = from
	for _, e := range s.entries {
		if e.Start > from || e.End <= to {
			continue
		}
		if n := prefix.Common(e.Text, text, min(e.End, limit)); n > to {
			best, to = e, n
		}
	}
	return best, to
}

// Covers says whether these tokens of a text are kept, in memory or on disk.
func (s *Store) Covers(text prefix.Text, start, end int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		if e.Start <= start && e.End >= end && prefix.Common(e.Text, text, end) == end {
			return true
		}
	}
	return false
}

func (s *Store) at(text prefix.Text, start, end int) *Entry {
	for _, e := range s.entries {
		if e.Start == start && e.End == end && prefix.Common(e.Text, text, end) == end {
			return e
		}
	}
	return nil
}

// Alloc gives memory for the data of Put. It makes room for it first; nil if
// that is not possible.
func (s *Store) Alloc(bytes int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.shrink(s.limits.Memory - int64(bytes)) {
		return nil
	}
	return allocMemory(bytes)
}

// Free gives memory from Alloc back that Put does not get.
func (s *Store) Free(data []byte) {
	if data != nil {
		freeMemory(data)
	}
}

// Put keeps data, from Alloc, for tokens start to end of a text. An anchor is
// written to disk too, later.
func (s *Store) Put(text prefix.Text, start, end int, data []byte, anchor bool) {
	e := &Entry{Text: clip(text, end), Start: start, End: end, data: data}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.at(text, start, end); old != nil {
		s.remove(old)
	}
	s.tick++
	e.used = s.tick
	s.entries = append(s.entries, e)
	s.memory += int64(len(data))
	if anchor && s.dir != "" {
		e.users++
		select {
		case s.jobs <- e:
		default: // the disk is slow; it is not worth waiting for
			e.users--
		}
	}
}

// clip copies the first end tokens.
func clip(text prefix.Text, end int) prefix.Text {
	c := prefix.Text{Tokens: slices.Clone(text.Tokens[:end])}
	for _, s := range text.Spans {
		c.Spans = append(c.Spans, prefix.Span{End: min(s.End, end), Label: s.Label})
		if s.End >= end {
			return c
		}
	}
	if n := len(c.Spans); n > 0 {
		c.Spans[n-1].End = end
	}
	return c
}

// ErrDamaged says that a file was not what it should be. It has been deleted.
var ErrDamaged = errors.New("the snapshot is damaged")

// Data gives the state of an entry, read from disk and checked if it must be.
// Release must be called when it has been used.
func (s *Store) Data(e *Entry) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tick++
	e.used = s.tick
	if e.data == nil {
		if err := s.load(e); err != nil {
			if errors.Is(err, ErrDamaged) || errors.Is(err, fs.ErrNotExist) { // else it may be read later
				s.remove(e)
			}
			return nil, err
		}
	}
	e.users++
	return e.data, nil
}

// load reads an entry's file, if nobody has prefetched it. It holds the lock: the
// loop waits for the data anyway.
func (s *Store) load(e *Entry) error {
	if e.broken != nil {
		return e.broken
	}
	if e.path == "" || e.gone {
		return errors.New("the snapshot has been given up")
	}
	h, f, err := readHead(e.path, s.key)
	if err != nil {
		return err
	}
	defer f.Close()
	if !s.shrink(s.limits.Memory - h.DataSize) {
		return errors.New("the snapshot is larger than the memory for them")
	}
	data := allocMemory(int(h.DataSize))
	if data == nil {
		return errors.New("there is no memory for the snapshot")
	}
	if err := h.readData(f, data); err != nil {
		freeMemory(data)
		return err
	}
	touch(e.path)
	e.data = data
	s.memory += int64(len(data))
	return nil
}

// Release ends the use of data that Data gave.
func (s *Store) Release(e *Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.release(e)
}

func (s *Store) release(e *Entry) {
	if e.users--; e.users == 0 && e.gone {
		s.drop(e)
	}
}

// Discard forgets an entry that turned out to be of no use, and its file.
func (s *Store) Discard(e *Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(e)
}

// remove takes an entry off the list and deletes its file.
func (s *Store) remove(e *Entry) {
	if e.gone {
		return
	}
	e.gone = true
	s.entries = slices.DeleteFunc(s.entries, func(x *Entry) bool { return x == e })
	if e.path != "" {
		if err := os.Remove(e.path); err == nil || errors.Is(err, fs.ErrNotExist) {
			s.disk -= e.size
		}
		e.path = ""
	}
	if e.users == 0 {
		s.drop(e)
	}
}

// drop gives the memory of an entry back.
func (s *Store) drop(e *Entry) {
	if e.data != nil {
		s.memory -= int64(len(e.data))
		freeMemory(e.data)
		e.data = nil
	}
}

// shrink gives up memory until only most is used. Entries with a file stay on
// the list. It is false if what is in use is more.
func (s *Store) shrink(most int64) bool {
	if most < 0 {
		return false
	}
	if s.memory <= most {
		return true
	}
	old := slices.Clone(s.entries)
	slices.SortFunc(old, func(a, b *Entry) int { return cmp.Compare(a.used, b.used) })
	for _, e := range old {
		if s.memory <= most {
			break
		}
		if e.data == nil || e.users > 0 {
			continue
		}
		if s.drop(e); e.path == "" {
			s.remove(e)
		}
	}
	return s.memory <= most
}

// Forget deletes all entries that hold text with this label, and the files of
// other models, which may hold it too.
func (s *Store) Forget(label string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir != "" {
		for _, f := range s.list() {
			if !strings.HasPrefix(filepath.Base(f.path), s.prefix()) && os.Remove(f.path) == nil {
				s.disk -= f.size
			}
		}
	}
	for _, e := range slices.Clone(s.entries) {
		if slices.ContainsFunc(e.Text.Spans, func(x prefix.Span) bool { return x.Label == label }) {
			s.remove(e)
		}
	}
}

// Use is how much a store holds.
type Use struct {
	Entries      int
	Memory, Disk int64 // bytes
}

// Use tells how much is held.
func (s *Store) Use() Use {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Use{Entries: len(s.entries), Memory: s.memory, Disk: s.disk}
}
