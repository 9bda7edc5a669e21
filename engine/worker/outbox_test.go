package main

import (
	"io"
	"testing"

	"alcove/engine/wire"
	"alcove/engine/worker/loop"
)

func endOf(n, id uint64) *loop.Step { return &loop.Step{N: n, Ends: []wire.End{{ID: id}}} }

func TestOutboxJoinsSteps(t *testing.T) {
	o := newOutbox()
	for n := range uint64(3) {
		o.putStep(endOf(n, n))
	}
	o.put(wire.FromWorker{Beat: &wire.Beat{Step: 3}})
	o.put(wire.FromWorker{Beat: &wire.Beat{Step: 4}})
	o.putStep(endOf(5, 5))
	if len(o.frames) != 3 || o.frames[1].frame.Beat.Step != 4 {
		t.Fatalf("%d frames wait", len(o.frames))
	}
	f, _ := o.take()
	s := f.Step
	if s == nil || s.N != 2 || len(s.Ends) != 3 || s.Ends[2].ID != 2 {
		t.Errorf("joined: %+v", s)
	}
	for i := range uint64(3 * joinedAtMost) {
		o.putStep(endOf(i, i))
	}
	for range 4 {
		if f, _ := o.take(); f.Step != nil && len(f.Step.Ends) > joinedAtMost+1 {
			t.Errorf("a frame of %d ends", len(f.Step.Ends))
		}
	}
	if len(o.spare) == 0 {
		t.Error("no memory is used again")
	}
}

// A beat that takes the place of another has its view, if it has none of its own.
func TestOutboxKeepsTheView(t *testing.T) {
	o := newOutbox()
	o.put(wire.FromWorker{Beat: &wire.Beat{View: &wire.View{MoreSlots: 1}}})
	o.put(wire.FromWorker{Beat: &wire.Beat{Step: 2}})
	if f, _ := o.take(); f.Beat.Step != 2 || f.Beat.View == nil || f.Beat.View.MoreSlots != 1 {
		t.Errorf("beat %+v", f.Beat)
	}
}

func TestOutboxEndsWithItsReader(t *testing.T) {
	o := newOutbox()
	o.putStep(endOf(1, 1))
	r, w := io.Pipe()
	r.Close()
	if err := o.send(w); err == nil {
		t.Error("sent to nobody")
	}
}
