package loop

import (
	"errors"
	"strings"
	"time"

	"alcove/engine/worker/prefix"
	"alcove/engine/worker/snapshot"
)

const (
	// worthRestoring is how many tokens a saved state must bring.
	worthRestoring = 24
	// restFirst is how long the loop waits for the next request before it
	// saves what the last ones left.
	restFirst = 200 * time.Millisecond
)

// Keep sets where states are kept outside the cache. Call it before Run.
func (l *Loop) Keep(s *snapshot.Store) { l.store, l.files = s, s }

// KeepNothing sets a store from which nothing is taken and into which nothing is
// put: what other models left there can still be forgotten.
func (l *Loop) KeepNothing(s *snapshot.Store) { l.files = s }

// mostForgotten bounds the labels that are remembered as forgotten.
const mostForgotten = 4096

// forget gives up what has a label. Answers that are on their way may go on and
// compute more under it; that is never saved.
func (l *Loop) forget(label string) {
	if len(l.forgotten) >= mostForgotten {
		clear(l.forgotten)
	}
	l.forgotten[label] = true
	l.answers.forget(label)
	l.tree.Forget(label)
	l.apply()
	if l.files != nil {
		l.files.Forget(label)
	}
}

// spareTime fires when there is time to save something.
func (l *Loop) spareTime() <-chan time.Time {
	if l.store == nil || l.tidy || !l.cfg.Partial || len(l.requests) > 0 {
		l.resting = nil
		return nil
	}
	if l.resting == nil {
		l.resting = time.NewTimer(restFirst)
		return l.resting.C
	}
	l.resting.Reset(0)
	return l.resting.C
}

// saveOne saves the next run that was never saved. It is true if there is none.
func (l *Loop) saveOne() (tidy bool) {
	tidy = true
	l.tree.Kept(func(r prefix.Run) bool {
		if r.Sealed || !l.wants(r) { // once is enough: more may be there than can be kept
			return true
		}
		tidy = !l.save(r)
		return false
	})
	return tidy
}

// wants says whether a run is worth saving and is not saved.
func (l *Loop) wants(r prefix.Run) bool {
	last := r.Text.Spans[len(r.Text.Spans)-1].Label
	for _, s := range r.Text.Spans {
		if l.forgotten[s.Label] {
			return false
		}
	}
	return mayKeep(last) && !l.store.Covers(r.Text, r.Start, r.End)
}

// mayKeep: what is nobody's is of no use to anybody later.
func mayKeep(label string) bool {
	return strings.HasPrefix(label, sharePrefix) || strings.HasPrefix(label, userPrefix)
}

// save copies a run's state out of the cache. It is false if there is no room
// for it.
func (l *Loop) save(r prefix.Run) bool {
	began := l.now()
	data, err := l.model.State(r.Seq, int32(r.Start), int32(r.End), l.store.Alloc)
	if err != nil {
		l.store.Free(data)
		l.tree.Seal(r.Seq, r.End)
		return false
	}
	l.store.Put(r.Text, r.Start, r.End, data, r.Pinned && public(r.Text.Spans))
	l.tree.Seal(r.Seq, r.End)
	l.counts.Saved++
	l.counts.KeepUS += uint64(max(0, l.now().Sub(began).Microseconds()))
	return true
}

// public says whether all of a text is shared by a set of readers: only such
// text is written to disk.
func public(spans []prefix.Span) bool {
	for _, s := range spans {
		if !strings.HasPrefix(s.Label, sharePrefix) {
			return false
		}
	}
	return true
}

// saveAll saves what a sequence has, before it is cut. It is false if something
// is lost then that is worth saving.
func (l *Loop) saveAll(seq int32) (all bool) {
	if l.store == nil || !l.cfg.Partial || seq < 0 {
		return false
	}
	all = true
	l.tree.Runs(seq, func(r prefix.Run) bool {
		all = all && (!l.wants(r) || l.save(r))
		return all
	})
	return all
}

// find looks for the start of r in the cache and, if that has more, among what
// is kept outside it, which is then put back.
func (l *Loop) find(r *request) prefix.Found {
	limit := r.total() - 1
	found := l.tree.Find(r.all, limit)
	if l.store == nil || !l.cfg.Partial {
		return found
	}
	for l.err == nil {
		e, to := l.store.Find(r.all, found.N, limit)
		if e == nil || l.chain(r, to, limit) < found.N+worthRestoring {
			break
		}
		had := found.N
		good := l.restore(e, r, to)
		// Making room may have changed what is found.
		if found = l.tree.Find(r.all, limit); !good || found.N <= had {
			break
		}
	}
	return found
}

// chain is how far the kept states bring r, one after the other, that go on
// from its token to: texts that begin alike are kept in pieces, and the first
// piece may be short.
func (l *Loop) chain(r *request, to, limit int) int {
	for {
		e, next := l.store.Find(r.all, to, limit)
		if e == nil {
			return to
		}
		to = next
	}
}

// restore puts the state of an entry into the cache, up to token to of r. It
// is false if there is no room or the state is not good.
func (l *Loop) restore(e *snapshot.Entry, r *request, to int) bool {
	data, err := l.store.Data(e) // first: making room saves others, which may push this one out
	if err != nil {
		if errors.Is(err, snapshot.ErrDamaged) {
			l.counts.Damaged++
			logf("a snapshot was deleted: %v", err)
		}
		return false
	}
	defer l.store.Release(e)
	if !l.room(e.End - e.Start) {
		return false
	}
	found := l.tree.Find(r.all, min(to, r.total()-1)) // making room may have changed it
	if e.Start > found.N || found.N >= to {
		return false
	}
	began := l.now()
	seq, ok := l.tree.Take(found)
	if !ok {
		return false
	}
	l.apply()
	if err := l.model.Restore(seq, data, int32(e.Start), int32(e.End), int32(found.N), int32(to)); err != nil {
		logf("%v; the cache starts anew", err)
		l.counts.Damaged++
		l.store.Discard(e)
		l.startAnew()
		return false
	}
	for at := found.N; at < to; {
		label, end := r.all.Run(at, to)
		l.tree.Append(seq, r.all.Tokens[at:end], label)
		l.tree.Seal(seq, end)
		at = end
	}
	if r.anchor >= to {
		l.pinUpTo(seq, to)
	}
	l.tree.Park(seq)
	l.apply()
	l.counts.Restored++
	l.counts.KeepUS += uint64(max(0, l.now().Sub(began).Microseconds()))
	return true
}

// startAnew empties the cache: after a failed restore it may hold anything.
// The answers that were being written are computed again.
func (l *Loop) startAnew() {
	for len(l.active) > 0 {
		r := l.active[0]
		r.seq, r.have = -1, 0
		l.active = l.active[1:]
		l.enqueue(r)
	}
	l.tree = prefix.New(l.cfg.Seqs, l.cfg.Partial)
	if err := l.model.Reset(); err != nil {
		l.err = err
	}
}

// shed moves cells that no answer uses out of the way of those that begin now.
func (l *Loop) shed() {
	if l.arrived == 0 || l.cfg.Strangers == 0 || l.store == nil || !l.cfg.Partial {
		return
	}
	l.arrived = 0
	ids := make([]int32, len(l.active))
	for i, a := range l.active {
		ids[i] = a.seq
	}
	held := l.tree.Held(ids, prefix.Found{})
	used := held.Shared
	for _, n := range held.Private {
		used += n
	}
	for {
		over := l.tree.Cells() - used - l.cfg.Strangers
		victim := l.tree.Victim()
		if over <= 0 || victim < 0 {
			return
		}
		if !l.saveAll(victim) {
			return // computing it again would cost more than walking over it
		}
		l.tree.Evict(over)
		l.apply()
	}
}
