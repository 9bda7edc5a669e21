package usage

import (
	"testing"
	"time"

	"alcove/engine"
)

// The busiest hour is a whole hour's answers, not a busy minute taken to an
// hour; what failed is no answer. Stored or not, it is the same.
func TestTraffic_PeakHour(t *testing.T) {
	d := newDesk(t)
	from := d.clocks.now().Add(-time.Hour)
	for range 30 { // all in one minute
		d.Answer(d.anAnswer())
	}
	d.Answer(d.anAnswer(func(a *Answer) { a.Status = StatusFailed }))
	d.tick(time.Hour)
	for i := range 40 { // two models, two in each of twenty minutes
		d.Answer(d.anAnswer(func(a *Answer) { a.Model = []string{"a", "b"}[i%2] }))
		if i%2 == 1 {
			d.tick(2 * time.Minute)
		}
	}
	for name, days := range map[string]int{"a day": 1, "a week": 7, "a quarter": 90} {
		v, err := d.Traffic(t.Context(), from.AddDate(0, 0, -days), d.clocks.now())
		if err != nil || v.PeakHour != 40 || v.Total.Requests != 71 {
			t.Errorf("%s: %d answers in the busiest hour, %d in all, %v", name, v.PeakHour, v.Total.Requests, err)
		}
	}
}

// What is read while it is typed is read again when it is asked, and then
// found: it counts once, and as computed.
func TestTraffic_DraftsCountOnce(t *testing.T) {
	d := newDesk(t)
	from := d.clocks.now().Add(-time.Hour)
	d.Answer(d.anAnswer(func(a *Answer) {
		a.Route, a.Draft, a.PromptTokens, a.CachedTokens, a.OutputTokens = engine.RouteDraft, true, 1000, 900, 0
	}))
	d.Answer(d.anAnswer(func(a *Answer) { a.PromptTokens, a.CachedTokens, a.OutputTokens = 1010, 1000, 50 }))
	v, err := d.Traffic(t.Context(), from, d.clocks.now().Add(time.Hour))
	if err != nil || v.Asked.Requests != 1 || v.Asked.PromptTokens != 1010 || v.Asked.CachedTokens != 900 || v.Asked.OutputTokens != 50 {
		t.Errorf("%+v %v", v.Asked, err)
	}
	if v.Total.PromptTokens != 2010 {
		t.Errorf("%+v", v.Total)
	}
	d.Answer(d.anAnswer(func(a *Answer) { // typed, and never asked
		a.Route, a.Draft, a.PromptTokens, a.CachedTokens, a.OutputTokens = engine.RouteDraft, true, 5000, 0, 0
	}))
	if v, err := d.Traffic(t.Context(), from, d.clocks.now().Add(time.Hour)); err != nil || v.Asked.CachedTokens != 0 || v.Asked.PromptTokens != 1010 {
		t.Errorf("%+v %v", v.Asked, err)
	}
}
