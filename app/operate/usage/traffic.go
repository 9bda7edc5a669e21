package usage

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"time"

	"alcove/engine"
	"alcove/monitor/latency"
	"alcove/monitor/rollup"
	"alcove/storage"
)

// TrafficRow is what was done on a day with one model, route and class. Days
// are those of the machine's time zone, cut at whole hours.
type TrafficRow struct {
	Day                 string // 2026-11-28
	Model, Route, Class string
	Counts
}

// Traffic is what was done in a time. The medians are of answers that were
// finished, in tokens; 0: there were none.
type Traffic struct {
	From, To time.Time
	Rows     []TrafficRow // by day, model, route and class
	Total    Counts
	// Asked is Total as if nothing had been read while it was typed: without
	// drafts, and what these computed is not found in the cache.
	Asked Counts
	// PeakHour is how many answers the busiest hour had.
	PeakHour                   uint64
	MedianPrompt, MedianOutput float64
	// Of the first token, of all classes but batch: seconds, 0: nobody waited; and
	// the shares of answers that had it within one second and within five.
	FirstTokenP95    float64
	Within1, Within5 float64
}

// Traffic is what was done in [from, to), up to ninety days back. The bounds
// are those of whole hours.
func (r *Recorder) Traffic(ctx context.Context, from, to time.Time) (Traffic, error) {
	t, err := r.traffic(ctx, from, to, true)
	return t.Traffic, err
}

// counted is Traffic that is being made.
type counted struct {
	Traffic
	rows   map[TrafficRow]Counts // keys without counts
	hours  map[int64]uint64      // answers, by when the hour began
	drafts Counts
	all    rollup.Sums
	people rollup.Sums // somebody waited for: all but the class batch
}

func (c *counted) add(start time.Time, key rollup.Key, n rollup.Counts) {
	row := TrafficRow{Day: start.Local().Format(time.DateOnly), Model: key.Model, Route: key.Route, Class: key.Class}
	c.rows[row] = Counts(rollup.Counts(c.rows[row]).Plus(n))
	c.Total = Counts(rollup.Counts(c.Total).Plus(n))
	if key.Route == engine.RouteEmbeddings {
		return // what an answer costs elsewhere says nothing of it
	}
	if key.Route == engine.RouteDraft {
		c.drafts = Counts(rollup.Counts(c.drafts).Plus(n))
		return
	}
	hour := rollup.Floor(start, time.Hour).Unix()
	c.hours[hour] += n.Requests - min(n.Requests, n.Failed)
	c.PeakHour = max(c.PeakHour, c.hours[hour])
	c.Asked = Counts(rollup.Counts(c.Asked).Plus(n))
}

// undraft takes what drafts computed out of what questions found in the cache.
func (c *counted) undraft() {
	computed := c.drafts.PromptTokens - min(c.drafts.PromptTokens, c.drafts.CachedTokens)
	c.Asked.CachedTokens -= min(c.Asked.CachedTokens, computed)
}

// traffic reads lengths only where they are wanted: they are in the figures.
func (r *Recorder) traffic(ctx context.Context, from, to time.Time, lengths bool) (*counted, error) {
	tier := rollup.Tiers[len(rollup.Tiers)-1]
	c := &counted{rows: map[TrafficRow]Counts{}, hours: map[int64]uint64{}}
	c.From, c.To = rollup.Floor(from, tier.Step), rollup.Floor(to.Add(tier.Step-1), tier.Step)
	s, err := r.snapshot(0)
	if err != nil {
		return c, err
	}
	err = r.store.ReadUsage(ctx, func(u storage.UsageReader) error {
		for _, p := range s.unstored(u.Seq) {
			if p.start.Before(c.From) || !p.start.Before(c.To) {
				continue
			}
			for key, cell := range p.cells {
				c.add(rollup.Floor(p.start, tier.Step), key, cell.Counts) // the day is that of the hour, as in the database
				for _, sums := range c.sums(key) {
					sums.Merge(cell)
				}
			}
		}
		if !lengths {
			stored, err := u.Counts(tier.Step, c.From, c.To)
			for _, cell := range stored {
				c.add(cell.Start, rollup.Key(cell.UsageKey), countsOf(cell.UsageCounts))
			}
			return err
		}
		return u.Cells(tier.Step, c.From, c.To, storage.UsageKey{}, func(cell storage.UsageCell) error {
			key, counts := rollup.Key(cell.UsageKey), countsOf(cell.UsageCounts)
			c.add(cell.Start, key, counts)
			if rollup.MergeEncoded(cell.Figures, counts, rollup.Figures, c.sums(key)...) != nil {
				r.damage.seen("answers", cell.Start)
			}
			return nil
		})
	})
	c.undraft()
	for row, n := range c.rows {
		row.Counts = n
		c.Rows = append(c.Rows, row)
	}
	slices.SortFunc(c.Rows, func(a, b TrafficRow) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Model, b.Model), cmp.Compare(a.Route, b.Route), cmp.Compare(a.Class, b.Class))
	})
	c.MedianPrompt, c.MedianOutput = median(&c.all.Figures[rollup.PromptTokens]), median(&c.all.Figures[rollup.OutputTokens])
	first := &c.people.Figures[rollup.FirstTokenSeconds]
	if q, ok := first.Quantiles(.95); ok {
		c.FirstTokenP95, c.Within1, c.Within5 = q[0], within(first, 1), within(first, 5)
	}
	return c, err
}

// sums are those that answers of a key are counted in.
func (c *counted) sums(key rollup.Key) []*rollup.Sums {
	if key.Class == string(engine.ClassBatch) {
		return []*rollup.Sums{&c.all}
	}
	return []*rollup.Sums{&c.all, &c.people}
}

// within is the share of values up to a bound, to a thousandth.
func within(s *latency.Sum, bound float64) float64 {
	const parts = 1000
	n := sort.Search(parts, func(i int) bool {
		q, ok := s.Quantiles(float64(i+1) / parts)
		return !ok || q[0] > bound
	})
	return float64(n) / parts
}

func median(s *latency.Sum) float64 {
	if q, ok := s.Quantiles(.5); ok {
		return q[0]
	}
	return 0
}
