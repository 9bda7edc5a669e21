package main

import (
	"io"
	"sync"

	"alcove/engine/wire"
	"alcove/engine/worker/loop"
)

// outbox keeps frames until the app takes them, so that a slow app never stops
// the loop. Steps that wait are joined into one.
type outbox struct {
	mu     sync.Mutex
	some   sync.Cond
	frames []outgoing
	spare  []*loop.Step // memory to use again
}

// outgoing is a frame, or a step that is made a frame when it is sent.
type outgoing struct {
	frame wire.FromWorker
	raw   []byte
	step  *loop.Step
}

func newOutbox() *outbox {
	o := &outbox{}
	o.some.L = &o.mu
	return o
}

func (o *outbox) put(f wire.FromWorker) { o.putRaw(f, nil) }

// putRaw takes a frame with raw bytes, which it keeps.
func (o *outbox) putRaw(f wire.FromWorker, raw []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(o.frames); n > 0 && f.Beat != nil && o.frames[n-1].frame.Beat != nil {
		if f.Beat.View == nil {
			f.Beat.View = o.frames[n-1].frame.Beat.View // it was not told yet
		}
		o.frames[n-1].frame = f
		return
	}
	o.frames = append(o.frames, outgoing{frame: f, raw: raw})
	o.some.Signal()
}

// joinedAtMost keeps a joined frame far below wire.MaxFrame.
const joinedAtMost = 4096

// putStep copies a step.
func (o *outbox) putStep(s *loop.Step) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if n := len(o.frames); n > 0 && o.frames[n-1].step != nil && o.frames[n-1].step.Size() <= joinedAtMost {
		o.frames[n-1].step.Join(s)
		return
	}
	to := &loop.Step{}
	if n := len(o.spare); n > 0 {
		to, o.spare = o.spare[n-1], o.spare[:n-1]
	}
	to.Join(s)
	o.frames = append(o.frames, outgoing{step: to})
	o.some.Signal()
}

// take waits for the next frame.
func (o *outbox) take() (wire.FromWorker, []byte) {
	o.mu.Lock()
	for len(o.frames) == 0 {
		o.some.Wait()
	}
	f := o.frames[0]
	o.frames = append(o.frames[:0], o.frames[1:]...)
	o.mu.Unlock()
	if f.step == nil {
		return f.frame, f.raw
	}
	f.frame.Step = f.step.Wire()
	o.mu.Lock()
	if f.step.Reset(); len(o.spare) < 4 {
		o.spare = append(o.spare, f.step)
	}
	o.mu.Unlock()
	return f.frame, nil
}

// send writes frames until w fails.
func (o *outbox) send(w io.Writer) error {
	for {
		f, raw := o.take()
		if err := wire.Write(w, f, raw); err != nil {
			return err
		}
	}
}
