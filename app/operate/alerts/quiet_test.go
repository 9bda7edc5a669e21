package alerts

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"

	"alcove/storage"
)

func TestQuietHoursByTheClockOnTheWall(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	night := QuietHours{Enabled: true, From: "22:00", To: "07:00"}
	noon := QuietHours{Enabled: true, From: "12:00", To: "13:30"}
	spring := QuietHours{Enabled: true, From: "01:30", To: "02:30"} // 02:00 becomes 03:00 on 29 March 2026
	for _, c := range []struct {
		q    QuietHours
		at   string // local
		want bool
	}{
		{night, "2026-11-28 21:59:59", false}, {night, "2026-11-28 22:00:00", true}, {night, "2026-11-29 00:00:00", true},
		{night, "2026-11-29 06:59:59", true}, {night, "2026-11-29 07:00:00", false},
		{noon, "2026-11-28 12:00:00", true}, {noon, "2026-11-28 13:29:59", true}, {noon, "2026-11-28 13:30:00", false},
		{night, "2026-03-29 06:30:00", true}, {night, "2026-10-25 06:30:00", true}, {night, "2026-10-25 07:00:00", false},
		{spring, "2026-03-29 01:45:00", true}, {spring, "2026-03-29 03:00:00", false},
	} {
		at, err := time.ParseInLocation(time.DateTime, c.at, berlin)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.q.holds(Warning, at); got != c.want {
			t.Errorf("%s to %s at %s: %v", c.q.From, c.q.To, c.at, got)
		}
		if c.q.holds(Critical, at) {
			t.Errorf("critical is held at %s", c.at)
		}
		c.q.CriticalToo = true
		if got := c.q.holds(Critical, at); got != c.want {
			t.Errorf("critical too, at %s: %v", c.at, got)
		}
		c.q.Enabled = false
		if c.q.holds(Warning, at) {
			t.Error("held although switched off")
		}
	}
}

// warning and critical rules on figures of their own.
func ruleOn(id, metric string, s Severity) Rule {
	return Rule{ID: id, Title: "Rule " + id, Metric: metric, Above: number64(90), ClearSeconds: minClear, Severity: s, Enabled: true}
}

func TestQuietHoursHoldAndSumUp(t *testing.T) {
	b, s := newBench(t), newSink(t, "k") // it is 12:00
	b.hook(s.URL, "k")
	b.channels(func(c *Channels) { c.QuietHours = QuietHours{Enabled: true, From: "12:30", To: "13:00"} })
	lost := ruleOn("bad", GPULost, Critical)
	lost.Above = number64(0.5)
	b.only(ruleOn("early", CPUPercent, Warning), ruleOn("lasting", MemoryUsed, Warning), ruleOn("gone", SwapUsed, Warning), lost)
	b.feed(Reading{CPUPercent: 99, MemoryUsed: 1, SwapUsed: 1, GPULost: 0}, 1)
	until(t, "the early notice", func() bool { return len(s.notices()) == 1 })
	b.idle()
	b.clock.advance(35 * time.Minute)
	b.feed(Reading{CPUPercent: 1, MemoryUsed: 99, SwapUsed: 99, GPULost: 1}, 12)
	until(t, "the critical notice", func() bool { return len(s.notices()) == 2 })
	b.idle()
	b.feed(Reading{CPUPercent: 1, MemoryUsed: 99, SwapUsed: 1, GPULost: 1}, 12)
	b.idle()
	if len(b.Firing()) != 2 || len(b.named(EventAlert)) == 0 {
		t.Error("the page was not told at once")
	}
	for _, a := range b.board().Firing {
		if a.Rule == "lasting" && !reflect.DeepEqual(statuses(a, Webhook), []string{"alert.fired held"}) {
			t.Errorf("%+v", a.Deliveries)
		}
	}
	b.restart() // what is held survives
	b.tick(10 * time.Minute)
	b.idle()
	if e := s.events(); !reflect.DeepEqual(e, []string{eventFired, eventFired}) {
		t.Fatal(e)
	}
	b.tick(20 * time.Minute)
	until(t, "the summary", func() bool { return len(s.notices()) == 3 })
	b.idle()
	s.check(t)
	sum := s.notices()[2]
	if sum.Event != eventSummary || sum.Title != "Meanwhile: 1 firing, 2 over" || len(sum.Alerts) != 3 || sum.Severity != Warning {
		t.Errorf("%+v", sum)
	}
	lines := strings.Split(sum.Text, "\n")
	for i, want := range []string{"Still so: Rule lasting, since 28 Nov 12:35.", "Over: Rule early, 28 Nov 12:00 to 28 Nov 12:35.", "Over: Rule gone, 28 Nov 12:35 to 28 Nov 12:35."} {
		found := false
		for _, l := range lines {
			found = found || strings.HasPrefix(l, want)
		}
		if !found || len(lines) != 3 {
			t.Errorf("line %d is missing: %q", i, sum.Text)
		}
	}
	for _, a := range append(b.board().Firing, b.board().History...) {
		for _, d := range a.Deliveries {
			if d.Status != "sent" {
				t.Errorf("%s: %+v", a.Rule, d)
			}
		}
	}
	b.tick(time.Hour)
	b.idle()
	if len(s.notices()) != 3 {
		t.Error(s.events())
	}
}

// A storm of alerts does not become a storm of notices: at most 20 within an
// hour, 15 of them for warnings, and the rest is told in summaries.
func TestAStormIsSummedUp(t *testing.T) {
	b, s := newBench(t), newSink(t, "k")
	b.hook(s.URL, "k")
	var rules []Rule
	for i := range 60 {
		rules = append(rules, ruleOn(fmt.Sprintf("r%d", i), CPUPercent, Warning))
	}
	grave := ruleOn("grave", MemoryUsed, Critical)
	b.only(append(rules, grave)...)
	bad, good := Reading{CPUPercent: 99}, Reading{CPUPercent: 1}
	settle := func() {
		for before := -1; before != len(s.notices()); {
			before = len(s.notices())
			b.idle()
		}
	}
	for range 6 { // three hours
		b.feed(bad, 2)
		settle()
		b.feed(good, 12)
		settle()
		b.clock.advance(30*time.Minute - 14*time.Second)
	}
	at := s.times()
	if len(at) < 16 || len(at) > 60 {
		t.Errorf("%d notices in three hours", len(at))
	}
	for i, a := range at {
		n := 0
		for _, o := range at[i:] {
			if o.Sub(a) < rateSpan {
				n++
			}
		}
		if n > rateWarning {
			t.Fatalf("%d notices within an hour", n)
		}
	}
	b.feed(Reading{CPUPercent: 99, MemoryUsed: 99}, 2)
	until(t, "the critical notice", func() bool {
		b.idle()
		for _, n := range s.notices() {
			if n.Alert != nil && n.Alert.Rule == "grave" {
				return true
			}
		}
		return false
	})
	b.tick(rateSpan)
	settle()
	s.check(t)
	if e := s.events(); e[len(e)-1] != eventSummary {
		t.Error(e)
	}
	last := s.notices()[len(s.notices())-1]
	if len(last.Alerts) != maxLines || !strings.Contains(last.Text, "more.") {
		t.Errorf("%d alerts in the summary", len(last.Alerts))
	}
}

// TestQueueKeepsItsPromises: whatever happens, the notices of one alert go out
// in their order, and never more within an hour than the bound.
func TestQueueKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, now := &queue{}, start
		quiet := false
		isQuiet := func(s Severity) bool { return quiet && s != Critical }
		sent := map[string]int{}
		id := 0
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0, 1:
				id++
				s := rapid.SampledFrom([]Severity{Warning, Critical}).Draw(t, "severity")
				q.open = append(q.open, &storage.Notice{ID: fmt.Sprint(id), Alert: fmt.Sprint(s, rapid.IntRange(0, 3).Draw(t, "alert")), Attempts: 0,
					Status: storage.NoticeWaiting, NextAt: now, CreatedAt: now, Body: encode(Notice{Severity: s})})
			case 2:
				now = now.Add(time.Duration(rapid.SampledFrom([]int{1, 10, 600, 3600, -60}).Draw(t, "passed")) * time.Second)
			case 3:
				quiet = !quiet
			case 4:
				q.sending = ""
			}
			held, free := q.sort(now, isQuiet)
			for n, why := range held {
				if n.Status != storage.NoticeWaiting || n.ID == q.sending || why == "" {
					t.Fatal("held what must not be held")
				}
				n.Status = storage.NoticeHeld
			}
			for _, n := range free {
				if isQuiet(severityOf(n.Body)) {
					t.Fatal("released in quiet hours")
				}
				n.Status = storage.NoticeWaiting // as if the summary were this one
			}
			n := q.next(now, isQuiet)
			if n == nil {
				continue
			}
			if isQuiet(severityOf(n.Body)) || n.NextAt.After(now) && n.NextAt.Sub(now) <= lastRetry {
				t.Fatalf("sent too early: %+v", n)
			}
			for i, o := range q.open {
				if o == n {
					q.open = append(q.open[:i:i], q.open[i+1:]...)
					break
				}
				if o.Alert == n.Alert {
					t.Fatal("a later notice of an alert came first")
				}
			}
			if rapid.Bool().Draw(t, "fails") {
				n.Attempts++
				n.NextAt = now.Add(retryAfter(n.Attempts))
				if n.NextAt.Sub(now) < firstRetry || n.NextAt.Sub(now) > lastRetry {
					t.Fatal("a wait out of bounds")
				}
				q.open = append([]*storage.Notice{n}, q.open...)
				continue
			}
			q.note(now)
			sent[n.Alert]++
			if len(q.sent) > 0 && q.room(Critical, now) < 0 {
				t.Fatal("more than the bound")
			}
		}
	})
}

// A summary that could not be sent before quiet hours began waits until they
// end. What is critical does not wait behind it.
func TestASummaryInQuietHoursHoldsUpNothingCritical(t *testing.T) {
	b, s := newBench(t), newSink(t, "k") // it is 12:00
	away := func(_ int, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(503); return true }
	s.setAnswer(away)
	b.hook(s.URL, "k")
	b.channels(func(c *Channels) { c.QuietHours = QuietHours{Enabled: true, From: "12:00", To: "12:10"} })
	lost := ruleOn("lost", GPULost, Critical)
	lost.Above = number64(0.5)
	b.only(ruleOn("early", CPUPercent, Warning), lost)
	b.feed(Reading{CPUPercent: 99, GPULost: 0}, 2)
	b.tick(15 * time.Minute) // the summary is tried in vain
	until(t, "the summary's try", func() bool { b.idle(); return s.tried() > 0 })
	b.channels(func(c *Channels) { c.QuietHours.From, c.QuietHours.To = "12:15", "20:00" })
	b.idle()
	s.setAnswer(nil)
	b.feed(Reading{CPUPercent: 99, GPULost: 1}, 2)
	until(t, "the critical notice", func() bool { b.tick(time.Minute); b.idle(); return len(s.notices()) > 0 || b.clock.now().Hour() > 18 })
	if e := s.events(); !reflect.DeepEqual(e, []string{eventFired}) || s.notices()[0].Severity != Critical {
		t.Fatal(e)
	}
	b.tick(8 * time.Hour)
	until(t, "the summary", func() bool { b.idle(); return len(s.notices()) == 2 })
}
