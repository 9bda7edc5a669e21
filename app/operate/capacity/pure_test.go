package capacity

import (
	"math"
	"math/rand/v2"
	"testing"
)

// curve is steps of which P95 rises by late seconds a person, and answers a
// minute up to most.
func curve(late, rate, most float64, people ...int) []Step {
	var out []Step
	for _, n := range people {
		out = append(out, Step{People: n, Answers: 2 * n, FirstP95: late * float64(n), PerMinute: min(rate*float64(n), most), Seconds: 10, Computed: 60, Output: 120})
	}
	return out
}

func TestServes(t *testing.T) {
	for name, c := range map[string]struct {
		steps   []Step
		bound   float64
		people  int
		atLeast bool
	}{
		"nobody":      {curve(4, 10, 100, 1, 2), 3, 0, false},
		"between":     {curve(.5, 10, 100, 1, 2, 4, 8), 3, 6, false},
		"all":         {curve(.1, 10, 100, 1, 2, 4), 3, 4, true},
		"on the line": {curve(1.5, 10, 100, 1, 2, 4), 3, 2, false},
		"nothing":     {nil, 3, 0, false},
	} {
		if s := serves(c.steps, c.bound); s.People != c.people || s.AtLeast != c.atLeast || s.Sentence == "" {
			t.Errorf("%s: %+v", name, s)
		}
	}
	// A lucky larger step does not count beyond an unlucky smaller one, and who
	// is not answered is not served.
	lucky := curve(1, 10, 100, 1, 2, 4)
	lucky[1].FirstP95, lucky[2].FirstP95 = 5, .1
	if s := serves(lucky, 3); s.People != 1 {
		t.Errorf("lucky: %+v", s)
	}
	failing := curve(.1, 10, 100, 1, 2)
	failing[1].Failed = 1
	if s := serves(failing, 3); s.People != 1 {
		t.Errorf("failing: %+v", s)
	}
}

func TestNext(t *testing.T) {
	set, facts := Settings{Bound: 3, Every: 3, Most: 64}, Facts{Slots: 6}
	shape := Shape{Shared: 100, Own: 10, Answer: 10}
	if n, stop := next(nil, set, facts, shape); n != 1 || stop != nil {
		t.Error(n, stop)
	}
	if n, stop := next(curve(.1, 10, 100, 1, 2, 4), set, facts, shape); n != 6 || stop != nil {
		t.Error("the last step takes all places:", n, stop)
	}
	for want, steps := range map[StopKind][]Step{
		StopSlots: curve(.1, 10, 100, 1, 2, 4, 6),
		StopLate:  curve(3, 10, 100, 1, 2, 4),
		StopFlat:  curve(1, 10, 20, 1, 2, 4),
	} {
		if _, stop := next(steps, set, facts, shape); stop == nil || stop.Kind != want || stop.Sentence == "" {
			t.Errorf("%s: %+v", want, stop)
		}
	}
	// Flat, but nobody waits too long: it goes on.
	if n, stop := next(curve(.1, 10, 10, 1, 2), set, facts, shape); n != 4 || stop != nil {
		t.Error(n, stop)
	}
	if _, stop := next(curve(.1, 10, 100, 1, 2), set, Facts{Cells: 100 + templateRoom + 45}, shape); stop == nil || stop.Kind != StopCells {
		t.Error("cells for two:", stop)
	}
	if _, stop := next(curve(.1, 10, 100, 1), set, Facts{Cells: 10}, shape); stop == nil || stop.Kind != StopCells {
		t.Error("no cells:", stop)
	}
	set.Most = 2
	if _, stop := next(curve(.1, 10, 100, 1, 2), set, facts, shape); stop == nil || stop.Kind != StopMost {
		t.Error(stop)
	}
}

func TestLimit(t *testing.T) {
	base := Result{Prefill: 100, Settings: Settings{Bound: 3}, Facts: Facts{Slots: 4, Cells: 4000}}
	with := func(change func(*Step)) Result {
		r := base
		r.Steps = curve(2, 10, 100, 1, 4)
		if change != nil {
			change(&r.Steps[1])
		}
		return r
	}
	for name, c := range map[string]struct {
		r    Result
		stop StopKind
		want LimitKind
	}{
		// 8 answers x 60 tokens at 100 a second are 4.8 of 10 s, then 7.2.
		"bandwidth": {with(nil), StopLate, LimitBandwidth},
		"compute":   {with(func(s *Step) { s.Computed = 90 }), StopLate, LimitCompute},
		"slots":     {with(func(s *Step) { s.FirstP95 = 1 }), StopSlots, LimitMemory},
		"cells":     {with(func(s *Step) { s.FirstP95 = 1 }), StopCells, LimitMemory},
		"preempted": {with(func(s *Step) { s.Preempted = 2 }), StopLate, LimitMemory},
		"late":      {with(nil), StopSlots, LimitBandwidth}, // the places are not what keeps it
		"client":    {with(func(s *Step) { s.Client = 40 }), StopLate, LimitClient},
		"none":      {with(func(s *Step) { s.FirstP95 = 1 }), StopMost, LimitNone},
		"unknown":   {with(func(s *Step) { s.Seconds = 0 }), StopLate, LimitUnknown},
		"nothing":   {base, StopFail, LimitUnknown},
		// Ended from outside while the bound was kept: nothing limited yet.
		"stopped":      {with(func(s *Step) { s.FirstP95 = 1 }), StopUser, LimitUnknown},
		"time":         {with(func(s *Step) { s.FirstP95 = 1 }), StopTime, LimitUnknown},
		"busy":         {with(func(s *Step) { s.FirstP95 = 1 }), StopBusy, LimitUnknown},
		"failed":       {with(func(s *Step) { s.FirstP95 = 1 }), StopFail, LimitUnknown},
		"stopped late": {with(nil), StopUser, LimitBandwidth},
	} {
		if got := limitOf(c.r, Stop{Kind: c.stop}); got.Kind != c.want || got.Sentence == "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestEmployees(t *testing.T) {
	steps := curve(.1, 10, 40, 1, 2, 4, 8)
	// One place at a time: who asks must find nobody. Others are n, each there
	// for a share of 1/10 of 3.1 minutes, roughly: 0.95 = (1 - 0.032)^n.
	if n := Employees(steps, 1, 3); n != 2 {
		t.Errorf("one place: %d", n)
	}
	before := 0
	for people := range 9 {
		n := Employees(steps, people, 3)
		if n < before || people > 0 && n < people {
			t.Errorf("%d people give %d employees, fewer people %d", people, n, before)
		}
		before = n
	}
	if a, b := Employees(steps, 4, 3), Employees(steps, 4, 6); b <= a {
		t.Errorf("%d who ask every 3 minutes, %d every 6", a, b)
	}
	// No more than the box can answer: 40 a minute, each once in 3.
	if n := Employees(steps, 8, 3); n > 120+8 {
		t.Errorf("%d employees ask more than is answered", n)
	}
	if Employees(nil, 4, 3) != 0 || Employees(steps, 0, 3) != 0 || Employees(steps, 4, 0) != 0 {
		t.Error("of nothing")
	}
}

// The chain's stationary distribution is compared with a simulation of it.
func TestFindsIsTheQueue(t *testing.T) {
	steps := curve(.1, 10, 30, 1, 2, 4)
	const others, people, every = 40, 4, 3.0
	r := rand.New(rand.NewPCG(1, 2))
	n, below, all := 0, 0.0, 0.0
	for range 400_000 {
		up, down := float64(others-n)/every, 0.0
		if n > 0 {
			down = rateAt(steps, n)
		}
		stay := r.ExpFloat64() / (up + down)
		all += stay
		if n < people {
			below += stay
		}
		if r.Float64() < up/(up+down) {
			n++
		} else {
			n--
		}
	}
	if got, want := finds(steps, people, others, every), below/all; math.Abs(got-want) > .02 {
		t.Errorf("%v, simulated %v", got, want)
	}
}

func TestShapeFitsTheContext(t *testing.T) {
	for _, context := range []int{0, 64, 256, 512, 1024, 8192} {
		s := DefaultShape.within(context)
		if total := s.Shared + s.Own + s.Answer; context >= 256 && total+templateRoom > context && s != DefaultShape || s.Own < 1 || s.Answer < 1 || s.Shared < 0 {
			t.Errorf("%d: %+v", context, s)
		}
	}
}

func TestCount(t *testing.T) {
	for text, want := range map[string]float64{"135M": 135e6, "30.5B": 30.5e9, " 7b ": 7e9, "1T": 1e12, "": 0, "many": 0, "-3B": 0, "NaN": 0, "InfB": 0, "12": 12} {
		if got := Count(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func measured() Result {
	r := Result{ID: "r", Status: StatusDone, Prefill: 200, Settings: Settings{Bound: 3, Every: 3, Most: 64}, Shape: DefaultShape,
		Facts: Facts{Model: "m", Quant: "Q4_K_M", KV: "f16", Bytes: 100e6, Parameters: 135e6, Active: 135e6, Read: 1, KVPerToken: 23040, Slots: 16, Cells: 32768, Context: 8192}}
	r.Steps = []Step{{People: 1, Answers: 4, FirstP50: .5, FirstP95: .6, Each: 80, Together: 60, PerMinute: 30, Prompt: 1000, Computed: 60, Output: 120, Seconds: 8}}
	return r
}

// One person is calibrated exactly; more are slower each, never faster.
func TestExpect(t *testing.T) {
	r := measured()
	s, w, k, ok := calibrate(r)
	if !ok {
		t.Fatal("not calibrated")
	}
	first, each, together := Expect(s, w, k, 1)
	if math.Abs(first-.5) > 1e-9 || math.Abs(each-80) > 1e-9 || together > 80 {
		t.Errorf("%v %v %v", first, each, together)
	}
	lastFirst, lastEach := first, each
	for n := 2; n < 300; n++ {
		first, each, _ := Expect(s, w, k, n)
		if first < lastFirst || each > lastEach {
			t.Errorf("%d people: %v after %v, %v after %v", n, first, lastFirst, each, lastEach)
		}
		lastFirst, lastEach = first, each
	}
	// The rows that cpuMany and cpuRow are made of come out within a tenth.
	bare := Work{Context: 1, Answer: 100, CPU: true}
	zen := Speed{Bandwidth: 98e6 * 276, FLOPS: 2 * 135e6 * 1435}
	for n, want := range map[int]float64{1: 276, 2: 266, 4: 450, 8: 626} {
		if got := float64(n) / tokenTime(zen, Weight{Bytes: 98e6, Active: 135e6}, bare, n); math.Abs(got/want-1) > .1 {
			t.Errorf("%d rows: %v tokens a second, measured %v", n, got, want)
		}
	}
	r.Steps[0].People = 2
	if _, _, _, ok := calibrate(r); ok {
		t.Error("calibrated without one person")
	}
}

// Reading for many takes longer than reading for each by itself, since writing
// goes on meanwhile, but never more than leastShare allows.
func TestReadAll(t *testing.T) {
	s, w, k, _ := calibrate(measured())
	alone := readTime(s, w, k)
	if got := readAll(s, w, k, 1); got != alone {
		t.Errorf("one prompt takes %v, want %v", got, alone)
	}
	for n := 2; n < 100; n++ {
		if got := readAll(s, w, k, n); got <= float64(n)*alone || got > float64(n)*alone/leastShare {
			t.Errorf("%d prompts take %v, one %v", n, got, alone)
		}
	}
}

func TestEstimates(t *testing.T) {
	r := measured()
	e, ok := r.Estimate(Wanted{Models: []Candidate{
		{ID: "m", Name: "itself", Bytes: 1, Total: 1},
		{ID: "big", Name: "Big", Quant: "Q4_K_M", Bytes: 4e9, Total: 8e9, KV: 131072},
		{ID: "moe", Name: "Experts", Quant: "Q4_K_M", Bytes: 4e9, Read: .1, Total: 8e9, Active: 1e9, KV: 131072},
		{ID: "unknown", Name: "Unknown"},
	}})
	if !ok {
		t.Fatal("no estimates")
	}
	rows := map[string]Estimate{}
	for _, row := range e.Rows {
		rows[row.Name+" "+row.Quant+" "+row.KV] = row
		if row.Label != Label || row.Margin < marginBox || math.IsNaN(row.Each+row.First+row.Prefill+row.PerMinute) || math.IsInf(row.Each, 0) {
			t.Errorf("%+v", row)
		}
		if row.Group == "gpu" && row.Margin != marginGPU {
			t.Errorf("%+v", row)
		}
	}
	q8 := rows["m Q8_0 f16"]
	if q8.Each >= 80 || q8.Each < 40 || rows["m F16 f16"].Each >= q8.Each || rows["m Q4_K_M q8_0"].Each <= 80 {
		t.Errorf("%+v", rows)
	}
	if rows["Big Q4_K_M f16"].Fits || rows["itself  f16"].Name != "" || rows["Unknown  f16"].Name != "" {
		t.Errorf("%+v", rows)
	}
	if tpu := rows["Google TPU v5e Q4_K_M f16"]; !tpu.Remote || tpu.Note == "" {
		t.Errorf("%+v", tpu)
	}
	if h, t4 := rows["NVIDIA H100 SXM Q4_K_M f16"], rows["NVIDIA T4 Q4_K_M f16"]; h.Each <= t4.Each || h.First > t4.First {
		t.Errorf("%+v %+v", h, t4)
	}
	r.Facts.Memory = 16e9
	if e, _ = r.Estimate(Wanted{On: "big", Models: []Candidate{{ID: "big", Name: "Big", Bytes: 4e9, Total: 8e9, KV: 131072}, {ID: "moe", Name: "Experts", Bytes: 4e9, Read: .1, Total: 8e9, Active: 1e9, KV: 131072}},
		Others: []Result{{Facts: Facts{Model: "big", KV: "f16", Device: "elsewhere"}, Steps: r.Steps}, {Facts: Facts{Model: "moe", KV: "f16"}, Shape: r.Shape, Steps: r.Steps}}}); true {
		var big, moe Estimate
		for _, row := range e.Rows {
			switch row.Name {
			case "Big":
				big = row
			case "Experts":
				moe = row
			}
		}
		if e.On != "big" || big.Measured != nil || moe.Measured == nil || moe.Measured.Each != 80 || math.Abs(moe.Measured.EachRatio-moe.Each/80) > 1e-9 {
			t.Errorf("%s %+v %+v", e.On, big.Measured, moe.Measured)
		}
		for _, row := range e.Rows {
			if row.Name == "NVIDIA T4" && row.Each > 80 {
				t.Errorf("the large model on a T4: %+v", row)
			}
		}
		if !big.Fits || !moe.Fits || moe.Each <= big.Each || big.Memory <= 0 {
			t.Errorf("%+v %+v", big, moe)
		}
	}
}

// Whatever was measured and whatever a catalogue says: figures are numbers.
func TestEstimatesAreFinite(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	odd := func() float64 { return []float64{0, 1e-9, 1, 1e6, 1e12}[r.IntN(5)] }
	for range 40 {
		m := measured()
		m.Facts.Bytes, m.Facts.Parameters, m.Facts.KVPerToken, m.Prefill = int64(odd()), odd(), odd(), odd()
		m.Facts.Active, m.Facts.Read = odd(), r.Float64()
		m.Steps[0].Each, m.Steps[0].FirstP50 = odd(), odd()
		e, ok := m.Estimate(Wanted{On: "c", Models: []Candidate{{ID: "c", Name: "c", Bytes: int64(odd()), Read: r.Float64(), Total: odd(), Active: odd(), KV: odd()}}})
		if !ok {
			continue
		}
		for _, row := range e.Rows {
			for _, v := range []float64{row.Each, row.First, row.Prefill, row.PerMinute} {
				if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
					t.Fatalf("%+v of %+v", row, m)
				}
			}
		}
	}
}
