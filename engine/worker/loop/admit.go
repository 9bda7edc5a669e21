package loop

import (
	"cmp"
	"slices"
	"time"

	"alcove/engine/wire"
	"alcove/engine/worker/admit"
	"alcove/engine/worker/prefix"
)

// worthWaiting is how many tokens a request must have in common with one that
// reads them now, beyond what is in the cache, to wait for it.
const worthWaiting = 16

// admit gives places to queued requests. The first whose turn it is and that
// does not fit holds up the others, so that a large one is never passed by for
// ever; those that follow a leader hold up nobody, and batch work, however old,
// holds up no chat while other batch work goes on.
func (l *Loop) admit() {
	if l.queue.Len() == 0 {
		return
	}
	now := l.now()
	if !l.changed && now.Sub(l.looked) < time.Second { // age counts in seconds
		return
	}
	l.changed, l.looked = false, now
	passing := false // batch work
	skips := func(id uint64) bool {
		r := l.requests[id]
		return r.follows() || passing && r.rank >= batch
	}
	for {
		next, ok := l.queue.First(now, skips)
		if !ok {
			break
		}
		r := l.requests[next.ID]
		found := l.tree.Find(r.all, r.total()-1)
		if l.follow(r, found.N) {
			continue
		}
		if len(l.active) < l.cfg.Slots { // else what is put back might have to go again
			found = l.find(r)
		}
		if l.err != nil || r.state != queued {
			break
		}
		if !l.fits(r, found) {
			if l.yield(r, next.At(now)) {
				passing = true // the place is for r
				continue
			}
			if r.rank >= batch && !passing && l.runsBatch() {
				passing = true
				continue
			}
			break
		}
		seq, ok := l.tree.Take(found)
		if !ok {
			break
		}
		l.apply()
		l.queue.Serve(r.id, now, skips)
		r.admit(seq, found.N)
		l.counts.CachedTokens += uint64(r.countCached(found.N))
		r.granted = next.At(now)
		if r.waited == 0 {
			r.waited = max(1, now.Sub(r.since))
		}
		l.arrived++
		l.active = append(l.active, r)
		slices.SortFunc(l.active, func(a, b *request) int { return cmp.Compare(a.order, b.order) })
		l.stage(r, "prefill", found.N, r.total())
	}
	l.sayPlaces()
}

func (l *Loop) skips(id uint64) bool { return l.requests[id].follows() }

// follow makes r wait if an admitted request reads tokens that both begin with.
func (l *Loop) follow(r *request, found int) bool {
	if !l.cfg.Partial {
		return false
	}
	for _, a := range l.active {
		if a.state != prefill {
			continue
		}
		common := prefix.Common(a.all, r.all, r.total()-1)
		if common >= found+worthWaiting && a.have < common {
			r.leader, r.common, r.place = a, common, 0
			l.stage(r, "prefill", min(a.have, common), r.total())
			return true
		}
	}
	return false
}

// fits says whether a place is free for r, and the cells that all may need at
// once. One alone always fits.
func (l *Loop) fits(r *request, found prefix.Found) bool {
	if len(l.active) == 0 {
		return true
	}
	if len(l.active) >= l.cfg.Slots {
		return false
	}
	ids := make([]int32, len(l.active))
	for i, a := range l.active {
		ids[i] = a.seq
	}
	held := l.tree.Held(ids, found)
	needs := make([]admit.Need, 0, len(ids)+1)
	for i, a := range l.active {
		needs = append(needs, admit.Need{Run: held.Private[i] + a.left(), Left: a.more(l.cfg.Context)})
	}
	needs = append(needs, admit.Need{Run: held.New + r.total() - found.N, Left: r.more(l.cfg.Context)})
	return admit.Peak(held.Shared, needs) <= l.cfg.Cells
}

func (l *Loop) runsBatch() bool {
	return slices.ContainsFunc(l.active, func(a *request) bool { return a.rank >= batch })
}

// yield takes the place of a batch request for a more urgent one. Of batch work
// that was admitted because it had waited long enough one keeps its place.
func (l *Loop) yield(r *request, rank int) bool {
	if r.rank >= batch {
		return false
	}
	var victim, latest *request
	batches := 0
	for _, a := range l.active {
		if a.rank != batch {
			continue
		}
		batches, latest = batches+1, a
		if a.granted > rank {
			victim = a
		}
	}
	if victim == nil && batches > 1 {
		victim = latest
	}
	if victim == nil {
		return false
	}
	l.suspend(victim)
	return true
}

// preempt takes the cells of the least urgent request, the latest of equals,
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
	l.suspend(victim)
	return true
}

// suspend queues an admitted request again. Its tokens are parked: it goes on
// with what is left of them.
func (l *Loop) suspend(r *request) {
	l.counts.Preempted++
	l.leave(r)
	l.enqueue(r)
}

// leave takes a request off its sequence. What is private to nobody in
// particular can never be of use again after the request's end.
func (l *Loop) leave(r *request) {
	switch {
	case r.state != ended || r.open >= r.have:
		l.tree.Park(r.seq)
	case r.open > 0 && l.cfg.Partial:
		l.tree.Trim(r.seq, r.open)
		l.tree.Park(r.seq)
	default:
		l.tree.Drop(r.seq)
	}
	l.apply()
	l.tidy = false
	r.seq, r.have = -1, 0
	l.active = slices.DeleteFunc(l.active, func(x *request) bool { return x == r })
	l.arrived++ // what it leaves is in the way of the others
	l.changed = true
}

// enqueue puts a request into the queue.
func (l *Loop) enqueue(r *request) {
	r.state, l.changed = queued, true
	cost := r.total() - l.tree.Find(r.all, r.total()-1).N + r.more(l.cfg.Context)
	l.queue.Push(admit.Item{ID: r.id, Rank: r.rank, User: r.user, Cost: cost, Order: r.order, Since: r.since})
}

// tellAgain is how often places are told while nothing changes.
const tellAgain = 2 * time.Second

// told is when places were told last, and what they depend on.
type told struct {
	at              time.Time
	arrivals, ended uint64
	active, queue   int
}

// sayPlaces tells queued requests their places and about how long they wait.
func (l *Loop) sayPlaces() {
	now := l.now()
	key := told{at: l.told.at, arrivals: l.arrivals, ended: l.counts.ended, active: len(l.active), queue: l.queue.Len()}
	if key == l.told && now.Sub(l.told.at) < tellAgain {
		return
	}
	l.told = key
	l.told.at = now
	items := l.queue.Order(now, l.skips)
	ends := make([]time.Duration, len(l.active))
	for i, a := range l.active {
		ends[i] = l.lasts(a.left(), a.more(l.cfg.Context))
	}
	lasts := make([]time.Duration, len(items))
	for i, it := range items {
		r := l.requests[it.ID]
		lasts[i] = l.lasts(r.total(), r.more(l.cfg.Context))
	}
	for i, wait := range admit.Waits(l.cfg.Slots, ends, lasts) {
		l.requests[items[i].ID].place = i + 1
		l.step.Stages = append(l.step.Stages, wire.Stage{ID: items[i].ID, Name: "queued", Place: i + 1, WaitMS: wait.Milliseconds()})
	}
}

// lasts is about how long an answer takes beside the others: answers are
// expected to be as long as those before.
func (l *Loop) lasts(read, write int) time.Duration {
	if l.counts.ended > 0 {
		write = min(write, int(l.counts.wrote/l.counts.ended)+1)
	}
	const chunk = 64
	read = max(0, read)
	depth := l.tree.Cells() / max(1, len(l.active))
	return l.times.Predict(chunk, chunk*read/2, l.threads)*time.Duration(read)/chunk +
		l.times.Predict(max(1, len(l.active)), max(1, len(l.active))*depth, l.threads)*time.Duration(write)
}
