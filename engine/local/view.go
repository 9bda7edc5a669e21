package local

import (
	"time"

	"alcove/engine"
	"alcove/engine/wire"
)

// sawBeat keeps what a beat tells. A beat without a view leaves the last one.
func (w *worker) sawBeat(b *wire.Beat, now time.Time) {
	w.beat = *b
	w.view.Steps, w.view.UptimeMS = b.Step, now.Sub(w.watch.started).Milliseconds()
	v := b.View
	if v == nil {
		return
	}
	// New lists: whoever was given a view may have the old ones.
	w.view.Slots, w.view.MoreSlots = make([]engine.Slot, len(v.Slots)), v.MoreSlots
	for i, s := range v.Slots {
		w.view.Slots[i] = engine.Slot(s)
	}
	w.view.Tree, w.view.MoreNodes = make([]engine.Node, len(v.Tree)), v.MoreNodes
	for i, n := range v.Tree {
		w.view.Tree[i] = engine.Node(n)
	}
}
