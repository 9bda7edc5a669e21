package main

import (
	"fmt"
	"math"
	"slices"

	"alcove/app/operate/load"
)

// target is how Alcove must stand to another figure of the same row.
type target struct {
	against string  // a set-up's name, best or bare
	factor  float64 // Alcove at most (times) or at least (rates) factor x the other
}

const (
	best  = "best"        // of the peers in this row
	bare  = "bare Decode" // of the same libraries, without a scheduler, HTTP or text
	fixed = "fixed"       // a figure in the unit of the row
)

// row is a line of the report.
type row struct {
	key, workload, title, unit string
	lower                      bool // is better
	targets                    []target
}

// sums are rows whose figure is added over the rounds: a failure in one of three
// would not be seen in a median.
var sums = map[string]bool{"swap_failed": true}

// rows in the order of the report. The targets are the ones that were set before
// the scheduler was written.
var rows = append([]row{
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
	{"ask8_whole", "ask8", "8 people ask about one small collection at once, all of it in each prompt: p95 time to first token", "s", true, []target{{best, 0.5}}},
	{"ask8_whole_apart", "ask8", "the same without the prefix tree (nobody may share)", "s", true, nil},
	{"ask8_found", "ask8", "8 people, each with four passages of one collection, three of them everybody's: p95 time to first token", "s", true, []target{{best, 0.75}}},
	{"ask8_found_apart", "ask8", "the same without the prefix tree", "s", true, nil},

	{"drop_rename", "drop", "the model comes into the folder by a rename: until the list, asked all the time, says ready", "s", true, nil},
	{"drop_copy", "drop", "the same by a copy, from its last byte", "s", true, nil},
	{"drop_told", "drop", "by a rename, nobody asks: until the page is told", "s", true, nil},
	{"start", "load", "the program starts: until it can answer", "s", true, nil},
	{"load", "load", "a model is loaded; llama-server: its start", "s", true, nil},
	{"load_answer", "load", "the same: until the first token of an answer", "s", true, nil},
	{"beside_wait", "beside", "a model that fits beside the loaded ones is asked while one of them writes: until its first token", "s", true, nil},
	{"beside_gap", "beside", "the same: worst gap between tokens of the one that writes", "s", true, nil},
	{"swap_time", "swap", "one model at a time: from the old one's last token to the new one's first", "s", true, nil},
	{"swap_failed", "swap", "8 people ask two models all the time, one model at a time: requests that failed, over all rounds", "", true, []target{{fixed, 0}}},
	{"swap_longest", "swap", "the same: longest wait for a first token", "s", true, nil},
	{"swap_rate", "swap", "the same: answers of 24 tokens", "requests/h", false, nil},
	{"header_model", "folder", "the header of the model is read and checked", "ms", true, []target{{fixed, 1000}}},
	{"header_large", "folder", "a header with 262,144 words and merges", "ms", true, []target{{fixed, 1000}}},
	{"folder_first", "folder", "10,000 files in 100 folders are listed for the first time", "ms", true, nil},
	{"folder_again", "folder", "and again", "ms", true, nil},
	{"estimate_part", "memory", "worst error of planned weights, cache or buffers, 17 plans of 12 models", "%", true, []target{{fixed, 5}}},
	{"estimate_all", "memory", "worst error of all three together", "%", true, []target{{fixed, 5}}},

	{"capacity_first_2", "capacity", "2 people at once: first token (P95), predicted / measured", "", false, nil},
	{"capacity_speed_2", "capacity", "2 people at once: tokens a second together, predicted / measured", "", false, nil},
	{"capacity_first_4", "capacity", "4 people at once: first token (P95), predicted / measured", "", false, nil},
	{"capacity_speed_4", "capacity", "4 people at once: tokens a second together, predicted / measured", "", false, nil},
	{"capacity_first_8", "capacity", "8 people at once: first token (P95), predicted / measured", "", false, nil},
	{"capacity_speed_8", "capacity", "8 people at once: tokens a second together, predicted / measured", "", false, nil},
	{"capacity_error", "capacity", "the worst of these errors", "%", true, []target{{fixed, estimateLimit}}},

	{"embed_packed", "embed", "256 passages in one request", "texts/s", false, []target{{best, 1}}},
	{"embed_single", "embed", "passages one by one, a request each", "texts/s", false, nil},
	{"embed_multilingual_packed", "embed", "256 passages in one request, multilingual-e5-small", "texts/s", false, nil},
	{"embed_multilingual_single", "embed", "passages one by one, multilingual-e5-small", "texts/s", false, nil},
	{"embed_alone_pace", "embed", "one person, nobody embeds: decode", "tok/s", false, nil},
	{"embed_beside_pace", "embed", "one person beside piles that are embedded: decode", "tok/s", false, nil},

	{"sensors_child", "sensors", "the sensors alone (`alcove sensors`): every source once a second, no GPU driver where there is none", "% of a core", true, []target{{fixed, 1}}},
	{"sensors_all", "sensors", "the sensors and the whole program, which keeps and judges what they say; a model is loaded, nobody asks", "% of a core", true, []target{{fixed, 1}}},
	{"sensors_vmstat", "sensors", "at the same time: `vmstat 1`", "% of a core", true, nil},
	{"sensors_top", "sensors", "at the same time: `top -b -d 1`", "% of a core", true, nil},
}, slices.Concat(usageRows(), qualityRows(), retrievalRows())...)

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
		out.Setups[name] = figure{r.middle(values), values}
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

// middle is the figure of a row over the rounds.
func (r row) middle(values []float64) float64 {
	if !sums[r.key] {
		return load.Median(values)
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}

// judge compares Alcove with what the target names; ok is false if one of the
// two was not measured.
func (r row) judge(t target, out result) (v verdict, ok bool) {
	ours, here := out.Setups[alcove.name]
	other := out.Bound
	switch t.against {
	case bare:
	case fixed:
		other = 1
	case best:
		other = out.Setups[out.Best].Median
	default:
		other = out.Setups[t.against].Median
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
