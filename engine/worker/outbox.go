package main

import (
	"io"
	"sync"

	"alcove/engine/wire"
)

// outbox keeps frames until the app takes them, so that a slow app never stops
// the loop. Steps that wait are joined into one.
type outbox struct {
	mu     sync.Mutex
	some   sync.Cond
	frames []wire.FromWorker
}

func newOutbox() *outbox {
	o := &outbox{}
	o.some.L = &o.mu
	return o
}

func (o *outbox) put(f wire.FromWorker) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(o.frames); n > 0 && f.Step != nil && o.frames[n-1].Step != nil && join(o.frames[n-1].Step, f.Step) {
		return
	}
	if n := len(o.frames); n > 0 && f.Beat != nil && o.frames[n-1].Beat != nil {
		o.frames[n-1] = f
		return
	}
	o.frames = append(o.frames, f)
	o.some.Signal()
}

// joinedAtMost keeps a joined frame far below wire.MaxFrame.
const joinedAtMost = 4096

// join adds step b to a, unless a would get too large.
func join(a, b *wire.Step) bool {
	size := len(a.Stages) + len(a.Ends)
	for _, t := range a.Tokens {
		size += len(t.IDs)
	}
	if size > joinedAtMost {
		return false
	}
	a.N = b.N
	a.Stages = append(a.Stages, b.Stages...)
	a.Ends = append(a.Ends, b.Ends...)
next:
	for _, t := range b.Tokens {
		for i := range a.Tokens {
			if a.Tokens[i].ID == t.ID {
				a.Tokens[i].IDs = append(a.Tokens[i].IDs, t.IDs...)
				a.Tokens[i].Text += t.Text
				continue next
			}
		}
		a.Tokens = append(a.Tokens, t)
	}
	return true
}

// send writes frames until w fails.
func (o *outbox) send(w io.Writer) error {
	for {
		o.mu.Lock()
		for len(o.frames) == 0 {
			o.some.Wait()
		}
		f := o.frames[0]
		o.frames = o.frames[1:]
		o.mu.Unlock()
		if err := wire.Write(w, f, nil); err != nil {
			return err
		}
	}
}
