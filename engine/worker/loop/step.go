package loop

import (
	"fmt"
	"os"

	"alcove/engine/worker/fail"
	"alcove/engine/worker/steptime"
)

func logf(format string, args ...any) { fmt.Fprintf(os.Stderr, "worker: "+format+"\n", args...) }

// leastRows of a prompt are read in each step, however slow the machine is.
const leastRows = 8

// build decides the rows of this step: one for each answer being written, then
// chunks of prompts. It makes room for them first.
func (l *Loop) build() {
	l.shed()
	for {
		rows := l.plan()
		if l.room(rows) || !l.preempt() {
			return
		}
	}
}

// room gives up parked cells until rows more fit. It is false if too few are
// parked.
func (l *Loop) room(rows int) bool {
	for l.tree.Cells()+rows > l.cfg.Cells {
		l.saveAll(l.tree.Victim())
		if !l.tree.Evict(l.tree.Cells() + rows - l.cfg.Cells) {
			return false
		}
		l.apply()
	}
	return true
}

func (l *Loop) plan() (rows int) {
	var asks []ask
	var reading []*request
	inTime := false
	for _, r := range l.active {
		r.rows, r.row = 0, -1
		if r.state == decode {
			r.rows = 1
			rows++
			inTime = inTime || r.rank < batch
			continue
		}
		a := ask{rank: r.rank, left: r.left()}
		for _, w := range l.requests {
			if w.leader == r && w.follows() {
				a.rank = min(a.rank, w.rank)
				if stop := w.common - r.have; a.stop == 0 || stop < a.stop {
					a.stop = stop
				}
			}
		}
		asks, reading = append(asks, a), append(reading, r)
	}
	if len(asks) > 0 {
		for i, n := range shareOut(l.budget(rows, inTime), asks) {
			reading[i].rows = n
			rows += n
		}
	}
	l.threads = l.tuner.Threads(steptime.KindOf(rows), l.now(), l.free())
	return rows
}

// budget is how many rows of prompts this step may have: as many as keep it
// within the target, so that no answer stands still. Where nobody waits for the
// next word, it is as many as make a row cheap.
func (l *Loop) budget(decoding int, inTime bool) int {
	most := l.cfg.Batch - decoding
	cells, threads := l.tree.Cells(), l.tuner.Using(steptime.Prefill)
	n := l.times.Rows(l.cfg.Target, decoding, cells, threads, leastRows, most)
	if inTime {
		return n
	}
	each := func(rows int) float64 {
		return l.times.Predict(decoding+rows, cells, threads).Seconds() / float64(rows)
	}
	for n < most && l.times.Predict(decoding+2*n, cells, threads) <= patience*l.cfg.Target && each(2*n) < 0.95*each(n) {
		n *= 2
	}
	return min(n, most)
}

// patience is how many targets a step may take while only prompts are read.
const patience = 4

// decode computes the step. If the cache has no room, which the ledger should
// have prevented, it tries again with less.
func (l *Loop) decode() {
	for l.err == nil && len(l.active) > 0 {
		rows := l.addRows()
		if rows == 0 {
			return
		}
		cells, began := l.tree.Cells(), l.now()
		l.model.SetThreads(l.threads)
		fits, err := l.model.Decode()
		if err != nil {
			l.err = fmt.Errorf("decode: %w", err)
			return
		}
		if fits {
			ended := l.now()
			l.tuner.Observe(rows, cells, ended.Sub(began), ended)
			l.commit()
			return
		}
		l.counts.Full++
		logf("no room for a step beside %d cells of %d", l.tree.Cells(), l.cfg.Cells)
		if l.tree.Evict(rows) {
			l.apply()
		} else if !l.preempt() {
			l.finish(l.active[0], "failed", fail.New(fail.Internal,
				"The model's memory for conversations is full. What was written so far is kept. Try again, or start a new conversation."))
		}
		l.plan()
	}
}

// addRows passes the planned rows to the model and counts them.
func (l *Loop) addRows() (row int) {
	for _, r := range l.active {
		for i := range r.rows {
			last := r.have+i == r.total()-1
			if err := l.model.Add(r.all.Tokens[r.have+i], int32(r.have+i), r.seq, last); err != nil {
				l.err = err
				return 0
			}
			if last {
				r.row = row
			}
			row++
		}
	}
	return row
}

// commit notes what the step has put into the cache.
func (l *Loop) commit() {
	l.steps++
	for _, r := range l.active {
		if r.rows == 0 {
			continue
		}
		if r.state == decode {
			l.counts.DecodeRows += uint64(r.rows)
		} else {
			l.counts.PrefillRows += uint64(r.rows)
		}
		for end := r.have + r.rows; r.have < end; {
			label, to := r.all.Run(r.have, end)
			l.tree.Append(r.seq, r.all.Tokens[r.have:to], label)
			r.have = to
		}
		if r.state != prefill {
			continue
		}
		l.pin(r)
		l.changed = true
		l.stage(r, "prefill", r.have, r.total())
		for _, w := range l.requests {
			if w.leader == r {
				l.stage(w, "prefill", min(r.have, w.common), w.total())
			}
		}
		if r.left() == 0 {
			r.state = decode
			l.stage(r, "decode", 0, 0)
		}
	}
}

// pin keeps what others will begin with too.
func (l *Loop) pin(r *request) {
	if r.anchor > 0 && r.have >= r.anchor && r.have-r.rows < r.anchor {
		l.pinUpTo(r.seq, r.anchor)
	}
}

// pinUpTo pins tokens while that is not more than half of the cache.
func (l *Loop) pinUpTo(seq int32, n int) {
	if l.cfg.Partial && l.tree.Pinned()+n <= l.cfg.Cells/2 {
		l.tree.Pin(seq, n)
	}
	l.pinned = l.tree.Pinned()
}

// apply makes the cache what the tree says.
func (l *Loop) apply() {
	for _, op := range l.tree.Ops() {
		if op.From >= 0 {
			if err := l.model.Copy(op.From, op.To, int32(op.N)); err != nil {
				l.err = err
			}
		} else if !l.model.Remove(op.To, int32(op.N)) {
			l.err = fmt.Errorf("sequence %d cannot be cut to %d tokens", op.To, op.N)
		}
	}
}
