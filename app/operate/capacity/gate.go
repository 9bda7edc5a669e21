package capacity

import (
	"context"
	"sync"

	"alcove/engine"
)

// Gate stands between everybody and the engine and knows who asks: a
// measurement begins when nobody does, and ends when somebody comes.
type Gate struct {
	engine.Backend
	mu     sync.Mutex
	others int           // answers of people that are waited for or written
	came   chan struct{} // closed when somebody comes; then there is a new one
	left   chan struct{} // closed when the last one has gone; then there is a new one
}

// NewGate wraps the backend that everybody asks.
func NewGate(b engine.Backend) *Gate {
	return &Gate{Backend: b, came: make(chan struct{}), left: make(chan struct{})}
}

// Generate counts a request that is not a measurement's own, nor the proof that
// a token can be made.
func (g *Gate) Generate(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
	if req.Route != engine.RouteCapacity && req.Route != engine.RouteReady {
		g.enter()
		defer g.leave()
	}
	return g.Backend.Generate(ctx, req, emit)
}

func (g *Gate) enter() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.others++
	close(g.came)
	g.came = make(chan struct{})
}

func (g *Gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.others--; g.others == 0 {
		close(g.left)
		g.left = make(chan struct{})
	}
}

// watch gives how many people ask now, a channel that is closed when one more
// comes, and one that is closed when the last has gone.
func (g *Gate) watch() (others int, came, left <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.others, g.came, g.left
}
