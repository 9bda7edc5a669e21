package latency

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// values draws times from microseconds to minutes, and now and then what no
// clock gives.
var values = rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(1e-6, 300), rapid.SampledFrom([]float64{0, 1e-9, 1, 1e12})), 0, 200)

func of(list ...float64) *Histogram {
	h := &Histogram{}
	for _, v := range list {
		h.Add(v)
	}
	return h
}

var exported = cmp.AllowUnexported(Histogram{}, bucket{})

func merged(list ...*Histogram) *Histogram {
	h := &Histogram{}
	for _, o := range list {
		h.Merge(o)
	}
	return h
}

func TestMerge_IsInAnyOrderWhatAllValuesAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := values.Draw(t, "a"), values.Draw(t, "b"), values.Draw(t, "c")
		all := of(slices.Concat(a, b, c)...)
		for name, got := range map[string]*Histogram{
			"(ab)c": merged(merged(of(a...), of(b...)), of(c...)),
			"a(bc)": merged(of(a...), merged(of(b...), of(c...))),
			"cba":   merged(of(c...), of(b...), of(a...)),
		} {
			if d := cmp.Diff(all, got, exported); d != "" {
				t.Fatalf("%s: %s", name, d)
			}
		}
		var sum Sum
		take(&sum, t, a, b, c)
		q := []float64{0, .01, .5, .95, .99, 1}
		want, ok1 := all.Quantiles(q...)
		got, ok2 := sum.Quantiles(q...)
		if d := cmp.Diff(want, got); d != "" || ok1 != ok2 || sum.Count() != all.Count() || sum.Max() != all.Max() {
			t.Fatalf("the dense sum differs: %s, count %d and %d", d, sum.Count(), all.Count())
		}
	})
}

// take merges lists of values, in one of the ways, after it was used before.
func take(s *Sum, t *rapid.T, lists ...[]float64) {
	s.Merge(of(1, 2, 3))
	s.Reset()
	for _, list := range lists {
		h := of(list...)
		if rapid.Bool().Draw(t, "encoded") {
			if rest, err := MergeEncoded(h.Append(nil), s); err != nil || len(rest) > 0 {
				t.Fatal(rest, err)
			}
		} else {
			s.Merge(h)
		}
	}
}

func TestQuantiles_AreWithinThePrecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Float64Range(2e-6, 1e6), 1, 300).Draw(t, "values")
		h := of(list...)
		slices.Sort(list)
		for _, q := range []float64{0, .25, .5, .95, .99, 1} {
			exact := list[max(0, int(math.Ceil(q*float64(len(list))))-1)]
			got, ok := h.Quantiles(q)
			if !ok || math.Abs(got[0]-exact) > exact*Precision {
				t.Fatalf("q %v of %v: %v, want %v", q, list, got, exact)
			}
		}
		if h.Max() != list[len(list)-1] || h.Count() != uint64(len(list)) {
			t.Fatalf("max %v, count %d of %v", h.Max(), h.Count(), list)
		}
	})
}

// The library that everybody uses, with three digits, is the judge.
func TestQuantiles_AreThoseOfHdrHistogram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Int64Range(1000, 1e9), 1, 500).Draw(t, "nanoseconds")
		judge, h := hdrhistogram.New(1, 1e10, 3), &Histogram{}
		for _, v := range list {
			if err := judge.RecordValue(v); err != nil {
				t.Fatal(err)
			}
			h.Add(float64(v) / 1e6)
		}
		// Where two values lie on both sides of the rank, rounding decides.
		for _, q := range []float64{.5, .95, .99} {
			n := q * float64(len(list))
			low := float64(judge.ValueAtQuantile((n-1.01)/float64(len(list))*100)) / 1e6
			high := float64(judge.ValueAtQuantile((n+1.01)/float64(len(list))*100)) / 1e6
			got, _ := h.Quantiles(q)
			if got[0] < low*(1-Precision-.001) || got[0] > high*(1+Precision+.001) {
				t.Fatalf("q %v: %v, the judge says %v to %v", q, got[0], low, high)
			}
		}
	})
}

func TestEncode_ComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := of(values.Draw(t, "values")...)
		tail := rapid.SliceOf(rapid.Byte()).Draw(t, "tail")
		got, rest, err := Decode(append(h.Append(nil), tail...))
		if err != nil || !bytes.Equal(rest, tail) {
			t.Fatal(err, rest)
		}
		if h.Count() == 0 {
			h = &Histogram{}
		}
		if d := cmp.Diff(h, &got, exported); d != "" {
			t.Fatal(d)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(of(.1, .2, 3).Append(nil))
	f.Add([]byte{2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1})
	f.Add(bytes.Repeat([]byte{255}, 40))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, _, err := Decode(b)
		var sum Sum
		_, err2 := MergeEncoded(b, &sum)
		left := Sum{counts: slices.Clone(sum.counts), low: sum.low, high: sum.high, count: sum.count}
		if left.Reset(); slices.Max(append(left.counts, 0)) > 0 {
			t.Fatal("Reset leaves what was added")
		}
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		if err2 != nil || sum.Count() != h.Count() {
			t.Fatalf("read as a sum: %v, %d values, want %d", err2, sum.Count(), h.Count())
		}
		if again, _, err := Decode(h.Append(nil)); err != nil || !cmp.Equal(h, again, exported) {
			t.Fatalf("%+v comes back as %+v, %v", h, again, err)
		}
		h.Quantiles(0, .5, 1)
	})
}

func TestAdd_TakesWhatNoClockGives(t *testing.T) {
	h := of(math.NaN(), -1, math.Inf(-1), 0, math.Inf(1), math.MaxFloat64, 1e-300)
	if h.Count() != 7 || math.IsInf(h.Max(), 0) {
		t.Errorf("count %d, max %v", h.Count(), h.Max())
	}
	if _, _, err := Decode(h.Append(nil)); err != nil {
		t.Error(err)
	}
	h.AddN(1, math.MaxUint64)
	h.AddN(1, math.MaxUint64)
	if h.Count() != math.MaxUint64 {
		t.Errorf("counts wrap: %d", h.Count())
	}
	if q, ok := (&Histogram{}).Quantiles(.5); ok {
		t.Errorf("an empty histogram has a median: %v", q)
	}
}

// What a histogram of an hour takes, and what the library's own form takes.
func BenchmarkEncoded(b *testing.B) {
	h, judge := &Histogram{}, hdrhistogram.New(1, 3_600_000_000, 2)
	for i := range 2000 { // gaps between tokens, 10 to 40 ms
		v := .01 * math.Exp2(2*float64(i*7919%2000)/2000)
		h.Add(v)
		judge.RecordValue(int64(v * 1e6)) //nolint:errcheck // it is in the range
	}
	ours, theirs := h.Append(nil), mustEncode(b, judge)
	b.Run("ours", func(b *testing.B) {
		var sum Sum
		for b.Loop() {
			if _, err := MergeEncoded(ours, &sum); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(ours)), "bytes")
	})
	b.Run("library", func(b *testing.B) {
		sum := hdrhistogram.New(1, 3_600_000_000, 2)
		for b.Loop() {
			h, err := hdrhistogram.Decode(theirs)
			if err != nil {
				b.Fatal(err)
			}
			sum.Merge(h)
		}
		b.ReportMetric(float64(len(theirs)), "bytes")
	})
}

func mustEncode(b *testing.B, h *hdrhistogram.Histogram) []byte {
	encoded, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		b.Fatal(err)
	}
	return encoded
}
