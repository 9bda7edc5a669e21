package usage

import (
	"context"
	"errors"
	"time"

	"alcove/monitor/rollup"
	"alcove/storage"
)

// errClosed is for questions after Close.
var errClosed = errors.New("the recorder is closed")

// errHangs is for a disk that did not answer until the end.
var errHangs = errors.New("the disk does not answer")

// snapshot is what is in memory at one moment. Parts may be in the database
// too, when that is read later: their numbers tell.
type snapshot struct {
	now   time.Time
	parts []*part
	fines []*fine
	whole bool // the fine buckets cover the range that was asked for
}

func (r *Recorder) snapshot(span time.Duration) (s snapshot, err error) {
	ok := r.call(func(o *owner) {
		s.now = o.r.now()
		s.whole = o.elapsed()-o.began >= span
		s.parts = append(o.parts[:len(o.parts):len(o.parts)], o.part.clone())
		if s.whole {
			s.fines = append(o.fines[:len(o.fines):len(o.fines)], o.fine.clone())
		}
	})
	if !ok {
		return s, errClosed
	}
	return s, nil
}

func (p *part) clone() *part {
	c := *p
	c.cells, c.gauges = rollup.Cells{}, rollup.Gauges{}
	for key, cell := range p.cells {
		c.cells[key] = cell.Clone()
	}
	c.gauges.Merge(p.gauges)
	c.requests = p.requests[:len(p.requests):len(p.requests)]
	c.marks = p.marks[:len(p.marks):len(p.marks)]
	return &c
}

func (f *fine) clone() *fine {
	p := (&part{cells: f.cells, gauges: f.gauges}).clone()
	return &fine{f.start, f.since, p.cells, p.gauges}
}

// unstored are the parts that the database did not have when it was read.
func (s snapshot) unstored(seq int64) []*part {
	for i, p := range s.parts {
		if p.seq > seq {
			return s.parts[i:]
		}
	}
	return nil
}

// source gives the buckets of a chart, from memory and from the database.
type source struct {
	cells   func(start time.Time, cells rollup.Cells) // of memory, in any order
	stored  func(storage.UsageCell) error             // of the database, oldest first
	gauges  func(start time.Time, g rollup.Gauges)    // of memory
	machine func(storage.UsageMachine) error          // of the database
	ran     func(start time.Time)                     // the program ran then; of both
	key     storage.UsageKey                          // of stored; empty fields are all
}

// read tells all that lies in the grid.
func (r *Recorder) read(ctx context.Context, s snapshot, g rollup.Grid, to source) error {
	memory := func(start time.Time, cells rollup.Cells, gauges rollup.Gauges) {
		if to.ran != nil {
			to.ran(start)
		}
		if to.cells != nil {
			to.cells(start, cells)
		}
		if to.gauges != nil {
			to.gauges(start, gauges)
		}
	}
	if g.Tier == rollup.Fine {
		for _, f := range s.fines {
			memory(f.start, f.cells, f.gauges)
		}
		return nil
	}
	return r.store.ReadUsage(ctx, func(u storage.UsageReader) error {
		for _, p := range s.unstored(u.Seq) {
			memory(p.start, p.cells, p.gauges)
		}
		if to.ran != nil {
			starts, err := u.Ran(g.Tier.Step, g.From, g.To())
			if err != nil {
				return err
			}
			for _, start := range starts {
				to.ran(start)
			}
		}
		if to.stored != nil {
			if err := u.Cells(g.Tier.Step, g.From, g.To(), to.key, to.stored); err != nil {
				return err
			}
		}
		if to.machine != nil {
			return u.Machine(g.Tier.Step, g.From, g.To(), to.machine)
		}
		return nil
	})
}
