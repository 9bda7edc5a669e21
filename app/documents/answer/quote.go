package answer

import (
	"strings"

	"alcove/app/documents/index"
	"alcove/app/documents/sentence"
)

// quoteOf is the sentence of a passage that has most of a question's words, and
// a figure where one is asked for. Of two alike it is the first.
func quoteOf(question string, p index.Passage) string {
	words := contentOf(question)
	amount := false
	for _, w := range wordsOf(question) {
		amount = amount || amounts[w]
	}
	heading := bagOf(p.Heading)
	best, most := strings.TrimSpace(p.Text), -1.0
	for _, s := range sentence.Split(p.Text) {
		text := p.Text[s.Start:s.End]
		own := bagOf(text)
		score := 0.0
		for _, w := range words {
			switch r := root(w); {
			case own.has(r):
				score++
			case heading.has(r): // every sentence under it is about that
				score += 0.25
			}
		}
		if amount && len(figuresOf(text)) > 0 {
			score += 0.75
		}
		if score > most {
			best, most = text, score
		}
	}
	return best
}
