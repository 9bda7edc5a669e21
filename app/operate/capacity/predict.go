package capacity

import (
	"math"
	"strings"

	"alcove/engine"
)

// Speed is what a device gives a model, in effect: bytes a second that are read
// when it writes, and operations a second when it reads.
type Speed struct {
	Bandwidth float64 `json:"bytes_per_second"`
	FLOPS     float64 `json:"flops"`
}

// Weight is what a model asks of a device.
type Weight struct {
	Bytes  float64 // of weights that a token reads
	All    float64 // of all weights; not less than Bytes
	Active float64 // parameters that a token uses
	KV     float64 // bytes of cache a token of context
}

// Work is what a question asks of a model, in tokens.
type Work struct {
	Context float64 // of the conversation in the middle of the answer
	Read    float64 // tokens of the prompt that are computed
	Answer  float64
	// Overhead is the time to the first token beyond reading, seconds.
	Overhead float64
	// Floor is what a step takes however small the model is, seconds.
	Floor float64
	// CPU says that a processor computes: rows of several people go another way
	// through it than those of one.
	CPU bool
}

// What several rows in a step cost a CPU: reading and unpacking the weights
// takes so many times what one row takes, which has kernels of its own, and
// each further row so many times a prompt's token. Of bare Decode in
// bench/results (SmolLM2 Q4_1, two cores): 276, 266, 450 and 626 tokens a
// second with 1, 2, 4 and 8 rows.
const (
	cpuMany = 1.8
	cpuRow  = 1.25
)

// bytes are the weights that are read for n people at once: once for all where
// each needs them all; of a mixture of experts each person's token chooses a
// part, and what nobody chose is not read.
func (w Weight) bytes(n int) float64 {
	if w.Bytes <= 0 || w.All <= w.Bytes {
		return w.Bytes
	}
	return w.All * (1 - math.Pow(1-w.Bytes/w.All, float64(n)))
}

// tokenTime is how long one token takes, in seconds, while n people are
// written for: the weights are read once for all, the cache for each; a second
// row and every further one is computed as a prompt's.
func tokenTime(s Speed, w Weight, k Work, n int) float64 {
	many, row := 1.0, 1.0
	if k.CPU && n > 1 {
		many, row = cpuMany, cpuRow
	}
	return k.Floor + (many*w.bytes(n)+float64(n)*w.KV*k.Context)/s.Bandwidth + row*float64(n-1)*2*w.Active/s.FLOPS
}

// readTime is how long a prompt takes, in seconds.
func readTime(s Speed, w Weight, k Work) float64 { return k.Read * 2 * w.Active / s.FLOPS }

// How long a step of the engine may take while prompts are read beside answers
// that are written, in seconds (--step-ms).
const (
	cpuStep = .25
	gpuStep = .05
)

// readAll is how long n prompts take, one after the other, in seconds. Who has
// got theirs is written for meanwhile: a token for each comes out of every step.
func readAll(s Speed, w Weight, k Work, n int) float64 {
	step := gpuStep
	if k.CPU {
		step = cpuStep
	}
	total := readTime(s, w, k)
	for writing := 1; writing < n; writing++ {
		share := 1 - tokenTime(s, w, k, writing)/step
		total += readTime(s, w, k) / max(share, leastShare)
	}
	return total
}

// leastShare is what is left of a step for reading, however long writing takes.
const leastShare = .25

// Expect is what n people at once see who ask at the same moment: the last one
// waits until all prompts are read.
func Expect(s Speed, w Weight, k Work, n int) (first, each, together float64) {
	token := tokenTime(s, w, k, n)
	first = k.Overhead + readAll(s, w, k, n)
	took := first + k.Answer*token
	return first, 1 / token, float64(n) * k.Answer / took
}

// calibrate takes speed, weight and work from what one person saw. ok is false
// where that does not say enough.
func calibrate(r Result) (s Speed, w Weight, k Work, ok bool) {
	f := r.Facts
	if len(r.Steps) == 0 || r.Steps[0].People != 1 || r.Steps[0].Each <= 0 || r.Prefill <= 0 || f.Bytes <= 0 || f.Parameters <= 0 || f.Read <= 0 || f.Active <= 0 {
		return s, w, k, false
	}
	one := r.Steps[0]
	w = Weight{Bytes: float64(f.Bytes) * min(f.Read, 1), All: float64(f.Bytes), Active: f.Active, KV: f.KVPerToken}
	k = Work{Context: float64(one.Prompt) + float64(one.Output)/2, Read: float64(one.Computed), Answer: float64(one.Output), CPU: strings.HasPrefix(f.Device, "CPU")}
	s = Speed{Bandwidth: (w.Bytes + w.KV*k.Context) * one.Each, FLOPS: 2 * w.Active * r.Prefill}
	k.Overhead = max(0, one.FirstP50-readTime(s, w, k))
	return s, w, k, k.Answer > 0
}

// predictSteps notes what was expected of each step after the first.
func predictSteps(r *Result) {
	s, w, k, ok := calibrate(*r)
	if !ok {
		return
	}
	for i := range r.Steps {
		step := &r.Steps[i]
		if step.People == 1 || step.FirstP95 <= 0 || step.Together <= 0 {
			continue
		}
		k.Answer = float64(step.Output)
		first, _, together := Expect(s, w, k, step.People)
		step.Predicted = &Prediction{FirstP95: first, Together: together, FirstRatio: first / step.FirstP95, TogetherRatio: together / step.Together}
	}
}

// factsOf is what the engine knows of a model.
func factsOf(m engine.Model) Facts {
	f := Facts{Model: m.ID, Quant: m.Quant, Bytes: m.SizeBytes, Parameters: Count(m.Parameters), Slots: m.Slots, Context: m.Context}
	if m.Fit != nil {
		f.KV = m.Fit.KV
	}
	f.KVPerToken = KVPerToken(m.Fit) * kvOf(f.KV)
	return f
}

// KVPerToken is what a plan's cache takes for a token, in bytes, were it of
// f16; 0: not known.
func KVPerToken(f *engine.Fit) float64 {
	if f == nil || f.Cells <= 0 {
		return 0
	}
	kv := int64(0)
	for _, d := range f.Devices {
		kv += d.KV
	}
	return float64(kv) / float64(f.Cells) / kvOf(f.KV)
}
