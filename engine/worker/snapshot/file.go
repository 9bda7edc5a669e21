package snapshot

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"alcove/engine/worker/prefix"
)

const (
	magic    = "ALCOVEKV"
	suffix   = ".kv"
	partial  = ".part"
	maxHead  = 16 << 20 // bytes of a head: tokens as JSON numbers, and labels
	maxState = 1 << 40
)

// head is what a file begins with: magic, u32 length, this as JSON, its
// SHA-256; the data follows.
type head struct {
	Version  int           `json:"version"`
	Key      string        `json:"key"`
	Start    int           `json:"start"`
	Tokens   []int32       `json:"tokens"`
	Spans    []prefix.Span `json:"spans"`
	DataSize int64         `json:"data_size"`
	DataSum  string        `json:"data_sum"` // SHA-256 in hex

	offset int64 // of the data
}

const version = 1

// checkDir makes dir, for the owner alone.
func checkDir(dir string) error {
	st, err := os.Stat(dir)
	switch {
	case err != nil:
		return fmt.Errorf("snapshots: %w", err)
	case !st.IsDir():
		return errors.New("snapshots: not a folder")
	case st.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("snapshots: the folder is open to others (%v)", st.Mode().Perm())
	}
	return nil
}

// file is a snapshot as the folder lists it.
type file struct {
	path string
	size int64
	at   time.Time
}

// list reads the folder, oldest use first, and deletes what was never finished.
func (s *Store) list() (files []file) {
	items, err := os.ReadDir(s.dir)
	if err != nil {
		return nil
	}
	for _, it := range items {
		path := filepath.Join(s.dir, it.Name())
		if strings.HasSuffix(it.Name(), partial) {
			_ = os.Remove(path)
			continue
		}
		st, err := it.Info()
		if err != nil || !st.Mode().IsRegular() || !strings.HasSuffix(it.Name(), suffix) {
			continue
		}
		files = append(files, file{path, st.Size(), st.ModTime()})
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.path, b.path)) })
	return files
}

// scan lists the entries on disk. Only their heads are read.
func (s *Store) scan() {
	for _, f := range s.list() {
		s.disk += f.size
		if !strings.HasPrefix(filepath.Base(f.path), s.prefix()) {
			continue // of another model
		}
		h, r, err := readHead(f.path, s.key)
		if err != nil {
			if errors.Is(err, ErrDamaged) {
				s.disk -= f.size
			}
			continue
		}
		r.Close()
		s.tick++
		s.entries = append(s.entries, &Entry{Text: prefix.Text{Tokens: h.Tokens, Spans: h.Spans}, Start: h.Start, End: len(h.Tokens),
			path: f.path, size: f.size, used: s.tick})
	}
	s.bound(0)
}

// prefix begins the names of this key's files.
func (s *Store) prefix() string {
	sum := sha256.Sum256([]byte(s.key))
	return hex.EncodeToString(sum[:8]) + "-"
}

// bound deletes the files that were not used for longest until more bytes fit.
func (s *Store) bound(more int64) {
	if s.disk+more <= s.limits.Disk {
		return
	}
	for _, f := range s.list() {
		if s.disk+more <= s.limits.Disk {
			return
		}
		at := slices.IndexFunc(s.entries, func(e *Entry) bool { return e.path == f.path })
		if os.Remove(f.path) != nil {
			continue
		}
		s.disk -= f.size
		if at >= 0 {
			e := s.entries[at]
			if e.path = ""; e.data == nil {
				s.remove(e)
			}
		}
	}
}

// damaged deletes a file.
func damaged(path, why string) error {
	_ = os.Remove(path)
	return fmt.Errorf("%w: %s", ErrDamaged, why)
}

// readHead opens a file and checks its head and its length. A damaged file is
// deleted.
func readHead(path, key string) (h head, f *os.File, err error) {
	if f, err = os.Open(path); err != nil {
		return h, nil, fmt.Errorf("snapshot: %w", err)
	}
	why := h.read(f)
	switch {
	case why == "" && h.Key == key:
		return h, f, nil
	case why == "":
		why = "it is of another model"
	}
	f.Close()
	return h, nil, damaged(path, why)
}

// read gives why a head is damaged, "" if it is not.
func (h *head) read(f *os.File) string {
	var fixed [len(magic) + 4]byte
	if _, err := io.ReadFull(f, fixed[:]); err != nil || string(fixed[:len(magic)]) != magic {
		return "it has another beginning"
	}
	n := binary.LittleEndian.Uint32(fixed[len(magic):])
	if n > maxHead {
		return "its head is too long"
	}
	text := make([]byte, int(n)+sha256.Size)
	if _, err := io.ReadFull(f, text); err != nil {
		return "its head is cut"
	}
	sum := sha256.Sum256(text[:n])
	if !bytes.Equal(sum[:], text[n:]) {
		return "its head has another checksum"
	}
	if err := json.Unmarshal(text[:n], h); err != nil || h.Version != version {
		return "its head is of another version"
	}
	h.offset = int64(len(fixed) + len(text))
	st, err := f.Stat()
	if err != nil || h.DataSize < 1 || h.DataSize > maxState || st.Size() != h.offset+h.DataSize {
		return "it has another length"
	}
	if h.Start < 0 || h.Start >= len(h.Tokens) || len(h.Spans) == 0 {
		return "it holds nothing"
	}
	end := 0
	for _, s := range h.Spans {
		if s.End <= end {
			return "its labels are not in order"
		}
		end = s.End
	}
	if end != len(h.Tokens) {
		return "its labels are of another text"
	}
	return ""
}

// readData fills data and checks it.
func (h *head) readData(f *os.File, data []byte) error {
	if _, err := io.ReadFull(io.NewSectionReader(f, h.offset, h.DataSize), data); err != nil {
		return damaged(f.Name(), "it cannot be read")
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != h.DataSum {
		return damaged(f.Name(), "it has another checksum")
	}
	return nil
}

// touch notes the use of a file.
func touch(path string) { now := time.Now(); _ = os.Chtimes(path, now, now) }

// write puts anchors on disk, one after the other.
func (s *Store) write() {
	defer close(s.done)
	for e := range s.jobs {
		s.mu.Lock()
		gone := e.gone || e.path != ""
		s.mu.Unlock()
		if !gone {
			path, size, err := s.save(e)
			s.mu.Lock()
			switch {
			case err != nil:
				fmt.Fprintf(os.Stderr, "worker: a snapshot was not written: %v\n", withoutPath(err))
			case e.gone: // forgotten meanwhile
				_ = os.Remove(path)
			default:
				e.path, e.size = path, size
				s.disk += size
			}
			s.mu.Unlock()
		}
		s.Release(e)
	}
}

// withoutPath: paths may name people.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// save writes one file so that it is there whole or not at all.
func (s *Store) save(e *Entry) (path string, size int64, err error) {
	sum := sha256.Sum256(e.data)
	text, err := json.Marshal(head{Version: version, Key: s.key, Start: e.Start, Tokens: e.Text.Tokens, Spans: e.Text.Spans,
		DataSize: int64(len(e.data)), DataSum: hex.EncodeToString(sum[:])})
	if err != nil {
		return "", 0, err
	}
	headSum := sha256.Sum256(text)
	name := sha256.Sum256(fmt.Appendf(nil, "%d %x", e.Start, headSum))
	path = filepath.Join(s.dir, s.prefix()+hex.EncodeToString(name[:16])+suffix)
	size = int64(len(magic)+4+len(text)+len(headSum)) + int64(len(e.data))
	s.mu.Lock()
	if size <= s.limits.Disk {
		s.bound(size)
	}
	fits := s.disk+size <= s.limits.Disk
	s.mu.Unlock()
	if !fits {
		return "", 0, errors.New("it is larger than the place for snapshots")
	}
	f, err := os.OpenFile(path+partial, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return "", 0, err
	}
	defer os.Remove(path + partial) // after the rename it is not there
	begin := binary.LittleEndian.AppendUint32([]byte(magic), uint32(len(text)))
	for _, part := range [][]byte{begin, text, headSum[:], e.data} {
		if _, err := f.Write(part); err != nil {
			f.Close()
			return "", 0, err
		}
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return "", 0, err
	}
	if err := os.Rename(path+partial, path); err != nil {
		return "", 0, err
	}
	return path, size, syncDir(s.dir)
}
