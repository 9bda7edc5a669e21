package main

import (
	"context"
	"math"
	"time"

	"alcove/app/operate/capacity"
	"alcove/app/operate/cost"
	"alcove/app/operate/load"
	"alcove/app/operate/usage"
)

// shapeDays is how far back answers make the shape of a usual question.
const shapeDays = 30

// ownSeconds is the processor time of this program, 0 where nobody knows.
func ownSeconds() float64 {
	used, _ := load.OwnSeconds()
	return used
}

// shape is that of a usual question, by what was recorded, and of how many
// answers. What was found in the cache counts as shared, on average.
func (b *box) shape(ctx context.Context) (capacity.Shape, int) {
	now := time.Now()
	t, err := b.usage.Traffic(ctx, now.AddDate(0, 0, -shapeDays), now)
	if err != nil {
		b.log.Warn("read recorded traffic", "err", err)
		return capacity.Shape{}, 0
	}
	share := 0.0
	if t.Total.PromptTokens > 0 {
		share = min(1, float64(t.Total.CachedTokens)/float64(t.Total.PromptTokens))
	}
	shared := int(share * t.MedianPrompt)
	return capacity.Shape{Shared: shared, Own: int(t.MedianPrompt) - shared, Answer: int(t.MedianOutput)}, int(t.Total.Requests - t.Total.Failed)
}

// traffic is what was recorded in a time, for the costs.
func (b *box) traffic(ctx context.Context, from, to time.Time) (cost.Traffic, error) {
	t, err := b.usage.Traffic(ctx, from, to)
	if err != nil {
		return cost.Traffic{}, err
	}
	out := cost.Traffic{Since: from, Until: to, Answers: int64(t.Total.Requests - t.Total.Failed), PromptTokens: int64(t.Total.PromptTokens),
		CachedTokens: int64(t.Total.CachedTokens), OutputTokens: int64(t.Total.OutputTokens), FirstTokenP95: t.FirstTokenP95, Under1: -1, Under5: -1}
	if t.FirstTokenP95 > 0 {
		out.Under1, out.Under5 = t.Within1, t.Within5
	}
	if len(t.Rows) == 0 {
		return out, nil
	}
	// Recording may have begun later: days without any answer before the first
	// one are none.
	if day, err := time.ParseInLocation(time.DateOnly, t.Rows[0].Day, time.Local); err == nil && day.After(from) {
		out.Since = day.UTC()
	}
	view, err := b.usage.Latency(ctx, to.Sub(from), usage.Key{})
	for _, v := range view.RequestsPerHour {
		if v > 0 { // NaN where nothing is known
			out.PeakHour = max(out.PeakHour, int64(math.Ceil(v)))
		}
	}
	return out, err
}
