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

// matcher says what stems are worth for which terms. It is made once a question.
type matcher struct {
	terms  []*term
	exact  map[string][]match // of stems and of parts of compounds
	starts []int              // terms that longer words may begin with
}

// match is what a stem is worth for a term.
type match struct {
	term  int
	worth float64
}

func newMatcher(terms []*term) *matcher {
	m := &matcher{terms: terms, exact: map[string][]match{}}
	for i, t := range terms {
		for stem := range t.stems {
			m.exact[stem] = append(m.exact[stem], match{i, 1})
		}
		for stem := range t.alike {
			if !t.stems[stem] {
				m.exact[stem] = append(m.exact[stem], match{i, asAlike})
			}
		}
		for part := range t.parts {
			if !t.stems[part] && !t.alike[part] {
				m.exact[part] = append(m.exact[part], match{i, asPart})
			}
		}
		if t.start != "" {
			m.starts = append(m.starts, i)
		}
	}
	return m
}

// score holds the terms against the words of a chunk.
func (m *matcher) score(c storage.ChunkStems) textScore {
	out := textScore{chunk: c.Num, document: c.DocumentNum, language: c.Language, has: make([]float64, len(m.terms))}
	tf := make([]float64, len(m.terms))
	length, factor := 0, inHeading
	for token := range strings.SplitSeq(c.Stem, " ") {
		if token == "" {
			continue
		}
		if token == "|" {
			factor = 1
			continue
		}
		most := 1.0
		if token[0] == '+' {
			token, most = token[1:], asPart
		} else {
			length++
		}
		found := m.exact[token]
		for _, f := range found {
			worth := min(f.worth, most)
			out.has[f.term] = max(out.has[f.term], worth)
			tf[f.term] += worth * factor
		}
		if len(found) > 0 {
			continue
		}
		for _, i := range m.starts {
			if start := m.terms[i].start; len(token) > len(start) && token[0] == start[0] && strings.HasPrefix(token, start) {
				out.has[i] = max(out.has[i], asPart)
				tf[i] += asPart * factor
			}
		}
	}
	out.bm25, out.coverage = sums(m.terms, tf, out.has, length)
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

const (
	fusionK      = 20
	fusionVector = 0.5 // of an embedder that knows the language
)

// weightsOf are those of an embedder with a skill in the question's language;
// docs/decisions/0040-measured-embedders.md has what was tried.
func weightsOf(skill float64) weights {
	return weights{text: 1, vector: max(0.1, fusionVector*skill)}
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
