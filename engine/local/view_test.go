package local

import (
	"testing"
	"time"

	"alcove/engine/wire"
)

// A beat without a view leaves the last one; a view that was given out stays
// as it is.
func TestBeatsBringViews(t *testing.T) {
	start := time.Unix(1e9, 0)
	w := newWorker(&process{}, "m", nil, start)
	u := &unit{worker: w, phase: phaseReady}
	s := &supervisor{units: []*unit{u}}
	if v := s.status().View; v == nil || v.Slots == nil || v.Tree == nil {
		t.Errorf("before the first beat: %+v", v)
	}
	w.sawBeat(&wire.Beat{Step: 5, View: &wire.View{Slots: []wire.Slot{{ID: 1, State: "decode"}}, MoreSlots: 2,
		Tree: []wire.Node{{Tokens: 9, Label: "everybody"}}, MoreNodes: 3}}, start.Add(time.Second))
	first := s.status().View
	w.sawBeat(&wire.Beat{Step: 6}, start.Add(2*time.Second))
	second := s.status().View
	w.sawBeat(&wire.Beat{Step: 7, View: &wire.View{Slots: []wire.Slot{{ID: 8}}}}, start.Add(3*time.Second))
	if first.Steps != 5 || first.UptimeMS != 1000 || first.Slots[0].State != "decode" || first.MoreSlots != 2 || first.Tree[0].Tokens != 9 || first.MoreNodes != 3 {
		t.Errorf("first %+v", first)
	}
	if second.Steps != 6 || second.UptimeMS != 2000 || second.Slots[0].ID != 1 {
		t.Errorf("second %+v", second)
	}
	if v := s.status().View; v.Slots[0].ID != 8 || len(v.Tree) != 0 || v.MoreSlots != 0 {
		t.Errorf("third %+v", v)
	}
	u.worker = nil
	if s.status().View != nil {
		t.Error("a view without a worker")
	}
}
