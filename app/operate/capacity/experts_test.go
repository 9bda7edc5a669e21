package capacity

import (
	"math"
	"strings"
	"testing"

	"alcove/engine"
)

// experts is a measurement of a mixture: 11 % of its weights are read for a
// token, and 3.3 of 30.5 thousand million parameters used.
func experts() Result {
	r := measured()
	r.Facts.Model, r.Facts.Bytes, r.Facts.Parameters, r.Facts.Active, r.Facts.Read, r.Facts.KVPerToken = "moe", 18e9, 30.5e9, 3.3e9, .11, 98304
	return r
}

// A mixture of experts shows the speed of the device, not nine times that.
func TestExpertsAreCalibratedByWhatIsRead(t *testing.T) {
	r := experts()
	s, w, k, ok := calibrate(r)
	if !ok {
		t.Fatal("not calibrated")
	}
	cache := r.Facts.KVPerToken * k.Context
	if want := (.11*18e9 + cache) * r.Steps[0].Each; math.Abs(s.Bandwidth-want) > 1 {
		t.Errorf("%g bytes a second, want %g", s.Bandwidth, want)
	}
	if want := 2 * 3.3e9 * r.Prefill; math.Abs(s.FLOPS-want) > 1 {
		t.Errorf("%g FLOPS, want %g", s.FLOPS, want)
	}
	if first, each, _ := Expect(s, w, k, 1); math.Abs(first-.5) > 1e-9 || math.Abs(each-80) > 1e-9 {
		t.Errorf("one person: %g s, %g tokens/s", first, each)
	}
	// More people choose more experts, at most all.
	if one, two, many := w.bytes(1), w.bytes(2), w.bytes(1000); math.Abs(one-.11*18e9) > 1 || two <= 1.8*one || many > 18e9 || many < 17.9e9 {
		t.Errorf("%g, %g, %g bytes", one, two, many)
	}
	// A dense model of the size that is read is about as fast; one of the whole
	// size is not.
	e, ok := r.Estimate(Wanted{Models: []Candidate{{ID: "small", Name: "Small", Bytes: 1.98e9, Read: 1, Total: 3.3e9, KV: 98304}, {ID: "large", Name: "Large", Bytes: 18e9, Read: 1, Total: 30e9, KV: 98304}}})
	if !ok {
		t.Fatal("no estimates")
	}
	for _, row := range e.Rows {
		if row.Name == "Small" && math.Abs(row.Each-80) > 1 || row.Name == "Large" && row.Each > 12 {
			t.Errorf("%+v", row)
		}
	}
}

// Where nobody knows what a token uses, nothing is estimated, and it is said.
func TestExpertsOfUnknownShare(t *testing.T) {
	r := experts()
	r.Facts.Read, r.Facts.Active = 0, 0
	r.conclude(Stop{StopMost, "Done."})
	if _, ok := r.Estimate(Wanted{}); ok || !strings.Contains(r.Because, "not known") {
		t.Errorf("%q", r.Because)
	}
	e, ok := measured().Estimate(Wanted{Models: []Candidate{{ID: "x", Name: "X", Bytes: 4e6, Total: 8e9, Unknown: true}, {ID: "y", Name: "Y", Bytes: 4e12, Total: 8e12, Unknown: true}}})
	if !ok {
		t.Fatal("no estimates")
	}
	found := 0
	for _, row := range e.Rows {
		switch row.Name {
		case "X":
			if found++; row.Limit != "unknown" || !row.Fits || row.People != 0 || row.Each != 0 || row.Note == "" {
				t.Errorf("%+v", row)
			}
		case "Y":
			if found++; row.Fits {
				t.Errorf("%+v", row)
			}
		}
	}
	if found != 2 {
		t.Error("rows are missing")
	}
}

func TestFactsHaveTheShare(t *testing.T) {
	b := newBench(t, nil)
	if f, err := b.meter.facts(); err != nil || f.Read != 1 || f.Active != 135e6 {
		t.Errorf("%+v %v", f, err)
	}
	b.meter.Deps.Share = func(engine.Model) (read, active float64) { return .11, .1 }
	if f, err := b.meter.facts(); err != nil || f.Read != .11 || f.Active != 13.5e6 {
		t.Errorf("%+v %v", f, err)
	}
}
