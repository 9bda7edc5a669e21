package desk

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"
)

const (
	quiet     = 90 * time.Second // documents and models must not change for so long
	lookEvery = 20 * time.Second
	nightHour = 2 // of the machine's clock: when the golden questions are asked each night
)

// Reasons of runs.
const (
	reasonManual    = "manual"
	reasonNightly   = "nightly"
	reasonDocuments = "documents"
	reasonModels    = "models"
)

// plan is what could make golden questions run.
type plan struct {
	changed   map[string]time.Time // collection -> its documents' last change
	wanted    map[string]bool      // collections that somebody wants to be asked now
	night     int                  // the last night that was begun, by nightOf
	models    string               // with which the last runs were made
	others    string               // that are there since, and not asked yet
	changedAt time.Time            // when others came
	since     time.Time            // when the program started
}

// due is a run that is to be made.
type due struct{ collection, reason string }

// nightOf numbers nights: it grows at nightHour of each day.
func nightOf(t time.Time) int {
	t = t.Add(-nightHour * time.Hour)
	return t.Year()*1000 + t.YearDay()
}

// next takes the runs that are due out of the plan. all are the
// collections; those without golden questions cost nothing.
func (p *plan) next(now time.Time, models string, all []string) []due {
	var out []due
	add := func(collection, reason string) {
		if _, changed := p.changed[collection]; changed && reason != reasonModels {
			reason = reasonDocuments // what breaks now was not broken by chance
		}
		if !slices.ContainsFunc(out, func(d due) bool { return d.collection == collection }) {
			out = append(out, due{collection, reason})
			delete(p.changed, collection)
			delete(p.wanted, collection)
		}
	}
	for _, c := range sorted(p.wanted) {
		add(c, reasonManual)
	}
	// A box that was off at night makes up for it, when its models are loaded.
	if night := nightOf(now); night != p.night && now.Sub(p.since) >= quiet {
		p.night = night
		for _, c := range all {
			add(c, reasonNightly)
		}
	}
	if p.anew(now, models) {
		for _, c := range all {
			add(c, reasonModels)
		}
	}
	for _, c := range sorted(p.changed) {
		if now.Sub(p.changed[c]) < quiet {
			continue
		}
		if slices.Contains(all, c) {
			add(c, reasonDocuments)
		}
		delete(p.changed, c)
	}
	return out
}

// anew says whether other models are there, and have been for a while: who
// tries several ones out, one after the other, makes no run for each.
func (p *plan) anew(now time.Time, models string) bool {
	switch {
	case models == "" || models == p.models:
		p.others = ""
		return false
	case p.models == "": // the first is no change
		p.models = models
		return false
	case models != p.others:
		p.others, p.changedAt = models, now
		return false
	case now.Sub(p.changedAt) < quiet:
		return false
	}
	p.models, p.others = models, ""
	return true
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Changed says that documents of a collection came, changed or went.
func (k *Desk) Changed(collection string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.plan.changed[collection] = k.d.Now()
}

// Broken is how many golden answers of a collection broke and are not mended, of
// how many questions.
type Broken struct{ Broken, Of int }

// Broken gives that by collection, without those that have no questions. It is
// not known before the first run.
func (k *Desk) Broken() (by map[string]Broken, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.broken), len(k.broken) > 0
}

// recall reads how the last runs went. What was broken is asked again soon: its
// question may be gone.
func (k *Desk) recall(ctx context.Context) error {
	now := k.d.Now()
	k.plan.since, k.plan.night = now, nightOf(now)
	all, err := k.d.Collections(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		runs, err := k.d.Store.GoldenRuns(ctx, c, 1)
		if err != nil {
			return err
		}
		if len(runs) == 0 {
			continue
		}
		k.broken[c], k.plan.models = Broken{runs[0].Broken, runs[0].Total}, runs[0].Models
		k.plan.night = min(k.plan.night, nightOf(runs[0].StartedAt.In(now.Location())))
		if runs[0].Broken > 0 {
			k.plan.changed[c] = now
		}
	}
	return nil
}

func (k *Desk) poke() {
	select {
	case k.wake <- struct{}{}:
	default: // it looks soon anyway
	}
}

// work makes the runs, one after the other: they are in nobody's way.
func (k *Desk) work() {
	defer k.tasks.Done()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-k.running.Done():
			return
		case <-tick.C:
		case <-k.wake:
		}
		k.look()
	}
}

func (k *Desk) look() {
	all, err := k.d.Collections(k.running)
	if err != nil {
		k.failed(err)
		return
	}
	models := k.d.Models()
	k.mu.Lock()
	maps.DeleteFunc(k.broken, func(c string, _ Broken) bool { return !slices.Contains(all, c) })
	list := k.plan.next(k.d.Now(), models, all)
	k.mu.Unlock()
	for _, d := range list {
		if err := k.run(k.running, d.collection, d.reason); err != nil {
			k.failed(err)
		}
		k.tell(nil)
		k.d.Publish(EventGolden, GoldenChanged{Collection: d.collection})
	}
}

func (k *Desk) failed(err error) {
	if !errors.Is(err, context.Canceled) && !notThere(err) {
		k.d.Log.Warn("golden questions were not asked", "err", err)
	}
}

// tell keeps how the present run goes, nil for none, and tells the pages.
func (k *Desk) tell(p *GoldenProgress) {
	k.mu.Lock()
	k.current = p
	k.mu.Unlock()
	if p != nil {
		k.d.Publish(EventGolden, GoldenChanged{Collection: p.Collection, Running: p})
	}
}
