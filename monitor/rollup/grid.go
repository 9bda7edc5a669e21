package rollup

import "time"

// Tier is a kind of bucket: how long one is, and how long it is kept.
type Tier struct {
	Step, Keep time.Duration
	Cells      int // most keys a bucket has
}

// Tiers are what is kept in the database, from fine to coarse. Each has a
// little more than the range that is drawn from it.
var Tiers = []Tier{
	{time.Minute, 25 * time.Hour, 64},
	{5 * time.Minute, 7*24*time.Hour + time.Hour, 32},
	{time.Hour, 91 * 24 * time.Hour, 16},
}

// Fine are the buckets that are kept in memory only.
var Fine = Tier{10 * time.Second, time.Hour, 64}

// MaxPoints is how many points a chart has at most.
const MaxPoints = 720

// Grid is the points of a chart: N steps from From on.
type Grid struct {
	From time.Time
	Step time.Duration
	N    int
	Tier Tier // whose buckets fill it
}

// To is the end of the last step.
func (g Grid) To() time.Time { return g.From.Add(time.Duration(g.N) * g.Step) }

// Index is the step that a time is in; not ok outside the grid.
func (g Grid) Index(t time.Time) (i int, ok bool) {
	d := t.Sub(g.From)
	if d < 0 || t.Before(g.From) {
		return 0, false
	}
	i = int(d / g.Step)
	return i, i < g.N
}

// GridFor chooses the points of a chart of a range that ends now. fine says
// that the buckets in memory cover the range.
func GridFor(now time.Time, span time.Duration, fine bool) Grid {
	tier := Tiers[len(Tiers)-1]
	for i := len(Tiers) - 1; i >= 0; i-- {
		if span < Tiers[i].Keep {
			tier = Tiers[i]
		}
	}
	if fine && span <= Fine.Keep {
		tier = Fine
	}
	n := (span + tier.Step - 1) / tier.Step
	each := (n + MaxPoints - 1) / MaxPoints
	step := tier.Step * max(1, each)
	points := max(1, int((span+step-1)/step))
	end := Floor(now, step).Add(step)
	return Grid{From: end.Add(-time.Duration(points) * step), Step: step, N: points, Tier: tier}
}

// Floor is the beginning of the step that a time is in.
func Floor(t time.Time, step time.Duration) time.Time {
	ms, each := t.UnixMilli(), step.Milliseconds()
	rest := ms % each
	if rest < 0 {
		rest += each
	}
	return time.UnixMilli(ms - rest).UTC()
}
