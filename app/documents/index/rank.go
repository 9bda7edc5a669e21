package index

import (
	"cmp"
	"slices"
	"strings"

	"alcove/storage"
)

// Parameters of BM25 and what a find is worth that is not the word itself.
const (
	k1          = 1.2
	b           = 0.6
	inHeading   = 1.5
	asPart      = 0.5 // a part of a compound, or a longer word that begins so
	usualLength = 100 // stems of a chunk
)

// textScore is what the words of one chunk say.
type textScore struct {
	chunk    int64
	document int64
	language string
	bm25     float64   // share of the highest possible sum
	coverage float64   // share of the terms by weight
	has      []float64 // by term: 0..1
}

// scoreText holds the terms against the words of a chunk.
func scoreText(c storage.ChunkStems, terms []*term) textScore {
	out := textScore{chunk: c.Num, document: c.DocumentNum, language: c.Language, has: make([]float64, len(terms))}
	tf := make([]float64, len(terms))
	length, heading := 0, true
	for token := range strings.FieldsSeq(c.Stem) {
		if token == "|" {
			heading = false
			continue
		}
		part := token[0] == '+'
		if part {
			token = token[1:]
		} else {
			length++
		}
		for i, t := range terms {
			worth := t.worth(token)
			if worth == 0 {
				continue
			}
			if part {
				worth = min(worth, asPart)
			}
			out.has[i] = max(out.has[i], worth)
			if heading {
				worth *= inHeading
			}
			tf[i] += worth
		}
	}
	out.bm25, out.coverage = sums(terms, tf, out.has, length)
	return out
}

func sums(terms []*term, tf, has []float64, length int) (bm25, coverage float64) {
	var sum, covered, most float64
	for i, t := range terms {
		most += t.idf
		covered += t.idf * has[i]
		sum += t.idf * tf[i] / (tf[i] + k1*(1-b+b*float64(length)/usualLength))
	}
	if most == 0 {
		return 0, 0
	}
	return sum / most, covered / most
}

// worth says how much a stem of the index is the term.
func (t *term) worth(stem string) float64 {
	switch {
	case t.stems[stem]:
		return 1
	case t.parts[stem], t.start != "" && len(stem) > len(t.start) && strings.HasPrefix(stem, t.start):
		return asPart
	}
	return 0
}

// covered is the share of the terms that some chunks have together.
func covered(terms []*term, has ...[]float64) float64 {
	together := make([]float64, len(terms))
	for _, h := range has {
		for i := range h {
			together[i] = max(together[i], h[i])
		}
	}
	_, share := sums(terms, make([]float64, len(terms)), together, usualLength)
	return share
}

// fused is a chunk of either list.
type fused struct {
	chunk  int64
	ranks  Ranks
	score  float64
	text   textScore
	cosine float64
}

// weights of the two lists in reciprocal rank fusion: score = sum of
// weight/(k+rank). They depend on the language, since the embedder may not know it.
type weights struct{ text, vector float64 }

const fusionK = 20

// byLanguage is what was measured; see docs/decisions/0033-retrieval.md.
var byLanguage = map[string]weights{
	"en": {text: 1, vector: 1},
	"":   {text: 1, vector: 0.7},
	"de": {text: 1, vector: 0.4},
	"fr": {text: 1, vector: 0.4},
	"es": {text: 1, vector: 0.4},
	"it": {text: 1, vector: 0.4},
}

func weightsOf(language string) weights {
	if w, known := byLanguage[language]; known {
		return w
	}
	return byLanguage[""]
}

// fuse joins two lists by rank, best first.
func fuse(text []textScore, vector []near, w weights) []*fused {
	by := map[int64]*fused{}
	var all []*fused
	of := func(chunk int64) *fused {
		f, have := by[chunk]
		if !have {
			f = &fused{chunk: chunk}
			by[chunk] = f
			all = append(all, f)
		}
		return f
	}
	most := 0.0
	for i, t := range text {
		f := of(t.chunk)
		f.ranks.Text, f.text = i+1, t
		f.score += w.text / float64(fusionK+i+1)
	}
	for i, v := range vector {
		f := of(v.chunk)
		f.ranks.Vector, f.cosine = i+1, v.cosine
		f.score += w.vector / float64(fusionK+i+1)
	}
	if len(text) > 0 || len(vector) == 0 {
		most += w.text / (fusionK + 1)
	}
	if len(vector) > 0 {
		most += w.vector / (fusionK + 1)
	}
	for _, f := range all {
		f.score /= most
	}
	slices.SortFunc(all, func(a, b *fused) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.chunk, b.chunk))
	})
	return all
}

// agreement is the share of the first five of one list that are among the first
// ten of the other, the mean of both ways.
func agreement(text []textScore, vector []near) float64 {
	if len(text) == 0 || len(vector) == 0 {
		return 0
	}
	place := func(n, first, of int) float64 { return float64(n) / float64(min(first, of)) }
	a, b := 0, 0
	for i, t := range text[:min(10, len(text))] {
		for j, v := range vector[:min(10, len(vector))] {
			if t.chunk == v.chunk && i < 5 {
				a++
			}
			if t.chunk == v.chunk && j < 5 {
				b++
			}
		}
	}
	return (place(a, 5, len(text)) + place(b, 5, len(vector))) / 2
}
