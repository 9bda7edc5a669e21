package quality

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"alcove/app/documents/index"
)

// fitOrder finds weights that put a gold passage first: the chance of each
// passage is its share of exp(w·evidence) among those of its question. Weights
// are never negative; l2 keeps them small.
func fitOrder(all []outcome, l2 float64) []float64 {
	n := 0
	var mean, dev []float64
	for _, o := range all {
		for _, c := range o.Candidates {
			if mean == nil {
				mean, dev = make([]float64, len(c.Evidence)), make([]float64, len(c.Evidence))
			}
			n++
			for i, v := range c.Evidence {
				mean[i] += v
				dev[i] += v * v
			}
		}
	}
	for i := range dev {
		m := mean[i] / float64(n)
		dev[i] = math.Sqrt(max(dev[i]/float64(n)-m*m, 1e-6))
	}
	w := make([]float64, len(dev))
	for range 1000 {
		grad, asked := make([]float64, len(w)), 0.0
		for _, o := range all {
			if slices.ContainsFunc(o.Candidates, func(c candidate) bool { return c.Gold }) {
				asked++
				pull(o.Candidates, w, dev, grad)
			}
		}
		for i := range w {
			w[i] = max(0, w[i]+0.5*(grad[i]/asked-l2*w[i]))
		}
	}
	for i := range w { // back to their own units
		w[i] /= dev[i]
	}
	return w
}

// pull adds one question's gradient.
func pull(list []candidate, w, dev, grad []float64) {
	chance := make([]float64, len(list))
	all, gold := 0.0, 0.0
	for j, c := range list {
		z := 0.0
		for i, v := range c.Evidence {
			z += w[i] * v / dev[i]
		}
		chance[j] = math.Exp(z)
		if all += chance[j]; c.Gold {
			gold += chance[j]
		}
	}
	for j, c := range list {
		off := -chance[j] / all
		if c.Gold {
			off += chance[j] / gold
		}
		for i, v := range c.Evidence {
			grad[i] += off * v / dev[i]
		}
	}
}

// placed is the rank of the first gold passage in the order of weights; 0: it
// is not among them.
func placed(list []candidate, w []float64) int {
	score := func(c candidate) (s float64) {
		for i, v := range c.Evidence {
			s += w[i] * v
		}
		return s
	}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b candidate) int {
		if score(a) > score(b) {
			return -1
		}
		return 1
	})
	return 1 + slices.IndexFunc(sorted, func(c candidate) bool { return c.Gold })
}

// printOrder fits the order to the questions that may be looked at, and says
// where gold passages of questions that the fit did not see come out.
func printOrder(all []outcome) {
	all = pick(all, func(o outcome) bool { return o.Answerable })
	for _, l2 := range []float64{0.1} {
		var out []outcome
		for i, o := range all {
			o.Rank = placed(o.Candidates, fitOrder(slices.Concat(all[:i], all[i+1:]), l2))
			out = append(out, o)
		}
		fmt.Printf("order, l2 %.2f: %v %.2f; left out:", l2, index.EvidenceNames, fitOrder(all, l2))
		for _, g := range []string{"same_language", "en", "de", "cross_language"} {
			p := partOf(pick(out, groups[g]), ranks["hybrid"])
			fmt.Printf(" %s recall@5 %.2f MRR %.3f", g, p.Recall5, p.MRR)
		}
		fmt.Println()
	}
}

func TestFitOrderFindsWhatParts(t *testing.T) {
	var all []outcome
	for i := range 20 {
		var o outcome
		for j := range 5 {
			gold := j == i%5
			c := candidate{Evidence: []float64{float64(j) / 5, 0.3}, Gold: gold}
			if gold {
				c.Evidence[1] = 0.5
			}
			o.Candidates = append(o.Candidates, c)
		}
		all = append(all, o)
	}
	w := fitOrder(all, 0.03)
	for i, o := range all {
		if placed(o.Candidates, w) != 1 {
			t.Errorf("question %d: rank %d with %v", i, placed(o.Candidates, w), w)
		}
	}
	if placed([]candidate{{Evidence: []float64{1, 1}}}, w) != 0 {
		t.Error("a gold passage that is not there has a rank")
	}
}
