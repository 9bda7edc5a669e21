package library

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"alcove/engine"
	"alcove/storage"
)

// This file computes the models' hashes: one goroutine, one file at a time, and
// slowly, because the answers come first.

const (
	// hashPiece is read between two looks at whether somebody waits.
	hashPiece = 4 << 20
	// hashLook is the least time between two looks at the folder.
	hashLook = 2 * time.Second
)

var errChanged = errors.New("the file changed while it was read")

// hasher owns the hashes. Only its goroutine writes known.
type hasher struct {
	store Store
	shelf Shelf
	log   *slog.Logger
	stop  context.CancelFunc
	done  chan struct{}
	look  time.Duration
	piece func(path string) // for tests: after each piece

	mu     sync.Mutex
	known  map[string]storage.FileHash
	failed map[string]storage.FileHash // what could not be read, as it was then
}

func startHasher(d Deps, known []storage.FileHash) *hasher {
	h := newHasher(d, known)
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	go h.run(ctx)
	return h
}

func newHasher(d Deps, known []storage.FileHash) *hasher {
	h := &hasher{store: d.Store, shelf: d.Shelf, log: d.Log, done: make(chan struct{}), look: hashLook,
		known: make(map[string]storage.FileHash, len(known)), failed: map[string]storage.FileHash{}}
	for _, k := range known {
		h.known[k.Path] = k
	}
	return h
}

func (h *hasher) close() {
	h.stop()
	<-h.done
}

// of gives the hashes of a model's files, nil until all are known.
func (h *hasher) of(path string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, p := range partsOf(path) {
		k, ok := h.known[p]
		if !ok {
			return nil
		}
		out = append(out, hex.EncodeToString(k.SHA256))
	}
	return out
}

func (h *hasher) run(ctx context.Context) {
	defer close(h.done)
	for ctx.Err() == nil {
		began := time.Now()
		missing := h.missing()
		took := time.Since(began)
		// A folder of 10,000 files must not keep the machine busy with looking.
		next := max(h.look, 100*took)
		for _, f := range missing {
			if ctx.Err() != nil {
				return
			}
			if time.Since(began) > h.look+took { // what is in use may have changed
				next = 10 * took
				break
			}
			h.hash(ctx, f)
		}
		sleep(ctx, next)
	}
}

// missing lists the files whose hash is not known, in the order in which it
// will be wanted, and forgets the hashes that are not true any more.
func (h *hasher) missing() []storage.FileHash {
	models := slices.Clone(h.shelf.Models())
	slices.SortStableFunc(models, func(a, b engine.Model) int { return rank(a) - rank(b) })
	var out []storage.FileHash
	for _, m := range models {
		if !m.State.Usable() || m.Path == "" {
			continue
		}
		for _, p := range partsOf(m.Path) {
			now, err := stampOf(p)
			if err != nil {
				continue
			}
			h.mu.Lock()
			k, ok := h.known[p]
			switch {
			case ok && same(k, now):
			case same(h.failed[p], now):
			default:
				delete(h.known, p)
				out = append(out, now)
			}
			h.mu.Unlock()
		}
	}
	return out
}

// rank says whose hash is wanted first.
func rank(m engine.Model) int {
	switch {
	case m.State == engine.ModelLoaded || m.State == engine.ModelLoading:
		return 0
	case m.Default:
		return 1
	}
	return 2
}

// hash computes one hash and keeps it. A file that changes meanwhile is begun
// again at the next look.
func (h *hasher) hash(ctx context.Context, f storage.FileHash) {
	sum, err := h.read(ctx, f)
	if err == nil {
		var now storage.FileHash
		if now, err = stampOf(f.Path); err == nil && !same(now, f) {
			err = errChanged
		}
	}
	h.mu.Lock()
	switch {
	case err == nil:
		f.SHA256 = sum
		h.known[f.Path] = f
	case ctx.Err() == nil && !errors.Is(err, errChanged) && !errors.Is(err, fs.ErrNotExist):
		h.failed[f.Path] = f
	}
	h.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case err != nil:
		h.log.Info("hash of a model's file", "file", filepath.Base(f.Path), "err", err)
	default:
		// Without its row it is computed again after a restart. It is stored although
		// the program ends now: it was shown already.
		if err := h.store.PutFileHash(context.WithoutCancel(ctx), f); err != nil {
			h.log.Warn("hash of a model's file was not stored", "file", filepath.Base(f.Path), "err", err)
		}
	}
}

// read reads a file piece by piece.
func (h *hasher) read(ctx context.Context, f storage.FileHash) ([]byte, error) {
	file, err := openFile(f.Path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sum := sha256.New()
	buf := make([]byte, 256<<10)
	for at := int64(0); ; {
		began := time.Now()
		n, err := io.CopyBuffer(sum, &io.LimitedReader{R: file, N: hashPiece}, buf)
		if err != nil {
			return nil, err
		}
		dropCache(file, at, n)
		at += n
		if h.piece != nil {
			h.piece(f.Path)
		}
		st, err := file.Stat()
		switch {
		case err != nil:
			return nil, err
		case st.Size() != f.Size || st.ModTime().UnixNano() != f.Modified || inodeOf(st) != f.Inode:
			return nil, errChanged
		case n < hashPiece && at == f.Size:
			return sum.Sum(nil), nil
		case n < hashPiece:
			return nil, errChanged
		}
		sleep(ctx, rest(busy(h.shelf.Status()), time.Since(began)))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

// busy says that somebody waits for an answer, of any model.
func busy(s engine.Status) bool {
	n := s.Active + s.Queued
	for _, l := range s.Loaded {
		n += l.Active + l.Queued
	}
	return n > 0
}

// rest is how long to wait after a piece that took so long: half of a core and
// of the disk where nobody waits, next to nothing where somebody does.
func rest(busy bool, took time.Duration) time.Duration {
	if busy {
		return max(200*time.Millisecond, 20*took)
	}
	return took
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// stampOf is a file as it is now, without its hash.
func stampOf(path string) (storage.FileHash, error) {
	st, err := os.Lstat(path)
	if err != nil {
		return storage.FileHash{}, err
	}
	if !st.Mode().IsRegular() {
		return storage.FileHash{}, errors.New("not a regular file")
	}
	return storage.FileHash{Path: path, Size: st.Size(), Modified: st.ModTime().UnixNano(), Inode: inodeOf(st)}, nil
}

// same says that a file did not change.
func same(a, b storage.FileHash) bool {
	return a.Size == b.Size && a.Modified == b.Modified && a.Inode == b.Inode && a.Path == b.Path
}

// firstPart is how llama.cpp names the first part of a split model.
var firstPart = regexp.MustCompile(`^(.+)-00001-of-(\d{5})\.gguf$`)

// partsOf lists the files of a model by the path of its first one.
func partsOf(path string) []string {
	m := firstPart.FindStringSubmatch(path)
	if m == nil {
		return []string{path}
	}
	count, err := strconv.Atoi(m[2])
	if err != nil || count < 1 {
		return []string{path}
	}
	out := make([]string, count)
	for i := range out {
		out[i] = fmt.Sprintf("%s-%05d-of-%s.gguf", m[1], i+1, m[2])
	}
	return out
}
