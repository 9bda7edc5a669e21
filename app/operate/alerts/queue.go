package alerts

import (
	"slices"
	"time"

	"alcove/storage"
)

// Bounds of sending, a channel.
const (
	rateSpan    = time.Hour
	rateLimit   = 20  // notices in rateSpan
	rateWarning = 15  // of these for warnings, so that a storm of them leaves room for what is critical
	maxOpen     = 500 // notices that wait; twice as many when they are critical
	firstRetry  = 10 * time.Second
	lastRetry   = 15 * time.Minute
	giveUpAfter = 24 * time.Hour
)

// queue is what a channel has to send. Only the owner touches it.
type queue struct {
	open    []*storage.Notice // oldest first
	sent    []time.Time       // of the last rateSpan
	sending string            // id of the notice that is being sent, or ""
}

// retryAfter is the wait after so many tries.
func retryAfter(attempts int) time.Duration {
	wait := firstRetry
	for i := 1; i < attempts && wait < lastRetry; i++ {
		wait *= 2
	}
	return min(wait, lastRetry)
}

// maxTries is how often a notice is tried: the waits in between make a day. It
// is counted in tries and not by the clock, which may be set, and which goes on
// while the box is off or while a notice is held.
var maxTries = triesIn(giveUpAfter)

func triesIn(span time.Duration) int {
	tries := 1
	for passed := time.Duration(0); passed < span; tries++ {
		passed += retryAfter(tries)
	}
	return tries
}

// room says how many more notices of a severity may be sent now.
func (q *queue) room(s Severity, now time.Time) int {
	n := rateWarning
	if s == Critical {
		n = rateLimit
	}
	for _, at := range q.sent {
		if now.Sub(at).Abs() < rateSpan { // also when the clock was set back
			n--
		}
	}
	return max(n, 0)
}

// note remembers that something was sent.
func (q *queue) note(now time.Time) {
	q.sent = slices.DeleteFunc(q.sent, func(at time.Time) bool { return now.Sub(at).Abs() >= rateSpan })
	q.sent = append(q.sent, now)
}

// isDue says whether a waiting notice may be tried. A time far ahead was
// written before the clock was set back.
func isDue(n *storage.Notice, now time.Time) bool {
	return !n.NextAt.After(now) || n.NextAt.Sub(now) > lastRetry
}

// next gives the notice to send now, nil for none: of those that are due the
// one that has waited longest, and of one alert always the oldest first. A
// summary that waits out quiet hours holds up nothing behind it.
func (q *queue) next(now time.Time, quiet func(Severity) bool) *storage.Notice {
	if q.sending != "" {
		return nil
	}
	before := map[string]bool{}
	for _, n := range q.open {
		if n.Alert == "" && quiet(severityOf(n.Body)) {
			continue
		}
		if n.Status == storage.NoticeWaiting && isDue(n, now) && !before[n.Alert] {
			return n
		}
		if n.Alert != "" {
			before[n.Alert] = true
		}
	}
	return nil
}

// sort says which waiting notices must not go out one by one now, and why, and
// which held ones may go out as one. Summaries are not held again, they wait.
func (q *queue) sort(now time.Time, quiet func(Severity) bool) (held map[*storage.Notice]string, free []*storage.Notice) {
	held = map[*storage.Notice]string{}
	room := map[Severity]int{Warning: q.room(Warning, now), Critical: q.room(Critical, now)}
	take := func() { room[Warning], room[Critical] = max(room[Warning]-1, 0), max(room[Critical]-1, 0) }
	first := func(n *storage.Notice) bool { return n.Alert == "" || n.ID == q.sending }
	for _, n := range q.open {
		if n.Status == storage.NoticeWaiting && first(n) {
			take()
		}
	}
	for _, n := range q.open {
		s := severityOf(n.Body)
		switch {
		case n.Status != storage.NoticeWaiting || first(n):
		case quiet(s):
			held[n] = "Quiet hours."
		case room[s] == 0:
			held[n] = "Too many notices within an hour. They come as one."
		case isDue(n, now):
			take()
		}
	}
	for _, n := range q.open {
		if s := severityOf(n.Body); n.Status == storage.NoticeHeld && !quiet(s) && room[s] > 0 {
			free = append(free, n)
		}
	}
	return held, free
}

// pump moves a channel's notices on.
func (k *keeper) pump(c Channel, now time.Time) {
	q := k.queues[c]
	k.giveUp(q, c)
	quiet := func(s Severity) bool {
		return k.conf.QuietHours.holds(s, now.In(k.a.deps.Zone))
	}
	held, free := q.sort(now, quiet)
	for n, why := range held {
		n.Status, n.Reason = storage.NoticeHeld, why
		k.moved(n, now)
	}
	if len(free) > 0 {
		k.sumUp(c, free, now)
	}
	n := q.next(now, quiet)
	if n == nil {
		return
	}
	select {
	case k.a.lanes[c] <- job{channel: c, notice: n.ID, message: n.Body, conf: k.conf, secrets: k.secrets, zone: k.a.deps.Zone}:
		q.sending = n.ID
	default: // the sender is still at work
	}
}

// moved notes that a notice has changed.
func (k *keeper) moved(n *storage.Notice, now time.Time) {
	n.ChangedAt = now
	k.note(n)
	if l := k.live[n.Alert]; l != nil {
		k.publish(l)
	}
}

// giveUp ends what was tried for too long, what is for a channel that is off,
// and what is of an alert that nobody wants to know of any more.
func (k *keeper) giveUp(q *queue, c Channel) {
	for _, n := range slices.Clone(q.open) {
		switch {
		case n.ID == q.sending || n.Status == storage.NoticeJoined:
		case !k.conf.enabled(c):
			k.finish(n, storage.NoticeFailed, "The channel was switched off.")
		case k.live[n.Alert] != nil && k.live[n.Alert].Ended == endDisabled:
			k.finish(n, storage.NoticeFailed, "The rule was switched off.")
		case n.Status == storage.NoticeWaiting && n.Attempts >= maxTries:
			k.finish(n, storage.NoticeFailed, "It could not be sent for a day. "+n.Reason)
		}
	}
}

// sumUp makes one notice of several.
func (k *keeper) sumUp(c Channel, list []*storage.Notice, now time.Time) {
	s := &storage.Notice{ID: newID(), Channel: string(c), Event: eventSummary, Status: storage.NoticeWaiting, NextAt: now, CreatedAt: now, ChangedAt: now}
	var about []*live
	for _, n := range list {
		n.Status, n.Reason, n.Into = storage.NoticeJoined, "", s.ID
		k.moved(n, now)
		if l := k.live[n.Alert]; l != nil && !slices.Contains(about, l) {
			about = append(about, l)
		}
	}
	s.Body = encode(summaryOf(s, about, k.box, k.a.deps.Zone))
	q := k.queues[c]
	q.open = append(q.open, s)
	k.note(s)
}

// ended takes what became of a try.
func (k *keeper) ended(r result) {
	now := k.a.deps.Now()
	q := k.queues[r.channel]
	q.sending = ""
	i := slices.IndexFunc(q.open, func(n *storage.Notice) bool { return n.ID == r.notice })
	if i < 0 {
		return
	}
	n := q.open[i]
	if r.failed != "" && k.a.sending.Err() != nil {
		return // cut by Close: tried again at the next start
	}
	n.Attempts++
	if r.failed == "" {
		q.note(now)
		k.finish(n, storage.NoticeSent, r.note)
		return
	}
	n.Body = r.with(n.Body)
	n.Reason, n.NextAt = r.failed, now.Add(retryAfter(n.Attempts))
	k.moved(n, now)
	k.a.deps.Log.Warn("a notice could not be sent", "channel", r.channel, "tries", n.Attempts, "reason", n.Reason)
}
