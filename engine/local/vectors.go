package local

import (
	"container/list"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"alcove/engine"
	"alcove/engine/models"
	"alcove/engine/wire"
)

// This file is what is known again without asking a worker: the content of a
// model's file, and the vectors of texts that were read not long ago.

// vectorBytes bounds what is kept of vectors.
const vectorBytes = 32 << 20

// cacheKey is the hash of a model's content and of what it read.
type cacheKey [sha256.Size]byte

func keyOf(mark string, in wire.Input, cut bool) (k cacheKey) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %v %d ", mark, cut, len(in.Tokens))
	for _, t := range in.Tokens {
		_ = binary.Write(sum, binary.LittleEndian, t)
	}
	_, _ = io.WriteString(sum, in.Text)
	sum.Sum(k[:0])
	return k
}

// vectorCache keeps the vectors that were used last. Its methods are safe for
// concurrent use. No text is in it.
type vectorCache struct {
	mu    sync.Mutex
	most  int // bytes
	bytes int
	order list.List // of *cached, the one that was used last in front
	by    map[cacheKey]*list.Element
}

type cached struct {
	key    cacheKey
	vector []float32
	tokens int
}

func newVectorCache(most int) *vectorCache {
	return &vectorCache{most: most, by: map[cacheKey]*list.Element{}}
}

// size is about what an entry takes, in bytes.
func (c *cached) size() int { return 4*len(c.vector) + 200 }

// get gives a copy: its reader may change it.
func (c *vectorCache) get(k cacheKey) (v []float32, tokens int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.by[k]
	if e == nil {
		return nil, 0, false
	}
	c.order.MoveToFront(e)
	have := e.Value.(*cached)
	return slices.Clone(have.vector), have.tokens, true
}

func (c *vectorCache) put(k cacheKey, v []float32, tokens int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by[k] != nil {
		return
	}
	n := &cached{key: k, vector: slices.Clone(v), tokens: tokens}
	c.by[k] = c.order.PushFront(n)
	for c.bytes += n.size(); c.bytes > c.most; {
		last := c.order.Back()
		old := c.order.Remove(last).(*cached)
		delete(c.by, old.key)
		c.bytes -= old.size()
	}
}

// clear forgets everything.
func (c *vectorCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order.Init()
	clear(c.by)
	c.bytes = 0
}

// fingerprints know the content of models' files by hash: a file is read once,
// and again when it was changed. Its methods are safe for concurrent use.
type fingerprints struct {
	mu sync.Mutex
	by map[string]known // by ID
}

type known struct{ content, mark string }

// of is the hash of a model's file.
func (f *fingerprints) of(m models.Info) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if k, ok := f.by[m.ID]; ok && k.content == m.Content {
		return k.mark, nil
	}
	file, err := os.Open(m.Path)
	if err != nil {
		return "", &engine.Error{Code: engine.CodeModelNotFound, Err: err,
			Message: fmt.Sprintf("The file of the model %.100q cannot be read. Put it into the model folder again.", m.ID)}
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", &engine.Error{Code: engine.CodeModelNotFound, Err: err,
			Message: fmt.Sprintf("The file of the model %.100q cannot be read to its end. The disk may be at fault.", m.ID)}
	}
	mark := hex.EncodeToString(sum.Sum(nil)[:16])
	f.by[m.ID] = known{m.Content, mark}
	return mark, nil
}
