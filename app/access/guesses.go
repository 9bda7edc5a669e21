package access

import (
	"sync"
	"time"
)

// Guesses limits wrong credentials: a bucket that a wrong one empties and time
// fills. Right credentials are never limited, so nobody locks the owner out.
type Guesses struct {
	now   func() time.Time
	burst float64
	every time.Duration

	mu   sync.Mutex
	left float64
	last time.Time
}

// NewGuesses allows burst wrong guesses at once and one more each every.
func NewGuesses(now func() time.Time, burst int, every time.Duration) *Guesses {
	return &Guesses{now: now, burst: float64(burst), every: every, left: float64(burst), last: now()}
}

// Wrong counts a wrong guess. It returns 0, or how long to wait when there
// were too many.
func (g *Guesses) Wrong() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if gone := now.Sub(g.last); gone > 0 {
		g.left = min(g.burst, g.left+float64(gone)/float64(g.every))
	}
	g.last = now
	if g.left < 1 {
		return time.Duration((1 - g.left) * float64(g.every))
	}
	g.left--
	return 0
}
