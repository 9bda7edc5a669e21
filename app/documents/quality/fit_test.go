package quality

import (
	"math"
	"slices"
	"testing"
)

// sample is one question for the fit: what was seen, and whether the documents
// answer it.
type sample struct {
	x   []float64
	yes bool
}

// model is a logistic regression: score = sigmoid(bias + w·x).
type model struct {
	bias float64
	w    []float64
}

func (m model) score(x []float64) float64 {
	z := m.bias
	for i, w := range m.w {
		z += w * x[i]
	}
	return 1 / (1 + math.Exp(-z))
}

// fit finds the weights by gradient descent on standardised features; both
// classes weigh the same, and l2 keeps the weights small. Features that are
// told to be positive never get a negative weight: more evidence must not speak
// against an answer because of sixty questions.
func fit(samples []sample, l2 float64, positive []bool) model {
	n := len(samples[0].x)
	mean, dev := make([]float64, n), make([]float64, n)
	for _, s := range samples {
		for i, v := range s.x {
			mean[i] += v / float64(len(samples))
		}
	}
	yes := 0.0
	for _, s := range samples {
		for i, v := range s.x {
			dev[i] += (v - mean[i]) * (v - mean[i]) / float64(len(samples))
		}
		if s.yes {
			yes++
		}
	}
	for i := range dev {
		dev[i] = max(math.Sqrt(dev[i]), 1e-6)
	}
	m := model{w: make([]float64, n)}
	x := make([]float64, n)
	for range 4000 {
		bias, grad := 0.0, make([]float64, n)
		for _, s := range samples {
			for i, v := range s.x {
				x[i] = (v - mean[i]) / dev[i]
			}
			want, weight := 0.0, 0.5/(float64(len(samples))-yes)
			if s.yes {
				want, weight = 1, 0.5/yes
			}
			off := weight * (m.score(x) - want)
			bias += off
			for i := range grad {
				grad[i] += off * x[i]
			}
		}
		m.bias -= bias
		for i := range grad {
			m.w[i] -= grad[i] + l2*m.w[i]
			if positive[i] {
				m.w[i] = max(m.w[i], 0)
			}
		}
	}
	for i := range m.w { // back to the features' own units
		m.w[i] /= dev[i]
		m.bias -= m.w[i] * mean[i]
	}
	return m
}

// leftOut scores each sample with a fit of all others.
func leftOut(samples []sample, l2 float64, positive []bool) []float64 {
	scores := make([]float64, len(samples))
	for i, s := range samples {
		scores[i] = fit(slices.Concat(samples[:i], samples[i+1:]), l2, positive).score(s.x)
	}
	return scores
}

// threshold is the one that does best: refused of those without an answer,
// less three times what is refused of those with one (of which only 5 % may be).
// Among equals it is the middle.
func threshold(samples []sample, scores []float64) float64 {
	worth := func(at float64) float64 {
		var n, refused [2]float64
		for i, s := range samples {
			c := 0
			if s.yes {
				c = 1
			}
			n[c]++
			if scores[i] < at {
				refused[c]++
			}
		}
		return refused[0]/n[0] - 3*refused[1]/n[1]
	}
	best, from, to := math.Inf(-1), 0.0, 0.0
	for at := 0.01; at < 1; at += 0.01 {
		switch w := worth(at); {
		case w > best+1e-9:
			best, from, to = w, at, at
		case w > best-1e-9 && math.Abs(at-to-0.01) < 1e-6:
			to = at
		}
	}
	return (from + to) / 2
}

func TestFitFindsWhatParts(t *testing.T) {
	var samples []sample
	for i := range 60 {
		yes := i%4 != 0
		x := []float64{float64(i%7) / 7, 0.2 + 0.01*float64(i%5)}
		if yes {
			x[1] += 0.4
		}
		samples = append(samples, sample{x, yes})
	}
	scores := leftOut(samples, 0.01, []bool{true, true})
	at := threshold(samples, scores)
	for i, s := range samples {
		if (scores[i] >= at) != s.yes {
			t.Errorf("sample %d: score %.2f, threshold %.2f, answerable %v", i, scores[i], at, s.yes)
		}
	}
}
