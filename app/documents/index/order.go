package index

import (
	"cmp"
	"slices"
)

// evidence is what puts the first passages in order, each 0..1.
type evidence [5]float64

// Places in evidence.
const (
	eFused    = iota // score of the joined lists
	eCosine          // of the passage
	eSentence        // cosine of its nearest two neighbouring sentences, their mean
	eCoverage        // of the question's rare words
	eAmount          // an amount is asked for, and the nearest sentence has a figure
)

// EvidenceNames are the names of Evidence, in their order.
var EvidenceNames = [...]string{"fused", "cosine", "sentence", "coverage", "amount"}

// orderWeights are fitted by app/documents/quality on questions 1-60 of
// examples/handbook, by the question's language; "" is any other one.
// docs/decisions/0035-thresholds.md has the figures.
var orderWeights = map[string]evidence{
	"en": {eFused: 6.11, eCosine: 3.67, eSentence: 3.41, eCoverage: 4.35, eAmount: 1.12},
	"":   {eFused: 6.11, eSentence: 3.41, eCoverage: 4.35, eAmount: 1.12},
}

// Evidence is what puts a passage that Search gave in order, for fitting its
// weights; nil where the order is that of the joined lists.
func Evidence(p Passage) []float64 {
	if p.evidence == nil {
		return nil
	}
	return p.evidence[:]
}

// order puts passages in order by what their sentences say too. Later ones
// stay behind them. Where the question has no vector, nothing changes.
func order(passages []Passage, q Query) {
	first := passages[:min(reranked, len(passages))]
	amount := asksAmount(q.Text)
	weights, known := orderWeights[q.Language]
	if !known {
		weights = orderWeights[""]
	}
	most := 0.0
	for _, w := range weights {
		most += w
	}
	for i := range first {
		p := &first[i]
		e := evidence{eFused: p.Score, eCosine: max(0, p.Signals.Cosine), eSentence: max(0, p.Signals.Cosine), eCoverage: p.Signals.Coverage}
		if p.said != nil {
			near, at := nearestOf(p.said)
			e[eSentence] = max(0, near)
			if amount && hasDigit(sentenceAt(p.Text, at)) {
				e[eAmount] = 1
			}
		}
		p.evidence, p.Score = &e, 0
		for n, v := range e {
			p.Score += v * weights[n] / most
		}
	}
	slices.SortStableFunc(first, func(a, b Passage) int { return cmp.Compare(b.Score, a.Score) })
	for i := len(first); i < len(passages); i++ {
		passages[i].Score = min(passages[i].Score, passages[i-1].Score)
	}
}

// nearestOf gives the highest mean of two neighbouring sentences, and where the
// nearest one begins: an answer often takes two.
func nearestOf(said []heard) (near float64, at int) {
	best := -1.0
	for i, s := range said {
		if s.cosine > best {
			best, at = s.cosine, s.start
		}
		if i > 0 {
			near = max(near, (s.cosine+said[i-1].cosine)/2)
		}
	}
	if len(said) == 1 {
		near = best
	}
	return near, at
}

// sentenceAt is the sentence of a passage that begins at a byte.
func sentenceAt(text string, at int) string {
	for _, s := range spansOf(text) {
		if s.Start == at {
			return text[s.Start:s.End]
		}
	}
	return ""
}
