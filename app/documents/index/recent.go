package index

import (
	"crypto/sha256"
	"sync"
)

// recent keeps what was computed of texts, by their hash, so that no text is
// kept. When it is full the older half goes.
type recent[V any] struct {
	mu       sync.Mutex
	new, old map[[32]byte]V
}

// maxRecent is how many are in the younger half.
const maxRecent = 512

func textKey(parts ...string) [32]byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return [32]byte(h.Sum(nil))
}

func (r *recent[V]) get(key [32]byte) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.new[key]; ok {
		return v, true
	}
	v, ok := r.old[key]
	return v, ok
}

func (r *recent[V]) put(key [32]byte, v V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.new == nil {
		r.new = map[[32]byte]V{}
	}
	if r.new[key] = v; len(r.new) >= maxRecent {
		r.old, r.new = r.new, map[[32]byte]V{}
	}
}
