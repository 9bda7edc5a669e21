package rollup

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var exported = cmp.Options{cmpopts.EquateEmpty(), cmp.Exporter(func(reflect.Type) bool { return true })}

// cells draws answers of a few keys.
func cells(t *rapid.T, label string) Cells {
	c := Cells{}
	for range rapid.IntRange(0, 12).Draw(t, label) {
		key := Key{
			rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "model"),
			rapid.SampledFrom([]string{"chat", "v1/chat/completions"}).Draw(t, "route"),
			rapid.SampledFrom([]string{"interactive", "api"}).Draw(t, "class"),
		}
		cell := c.At(key, 64)
		cell.Counts = cell.Plus(Counts{1, rapid.Uint64Range(0, 1).Draw(t, "failed"), rapid.Uint64Range(0, 9000).Draw(t, "prompt"), 5, 100})
		for i := range cell.Figures {
			cell.Figures[i].Add(rapid.Float64Range(1e-5, 600).Draw(t, "value"))
		}
	}
	return c
}

func merge(list ...Cells) Cells {
	all := Cells{}
	for _, c := range list {
		all.Merge(c, 64)
	}
	return all
}

func TestCells_MergeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := cells(t, "a"), cells(t, "b"), cells(t, "c")
		want := merge(a, b, c)
		for _, got := range []Cells{merge(c, b, a), merge(merge(a, b), c), merge(a, merge(b, c))} {
			if d := cmp.Diff(want, got, exported); d != "" {
				t.Fatal(d)
			}
		}
	})
}

// Minutes that are merged to longer buckets, in any steps and encoded between
// them, have all counts, the same maxima and the same percentiles.
func TestDownSampling_LosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var minutes []Cells
		for range rapid.IntRange(1, 12).Draw(t, "minutes") {
			minutes = append(minutes, cells(t, "minute"))
		}
		want := merge(minutes...)
		got := Cells{}
		for part := range slices.Chunk(minutes, rapid.IntRange(1, 5).Draw(t, "per bucket")) {
			for key, cell := range merge(part...) {
				to := got.At(key, 64)
				if err := to.MergeEncoded(cell.EncodeFigures()); err != nil {
					t.Fatal(err)
				}
				to.Counts = to.Plus(cell.Counts)
			}
		}
		if d := cmp.Diff(want, got, exported); d != "" {
			t.Fatal(d)
		}
	})
}

func TestCells_HaveALimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit, n := rapid.IntRange(2, 20).Draw(t, "limit"), rapid.IntRange(0, 100).Draw(t, "models")
		c := Cells{}
		for i := range n {
			cell := c.At(Key{Model: string(rune('A' + i))}, limit)
			cell.Requests++
		}
		var sum uint64
		for _, cell := range c {
			sum += cell.Requests
		}
		if len(c) > limit || sum != uint64(n) {
			t.Fatalf("%d keys, %d requests of %d", len(c), sum, n)
		}
	})
}

func TestGauges_Merge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() Gauges {
			g := Gauges{}
			for range rapid.IntRange(0, 10).Draw(t, "n") { // whole numbers: their sums are exact in any order
				g.Add(Name{rapid.SampledFrom([]string{"cpu_percent", "gpu_power_watts"}).Draw(t, "name"), rapid.SampledFrom([]string{"", "H100 #0"}).Draw(t, "device")},
					float64(rapid.IntRange(-1000, 1_000_000).Draw(t, "value")))
			}
			return g
		}
		a, b, c := draw(), draw(), draw()
		want, got := Gauges{}, Gauges{}
		for _, g := range []Gauges{a, b, c} {
			want.Merge(g)
		}
		for _, g := range []Gauges{c, a, b} {
			if err := got.MergeEncoded(g.Encode()); err != nil {
				t.Fatal(err)
			}
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Fatal(d)
		}
	})
}

func TestGauges_LeaveOutWhatIsNoNumber(t *testing.T) {
	g := Gauges{}
	g.Add(Name{Name: "cpu_percent"}, math.NaN())
	g.Add(Name{Name: "cpu_percent"}, math.Inf(1))
	if len(g) != 0 || g.Encode() != nil {
		t.Errorf("%v", g)
	}
	for i := range 1000 {
		g.Add(Name{"gpu_power_watts", string(rune('A' + i))}, 1)
	}
	if len(g) > maxGauges {
		t.Errorf("%d gauges", len(g))
	}
}

// A row of the database may be anything.
func FuzzMergeEncoded(f *testing.F) {
	g := Gauges{{"cpu_percent", ""}: {3, 4, 2}}
	var c Cell
	c.Figures[QueueSeconds].Add(1)
	f.Add(g.Encode())
	f.Add(c.EncodeFigures())
	f.Add(seal([]byte{kindFigures, 255, 255}))
	f.Add(seal([]byte{kindGauges, 1, 200, 1}))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, b := range [][]byte{b, seal(append([]byte{kindFigures}, b...)), seal(append([]byte{kindGauges}, b...))} {
			into := Gauges{}
			if err := into.MergeEncoded(b); err != nil && (!errors.Is(err, ErrDamaged) || len(into) > 0) {
				t.Fatal(err, into)
			}
			var cell Cell
			if err := cell.MergeEncoded(b); err != nil && (!errors.Is(err, ErrDamaged) || cell.Figures[0].Count() > 0) {
				t.Fatal(err)
			}
			var x, y Sums
			if err := MergeEncoded(b, Counts{}, Figures, &x, &y); err != nil && !errors.Is(err, ErrDamaged) {
				t.Fatal(err)
			}
		}
	})
}

func TestMergeEncoded_SeesEveryFlippedBit(t *testing.T) {
	var c Cell
	for i := range c.Figures {
		c.Figures[i].Add(float64(i) + .5)
	}
	b := c.EncodeFigures()
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			var read Cell
			if err := read.MergeEncoded(b); !errors.Is(err, ErrDamaged) {
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			}
			b[i] ^= 1 << bit
		}
	}
}

func TestGridFor(t *testing.T) {
	now := time.Date(2026, 11, 28, 16, 59, 59, 999e6, time.UTC)
	for _, c := range []struct {
		span time.Duration
		fine bool
		step time.Duration
		tier time.Duration
	}{
		{5 * time.Minute, true, 10 * time.Second, 10 * time.Second},
		{5 * time.Minute, false, time.Minute, time.Minute},
		{time.Hour, true, 10 * time.Second, 10 * time.Second},
		{61 * time.Minute, true, time.Minute, time.Minute},
		{12 * time.Hour, true, time.Minute, time.Minute},
		{24 * time.Hour, true, 2 * time.Minute, time.Minute},
		{7 * 24 * time.Hour, false, 15 * time.Minute, 5 * time.Minute},
		{30 * 24 * time.Hour, false, time.Hour, time.Hour},
		{90 * 24 * time.Hour, false, 3 * time.Hour, time.Hour},
	} {
		if g := GridFor(now, c.span, c.fine); g.Step != c.step || g.Tier.Step != c.tier {
			t.Errorf("%v, fine %v: step %v of %v, want %v of %v", c.span, c.fine, g.Step, g.Tier.Step, c.step, c.tier)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		now := time.UnixMilli(rapid.Int64Range(-1e12, 1e13).Draw(t, "now")).UTC()
		span := time.Duration(rapid.IntRange(5, 129_600).Draw(t, "minutes")) * time.Minute
		g := GridFor(now, span, rapid.Bool().Draw(t, "fine"))
		if g.N > MaxPoints || g.Step%g.Tier.Step != 0 || !g.To().After(now) || g.To().Sub(now) > g.Step || now.Sub(g.From) < span-g.Step {
			t.Fatalf("%v from %v: %+v", span, now, g)
		}
		if kept := now.Add(-g.Tier.Keep); g.Tier.Keep > time.Hour && g.From.Before(kept) {
			t.Fatalf("%v: begins at %v, and %v is kept", span, g.From, kept)
		}
		if i, ok := g.Index(now); !ok || i != g.N-1 {
			t.Fatalf("now is step %d of %d", i, g.N)
		}
		if _, ok := g.Index(g.To()); ok {
			t.Fatal("the end is in the grid")
		}
		if _, ok := g.Index(g.From.Add(-1)); ok {
			t.Fatal("what is before is in the grid")
		}
	})
}
