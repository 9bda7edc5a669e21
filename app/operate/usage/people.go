package usage

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"alcove/monitor/rollup"
	"alcove/storage"
)

// Report is what was used.
type Report struct {
	From    time.Time   `json:"from"`
	To      time.Time   `json:"to"`
	Total   Counts      `json:"total"`
	ByDay   []DayUse    `json:"by_day" nullable:"false" doc:"Days on which something was done, oldest first."`
	ByModel []ModelUse  `json:"by_model" nullable:"false" doc:"Most requests first."`
	People  []PersonUse `json:"people,omitempty" nullable:"false" doc:"Only with the setting usage_per_person, of the last 30 days at most, most requests first."`
}

// DayUse is one day.
type DayUse struct {
	Day string `json:"day" format:"date"`
	Counts
}

// ModelUse is one model.
type ModelUse struct {
	Model string `json:"model"`
	Counts
}

// PersonUse is one person, or those who are too few to be told apart.
type PersonUse struct {
	Who    string `json:"who" doc:"page, the name of an API key, or others."`
	People int    `json:"people" doc:"How many they are."`
	Counts
}

// Usage is what was used on the last days, today among them.
func (r *Recorder) Usage(ctx context.Context, days int) (Report, error) {
	now := r.now()
	y, m, d := now.Local().Date()
	// An hour is of the day in which it begins. Where midnight is within an hour
	// (India), the first day begins with the first whole one.
	hour := rollup.Tiers[len(rollup.Tiers)-1].Step
	from := rollup.Floor(time.Date(y, m, d-days+1, 0, 0, 0, 0, time.Local).Add(hour-1), hour)
	t, err := r.traffic(ctx, from, now, false)
	if err != nil {
		return Report{}, err
	}
	v := Report{From: t.From, To: t.To, Total: t.Total, ByDay: []DayUse{}, ByModel: []ModelUse{}}
	models := map[string]rollup.Counts{}
	for _, row := range t.Rows { // by day
		models[row.Model] = models[row.Model].Plus(rollup.Counts(row.Counts))
		if n := len(v.ByDay); n == 0 || v.ByDay[n-1].Day != row.Day {
			v.ByDay = append(v.ByDay, DayUse{Day: row.Day})
		}
		last := &v.ByDay[len(v.ByDay)-1]
		last.Counts = Counts(rollup.Counts(last.Counts).Plus(rollup.Counts(row.Counts)))
	}
	for model, n := range models {
		v.ByModel = append(v.ByModel, ModelUse{model, Counts(n)})
	}
	slices.SortFunc(v.ByModel, func(a, b ModelUse) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Model, b.Model))
	})
	v.People, err = r.people(ctx, t.From, t.To)
	return v, err
}

// people are nil while nobody wants them.
func (r *Recorder) people(ctx context.Context, from, to time.Time) ([]PersonUse, error) {
	set, err := r.store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	on, least := privacy(set)
	if !on {
		return nil, nil
	}
	names, err := r.names(ctx)
	if err != nil {
		return nil, err
	}
	s, err := r.snapshot(0)
	if err != nil {
		return nil, err
	}
	byUser := map[string]rollup.Counts{}
	err = r.store.ReadUsage(ctx, func(u storage.UsageReader) error {
		stored, err := u.ByUser(from, to)
		for user, n := range stored {
			byUser[user] = countsOf(n)
		}
		for _, q := range s.requests(storage.UsageFilter{}) {
			if q.Num > u.Request && !q.At.Before(from) && q.At.Before(to) {
				byUser[q.User] = byUser[q.User].Plus(countsOf(countOne(q)))
			}
		}
		return err
	})
	delete(byUser, "house-check") // nobody
	return group(byUser, names, least), err
}

func countOne(q storage.UsageRequest) storage.UsageCounts {
	n := storage.UsageCounts{Requests: 1, PromptTokens: q.PromptTokens, CachedTokens: q.CachedTokens, OutputTokens: q.OutputTokens}
	if q.Status == StatusFailed {
		n.Failed = 1
	}
	return n
}

// LeastGroup is the smallest group of people whose figures may be told apart.
const LeastGroup = 5

// privacy reads the two settings; what cannot be read is as if it were not set.
func privacy(set map[string]json.RawMessage) (on bool, least int) {
	if json.Unmarshal(set["usage_per_person"], &on) != nil {
		on = false
	}
	if json.Unmarshal(set["usage_min_group"], &least) != nil {
		least = LeastGroup
	}
	return on, max(LeastGroup, least)
}

// others is the row of those who are too few.
const others = "others"

// group tells people apart where their group, those at the page or those with
// API keys, has at least so many; the rest are one row. Where the rest are too
// few, the people with the fewest requests join them: what is left of the total
// after the named rows must not be the figures of a few either. Where that does
// not suffice, there is no row at all.
func group(byUser map[string]rollup.Counts, n names, least int) []PersonUse {
	kind := func(user string) bool { return strings.HasPrefix(user, keyMark) }
	size := map[bool]int{}
	for user := range byUser {
		size[kind(user)]++
	}
	named := []PersonUse{}
	rest := PersonUse{Who: others}
	join := func(p PersonUse) {
		rest.People += p.People
		rest.Counts = Counts(rollup.Counts(rest.Counts).Plus(rollup.Counts(p.Counts)))
	}
	for user, counts := range byUser {
		p := PersonUse{n.of(user), 1, Counts(counts)}
		if size[kind(user)] < least {
			join(p)
		} else {
			named = append(named, p)
		}
	}
	slices.SortFunc(named, func(a, b PersonUse) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.Who, b.Who))
	})
	for rest.People > 0 && rest.People < least && len(named) > 0 {
		join(named[len(named)-1])
		named = named[:len(named)-1]
	}
	switch {
	case rest.People == 0:
		return named
	case rest.People < least:
		return []PersonUse{}
	}
	return append(named, rest)
}
