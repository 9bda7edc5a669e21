package usage

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"alcove/monitor/rollup"
	"alcove/storage"
)

// LatencyView is charts of how long answers took.
type LatencyView struct {
	Span
	Series          []LatencySeries `json:"series" nullable:"false" doc:"queue_seconds, first_token_seconds, inter_token_seconds, total_seconds, tokens_in_per_second, tokens_out_per_second."`
	RequestsPerHour Values          `json:"requests_per_hour" nullable:"false"`
	Totals          []Total         `json:"totals" nullable:"false" doc:"One for each model, route and class, of the whole range."`
}

// LatencySeries is one figure.
type LatencySeries struct {
	Name  string  `json:"name"`
	P50   Values  `json:"p50" nullable:"false"`
	P95   Values  `json:"p95" nullable:"false"`
	P99   Values  `json:"p99" nullable:"false"`
	Count []int64 `json:"count" nullable:"false"`
}

// Total is what answers of one model, route and class did.
type Total struct {
	Model string `json:"model"`
	Route string `json:"route"`
	Class string `json:"class"`
	Counts
	Figures map[string]Percentiles `json:"figures"`
}

// Counts are sums over answers.
type Counts struct {
	Requests     uint64 `json:"requests"`
	Failed       uint64 `json:"failed"`
	PromptTokens uint64 `json:"prompt_tokens"`
	CachedTokens uint64 `json:"cached_tokens" doc:"Part of prompt_tokens that was not computed again."`
	OutputTokens uint64 `json:"output_tokens"`
}

// Key is what answers are told apart by.
type Key = rollup.Key

// Latency is how long answers took in the last span; empty fields of the key
// stand for all.
func (r *Recorder) Latency(ctx context.Context, span time.Duration, key Key) (LatencyView, error) {
	s, err := r.snapshot(span)
	if err != nil {
		return LatencyView{}, err
	}
	g := rollup.GridFor(s.now, span, s.whole)
	c := newLatencyChart(g, key)
	err = r.read(ctx, s, g, source{
		cells: c.fromMemory, ran: c.ranAt, key: storage.UsageKey(key),
		stored: func(cell storage.UsageCell) error {
			if c.fromStore(cell) != nil {
				r.damage.seen("answers", cell.Start)
			}
			return nil
		},
	})
	if err != nil {
		return LatencyView{}, err
	}
	return c.view(), nil
}

// maxTotals bounds the keys of a range.
const maxTotals = 64

// latencyChart is a LatencyView that is being made. Stored cells come oldest
// first, so that one step is summed at a time.
type latencyChart struct {
	grid   rollup.Grid
	key    rollup.Key
	out    LatencyView
	ran    []bool
	memory map[int]rollup.Cells
	step   int // that sum is of
	sum    rollup.Sums
	totals map[rollup.Key]*rollup.Sums
}

func newLatencyChart(g rollup.Grid, key rollup.Key) *latencyChart {
	c := &latencyChart{
		grid: g, key: key, ran: make([]bool, g.N), memory: map[int]rollup.Cells{}, totals: map[rollup.Key]*rollup.Sums{},
		out: LatencyView{Span: spanOf(g), RequestsPerHour: newValues(g.N), Totals: []Total{}},
	}
	for i := range charted {
		c.out.Series = append(c.out.Series, LatencySeries{
			Name: figureNames[i], P50: newValues(g.N), P95: newValues(g.N), P99: newValues(g.N), Count: make([]int64, g.N),
		})
	}
	return c
}

func (c *latencyChart) ranAt(start time.Time) {
	if i, ok := c.grid.Index(start); ok {
		c.ran[i] = true
	}
}

func (c *latencyChart) wanted(k rollup.Key) bool {
	fits := func(wanted, is string) bool { return wanted == "" || wanted == is }
	return fits(c.key.Model, k.Model) && fits(c.key.Route, k.Route) && fits(c.key.Class, k.Class)
}

func (c *latencyChart) fromMemory(start time.Time, cells rollup.Cells) {
	i, ok := c.grid.Index(start)
	if !ok {
		return
	}
	if c.memory[i] == nil {
		c.memory[i] = rollup.Cells{}
	}
	for key, cell := range cells {
		if c.wanted(key) {
			c.memory[i].At(key, maxTotals).Merge(cell)
		}
	}
}

func (c *latencyChart) fromStore(cell storage.UsageCell) error {
	i, ok := c.grid.Index(cell.Start)
	if !ok {
		return nil
	}
	c.reach(i)
	return rollup.MergeEncoded(cell.Figures, countsOf(cell.UsageCounts), charted, &c.sum, c.total(rollup.Key(cell.UsageKey)))
}

func (c *latencyChart) total(key rollup.Key) *rollup.Sums {
	if c.totals[key] == nil {
		if len(c.totals) >= maxTotals-1 {
			key = rollup.Other
		}
		if c.totals[key] == nil {
			c.totals[key] = &rollup.Sums{}
		}
	}
	return c.totals[key]
}

// reach ends the steps before i.
func (c *latencyChart) reach(i int) {
	for ; c.step < i; c.step++ {
		for key, cell := range c.memory[c.step] {
			c.sum.Merge(cell)
			c.total(key).Merge(cell)
		}
		c.end()
		c.sum.Reset()
	}
}

// end writes the points of the step.
func (c *latencyChart) end() {
	i := c.step
	if c.ran[i] || c.sum.Requests > 0 {
		c.out.RequestsPerHour[i] = float64(c.sum.Requests) * float64(time.Hour) / float64(c.grid.Step)
	}
	for f := range charted {
		if p, ok := percentilesOf(&c.sum.Figures[f]); ok {
			s := &c.out.Series[f]
			s.P50[i], s.P95[i], s.P99[i], s.Count[i] = p.P50, p.P95, p.P99, int64(min(p.Count, math.MaxInt64))
		}
	}
}

func (c *latencyChart) view() LatencyView {
	c.reach(c.grid.N)
	for key, sums := range c.totals {
		c.out.Totals = append(c.out.Totals, Total{
			Model: key.Model, Route: key.Route, Class: key.Class, Counts: Counts(sums.Counts), Figures: figuresOf(sums),
		})
	}
	slices.SortFunc(c.out.Totals, func(a, b Total) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Model, b.Model), cmp.Compare(a.Route, b.Route), cmp.Compare(a.Class, b.Class))
	})
	return c.out
}
