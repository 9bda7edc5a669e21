package index

import (
	"cmp"
	"slices"
)

// ordered is how many passages are put in order by what their sentences say.
// With 30, what vectors alone had second was not among them.
const ordered = 50

// evidence is what puts the first passages in order, each 0..1.
type evidence [5]float64

// Places in evidence.
const (
	eFused    = iota // score of the joined lists
	eNear            // of the passage
	eSentence        // the same of its nearest two neighbouring sentences
	eCoverage        // of the question's rare words
	eAmount          // an amount is asked for, and the nearest sentence has a figure
)

// EvidenceNames are the names of Evidence, in their order.
var EvidenceNames = [...]string{"fused", "near", "sentence", "coverage", "amount"}

// orderWeights are fitted by app/documents/quality on questions 1-60 of
// examples/handbook; docs/decisions/0040-measured-embedders.md has the figures.
var orderWeights = evidence{eFused: 6.1, eNear: 2.2, eSentence: 5.7, eCoverage: 2.9, eAmount: 0.5}

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
func order(passages []Passage, q Query, measure Measure) {
	first := passages[:min(ordered, len(passages))]
	amount := asksAmount(q.Text)
	most := 0.0
	for _, w := range orderWeights {
		most += w
	}
	for i := range first {
		p := &first[i]
		e := evidence{eFused: p.Score, eNear: p.Signals.Near, eSentence: p.Signals.Near, eCoverage: p.Signals.Coverage}
		if p.said != nil {
			near, at := nearestOf(p.said)
			e[eSentence] = measure.near(near)
			if amount && hasDigit(sentenceAt(p.Text, at)) {
				e[eAmount] = 1
			}
		}
		p.evidence, p.Score = &e, 0
		for n, v := range e {
			p.Score += v * orderWeights[n] / most
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
