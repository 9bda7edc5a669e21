package sample

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawLogits(t *rapid.T) []float32 {
	n := rapid.IntRange(1, 400).Draw(t, "n")
	special := rapid.SampledFrom([]float32{float32(math.NaN()), float32(math.Inf(-1)), 0, -3})
	out := make([]float32, n)
	for i := range out {
		if rapid.IntRange(0, 9).Draw(t, "kind") == 0 {
			out[i] = special.Draw(t, "special")
		} else {
			out[i] = rapid.Float32Range(-20, 20).Draw(t, "logit")
		}
	}
	return out
}

func usable(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), -1) }

// allowed is the definition of the filters on a fully sorted list.
func allowed(logits []float32, p Params) map[int32]bool {
	var c []candidate
	for i, v := range logits {
		if usable(v) {
			c = append(c, candidate{int32(i), float64(v)})
		}
	}
	slices.SortFunc(c, byValue)
	if p.TopK > 0 && p.TopK < len(c) {
		c = c[:p.TopK]
	}
	sum := 0.0
	for _, x := range c {
		sum += math.Exp(x.v - c[0].v)
	}
	out, reached := map[int32]bool{}, 0.0
	for i, x := range c {
		w := math.Exp(x.v - c[0].v)
		if i > 0 && p.MinP > 0 && w < p.MinP*(1-1e-9) {
			break
		}
		out[x.id] = true
		reached += w
		if p.TopP > 0 && p.TopP < 1 && reached >= p.TopP*sum*(1+1e-9) {
			break
		}
	}
	return out
}

func TestTokenStaysInsideTheFilters(t *testing.T) {
	var s Sampler
	rapid.Check(t, func(t *rapid.T) {
		logits := drawLogits(t)
		before := slices.Clone(logits)
		p := Params{
			Temperature: rapid.SampledFrom([]float64{0, 0.01, 0.7, 1, 5}).Draw(t, "temperature"),
			TopK:        rapid.SampledFrom([]int{0, 1, 2, 40, 1000}).Draw(t, "top_k"),
			TopP:        rapid.SampledFrom([]float64{0, 1e-9, 0.5, 0.95, 1}).Draw(t, "top_p"),
			MinP:        rapid.SampledFrom([]float64{0, 0.05, 0.9, 1}).Draw(t, "min_p"),
			Seed:        rapid.Uint64().Draw(t, "seed"),
		}
		i := rapid.IntRange(0, 1000).Draw(t, "i")
		token, ok := s.Token(logits, p, i)
		if !slices.ContainsFunc(logits, usable) {
			if ok {
				t.Fatalf("chose %d although nothing is usable", token)
			}
			return
		}
		if !ok || !usable(logits[token]) {
			t.Fatalf("chose %d (%v)", token, ok)
		}
		if !allowed(logits, p)[token] {
			t.Fatalf("token %d (logit %v) is outside the filters %+v", token, logits[token], p)
		}
		var fresh Sampler
		if again, _ := fresh.Token(logits, p, i); again != token {
			t.Fatalf("same seed, other token: %d, %d", token, again)
		}
		for k := range logits {
			if math.Float32bits(before[k]) != math.Float32bits(logits[k]) {
				t.Fatal("the logits were changed")
			}
		}
	})
}

func TestSelectTop(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 500).Draw(t, "n")
		c := make([]candidate, n)
		for i := range c {
			c[i] = candidate{int32(i), float64(rapid.IntRange(-30, 30).Draw(t, "v"))}
		}
		want := slices.Clone(c)
		slices.SortFunc(want, byValue)
		k := rapid.IntRange(1, n).Draw(t, "k")
		if got := selectTop(c, k); !slices.Equal(got, want[:k]) {
			t.Fatalf("k=%d: %v, want %v", k, got, want[:k])
		}
		slices.SortFunc(c, byValue)
		if !slices.Equal(c, want) {
			t.Fatal("candidates were lost")
		}
	})
}

func TestDistribution(t *testing.T) {
	logits := []float32{float32(math.Log(0.5)), float32(math.Log(0.3)), float32(math.Log(0.15)), float32(math.Log(0.05))}
	for _, tc := range []struct {
		name string
		p    Params
		want []float64
	}{
		{"plain", Params{Temperature: 1}, []float64{0.5, 0.3, 0.15, 0.05}},
		{"top_k 2", Params{Temperature: 1, TopK: 2}, []float64{0.625, 0.375, 0, 0}},
		{"top_p 0.9", Params{Temperature: 1, TopP: 0.9}, []float64{0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0}},
		{"min_p 0.2", Params{Temperature: 1, MinP: 0.2}, []float64{0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0}},
		{"temperature 0.5", Params{Temperature: 0.5}, []float64{0.25 / 0.365, 0.09 / 0.365, 0.0225 / 0.365, 0.0025 / 0.365}},
	} {
		const draws = 200000
		var s Sampler
		got := make([]float64, len(logits))
		for i := range draws {
			p := tc.p
			p.Seed = uint64(i / 1000)
			id, _ := s.Token(logits, p, i%1000)
			got[id] += 1.0 / draws
		}
		for k := range got {
			if math.Abs(got[k]-tc.want[k]) > 0.006 { // 5 standard deviations
				t.Errorf("%s: token %d came %.4f of the time, want %.4f", tc.name, k, got[k], tc.want[k])
			}
		}
	}
}

func TestValidate(t *testing.T) {
	nan := math.NaN()
	for _, p := range []Params{{Temperature: -1}, {Temperature: nan}, {Temperature: math.Inf(1)}, {TopK: -1}, {TopP: nan}, {TopP: 1.1}, {TopP: -0.1}, {MinP: nan}, {MinP: 2}} {
		if p.Validate() == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
	if err := (Params{Temperature: 0.7, TopK: 40, TopP: 0.95, MinP: 0.05}).Validate(); err != nil {
		t.Error(err)
	}
}

func BenchmarkToken(b *testing.B) {
	logits := make([]float32, 150000)
	for i := range logits {
		logits[i] = float32(10 * uniform(7, uint64(i)))
	}
	for _, bc := range []struct {
		name string
		p    Params
	}{{"greedy", Params{}}, {"top_k40_top_p", Params{Temperature: 0.8, TopK: 40, TopP: 0.95}}, {"top_p", Params{Temperature: 0.8, TopP: 0.95}}, {"min_p", Params{Temperature: 0.8, MinP: 0.05}}} {
		b.Run(bc.name, func(b *testing.B) {
			var s Sampler
			for i := range b.N {
				s.Token(logits, bc.p, i)
			}
		})
	}
}
