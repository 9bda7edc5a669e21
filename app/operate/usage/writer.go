package usage

import (
	"context"
	"time"

	"alcove/monitor/rollup"
	"alcove/storage"
)

// How long and how much is kept of single requests and of marks.
const (
	keepRequests = 30 * 24 * time.Hour
	mostRequests = 100_000
	keepMarks    = 90 * 24 * time.Hour
	mostMarks    = 10_000
)

// written is how far the writer came.
type written struct {
	last int64 // number of the last part that is stored, 0: none
	err  error
}

// flush has the closed parts stored, unless the writer is busy: then they are
// with the next minute.
func (o *owner) flush() {
	if o.deaf || o.writing || len(o.parts) == 0 {
		return
	}
	o.writing = true
	parts := o.parts[:len(o.parts):len(o.parts)]
	store := o.storer()
	go func() { o.written <- store(parts) }()
}

// done takes what the writer says.
func (o *owner) done(w written) {
	o.writing = false
	for len(o.parts) > 0 && o.parts[0].seq <= w.last {
		o.kept -= len(o.parts[0].requests)
		o.parts = o.parts[1:]
	}
	o.r.err = w.err
	if failing := w.err != nil; failing != o.failing {
		o.failing = failing
		if failing {
			o.r.log.Warn("figures cannot be stored; they are kept in memory, a day at most, and tried again each minute", "err", w.err)
		} else {
			o.r.log.Info("figures are stored again")
		}
	}
}

// storer is what the writer does. It shares nothing with the owner but parts
// that do not change.
func (o *owner) storer() func([]*part) written {
	r, prune := o.r, prunes(o.r.now(), o.trust.steady(o.elapsed()))
	return func(parts []*part) (w written) {
		ctx := context.Background() // a minute is stored whole
		for _, p := range parts {
			if w.err = r.store.AddUsage(ctx, p.stored(), tiers(), r.merge()); w.err != nil {
				return w
			}
			w.last = p.seq
		}
		if err := r.room.look(ctx, r.store, w.last, &prune); err != nil {
			r.log.Warn("look how much the figures take", "err", err)
		}
		if err := r.store.PruneUsage(ctx, prune); err != nil {
			r.log.Warn("remove old figures", "err", err)
		}
		return w
	}
}

// tiers are rollup's in storage's words.
func tiers() []storage.UsageTier {
	var list []storage.UsageTier
	for _, t := range rollup.Tiers {
		list = append(list, storage.UsageTier{Step: t.Step, Cells: t.Cells, Other: storage.UsageKey(rollup.Other)})
	}
	return list
}

func (p *part) stored() storage.UsageMinute {
	m := storage.UsageMinute{Seq: p.seq, Start: p.start, Machine: p.gauges.Encode(), Requests: p.requests, Doubt: p.doubt}
	for key, cell := range p.cells {
		m.Cells = append(m.Cells, storage.UsageCell{UsageKey: storage.UsageKey(key), UsageCounts: storedCounts(cell.Counts), Figures: cell.EncodeFigures()})
	}
	for _, k := range p.marks {
		m.Marks = append(m.Marks, storage.UsageMark(k))
	}
	return m
}

func storedCounts(c rollup.Counts) storage.UsageCounts {
	return storage.UsageCounts{Requests: int64(c.Requests), Failed: int64(c.Failed),
		PromptTokens: int64(c.PromptTokens), CachedTokens: int64(c.CachedTokens), OutputTokens: int64(c.OutputTokens)}
}

func countsOf(c storage.UsageCounts) rollup.Counts {
	n := func(v int64) uint64 { return uint64(max(0, v)) }
	return rollup.Counts{Requests: n(c.Requests), Failed: n(c.Failed),
		PromptTokens: n(c.PromptTokens), CachedTokens: n(c.CachedTokens), OutputTokens: n(c.OutputTokens)}
}

// merge joins figures with those that are stored. Stored ones that are damaged
// are replaced: nothing can be read from them.
func (r *Recorder) merge() storage.UsageMerge {
	return storage.UsageMerge{
		Cells: func(stored, more []byte) []byte {
			if len(stored) == 0 {
				return more
			}
			var c rollup.Cell
			if c.MergeEncoded(stored) != nil {
				r.damage.seen("answers", time.Time{})
			}
			if c.MergeEncoded(more) != nil {
				return stored
			}
			return c.EncodeFigures()
		},
		Machine: func(stored, more []byte) []byte {
			if len(stored) == 0 {
				return more
			}
			g := rollup.Gauges{}
			if g.MergeEncoded(stored) != nil {
				r.damage.seen("machine", time.Time{})
			}
			if g.MergeEncoded(more) != nil {
				return stored
			}
			return g.Encode()
		},
	}
}

// prunes says what is too old. While the clock is not trusted, nothing is too
// old by time: only what is too much goes.
func prunes(now time.Time, trusted bool) storage.UsagePrune {
	before := func(keep time.Duration) time.Time {
		if !trusted {
			return time.Time{}
		}
		return now.Add(-keep)
	}
	p := storage.UsagePrune{RequestsBefore: before(keepRequests), MarksBefore: before(keepMarks), Requests: mostRequests, Marks: mostMarks}
	for _, t := range rollup.Tiers {
		p.Buckets = append(p.Buckets, storage.UsagePruneStep{Step: t.Step, Before: before(t.Keep), Count: int64(t.Keep/t.Step) + 2})
	}
	return p
}
