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

// A row that the database refuses holds up no other.
func TestARefusedRowHoldsUpNothing(t *testing.T) {
	b, s := newBench(t), newSink(t, "k")
	b.hook(s.URL, "k")
	b.only(hot())
	b.run(func(k *keeper) {
		k.note(&storage.Notice{ID: newID(), Alert: "of-nobody", Channel: string(Webhook), Event: eventFired, Status: storage.NoticeSent, Body: encode(struct{}{}), CreatedAt: start})
	})
	b.feed(warm, 61)
	until(t, "the notice", func() bool { b.idle(); return len(s.notices()) == 1 })
	b.restart()
	if f := b.board().Firing; len(f) != 1 || !reflect.DeepEqual(statuses(f[0], Webhook), []string{"alert.fired sent"}) {
		t.Errorf("%+v", f)
	}
	if n := strings.Count(b.logged(), "refuses a row"); n != 1 {
		t.Errorf("said %d times\n%s", n, b.logged())
	}
}

// A disk that takes nothing for very long costs the oldest of what is over, and
// neither what fires nor a notice that waits.
func TestALongFailureOfTheDiskKeepsWhatFires(t *testing.T) {
	b, s := newBench(t), newSink(t, "k")
	s.setAnswer(func(_ int, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(503); return true })
	b.hook(s.URL, "k")
	b.only(hot())
	b.run(func(k *keeper) {
		k.write = func(context.Context, []storage.Alert, []storage.Notice) error { return errors.New("read only") }
	})
	b.feed(warm, 61)
	b.idle()
	b.run(func(k *keeper) {
		for i := range maxUnkept + 100 {
			at := start.Add(time.Duration(i) * time.Millisecond)
			l := &live{Alert: storage.Alert{ID: newID(), Rule: "old", Title: "T", Severity: "warning", Metric: CPUPercent, FiredAt: at, ResolvedAt: at, Ended: endRecovered}}
			k.live[l.ID], k.unkept[l.ID] = l, true
		}
	})
	for range 3 {
		b.tick(lastRetry)
		b.idle()
	}
	b.run(func(k *keeper) {
		if n := len(k.unkept) + len(k.notes); n > maxUnkept || n < maxUnkept-10 || len(k.notes) != 1 {
			t.Errorf("%d wait for the disk, %d notices", n, len(k.notes))
		}
		k.write = b.store.PutAlerts
	})
	b.tick(storeAgain)
	b.restart()
	if f := b.board().Firing; len(f) != 1 || !reflect.DeepEqual(statuses(f[0], Webhook), []string{"alert.fired waiting"}) {
		t.Errorf("%+v", f)
	}
	s.setAnswer(nil)
	b.feed(cool, 31)
	until(t, "both notices", func() bool { b.tick(lastRetry); b.idle(); return len(s.notices()) >= 2 })
	if l := b.logged(); strings.Contains(l, "FOREIGN KEY") || !reflect.DeepEqual(s.events(), []string{eventFired, eventResolved}) {
		t.Errorf("%v %s", s.events(), l[max(0, len(l)-500):])
	}
}

// Of two alerts of one rule that an older version left open, the second ends
// and the first goes on.
func TestASecondAlertOfARuleEndsAlone(t *testing.T) {
	b := newBench(t)
	b.only(hot())
	var list []storage.Alert
	for range 2 {
		list = append(list, storage.Alert{ID: newID(), Rule: "hot", Title: "Hot", Severity: "warning", Metric: GPUTemperature, Value: 90, Threshold: 85, FiredAt: start})
	}
	if err := b.store.PutAlerts(t.Context(), list, nil); err != nil {
		t.Fatal(err)
	}
	b.restart()
	if f := b.Firing(); len(f) != 1 || f[0].ID != list[0].ID {
		t.Fatalf("%+v", f)
	}
	b.feed(cool, 31)
	if v := b.board(); len(v.Firing) != 0 || len(v.History) != 2 {
		t.Errorf("%+v", v)
	}
}

// A document of a later version is taken whole or not at all.
func TestSettingsOfALaterVersion(t *testing.T) {
	for name, doc := range map[string]string{
		"another shape":  `{"webhook":{"enabled":true,"url":"http://127.0.0.1:1/"},"email":{"port":"smtp"}}`,
		"another choice": `{"webhook":{"enabled":true,"url":"http://127.0.0.1:1/"},"email":{"port":25,"security":"auto"},"syslog":{"network":"local"},"quiet_hours":{"from":"22:00","to":"07:00"}}`,
	} {
		b := newBench(t)
		if err := b.store.SetAlertSetting(t.Context(), docChannels, []byte(doc), nil); err != nil {
			t.Fatal(err)
		}
		if err := b.store.SetAlertSetting(t.Context(), docRules, []byte(`[{"id":"hot"},{"id":7}]`), nil); err != nil {
			t.Fatal(err)
		}
		b.restart()
		if c, err := b.Channels(t.Context()); err != nil || !reflect.DeepEqual(c, defaultChannels()) {
			t.Errorf("%s: %+v %v", name, c, err)
		}
		if v := b.board(); !v.Shipped || !reflect.DeepEqual(v.Rules, Shipped()) {
			t.Errorf("%s: %+v", name, v.Rules)
		}
		if n := strings.Count(b.logged(), "cannot be used"); n != 2 {
			t.Errorf("%s: said %d times", name, n)
		}
	}
}
