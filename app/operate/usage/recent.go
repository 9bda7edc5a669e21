package usage

import (
	"time"

	"alcove/engine"
	"alcove/monitor/latency"
	"alcove/monitor/rollup"
)

// Names of the figures of answers, by rollup.Figure. The last two are lengths
// in tokens and are in no chart.
var figureNames = [rollup.Figures]string{
	"queue_seconds", "first_token_seconds", "inter_token_seconds", "total_seconds",
	"tokens_in_per_second", "tokens_out_per_second", "prompt_tokens", "output_tokens",
}

// charted are the figures that have charts.
const charted = int(rollup.TokensOutPerSecond) + 1

// Percentiles say how a figure was distributed.
type Percentiles struct {
	P50   float64 `json:"p50"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
	Count uint64  `json:"count"`
}

func percentilesOf(s *latency.Sum) (Percentiles, bool) {
	q, ok := s.Quantiles(.5, .95, .99)
	if !ok {
		return Percentiles{}, false
	}
	return Percentiles{q[0], q[1], q[2], s.Max(), s.Count()}, true
}

// Group is the figures of some answers. Figures has those that are known, by
// name; see docs/contracts.md for the names.
type Group struct {
	Requests, Failed           uint64
	PromptTokens, OutputTokens uint64
	Figures                    map[string]Percentiles
}

func groupOf(s *rollup.Sums) Group {
	return Group{s.Requests, s.Failed, s.PromptTokens, s.OutputTokens, figuresOf(s)}
}

func figuresOf(s *rollup.Sums) map[string]Percentiles {
	figures := map[string]Percentiles{}
	for i := range charted {
		if p, ok := percentilesOf(&s.Figures[i]); ok {
			figures[figureNames[i]] = p
		}
	}
	return figures
}

// Figures are those of the last minutes.
type Figures struct {
	All     Group
	People  Group // somebody waited for: all but the class batch
	ByClass map[string]Group
}

// Recent gives the figures of the last window, up to an hour, from memory. It
// goes by the clock that never jumps.
func (r *Recorder) Recent(window time.Duration) Figures {
	out := Figures{ByClass: map[string]Group{}}
	var all, people rollup.Sums
	classes := map[string]*rollup.Sums{}
	r.call(func(o *owner) {
		from := o.elapsed() - window
		for _, f := range append(o.fines[:len(o.fines):len(o.fines)], o.fine) {
			if f.since+rollup.Fine.Step <= from {
				continue
			}
			for key, cell := range f.cells {
				all.Merge(cell)
				if key.Class != string(engine.ClassBatch) {
					people.Merge(cell)
				}
				if classes[key.Class] == nil {
					classes[key.Class] = &rollup.Sums{}
				}
				classes[key.Class].Merge(cell)
			}
		}
	})
	out.All, out.People = groupOf(&all), groupOf(&people)
	for class, sums := range classes {
		out.ByClass[class] = groupOf(sums)
	}
	return out
}
