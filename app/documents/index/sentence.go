package index

import (
	"context"
	"strings"
	"time"

	"alcove/app/documents/sentence"
	"alcove/engine"
	"alcove/storage"
)

// sentenceWait bounds how long a quote waits for vectors of sentences; then
// words alone choose it.
const sentenceWait = 400 * time.Millisecond

// maxSentences of one passage are compared.
const maxSentences = 40

// askedAmount is what a figure in a sentence is worth where the question asks
// for an amount or a day.
const askedAmount = 0.08

// amounts are words that ask for a figure, folded.
var amounts = set(`many much long often when late early old far high
viele viel lange wann oft hoch spat fruh weit alt wieviel wieviele combien quand quel delai cuanto cuantos cuanta cuantas cuando quanto quanti quanta quante quando`)

// Best is the sentence of a passage that answers a question best, literally:
// the one with most of the question's words, by how rare they are, and with the
// nearest meaning. It is the whole passage where that is one sentence. Vectors of
// sentences are made for passages that stand first in a list: each takes the
// embedder's time before the answer begins.
func (ix *Index) Best(ctx context.Context, q Query, p Passage) Sentence {
	spans := sentence.Split(p.Text)
	if len(spans) > maxSentences {
		spans = spans[:maxSentences]
	}
	if len(spans) == 0 {
		return Sentence{Text: p.Text, To: len(p.Text), Page: p.Page, PageEnd: p.PageEnd}
	}
	q = ix.completed(q)
	terms, err := ix.terms(ctx, q, map[string]int{p.Language: 1})
	if err != nil {
		ix.o.Log.Warn("weigh the words of a question", "err", err)
	}
	var cosines []float64
	if p.Ranks.isFirst() {
		cosines = ix.sentenceCosines(ctx, q.Text, p, spans)
	}
	w := weightsOf(q.Language)
	amount := asksAmount(q.Text)
	best := Sentence{Score: -1}
	s, m := newStemmer(p.Language), newMatcher(terms)
	for i, span := range spans {
		text := p.Text[span.Start:span.End]
		found := m.score(storage.ChunkStems{Stem: "| " + stems(text, s, func(string) []string { return nil })})
		score := found.coverage
		if cosines != nil {
			score = (w.text*found.coverage + w.vector*max(0, cosines[i])) / (w.text + w.vector)
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

// isFirst says whether one of the lists has a passage among its first three, or
// none has it: then it is not known how well it fits.
func (r Ranks) isFirst() bool {
	near := func(rank int) bool { return rank >= 1 && rank <= 3 }
	return r == Ranks{} || near(r.Text) || near(r.Vector) || near(r.Rerank)
}

func asksAmount(text string) bool {
	for _, w := range wordsOf(text) {
		if amounts[fold(w.text)] {
			return true
		}
	}
	return false
}

// sentenceCosines compares the question with each sentence, read under the
// passage's heading. nil: there are no vectors, or they take too long.
func (ix *Index) sentenceCosines(ctx context.Context, question string, p Passage, spans []sentence.Span) []float64 {
	if len(spans) < 2 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, sentenceWait)
	defer cancel()
	asked, fingerprint, _ := ix.embedQuestion(ctx, question)
	if asked == nil {
		return nil
	}
	heading := p.Heading
	if at := strings.LastIndex(heading, " > "); at >= 0 {
		heading = heading[at+3:]
	}
	vectors := make([][]float32, len(spans))
	keys := make([][32]byte, len(spans))
	var missing []engine.EmbedInput
	var at []int
	for i, span := range spans {
		text := heading + "\n" + p.Text[span.Start:span.End]
		keys[i] = textKey(fingerprint, text)
		v, have := ix.said.get(keys[i])
		if vectors[i] = v; !have {
			missing, at = append(missing, engine.EmbedInput{Text: text}), append(at, i)
		}
	}
	if len(missing) > 0 {
		out, err := ix.o.Embedder.Embed(ctx, engine.EmbedRequest{Inputs: missing, Cut: true, Class: engine.ClassInteractive})
		if err != nil || out.Fingerprint != fingerprint || len(out.Vectors) != len(missing) {
			return nil
		}
		for n, i := range at {
			vectors[i] = out.Vectors[n]
			ix.said.put(keys[i], out.Vectors[n])
		}
	}
	cosines := make([]float64, len(spans))
	for i, v := range vectors {
		if len(v) != len(asked) {
			return nil
		}
		for d := range v {
			cosines[i] += float64(v[d]) * float64(asked[d])
		}
	}
	return cosines
}
