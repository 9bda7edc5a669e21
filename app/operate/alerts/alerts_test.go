package alerts

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"alcove/storage"
)

func TestAnAlertComesAndGoes(t *testing.T) {
	b := newBench(t)
	b.only(hot())
	b.feed(warm, 60)
	if len(b.Firing()) != 0 {
		t.Error("fired before its time")
	}
	b.feed(warm, 1)
	v := b.board()
	if len(v.Firing) != 1 || v.Firing[0].Value != 90 || v.Firing[0].ResolvedAt != nil || len(v.Firing[0].Deliveries) != 0 || len(v.History) != 0 {
		t.Errorf("%+v", v)
	}
	if !reflect.DeepEqual(v.Firing, b.Firing()) {
		t.Errorf("%+v\n%+v", v.Firing, b.Firing())
	}
	b.feed(cool, 31)
	v = b.board()
	if len(v.Firing) != 0 || len(v.History) != 1 || v.History[0].Ended != endRecovered || v.History[0].ResolvedAt.Sub(v.History[0].FiredAt) != 31*time.Second {
		t.Errorf("%+v", v)
	}
	if events := b.named(EventAlert); len(events) != 2 || events[0].(Alert).ResolvedAt != nil || events[1].(Alert).ResolvedAt == nil {
		t.Errorf("%+v", events)
	}
	if !reflect.DeepEqual(b.marks, []string{"alert_fired Hot", "alert_resolved Hot"}) {
		t.Error(b.marks)
	}
	if len(b.named(EventNotice)) != 0 {
		t.Error("a notice although no channel is on")
	}
}

func TestFiguresAreShownAsTheyAre(t *testing.T) {
	b := newBench(t)
	b.feed(Reading{CPUPercent: 12, "nonsense": 1}, 1)
	for _, m := range b.board().Metrics {
		if (m.Value != nil) != (m.Name == CPUPercent) {
			t.Errorf("%s: %v", m.Name, m.Value)
		}
	}
}

func TestSilentAlertSaysSo(t *testing.T) {
	b := newBench(t)
	b.only(hot())
	b.feed(warm, 61)
	b.feed(Reading{}, 3601)
	if f := b.Firing(); len(f) != 1 || !strings.Contains(f[0].Text, "has not been known for an hour") {
		t.Errorf("%+v", f)
	}
	b.feed(warm, 1)
	if f := b.Firing(); len(f) != 1 || strings.Contains(f[0].Text, "has not been known") {
		t.Errorf("%+v", f)
	}
}

func TestAFiringAlertSurvivesARestart(t *testing.T) {
	b, s := newBench(t), newSink(t, "k")
	b.hook(s.URL, "k")
	b.only(hot())
	b.feed(warm, 61)
	until(t, "the notice", func() bool { return len(s.notices()) == 1 })
	b.idle()
	before := b.Firing()
	b.restart()
	if !reflect.DeepEqual(jsonText(t, before), jsonText(t, b.Firing())) {
		t.Errorf("%s\n%s", jsonText(t, before), jsonText(t, b.Firing()))
	}
	b.feed(warm, 200)
	b.idle()
	if len(s.notices()) != 1 {
		t.Error("told again after a restart")
	}
	b.restart()
	b.feed(cool, 31)
	until(t, "the recovery notice", func() bool { return len(s.notices()) == 2 })
	b.idle()
	if e := s.events(); !reflect.DeepEqual(e, []string{eventFired, eventResolved}) {
		t.Error(e)
	}
	b.restart()
	if len(b.Firing()) != 0 || len(b.board().History) != 1 {
		t.Error("it came back")
	}
}

func TestEditsEndAnAlert(t *testing.T) {
	other := hot()
	other.Above = number64(88)
	longer, off := hot(), hot()
	longer.ForSeconds, off.Enabled = 600, false
	for name, c := range map[string]struct {
		rules  []Rule
		ended  string // "": goes on
		notice bool
	}{
		"another threshold": {[]Rule{other}, endEdited, true},
		"another time":      {[]Rule{longer}, "", false},
		"off":               {[]Rule{off}, endDisabled, false},
		"removed":           {nil, endDisabled, false},
	} {
		t.Run(name, func(t *testing.T) {
			b, s := newBench(t), newSink(t, "k")
			b.hook(s.URL, "k")
			b.only(hot())
			b.feed(warm, 61)
			until(t, "the notice", func() bool { return len(s.notices()) == 1 })
			b.idle()
			b.only(c.rules...)
			v := b.board()
			if c.ended == "" {
				if len(v.Firing) != 1 {
					t.Errorf("%+v", v)
				}
				return
			}
			if len(v.Firing) != 0 || len(v.History) != 1 || v.History[0].Ended != c.ended {
				t.Errorf("%+v", v)
			}
			if c.notice {
				until(t, "the notice of the end", func() bool { return len(s.notices()) == 2 })
			}
			b.idle()
			if len(s.notices()) == 2 != c.notice {
				t.Error(s.events())
			}
			if name == "another threshold" {
				b.feed(warm, 61)
				if len(b.Firing()) != 1 || b.Firing()[0].Threshold != 88 {
					t.Error("the new rule does not fire")
				}
			}
		})
	}
}

// A rule that was changed while the program was not running ends the alert too.
func TestEditsBetweenRunsEndAnAlert(t *testing.T) {
	b := newBench(t)
	b.only(hot())
	b.feed(warm, 61)
	other := hot()
	other.Above = number64(88)
	if err := b.store.SetAlertSetting(t.Context(), docRules, encode([]Rule{other}), nil); err != nil {
		t.Fatal(err)
	}
	b.restart()
	if v := b.board(); len(v.Firing) != 0 || len(v.History) != 1 || v.History[0].Ended != endEdited {
		t.Errorf("%+v", v)
	}
}

func TestResetGoesBackToTheShippedRules(t *testing.T) {
	b := newBench(t)
	if v := b.board(); !v.Shipped || !reflect.DeepEqual(v.Rules, Shipped()) {
		t.Error("not the shipped ones")
	}
	b.only(hot())
	b.restart()
	if v := b.board(); v.Shipped || len(v.Rules) != 1 {
		t.Error("not the ones that were set")
	}
	if err := b.ResetRules(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.restart()
	if v := b.board(); !v.Shipped || !reflect.DeepEqual(v.Rules, Shipped()) {
		t.Error("not the shipped ones")
	}
}

// The disk takes no writes: alerts and notices go on, and what happened
// meanwhile is kept afterwards.
func TestAlertsGoOnWithoutADisk(t *testing.T) {
	b, s := newBench(t), newSink(t, "k")
	b.hook(s.URL, "k")
	b.only(hot())
	full := errors.New("the disk is full")
	b.run(func(k *keeper) {
		k.write = func(context.Context, []storage.Alert, []storage.Notice) error { return full }
	})
	b.feed(warm, 61)
	until(t, "the notice", func() bool { return len(s.notices()) == 1 })
	b.feed(cool, 31)
	until(t, "the recovery notice", func() bool { return len(s.notices()) == 2 })
	b.idle()
	if v := b.board(); len(v.History) != 1 || len(v.History[0].Deliveries) != 2 {
		t.Errorf("%+v", v.History)
	}
	if rows, err := b.store.EndedAlerts(t.Context(), 10); err != nil || len(rows) != 0 {
		t.Fatal(rows, err)
	}
	b.run(func(k *keeper) { k.write = b.store.PutAlerts })
	b.tick(storeAgain)
	b.restart()
	if v := b.board(); len(v.History) != 1 || !reflect.DeepEqual(statuses(v.History[0], Webhook), []string{"alert.fired sent", "alert.resolved sent"}) {
		t.Errorf("%+v", v.History)
	}
}

// An alert is not forgotten while a notice of it is on its way, and its notices
// are there after a restart.
func TestAnAlertIsKeptWhileItIsToBeTold(t *testing.T) {
	b, s := newBench(t), newSink(t, "k")
	s.setAnswer(func(_ int, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(500); return true })
	b.hook(s.URL, "k")
	b.only(hot())
	b.feed(warm, 61)
	b.feed(cool, 31)
	b.idle()
	if err := b.store.DropAlerts(t.Context(), b.clock.now().Add(time.Hour), 0); err != nil {
		t.Fatal(err)
	}
	b.restart()
	s.setAnswer(nil)
	b.tick(lastRetry)
	until(t, "both notices", func() bool { b.idle(); return len(s.notices()) == 2 })
	b.idle()
	if strings.Contains(b.logged(), "keep alerts") || len(b.board().History) != 1 {
		t.Errorf("%s %+v", b.logged(), b.board().History)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	b := newBench(t)
	var list []storage.Alert
	for i := range keepAlerts + 50 {
		at := start.Add(-time.Duration(i) * time.Hour)
		list = append(list, storage.Alert{ID: newID(), Rule: "r", Title: "T", Severity: "warning", Metric: CPUPercent, FiredAt: at, ResolvedAt: at, Ended: endRecovered})
	}
	if err := b.store.PutAlerts(t.Context(), list, nil); err != nil {
		t.Fatal(err)
	}
	b.tick(pruneEvery)
	for _, a := range b.board().History {
		if start.Sub(*a.ResolvedAt) > keepDays*24*time.Hour {
			t.Fatal("an alert older than 90 days")
		}
	}
	for i := range list {
		list[i].ResolvedAt = start
	}
	if err := b.store.PutAlerts(t.Context(), list, nil); err != nil {
		t.Fatal(err)
	}
	b.tick(pruneEvery)
	if n := len(b.board().History); n != keepAlerts {
		t.Errorf("%d alerts", n)
	}
}

func TestClosedAlertsSaySo(t *testing.T) {
	b := newBench(t)
	a := b.Alerts
	b.close()
	if _, err := a.Board(t.Context(), 1); !errors.Is(err, storage.ErrClosed) {
		t.Error(err)
	}
	a.Observe(start, warm)
	a.Observe(start, warm)
}
