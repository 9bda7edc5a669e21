package answer

import (
	"crypto/sha256"
	"sync"

	"alcove/engine"
)

// recent remembers a few numbers by key.
type recent struct {
	mu     sync.Mutex
	values map[[32]byte]int
}

// mostRecent bounds recent; when it is full it begins anew.
const mostRecent = 64

func (r *recent) get(key [32]byte) (int, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, ok := r.values[key]
	return n, ok
}

func (r *recent) put(key [32]byte, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.values == nil || len(r.values) >= mostRecent {
		r.values = map[[32]byte]int{}
	}
	r.values[key] = n
}

// keyOf is of a model and a text.
func keyOf(model string, text []engine.Segment) [32]byte {
	h := sha256.New()
	h.Write([]byte(model + "\x00"))
	for _, s := range text {
		h.Write([]byte(s.Text + "\x00"))
	}
	return [32]byte(h.Sum(nil))
}
