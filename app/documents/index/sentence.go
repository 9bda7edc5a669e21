package index

import (
	"context"
	"strings"

	"alcove/storage"
)

// askedAmount is what a figure in a sentence is worth where the question asks
// for an amount or a day.
const askedAmount = 0.08

// amounts are words that ask for a figure, folded.
var amounts = set(`many much long often when late early old far high
viele viel lange wann oft hoch spat fruh weit alt wieviel wieviele combien quand quel delai cuanto cuantos cuanta cuantas cuando quanto quanti quanta quante quando`)

// Best is the sentence of a passage that answers a question best, literally:
// the one with most of the question's words, by how rare they are, and with the
// nearest meaning, where its vector is stored. It is the whole passage where that
// is one sentence. Nothing is embedded but the question, and that was for Search.
func (ix *Index) Best(ctx context.Context, q Query, p Passage) Sentence {
	spans := spansOf(p.Text)
	if len(spans) == 0 {
		return Sentence{Text: p.Text, To: len(p.Text), Page: p.Page, PageEnd: p.PageEnd}
	}
	q = ix.completed(q)
	terms, err := ix.terms(ctx, q, map[string]int{p.Language: 1})
	if err != nil {
		ix.o.Log.Warn("weigh the words of a question", "err", err)
	}
	if p.said == nil && len(spans) > 1 {
		one := []Passage{p}
		question, fingerprint, _ := ix.embedQuestion(ctx, q.Text)
		ix.hear(ctx, question, fingerprint, one)
		p = one[0]
	}
	measure := ix.measureOf(q.Language)
	w := weightsOf(measure.Skill)
	amount := asksAmount(q.Text)
	cosines := map[int]float64{}
	for _, h := range p.said {
		cosines[h.start] = h.cosine
	}
	best := Sentence{Score: -1}
	s, m := newStemmer(p.Language), newMatcher(terms)
	for _, span := range spans {
		text := p.Text[span.Start:span.End]
		if isHead(text, p.Text[span.End:]) {
			continue
		}
		found := m.score(storage.ChunkStems{Stem: "| " + stems(text, s, func(string) []string { return nil })})
		score := found.coverage
		if cosine, have := cosines[span.Start]; have {
			score = (w.text*found.coverage + w.vector*measure.near(cosine)) / (w.text + w.vector)
		}
		if amount && hasDigit(text) {
			score += askedAmount
		}
		if score > best.Score {
			best = Sentence{Text: text, From: span.Start, To: span.End, Score: min(1, score)}
		}
	}
	best.Page, best.PageEnd = ix.pagesOf(ctx, p, best.Text)
	return best
}

// isHead says whether a line is the head of a table. It answers nothing: each row
// behind it has the names of its columns with what they hold.
func isHead(line, rest string) bool {
	first, _, columns := strings.Cut(line, " | ")
	return columns && strings.HasPrefix(strings.TrimLeft(rest, "\n "), first+": ")
}

func asksAmount(text string) bool {
	for _, w := range wordsOf(text) {
		if amounts[fold(w.text)] {
			return true
		}
	}
	return false
}
