package index

import (
	"context"
	"sync"

	"alcove/storage"
)

// counts remembers in how many chunks words are. Counting a common word takes
// milliseconds; what was counted is used until the index has changed by a
// twentieth.
type counts struct {
	mu     sync.Mutex
	words  map[string]int
	chunks int // in the index, when words were counted
	stale  bool
}

// maxCounted bounds the words that are remembered.
const maxCounted = 20000

// changed says that the number of chunks is to be looked at again.
func (c *counts) changed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stale = true
}

// of counts words. Words that are nowhere are 0.
func (c *counts) of(ctx context.Context, store *storage.DB, words []string) (map[string]int, int, error) {
	if err := c.refresh(ctx, store); err != nil {
		return nil, 0, err
	}
	out, missing := map[string]int{}, []string{}
	c.mu.Lock()
	chunks := c.chunks
	for _, w := range words {
		if n, have := c.words[w]; have {
			out[w] = n
		} else {
			missing = append(missing, w)
		}
	}
	c.mu.Unlock()
	if len(missing) == 0 {
		return out, chunks, nil
	}
	found, err := store.WordCounts(ctx, missing)
	if err != nil {
		return nil, 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.words)+len(missing) > maxCounted {
		c.words = nil
	}
	if c.words == nil {
		c.words = map[string]int{}
	}
	for _, w := range missing {
		out[w] = found[w]
		c.words[w] = found[w]
	}
	return out, chunks, nil
}

func (c *counts) refresh(ctx context.Context, store *storage.DB) error {
	c.mu.Lock()
	fresh := c.words != nil && !c.stale
	c.mu.Unlock()
	if fresh {
		return nil
	}
	_, chunks, err := store.CountIndexed(ctx)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stale = false
	if change := chunks - c.chunks; c.words == nil || change*20 > c.chunks || -change*20 > c.chunks {
		c.words, c.chunks = map[string]int{}, chunks
	}
	return nil
}
