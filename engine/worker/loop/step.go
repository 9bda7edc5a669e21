package loop

import (
	"fmt"
	"os"

	"alcove/engine/worker/fail"
	"alcove/engine/worker/steptime"
)

func logf(format string, args ...any) { fmt.Fprintf(os.Stderr, "worker: "+format+"\n", args...) }

// build decides the rows of this step: one for each answer being written, then
// chunks of prompts. It makes room for them first.
func (l *Loop) build() {
	l.shed()
	for {
		rows := l.plan()
		if l.room(rows) || l.undraft(rows) || !l.preempt() {
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
	inTime, wanted, far := false, 0, 0
	for _, r := range l.active {
		r.rows, r.row, r.draft = 0, -1, nil
		if r.state == decode {
			r.rows = 1
			rows++
			far += r.total()
			inTime = inTime || r.rank < batch
			continue
		}
		a := ask{rank: r.rank, left: r.left(), have: r.have}
		for _, w := range l.requests {
			if w.leader == r && w.follows() {
				a.rank = min(a.rank, w.rank)
				if stop := w.common - r.have; a.stop == 0 || stop < a.stop {
					a.stop = stop
				}
			}
		}
		asks, reading = append(asks, a), append(reading, r)
		wanted += a.most()
	}
	if len(asks) > 0 && !l.endFirst(reading, rows, far, wanted) {
		b := budget{l: l, rows: rows, far: far, depth: asks[0].have, threads: l.tuner.Using(steptime.Prefill)}
		for i, n := range shareOut(b.prompts(wanted, inTime), asks) {
			reading[i].rows = n
			rows += n
		}
	} else {
		rows = l.draft(rows, far)
	}
	l.reach = 0
	for _, r := range l.active {
		l.reach += reach(r.rows, r.have)
	}
	l.pad = l.padding(rows)
	rows += l.pad
	l.spare = l.free()
	l.threads = l.tuner.Threads(steptime.KindOf(rows), l.now(), l.spare)
	return rows
}

// padding is how many rows that nobody needs make a step faster.
func (l *Loop) padding(rows int) int {
	tile := l.times.Tile()
	if rows < tile/2 || rows >= tile || tile > l.cfg.Batch || l.tree.Cells()+tile > l.cfg.Cells {
		return 0
	}
	threads := l.tuner.Using(steptime.Prefill)
	if l.times.Predict(tile, l.reach, threads) < l.times.Predict(rows, l.reach, threads)*9/10 {
		return tile - rows
	}
	return 0
}

// decode computes the step. If the cache has no room, which the ledger should
// have prevented, it tries again with less.
func (l *Loop) decode() {
	l.waited = 0
	for l.err == nil && len(l.active) > 0 {
		rows := l.addRows()
		if rows == 0 {
			return
		}
		began := l.now()
		l.model.SetThreads(l.threads)
		fits, err := l.model.Decode()
		if err != nil {
			l.err = fmt.Errorf("decode: %w", err)
			return
		}
		if fits {
			ended := l.now()
			l.waited = l.model.Waited()
			l.tuner.Observe(rows, l.reach, ended.Sub(began), ended, l.spare)
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
		first := len(r.draft)
		for i := range r.rows {
			token, output := int32(0), true
			if at := r.have + i; at < r.total() {
				token, output = r.all.Tokens[at], at == r.total()-1
			} else {
				token = r.draft[at-r.total()]
			}
			if err := l.model.Add(token, int32(r.have+i), r.seq, output); err != nil {
				l.err = err
				return 0
			}
			if i == r.rows-1-first && output { // the others are drafts
				r.row = row
			}
			row++
		}
	}
	if row > 0 && l.pad > 0 {
		if err := l.model.Pad(l.pad); err != nil {
			l.err = err
			return 0
		}
	}
	return row + l.pad
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
		for end := r.have + r.rows - len(r.draft); r.have < end; {
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
