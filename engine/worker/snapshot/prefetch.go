package snapshot

import (
	"errors"
	"time"

	"alcove/engine/worker/prefix"
)

// Prefetch reads what is kept of a text's first tokens, at most limit, from disk
// into memory, so that the loop need not wait for the disk while others are being
// answered. It is for another goroutine than the loop's. That a file is damaged is
// left for Data to tell.
func (s *Store) Prefetch(text prefix.Text, limit int) {
	for from := 0; ; {
		s.mu.Lock()
		e, to := s.find(text, from, limit)
		path := ""
		if e != nil && s.worthReading(e, time.Now()) {
			path, e.tried = e.path, time.Now()
			e.users++
		}
		s.mu.Unlock()
		if path != "" {
			s.take(e, path)
		}
		if e == nil {
			return
		}
		from = to
	}
}

// readAgain is how long a file that was read is left alone: its state may have
// been pushed out of memory because it is in the cache itself.
const readAgain = time.Minute

func (s *Store) worthReading(e *Entry, now time.Time) bool {
	return e.data == nil && e.path != "" && e.size <= s.limits.Memory && now.Sub(e.tried) > readAgain
}

// take reads a file without the lock and gives its data to the entry, which it
// releases.
func (s *Store) take(e *Entry, path string) {
	data, err := s.readAll(path)
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(err, ErrDamaged) { // its file is deleted
		e.broken = err
	}
	if data != nil && e.data == nil && !e.gone && s.shrink(s.limits.Memory-int64(len(data))) {
		touch(path)
		s.tick++
		e.data, e.used = data, s.tick
		s.memory += int64(len(data))
		data = nil
	}
	if data != nil {
		freeMemory(data)
	}
	s.release(e)
}

// readAll gives a file's data, nil if it is not good or too large.
func (s *Store) readAll(path string) ([]byte, error) {
	h, f, err := readHead(path, s.key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if h.DataSize > s.limits.Memory {
		return nil, nil
	}
	data := allocMemory(int(h.DataSize))
	if data == nil {
		return nil, nil
	}
	if err := h.readData(f, data); err != nil {
		freeMemory(data)
		return nil, err
	}
	return data, nil
}
