package load

import (
	"math"
	"slices"
	"time"
)

// Quantile is the value that the share q (0..1) of values does not exceed, by the
// nearest rank: of few values P95 is the worst one. Of none it is 0.
func Quantile(values []float64, q float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(q*float64(len(v)))) - 1
	return v[min(max(rank, 0), len(v)-1)]
}

// Median is the middle value, of an even number the mean of the two; of none 0.
func Median(values []float64) float64 {
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

// Figures are what so many people saw in one round, or the medians of rounds.
// Times are in seconds. What cannot be told is 0.
type Figures struct {
	Answers   int            `json:"answers"` // whole ones; over all rounds
	FirstP50  float64        `json:"first_token_p50_seconds"`
	FirstP95  float64        `json:"first_token_p95_seconds"`
	GapP50    float64        `json:"gap_p50_seconds"` // between pieces of an answer
	GapP95    float64        `json:"gap_p95_seconds"`
	Each      float64        `json:"tokens_per_second_each"` // of one answer after its first token, median
	Together  float64        `json:"tokens_per_second_together"`
	PerMinute float64        `json:"answers_per_minute"`
	Prompt    float64        `json:"prompt_tokens"` // median; 0: the server does not say
	Cached    float64        `json:"cached_tokens"` // of these, mean
	Output    float64        `json:"output_tokens"` // median
	Failures  map[string]int `json:"failures,omitempty"`
}

// step is what came of one number of people in one round.
type step struct {
	answers  []Answer
	failures map[string]int
	took     time.Duration
}

// figures are those of one step.
func (s step) figures() Figures {
	f := Figures{Answers: len(s.answers), Failures: s.failures}
	var first, gaps, paces, prompts, outputs []float64
	tokens, cached := 0, 0
	for _, a := range s.answers {
		first = append(first, a.Wait().Seconds())
		for _, g := range a.Gaps() {
			gaps = append(gaps, g.Seconds())
		}
		if p := a.Pace(); p > 0 {
			paces = append(paces, p)
		}
		prompts, outputs = append(prompts, float64(a.Prompt)), append(outputs, float64(a.Tokens))
		tokens, cached = tokens+a.Tokens, cached+a.Cached
	}
	f.FirstP50, f.FirstP95 = Quantile(first, .5), Quantile(first, .95)
	f.GapP50, f.GapP95 = Quantile(gaps, .5), Quantile(gaps, .95)
	f.Each, f.Prompt, f.Output = Median(paces), Median(prompts), Median(outputs)
	if n := len(s.answers); n > 0 && s.took > 0 {
		f.Together = float64(tokens) / s.took.Seconds()
		f.PerMinute = float64(n) / s.took.Minutes()
		f.Cached = float64(cached) / float64(n)
	}
	return f
}

// middle are the medians of rounds; rounds without an answer count for their
// failures alone.
func middle(rounds []Figures) Figures {
	var out Figures
	of := func(get func(Figures) float64) float64 {
		var v []float64
		for _, r := range rounds {
			if r.Answers > 0 {
				v = append(v, get(r))
			}
		}
		return Median(v)
	}
	out.FirstP50 = of(func(f Figures) float64 { return f.FirstP50 })
	out.FirstP95 = of(func(f Figures) float64 { return f.FirstP95 })
	out.GapP50 = of(func(f Figures) float64 { return f.GapP50 })
	out.GapP95 = of(func(f Figures) float64 { return f.GapP95 })
	out.Each = of(func(f Figures) float64 { return f.Each })
	out.Together = of(func(f Figures) float64 { return f.Together })
	out.PerMinute = of(func(f Figures) float64 { return f.PerMinute })
	out.Prompt = of(func(f Figures) float64 { return f.Prompt })
	out.Cached = of(func(f Figures) float64 { return f.Cached })
	out.Output = of(func(f Figures) float64 { return f.Output })
	for _, r := range rounds {
		out.Answers += r.Answers
		for kind, n := range r.Failures {
			if out.Failures == nil {
				out.Failures = map[string]int{}
			}
			out.Failures[kind] += n
		}
	}
	return out
}
