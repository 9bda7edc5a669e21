package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"alcove/storage"
)

// Names of stored documents and secrets.
const (
	docRules    = "rules"
	docChannels = "channels"
)

// keeper is all state. The owner goroutine alone touches it. Memory is the
// truth while the program runs: alerts go on when the disk takes no writes,
// which is one of the things they tell of.
type keeper struct {
	a       *Alerts
	box     string
	rules   []Rule
	shipped bool // the rules are the shipped ones
	conf    Channels
	secrets secrets

	states  map[string]State // by rule
	latest  Reading
	live    map[string]*live // alerts that fire, or have notices that have not ended
	byRule  map[string]*live // those that fire
	queues  map[Channel]*queue
	unkept  map[string]bool // ids of alerts that are to be stored
	notes   []*storage.Notice
	tryAt   time.Time // storing failed: not before this again
	pruneAt time.Time
	write   func(context.Context, []storage.Alert, []storage.Notice) error // of the store
}

// live is an alert with its notices.
type live struct {
	storage.Alert
	silent  bool // its figure is not known
	notices []*storage.Notice
}

const (
	keepDays   = 90
	keepAlerts = 5000
	pruneEvery = time.Hour
	storeAgain = 5 * time.Second
	maxUnkept  = 5000 // alerts and notices in memory that the disk does not take
)

func loadKeeper(ctx context.Context, a *Alerts) (*keeper, error) {
	k := &keeper{a: a, box: boxName(), states: map[string]State{}, live: map[string]*live{}, byRule: map[string]*live{},
		queues: map[Channel]*queue{}, unkept: map[string]bool{}, conf: defaultChannels(), write: a.deps.Store.PutAlerts}
	store := a.deps.Store
	found, err := readSetting(ctx, a.deps, docRules, &k.rules, checkRules)
	if err != nil {
		return nil, err
	}
	if !found {
		k.rules, k.shipped = Shipped(), true
	}
	if k.secrets, err = store.AlertSecrets(ctx); err != nil {
		return nil, err
	}
	if _, err := readSetting(ctx, a.deps, docChannels, &k.conf, func(c Channels) error { return c.check(k.secrets) }); err != nil {
		return nil, err
	}
	sent, err := store.SentNotices(ctx, a.deps.Now().Add(-rateSpan))
	if err != nil {
		return nil, err
	}
	for _, c := range channels {
		k.queues[c] = &queue{sent: sent[string(c)]}
	}
	return k, k.loadAlerts(ctx)
}

// loadAlerts brings back what was firing and what was not sent.
func (k *keeper) loadAlerts(ctx context.Context) error {
	store := k.a.deps.Store
	open, err := store.OpenNotices(ctx)
	if err != nil {
		return err
	}
	var ids []string
	for _, n := range open {
		if n.Alert != "" {
			ids = append(ids, n.Alert)
		}
	}
	alerts, err := store.UnfinishedAlerts(ctx, ids)
	if err != nil {
		return err
	}
	ids = nil
	for _, al := range alerts {
		k.live[al.ID] = &live{Alert: al}
		ids = append(ids, al.ID)
	}
	known, err := store.Notices(ctx, ids)
	if err != nil {
		return err
	}
	for i := range known {
		l := k.live[known[i].Alert]
		l.notices = append(l.notices, &known[i])
	}
	for i := range open {
		n := &open[i]
		if l := k.live[n.Alert]; l != nil {
			j := slices.IndexFunc(l.notices, func(o *storage.Notice) bool { return o.ID == n.ID })
			n = l.notices[j]
		}
		if q := k.queues[Channel(n.Channel)]; q != nil {
			q.open = append(q.open, n)
		}
	}
	for _, al := range alerts {
		if al.ResolvedAt.IsZero() {
			k.takeUp(k.live[al.ID])
		}
	}
	return nil
}

// takeUp goes on with an alert of the last run, or ends it when its rule is
// another one now.
func (k *keeper) takeUp(l *live) {
	i := slices.IndexFunc(k.rules, func(r Rule) bool { return r.ID == l.Rule })
	if i < 0 || !k.rules[i].Enabled || k.byRule[l.Rule] != nil {
		k.end(l, endDisabled)
		return
	}
	r := k.rules[i]
	k.byRule[l.Rule] = l
	if r.Metric != l.Metric || r.threshold() != l.Threshold {
		k.end(l, endEdited)
		return
	}
	k.states[r.ID] = State{Firing: true, Value: l.Value}
}

// observe judges one reading by all rules.
func (k *keeper) observe(at time.Time, reading Reading) {
	k.latest = reading
	changed := false
	for _, r := range k.rules {
		if !r.Enabled {
			continue
		}
		s, outcome := Step(r, k.states[r.ID], reading, at)
		k.states[r.ID] = s
		changed = changed || outcome != Nothing
		switch outcome {
		case Fired:
			k.fire(r, s.Value)
		case Resolved:
			if l := k.byRule[r.ID]; l != nil {
				k.end(l, endRecovered)
			}
		case WentSilent, SpokeAgain:
			if l := k.byRule[r.ID]; l != nil {
				l.silent = s.Silent
				k.publish(l)
			}
		}
	}
	if changed {
		k.a.show(k.shown())
	}
}

func (k *keeper) fire(r Rule, value float64) {
	now := k.a.deps.Now()
	l := &live{Alert: storage.Alert{ID: newID(), Rule: r.ID, Title: r.Title, Severity: string(r.Severity), Metric: r.Metric, Value: value,
		Threshold: r.threshold(), Text: r.sentence(value) + k.a.where(r.Metric), FiredAt: now}}
	k.live[l.ID], k.byRule[r.ID], k.unkept[l.ID] = l, l, true
	for _, c := range channels {
		if k.conf.enabled(c) {
			k.tell(l, c, eventFired)
		}
	}
	k.a.deps.Mark(MarkFired, l.Title)
	k.a.deps.Log.Warn("an alert fired", "rule", l.Rule, "severity", l.Severity, "value", value)
	k.publish(l)
}

// Why an alert ended.
const (
	endRecovered = "recovered"
	endEdited    = "edited"   // the rule's condition was changed
	endDisabled  = "disabled" // the rule was switched off or removed: nobody is told
)

func (k *keeper) end(l *live, why string) {
	l.ResolvedAt, l.Ended, l.silent = k.a.deps.Now(), why, false
	if l.ResolvedAt.Before(l.FiredAt) {
		l.ResolvedAt = l.FiredAt // the clock was set back
	}
	if k.byRule[l.Rule] == l { // not the one that the rule fires now
		delete(k.byRule, l.Rule)
	}
	k.unkept[l.ID] = true
	for _, c := range channels {
		i := slices.IndexFunc(l.notices, func(n *storage.Notice) bool { return n.Channel == string(c) && n.Event == eventFired })
		switch {
		case i < 0 || why == endDisabled: // giveUp ends what has not been sent
		case l.notices[i].Status == storage.NoticeHeld:
			// The summary says in one line that it came and went.
		case k.conf.enabled(c):
			k.tell(l, c, eventResolved)
		}
	}
	k.a.deps.Mark(MarkResolved, l.Title)
	k.a.deps.Log.Info("an alert ended", "rule", l.Rule, "why", why)
	k.publish(l)
}

// tell puts a notice of an alert into a channel's queue.
func (k *keeper) tell(l *live, c Channel, event string) {
	now := k.a.deps.Now()
	n := &storage.Notice{ID: newID(), Alert: l.ID, Channel: string(c), Event: event, Status: storage.NoticeWaiting, NextAt: now, CreatedAt: now, ChangedAt: now}
	n.Body = encode(messageOf(n, l, k.box))
	l.notices = append(l.notices, n)
	q := k.queues[c]
	if len(q.open) >= maxOpen && (Severity(l.Severity) != Critical || len(q.open) >= 2*maxOpen) {
		n.Status, n.Reason = storage.NoticeFailed, "Too many notices waited already; this one was left out."
	} else {
		q.open = append(q.open, n)
	}
	k.note(n)
}

// finish ends a notice, and those that a summary has taken in with it.
func (k *keeper) finish(n *storage.Notice, status storage.NoticeStatus, reason string) {
	now := k.a.deps.Now()
	q := k.queues[Channel(n.Channel)]
	var left []*storage.Notice
	for _, o := range q.open {
		if o != n && o.Into != n.ID {
			left = append(left, o)
			continue
		}
		o.Status, o.Reason, o.ChangedAt = status, reason, now
		k.note(o)
		if l := k.live[o.Alert]; l != nil {
			k.publish(l)
		}
	}
	q.open = left
}

// turn does what is due: it stores, sends, and forgets what is old.
func (k *keeper) turn() {
	now := k.a.deps.Now()
	k.keep(now)
	for _, c := range channels {
		k.pump(c, now)
	}
	k.keep(now)
	k.forget()
	if now.Sub(k.pruneAt) >= pruneEvery || now.Before(k.pruneAt) {
		k.pruneAt = now
		ctx, cancel := withStore(context.Background())
		defer cancel()
		if err := k.a.deps.Store.DropAlerts(ctx, now.AddDate(0, 0, -keepDays), keepAlerts); err != nil {
			k.a.deps.Log.Warn("forget old alerts", "err", err)
		}
	}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("marshal alerts: %w", err)) // our own types, and figures that are numbers
	}
	return b
}

func decode(raw json.RawMessage, v any) error {
	if err := json.Unmarshal(raw, v); err != nil {
		return fmt.Errorf("read alert settings: %w", err)
	}
	return nil
}
