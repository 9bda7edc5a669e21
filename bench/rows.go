package main

import (
	"fmt"
	"math"
	"slices"
)

// target is how Alcove must stand to another figure of the same row.
type target struct {
	against string  // a set-up's name, best or bare
	factor  float64 // Alcove at most (times) or at least (rates) factor x the other
}

const (
	best = "best"        // of the peers in this row
	bare = "bare Decode" // of the same libraries, without a scheduler, HTTP or text
)

// row is a line of the report.
type row struct {
	key, workload, title, unit string
	lower                      bool // is better
	targets                    []target
}

// rows in the order of the report. The targets are the ones that were set before
// the scheduler was written.
var rows = []row{
	{"w1_cold", "w1", "8 people at once, one shared handbook of 620 words, cold: p95 time to first token", "s", true, []target{{np8.name, 1.0 / 4}, {defaults.name, 1.0 / 3}, {best, 0.75}}},
	{"w1_restart", "w1", "the same after a restart of the server, new questions", "s", true, []target{{best, 1.0 / 4}}},
	{"w1_warm", "w1", "the same warm, new questions, answers of 24 tokens", "s", true, []target{{best, 1}}},
	{"w1_warm_long", "w1", "the same warm, new questions, answers of 150 tokens", "s", true, []target{{best, 0.5}}},
	{"one_pace", "one", "one person, short prompt: decode", "tok/s", false, []target{{best, 0.97}, {bare, 0.97}}},
	{"one_wait", "one", "one person, short prompt: time to first token", "s", true, []target{{best, 1}}},
	{"company_cold", "w1", "8 people, 3 turns each, shared handbook, cold", "requests/h", false, []target{{np8.name, 3}, {best, 1.2}}},
	{"company_warm", "w1", "the same warm, new questions", "requests/h", false, []target{{np8.name, 1.2}, {best, 1.2}}},
	{"paste_gap", "paste", "2 people streaming, a third pastes 1,500 words: worst gap between tokens of the two", "s", true, []target{{np8.name, 1.0 / 15}}},
	{"paste_wait", "paste", "the same: time to the paster's first token", "s", true, []target{{np8.name, 1.3}}},
	{"paste_silence", "paste", "the same: worst silence of the two, waits for a first token included", "s", true, nil},
	{"busy_1", "busy", "one person beside 1 busy process", "tok/s", false, []target{{defaults.name, 1.5}, {oneCore.name, 0.95}}},
	{"busy_2", "busy", "one person beside 2 busy processes", "tok/s", false, []target{{defaults.name, 8}, {oneCore.name, 0.95}}},
	{"busy_4", "busy", "one person beside 4 busy processes", "tok/s", false, []target{{defaults.name, 6}, {oneCore.name, 0.95}}},
	{"strangers", "strangers", "6 people with 6 different handbooks, 2 turns each, cold", "requests/h", false, []target{{best, 0.95}}},
}

// figure is what the rounds gave for one set-up in one row.
type figure struct {
	Median float64   `json:"median"`
	All    []float64 `json:"all"`
}

// verdict is one target, looked at.
type verdict struct {
	Against string  `json:"against"`
	Want    float64 `json:"want"`
	Ratio   float64 `json:"ratio"`
	Reached bool    `json:"reached"`
}

// result is a row with its figures.
type result struct {
	Key      string            `json:"key"`
	Title    string            `json:"title"`
	Unit     string            `json:"unit"`
	Lower    bool              `json:"lower_is_better"`
	Setups   map[string]figure `json:"setups"`
	Best     string            `json:"best_peer,omitempty"`
	Bound    float64           `json:"bare_decode,omitempty"`
	Verdicts []verdict         `json:"targets,omitempty"`
	Notes    []string          `json:"notes,omitempty"`
}

// evaluate makes a row of the records that count.
func (r row) evaluate(records []record, bound float64) result {
	out := result{Key: r.key, Title: r.title, Unit: r.unit, Lower: r.lower, Setups: map[string]figure{}, Bound: bound}
	all := map[string][]float64{}
	for _, rec := range records {
		if v, ok := rec.Samples[r.key]; ok && rec.Workload == r.workload && !rec.Discarded {
			all[rec.Setup] = append(all[rec.Setup], v)
		}
	}
	for name, values := range all {
		out.Setups[name] = figure{median(values), values}
		better := out.Best == "" || (out.Setups[name].Median < out.Setups[out.Best].Median) == r.lower
		if name != alcove.name && better {
			out.Best = name
		}
	}
	for _, t := range r.targets {
		if v, ok := r.judge(t, out); ok {
			out.Verdicts = append(out.Verdicts, v)
		}
	}
	out.Notes = notes(r, records)
	return out
}

// judge compares Alcove with what the target names; ok is false if one of the
// two was not measured.
func (r row) judge(t target, out result) (v verdict, ok bool) {
	ours, here := out.Setups[alcove.name]
	other, name := out.Bound, t.against
	if t.against != bare {
		if name == best {
			name = out.Best
		}
		other = out.Setups[name].Median
	}
	if !here || other <= 0 {
		return v, false
	}
	v = verdict{Against: t.against, Want: t.factor, Ratio: ours.Median / other}
	v.Reached = v.Ratio >= v.Want
	if r.lower {
		v.Reached = v.Ratio <= v.Want
	}
	return v, true
}

// notes say what a reader must know before believing a row.
func notes(r row, records []record) []string {
	var out []string
	steal, others := 0.0, 0.0
	shares := map[string]float64{}
	for _, rec := range records {
		if rec.Workload != r.workload || rec.Discarded {
			continue
		}
		if rec.Error != "" {
			out = append(out, rec.Setup+" failed in a round")
			continue
		}
		steal, others = max(steal, rec.Steal), max(others, rec.Others)
		if rec.Asked > 0 {
			shares[rec.Setup] = max(shares[rec.Setup], 1-float64(rec.Got)/float64(rec.Asked))
		}
	}
	if steal > stealLimit {
		out = append(out, fmt.Sprintf("steal up to %.1f %%, also in the repeat", steal))
	}
	if others > othersLimit {
		out = append(out, fmt.Sprintf("other programs used up to %.0f %% of the machine, also in the repeat", others))
	}
	if missing := shares[alcove.name]; missing > 0.03 {
		least := math.Inf(1)
		for name, m := range shares {
			if name != alcove.name {
				least = min(least, m)
			}
		}
		if missing > least+0.03 && !math.IsInf(least, 1) {
			out = append(out, fmt.Sprintf("Alcove's answers were up to %.0f %% shorter than asked for", 100*missing))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// median is NaN-free: of nothing it is 0.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	mid := len(v) / 2
	if len(v)%2 == 1 {
		return v[mid]
	}
	return (v[mid-1] + v[mid]) / 2
}
