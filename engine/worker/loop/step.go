package loop

import (
	"fmt"
	"os"
	"slices"

	"alcove/engine/worker/fail"
)

func logf(format string, args ...any) { fmt.Fprintf(os.Stderr, "worker: "+format+"\n", args...) }

// admit gives slots to queued requests, in order: the first that does not fit
// holds up the others, so that a large one is never passed by for ever.
func (l *Loop) admit() {
	for len(l.queue) > 0 && l.place(l.queue[0]) {
		l.queue = slices.Delete(l.queue, 0, 1)
	}
	for _, r := range l.queue {
		if !r.saidQueue {
			r.saidQueue = true
			l.stage(r, "queued", 0, 0)
		}
	}
}

// place admits r if a slot and the cells that it may need are free.
func (l *Loop) place(r *request) bool {
	need := r.reserve(l.cfg.Context)
	promised := 0
	for _, a := range l.active {
		promised += a.reserve(l.cfg.Context)
	}
	if promised+need > l.cfg.Cells && len(l.active) > 0 {
		return false
	}
	s, n := l.choose(r)
	if s == nil {
		return false
	}
	if n < len(s.tokens) && !l.model.Remove(s.seq, int32(n)) {
		n = 0
	}
	r.admit(s, n)
	l.active = append(l.active, r)
	slices.SortFunc(l.active, func(a, b *request) int { return int(int64(a.order) - int64(b.order)) })
	l.stage(r, "prefill", n, r.total())
	return true
}

// choose takes the idle slot with the longest start in common with r, else an
// empty one, else the one that was idle longest.
func (l *Loop) choose(r *request) (best *slot, n int) {
	for _, s := range l.slots {
		if s.req != nil {
			continue
		}
		c := s.common(r)
		switch {
		case best == nil, c > n:
		case c < n, len(best.tokens) == 0:
			continue
		case len(s.tokens) > 0 && s.used >= best.used:
			continue
		}
		best, n = s, c
	}
	return best, n
}

// cells counts the cells in use.
func (l *Loop) cells() int {
	n := 0
	for _, s := range l.slots {
		n += len(s.tokens)
	}
	return n
}

// evict empties the slot that was idle longest.
func (l *Loop) evict() bool {
	var oldest *slot
	for _, s := range l.slots {
		if s.req == nil && len(s.tokens) > 0 && (oldest == nil || s.used < oldest.used) {
			oldest = s
		}
	}
	if oldest == nil {
		return false
	}
	l.clear(oldest)
	return true
}

func (l *Loop) clear(s *slot) {
	l.model.Remove(s.seq, 0)
	s.tokens, s.user = s.tokens[:0], ""
}

// preempt takes the slot of the least urgent request, the latest of equals,
// and queues it again. The last one is never preempted.
func (l *Loop) preempt() bool {
	if len(l.active) < 2 {
		return false
	}
	victim := l.active[0]
	for _, r := range l.active[1:] {
		if r.rank >= victim.rank {
			victim = r
		}
	}
	s := victim.slot
	victim.release(l.steps)
	l.clear(s)
	l.active = slices.DeleteFunc(l.active, func(r *request) bool { return r == victim })
	victim.saidQueue = false
	l.enqueue(victim)
	return true
}

// build decides the rows of this step: one for each answer being written, then
// chunks of prompts. It makes room for them first.
func (l *Loop) build() {
	for {
		rows := l.plan()
		for l.cells()+rows > l.cfg.Cells && l.evict() {
		}
		if l.cells()+rows <= l.cfg.Cells || !l.preempt() {
			return
		}
	}
}

func (l *Loop) plan() (rows int) {
	var asks []ask
	var reading []*request
	for _, r := range l.active {
		r.rows, r.row = 0, -1
		if r.state == decode {
			r.rows = 1
			rows++
		} else {
			asks, reading = append(asks, ask{r.rank, r.left()}), append(reading, r)
		}
	}
	for i, n := range shareOut(prefillBudget(l.cfg.Batch, rows), asks) {
		reading[i].rows = n
		rows += n
	}
	return rows
}

// decode computes the step. If the cache has no room, which the ledger should
// have prevented, it tries again with less.
func (l *Loop) decode() {
	for l.err == nil && len(l.active) > 0 {
		if !l.addRows() {
			return
		}
		fits, err := l.model.Decode()
		if err != nil {
			l.err = fmt.Errorf("decode: %w", err)
			return
		}
		if fits {
			l.commit()
			return
		}
		logf("no room for a step beside %d cells of %d", l.cells(), l.cfg.Cells)
		if !l.evict() && !l.preempt() {
			l.finish(l.active[0], "failed", fail.New(fail.Internal,
				"The model's memory for conversations is full. What was written so far is kept. Try again, or start a new conversation."))
		}
		l.plan()
	}
}

// addRows passes the planned rows to the model.
func (l *Loop) addRows() bool {
	row := 0
	for _, r := range l.active {
		have := len(r.slot.tokens)
		for i := range r.rows {
			last := have+i == r.total()-1
			if err := l.model.Add(r.token(have+i), int32(have+i), r.slot.seq, last); err != nil {
				l.err = err
				return false
			}
			if last {
				r.row = row
			}
			row++
		}
	}
	return row > 0
}

// commit notes what the step has put into the cache.
func (l *Loop) commit() {
	l.steps++
	for _, r := range l.active {
		have := len(r.slot.tokens)
		for i := range r.rows {
			r.slot.tokens = append(r.slot.tokens, r.token(have+i))
		}
		if r.state == prefill && r.rows > 0 {
			l.stage(r, "prefill", len(r.slot.tokens), r.total())
			if r.left() == 0 {
				r.state = decode
				l.stage(r, "decode", 0, 0)
			}
		}
	}
}

// sample chooses the next token of each request whose last row was computed.
func (l *Loop) sample() {
	if l.err != nil {
		return
	}
	for _, r := range slices.Clone(l.active) {
		if r.row >= 0 && r.state == decode {
			l.next(r)
			r.row = -1
		}
	}
}

func (l *Loop) next(r *request) {
	token, ok := l.sampler.Token(l.model.Logits(r.row), r.params, len(r.out))
	if !ok {
		l.finish(r, "failed", fail.New(fail.Internal,
			"The model gave no usable numbers. What was written so far is kept. Try again, or choose another model."))
		return
	}
	if l.model.EndsAnswer(token) {
		l.say(r, nil, r.text.Flush())
		l.finish(r, "stop", nil)
		return
	}
	r.out = append(r.out, token)
	text, stopped := r.text.Add(l.model.Piece(token))
	l.say(r, []int32{token}, text)
	if stopped {
		l.finish(r, "stop", nil)
	} else if r.limit(l.cfg.Context) {
		l.say(r, nil, r.text.Flush())
		l.finish(r, "length", nil)
	}
}
