package loop

import (
	"sync"
	"time"

	"alcove/engine/wire"
)

// counts is what the loop has done since its start. Times are microseconds.
type counts struct {
	ended, wrote uint64 // answers, and their tokens
	wire.Work
}

// split takes the wait for the device out of what decoding took.
func (c *counts) split(waited time.Duration) {
	us := min(uint64(max(0, waited.Microseconds())), c.DecodeUS)
	c.DecodeUS -= us
	c.SyncUS += us
}

// gauges is what Beat tells; Run writes it.
type gauges struct {
	mu   sync.Mutex
	beat wire.Beat
}

// measure notes how the loop is.
func (l *Loop) measure(busy bool) {
	w := l.counts.Work
	w.Parked, w.Pinned = l.tree.Parked(), l.pinned
	w.Threads = l.threads
	view := l.look(busy)
	g := &l.gauges
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.beat.Work == nil {
		g.beat.Work = &wire.Work{}
	}
	*g.beat.Work = w
	if view != nil {
		g.beat.View = view // readers may have the last one: it is never changed
	}
	g.beat.Step, g.beat.Busy = l.steps, busy
	g.beat.Active, g.beat.Queued, g.beat.Cells = len(l.active), l.queue.Len(), l.tree.Cells()
}

// Beat tells how the loop is, from any goroutine.
func (l *Loop) Beat() wire.Beat {
	g := &l.gauges
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.beat
	if b.Work != nil {
		w := *b.Work
		if l.store != nil { // it writes while the loop sleeps
			u := l.store.Use()
			w.KeptMemory, w.KeptDisk = u.Memory, u.Disk
		}
		b.Work = &w
	}
	return b
}

// clock measures the parts of a step, one after the other.
type clock struct {
	now  func() time.Time
	last time.Time
}

// lap adds the time since the last lap to a part.
func (c *clock) lap(part *uint64) {
	now := c.now()
	*part += uint64(max(0, now.Sub(c.last).Microseconds()))
	c.last = now
}
