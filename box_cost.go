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
	if t.Asked.PromptTokens > 0 {
		share = min(1, float64(t.Asked.CachedTokens)/float64(t.Asked.PromptTokens))
	}
	shared := int(share * t.MedianPrompt)
	return capacity.Shape{Shared: shared, Own: int(t.MedianPrompt) - shared, Answer: int(t.MedianOutput)}, int(t.Asked.Requests - t.Asked.Failed)
}

// traffic is what was recorded in a time, for the costs.
func (b *box) traffic(ctx context.Context, from, to time.Time) (cost.Traffic, error) {
	t, err := b.usage.Traffic(ctx, from, to)
	if err != nil {
		return cost.Traffic{}, err
	}
	out := cost.Traffic{Since: from, Until: to, Answers: int64(t.Asked.Requests - t.Asked.Failed), PromptTokens: int64(t.Asked.PromptTokens),
		CachedTokens: int64(t.Asked.CachedTokens), OutputTokens: int64(t.Asked.OutputTokens), PeakHour: int64(t.PeakHour), FirstTokenP95: t.FirstTokenP95, Under1: -1, Under5: -1}
	if t.FirstTokenP95 > 0 {
		out.Under1, out.Under5 = t.Within1, t.Within5
	}
	machine, err := b.usage.Machine(ctx, to.Sub(from))
	if err != nil {
		return cost.Traffic{}, err
	}
	out.GPUWatts = meanGPUWatts(machine)
	if len(t.Rows) == 0 {
		return out, nil
	}
	// Recording may have begun later: days without any answer before the first
	// one are none.
	if day, err := time.ParseInLocation(time.DateOnly, t.Rows[0].Day, time.Local); err == nil && day.After(from) {
		out.Since = day.UTC()
	}
	return out, nil
}

// meanGPUWatts is the mean power of all GPUs together over the steps of a chart
// in which one told its own; 0: none did.
func meanGPUWatts(v usage.MachineView) float64 {
	sums, told := make([]float64, len(v.Times)), make([]bool, len(v.Times))
	for _, s := range v.Series {
		if s.Name != "gpu_power_watts" {
			continue
		}
		for i, w := range s.Mean {
			if !math.IsNaN(w) {
				sums[i], told[i] = sums[i]+w, true
			}
		}
	}
	sum, n := 0.0, 0
	for i, ok := range told {
		if ok {
			sum, n = sum+sums[i], n+1
		}
	}
	return sum / float64(max(n, 1))
}
