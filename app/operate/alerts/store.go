package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"alcove/storage"
)

// note remembers that a notice is to be stored.
func (k *keeper) note(n *storage.Notice) {
	if !slices.Contains(k.notes, n) {
		k.notes = append(k.notes, n)
	}
}

// keep stores what has changed; after a failure it waits a moment.
func (k *keeper) keep(now time.Time) {
	if len(k.unkept)+len(k.notes) == 0 || now.Before(k.tryAt) && k.tryAt.Sub(now) <= storeAgain {
		return
	}
	if err := k.store(); err != nil {
		k.tryAt = now.Add(storeAgain)
		k.a.deps.Log.Warn("keep alerts", "err", err)
		k.trim(maxUnkept)
	}
}

// store writes what has changed since the last time.
func (k *keeper) store() error {
	if len(k.unkept)+len(k.notes) == 0 {
		return nil
	}
	var notices []storage.Notice
	for _, n := range k.notes {
		notices = append(notices, *n)
		if k.live[n.Alert] != nil {
			k.unkept[n.Alert] = true // a notice needs its row, which may have been dropped
		}
	}
	var list []storage.Alert
	for id := range k.unkept {
		list = append(list, k.live[id].Alert)
	}
	slices.SortFunc(list, func(a, b storage.Alert) int { return a.FiredAt.Compare(b.FiredAt) })
	ctx, cancel := withStore(context.Background())
	defer cancel()
	err := k.write(ctx, list, notices)
	if errors.Is(err, storage.ErrInvalid) {
		err = k.storeApart(ctx, list)
	}
	if err != nil {
		return fmt.Errorf("store alerts: %w", err)
	}
	k.unkept, k.notes = map[string]bool{}, nil
	return nil
}

// storeApart writes row by row and leaves out what the database refuses, which
// would hold up all others for good.
func (k *keeper) storeApart(ctx context.Context, list []storage.Alert) error {
	one := func(id string, alerts []storage.Alert, notices ...storage.Notice) error {
		err := k.write(ctx, alerts, notices)
		if errors.Is(err, storage.ErrInvalid) {
			k.a.deps.Log.Error("the database refuses a row of the alerts; it is not kept", "id", id, "err", err)
			return nil
		}
		return err
	}
	for _, a := range list {
		if err := one(a.ID, []storage.Alert{a}); err != nil {
			return err
		}
		delete(k.unkept, a.ID)
	}
	for len(k.notes) > 0 {
		if err := one(k.notes[0].ID, nil, *k.notes[0]); err != nil {
			return err
		}
		k.notes = k.notes[1:]
	}
	return nil
}

// trim bounds what waits for a disk that takes nothing: the oldest alerts that
// are over and of which nobody is to be told any more will be in no history.
// What fires or waits stays, because later notices need its row.
func (k *keeper) trim(most int) {
	over := len(k.unkept) + len(k.notes) - most
	if over <= 0 {
		return
	}
	open := k.open()
	var ended []*live
	for id, l := range k.live {
		if !l.ResolvedAt.IsZero() && !open[id] {
			ended = append(ended, l)
		}
	}
	slices.SortFunc(ended, func(a, b *live) int { return a.FiredAt.Compare(b.FiredAt) })
	drop := map[string]bool{"": true} // summaries that have ended, too
	for _, l := range ended {
		if over <= 0 {
			break
		}
		drop[l.ID] = true
		over -= 1 + len(l.notices)
		delete(k.unkept, l.ID)
	}
	k.notes = slices.DeleteFunc(k.notes, func(n *storage.Notice) bool { return drop[n.Alert] && !isOpen(n) })
}

func isOpen(n *storage.Notice) bool {
	return n.Status != storage.NoticeSent && n.Status != storage.NoticeFailed
}

// open gives the ids of alerts with notices that have not ended.
func (k *keeper) open() map[string]bool {
	open := map[string]bool{}
	for _, q := range k.queues {
		for _, n := range q.open {
			open[n.Alert] = true
		}
	}
	return open
}

// forget drops ended alerts from memory when nothing of them is to be stored or sent.
func (k *keeper) forget() {
	open := k.open()
	for _, n := range k.notes {
		open[n.Alert] = true
	}
	for id, l := range k.live {
		if !l.ResolvedAt.IsZero() && !open[id] && !k.unkept[id] {
			delete(k.live, id)
		}
	}
}
