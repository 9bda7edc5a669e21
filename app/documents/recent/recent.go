// Package recent remembers what was computed of texts not long ago.
package recent

import (
	"crypto/sha256"
	"sync"
)

// Cache keeps what was computed of texts, by their hash, so that no text is
// kept. When it is full the older half goes. The zero value is empty; it is safe
// for concurrent use.
type Cache[V any] struct {
	mu       sync.Mutex
	new, old map[[32]byte]V
}

// most is how many are in the younger half.
const most = 512

// Key is the hash of texts, in their order.
func Key(parts ...string) [32]byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return [32]byte(h.Sum(nil))
}

// Get gives what was put for a key.
func (r *Cache[V]) Get(key [32]byte) (V, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if v, ok := r.new[key]; ok {
		return v, true
	}
	v, ok := r.old[key]
	return v, ok
}

// Put keeps a value in place of the one before.
func (r *Cache[V]) Put(key [32]byte, v V) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.new == nil {
		r.new = map[[32]byte]V{}
	}
	if r.new[key] = v; len(r.new) >= most {
		r.old, r.new = r.new, map[[32]byte]V{}
	}
}
