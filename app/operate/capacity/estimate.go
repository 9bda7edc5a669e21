package capacity

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// Candidate is a model that could be run: of the folder, or of the catalogue.
type Candidate struct {
	ID     string
	Name   string
	Quant  string
	Bytes  int64
	Read   float64 // share of the weights that a token reads, 0..1; 0: all
	Total  float64 // parameters; 0: not known
	Active float64 // of these, those that a token uses; 0: all
	KV     float64 // bytes of cache a token, f16; 0: not known
	// Unknown says that a token uses a part only, and nobody knows how large:
	// Read and Active say nothing.
	Unknown bool
}

// Estimate is what something else would give. Nothing of it was measured.
type Estimate struct {
	Group  string `json:"group" enum:"box,model,gpu" doc:"box: this model here with another quant or cache; model: another one here; gpu: the measured model elsewhere"`
	Name   string `json:"name"`
	Quant  string `json:"quant,omitempty"`
	KV     string `json:"kv,omitempty"`
	Label  string `json:"label" doc:"estimate, not measured"`
	Fits   bool   `json:"fits"`
	Margin int    `json:"margin_percent"`
	// Memory is how many such conversations fit; -1: not known.
	Memory    int     `json:"people_in_memory"`
	People    int     `json:"people" doc:"At once within the bound, memory counted"`
	Employees int     `json:"employees"`
	PerMinute float64 `json:"answers_per_minute" doc:"Of so many people at once"`
	Each      float64 `json:"tokens_per_second" doc:"Of one person alone"`
	Prefill   float64 `json:"prefill_tokens_per_second"`
	First     float64 `json:"first_token_seconds" doc:"Of one person alone"`
	Limit     string  `json:"limit" enum:"compute,memory,none,unknown" doc:"unknown: it may fit, and how fast it would be is not known"`
	Remote    bool    `json:"remote"`
	Note      string  `json:"note,omitempty"`
	// Measured is what the same thing gave when it was measured, if it was.
	Measured *Compared `json:"measured,omitempty"`
}

// Compared is an estimate beside a measurement with one person.
type Compared struct {
	Each       float64 `json:"tokens_per_second"`
	First      float64 `json:"first_token_seconds"`
	EachRatio  float64 `json:"tokens_ratio" doc:"Estimated / measured"`
	FirstRatio float64 `json:"first_token_ratio" doc:"Estimated / measured"`
}

// Label is what every estimate says of itself.
const Label = "estimate, not measured"

// Estimates are made from one measurement.
type Estimates struct {
	Speed Speed `json:"speed"`
	// On is the model that the rows of the group gpu are about.
	On      string     `json:"on"`
	Formula []string   `json:"formula" nullable:"false"`
	Rows    []Estimate `json:"rows" nullable:"false"`
}

// formula is what docs/capacity.md explains.
var formula = []string{
	"tokens/s = 1 / ((weights read + KV per token x context) / effective bandwidth)",
	"tokens/s of N people together = N / ((weights read + N x KV per token x context) / effective bandwidth + (N - 1) / prompt tokens/s); on a CPU the weights count 1.8 times and the last part 1.25 times from two people on",
	"weights read = all; of a mixture of experts all x (1 - (1 - share a token needs)^N)",
	"prompt tokens/s = effective FLOPS / (2 x parameters used)",
	"first token of N people = overhead + sum over W = 0 .. N - 1 of own tokens / prompt tokens/s / (1 - token time of W people / step), step = 0.25 s on a CPU and 0.05 s on a GPU, the last part 0.25 at least",
	"people in memory = (memory - weights - 5 % - shared tokens x KV) / (own + answer tokens) x KV",
	"on this box bandwidth and FLOPS are calibrated from the measurement with one person; elsewhere 60 % of the data sheet's bandwidth and 30 % of its FP16 FLOPS, and 2 ms a step and 20 ms a question at least",
}

// gpuReserve is what a driver and an engine keep on a GPU, bytes.
const gpuReserve = 1 << 30

// What a step and a question take on a GPU however small the model is, seconds:
// launching kernels, choosing tokens, telling.
const (
	gpuFloor = .002
	gpuStart = .02
)

// scene is where an estimate plays.
type scene struct {
	speed  Speed
	work   Work
	shape  Shape
	memory float64 // bytes that may be used; 0: not known
	set    Settings
}

// Wanted says what estimates are made for.
type Wanted struct {
	Models []Candidate
	// On is the model that is put on other devices, one of Models; "": the
	// measured one.
	On string
	// Others are older measurements, to compare estimates with.
	Others []Result
}

// Estimate makes estimates from a measurement; ok is false where it does not
// say enough.
func (r Result) Estimate(want Wanted) (Estimates, bool) {
	speed, _, work, ok := calibrate(r)
	if !ok {
		return Estimates{}, false
	}
	f := r.Facts
	memory := float64(f.Memory)
	if used := float64(f.Bytes)*1.05 + float64(f.Cells)*f.KVPerToken; memory < used {
		memory = used // it runs, so there is so much
	}
	here := scene{speed, work, r.Shape, memory, r.Settings}
	out := Estimates{Speed: speed, On: f.Model, Formula: formula, Rows: []Estimate{}}
	self := Candidate{ID: f.Model, Name: f.Model, Quant: f.Quant, Bytes: f.Bytes, Read: f.Read, Total: f.Parameters, Active: f.Active, KV: f.KVPerToken / kvOf(f.KV)}
	out.Rows = append(out.Rows, variants(here, self, f.KV)...)
	elsewhere := self
	for _, c := range want.Models {
		if c.ID == want.On && c.Total > 0 && c.Bytes > 0 {
			elsewhere, out.On = c, c.ID
		}
		if c.ID == f.Model || c.Total <= 0 || c.Bytes <= 0 {
			continue
		}
		e := here.of("model", c.Name, c, f.KV, marginModel)
		e.compare(r, c.ID, want.Others)
		out.Rows = append(out.Rows, e)
	}
	for _, g := range gpus {
		there := here
		there.speed = Speed{g.Bandwidth * 1e9 * reachBandwidth, g.TFLOPS * 1e12 * reachFLOPS}
		there.memory = g.Memory*1e9 - gpuReserve
		there.work.Floor, there.work.CPU = gpuFloor, false
		there.work.Overhead = gpuStart + tokenTime(there.speed, weightOf(elsewhere, f.KV), work, 1)
		e := there.of("gpu", g.Name, elsewhere, f.KV, marginGPU)
		e.Remote, e.Note = g.Remote, cmp.Or(g.Note, e.Note)
		out.Rows = append(out.Rows, e)
	}
	return out, true
}

func kvOf(kv string) float64 {
	if v, ok := kvSize[kv]; ok {
		return v
	}
	return 1
}

// variants are the same model on the same box with another quant or cache.
func variants(here scene, self Candidate, kv string) []Estimate {
	var out []Estimate
	if other := map[string]string{"f16": "q8_0", "q8_0": "f16", "": "q8_0"}[kv]; self.KV > 0 && other != "" {
		out = append(out, here.of("box", self.Name, self, other, marginBox))
	}
	now, known := quantBits[self.Quant]
	if !known {
		return out
	}
	for _, q := range []string{"Q4_K_M", "Q8_0", "F16"} {
		if q == self.Quant {
			continue
		}
		c := self
		c.Quant, c.Bytes = q, int64(float64(self.Bytes)*quantBits[q]/now)
		out = append(out, here.of("box", self.Name, c, kv, marginBox))
	}
	return out
}

// weightOf is what a model asks of a device, with a cache of that type.
func weightOf(c Candidate, kv string) Weight {
	w := Weight{Bytes: float64(c.Bytes), All: float64(c.Bytes), Active: c.Total, KV: c.KV * kvOf(kv)}
	if c.Read > 0 && c.Read < 1 {
		w.Bytes *= c.Read
	}
	if c.Active > 0 {
		w.Active = c.Active
	}
	return w
}

// compare puts the newest measurement of a model on the same device, of
// questions of the same size, beside its estimate.
func (e *Estimate) compare(r Result, model string, others []Result) {
	for _, o := range others {
		alike := o.Facts.Device == r.Facts.Device && o.Facts.KV == r.Facts.KV && o.Shape.Own == r.Shape.Own && o.Shape.Shared == r.Shape.Shared
		if o.Facts.Model != model || !alike || len(o.Steps) == 0 {
			continue
		}
		if one := o.Steps[0]; one.People == 1 && one.Each > 0 && one.FirstP50 > 0 {
			e.Measured = &Compared{one.Each, one.FirstP50, e.Each / one.Each, e.First / one.FirstP50}
		}
		return
	}
}

// of estimates one model in a scene.
func (s scene) of(group, name string, c Candidate, kv string, margin int) Estimate {
	w := weightOf(c, kv)
	e := Estimate{Group: group, Name: name, Quant: c.Quant, KV: kv, Label: Label, Margin: margin, Memory: -1, Limit: "compute"}
	e.Fits = s.memory <= 0 || float64(c.Bytes)*1.05 < s.memory
	if s.memory > 0 && w.KV > 0 {
		cells := int(math.Min((s.memory-float64(c.Bytes)*1.05)/w.KV, 1e9))
		e.Memory = fitCells(max(cells, 0), s.shape)
		e.Fits = e.Memory > 0
	}
	if !e.Fits {
		e.Limit, e.Memory = "memory", 0
		return e
	}
	if c.Unknown {
		e.Limit, e.Note = "unknown", "A token uses a part of its weights only, and how large a part is not known."
		return e
	}
	return s.speeds(e, w)
}

// speeds adds how fast a model that fits is, and how many people it serves.
func (s scene) speeds(e Estimate, w Weight) Estimate {
	e.First, e.Each, _ = Expect(s.speed, w, s.work, 1)
	e.Prefill = s.speed.FLOPS / (2 * w.Active)
	var steps []Step
	for n := 1; n <= mostEstimated; n *= 2 {
		first, _, together := Expect(s.speed, w, s.work, n)
		steps = append(steps, Step{People: n, Answers: n, FirstP95: first, PerMinute: 60 * together / max(s.work.Answer, 1)})
	}
	e.People = serves(steps, s.set.Bound).People
	switch {
	case e.Memory >= 0 && e.Memory < e.People:
		e.People, e.Limit = e.Memory, "memory"
	case e.People >= mostEstimated:
		e.Limit = "none"
	}
	if e.People > 0 {
		e.PerMinute = rateAt(steps, e.People)
	}
	e.Employees = Employees(steps, e.People, s.set.Every)
	return e
}

// mostEstimated is the largest number of people that is thought about.
const mostEstimated = 256

// Count reads a number of parameters as people write it: "135M", "30.5B". What
// is not understood is 0.
func Count(text string) float64 {
	text = strings.TrimSpace(strings.ToUpper(text))
	unit := 1.0
	for suffix, u := range map[string]float64{"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12} {
		if rest, ok := strings.CutSuffix(text, suffix); ok {
			text, unit = rest, u
			break
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(v > 0 && v < 1e15) {
		return 0
	}
	return v * unit
}
