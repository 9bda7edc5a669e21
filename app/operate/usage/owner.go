package usage

import (
	"context"
	"time"

	"alcove/engine"
	"alcove/monitor"
	"alcove/monitor/rollup"
	"alcove/storage"
)

// part is what happened in one minute, or in a piece of one. A closed part is
// not changed any more.
type part struct {
	seq      int64
	start    time.Time
	cells    rollup.Cells
	gauges   rollup.Gauges
	requests []storage.UsageRequest
	marks    []Mark
	doubt    bool // the clock may be wrong
}

// fine is what happened in ten seconds.
type fine struct {
	start  time.Time
	since  time.Duration // on the clock that never jumps
	cells  rollup.Cells
	gauges rollup.Gauges
}

// Bounds of what is kept in memory while the disk takes no writes.
const (
	maxParts    = 1500   // a day of minutes
	maxRequests = 50_000 // of all parts together
)

// owner is the one goroutine that has the state.
type owner struct {
	r       *Recorder
	elapsed func() time.Duration
	began   time.Duration
	trust   trust

	seq, request int64 // the last ones that were given
	part         *part
	parts        []*part // closed and not stored yet, oldest first
	kept         int     // requests in them
	fine         *fine
	fines        []*fine       // oldest first
	status       engine.Status // of the look before; at first an engine without models

	written chan written
	writing bool
	deaf    bool // nothing is stored
	failing bool
}

func (o *owner) run(every time.Duration) {
	defer close(o.r.over)
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-o.r.inbox.wake:
			o.drain()
		case <-tick.C:
			o.turn()
		case w := <-o.written:
			o.done(w)
		case f := <-o.r.calls:
			o.drain()
			f(o)
		case <-o.r.stop:
			o.end()
			return
		}
	}
}

// drain looks at what was put.
func (o *owner) drain() {
	o.turn()
	items, lost := o.r.inbox.take()
	if lost > 0 {
		o.r.log.Warn("some figures came too fast and were not counted", "count", lost)
	}
	for _, item := range items {
		switch item := item.(type) {
		case Answer:
			o.answer(&item)
		case monitor.Sample:
			addSample(o.part.gauges, item)
			addSample(o.fine.gauges, item)
		case Mark:
			o.part.marks = append(o.part.marks, item)
		case engine.Status:
			o.part.marks = append(o.part.marks, changes(o.status, item, o.r.now())...)
			o.status = item
		}
	}
}

func (o *owner) answer(a *Answer) {
	if !a.traffic() {
		return
	}
	key := a.key()
	a.addTo(o.part.cells.At(key, rollup.Tiers[0].Cells))
	a.addTo(o.fine.cells.At(key, rollup.Fine.Cells))
	if a.Draft || o.kept+len(o.part.requests) >= maxRequests {
		return
	}
	o.request++
	o.part.requests = append(o.part.requests, a.row(o.request))
}

// turn closes the part and the fine bucket whose time is over, also when the
// clock went back.
func (o *owner) turn() {
	now, elapsed := o.r.now(), o.elapsed()
	o.trust.look(now, elapsed)
	if start := rollup.Floor(now, rollup.Fine.Step); o.fine == nil || !o.fine.start.Equal(start) {
		if o.fine != nil {
			o.fines = append(o.fines, o.fine)
		}
		o.fine = &fine{start: start, since: elapsed, cells: rollup.Cells{}, gauges: rollup.Gauges{}}
		for len(o.fines) > 0 && o.fines[0].since < elapsed-rollup.Fine.Keep-rollup.Fine.Step {
			o.fines = o.fines[1:]
		}
	}
	if start := rollup.Floor(now, rollup.Tiers[0].Step); o.part == nil || !o.part.start.Equal(start) {
		if o.part != nil {
			o.closePart()
			o.flush()
		}
		o.seq++
		o.part = &part{seq: o.seq, start: start, cells: rollup.Cells{}, gauges: rollup.Gauges{}}
	}
}

func (o *owner) closePart() {
	o.part.doubt = !o.trust.steady(o.elapsed())
	o.parts = append(o.parts, o.part)
	o.kept += len(o.part.requests)
	// Also while the writer hangs: what it has at hand it keeps by itself, as much
	// again at most.
	for len(o.parts) > maxParts {
		o.kept -= len(o.parts[0].requests)
		o.parts = o.parts[1:]
	}
}

// end stores what there is.
func (o *owner) end() {
	o.drain()
	late, cancel := context.WithTimeout(context.Background(), o.r.patience)
	defer cancel()
	o.await(late)
	o.closePart()
	if o.deaf {
		return
	}
	o.flush()
	o.await(late)
	if len(o.parts) > 0 {
		o.r.log.Warn("the last figures could not be stored", "minutes", len(o.parts))
	}
}

// await lets the writer come to its end, unless its disk hangs: a program must
// end then too.
func (o *owner) await(late context.Context) {
	if !o.writing {
		return
	}
	select {
	case w := <-o.written:
		o.done(w)
	case <-late.Done():
		o.r.err = errHangs
	}
}
