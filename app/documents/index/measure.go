package index

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"alcove/engine"
)

// Scale says what an embedder's cosines mean, by language of the question.
// Cosines of two embedders are not alike: one gives 0.1 to what has nothing to
// do with each other and another one 0.8, and most were made for some languages
// and not for others. So each is measured once, on texts that everybody knows.
type Scale map[string]Measure

// Measure is of one language.
type Measure struct {
	Apart float64 // mean cosine of questions and what does not answer them
	Same  float64 // mean cosine of questions and what answers them
	// Skill is how well the embedder finds answers in the language, 0..1: the
	// mean of 1/rank of each question's own answer among all, from what chance
	// would give to 1.
	Skill float64
}

// usual is used until an embedder was measured. It is what most are like in
// English.
var usual = Scale{"": {0.1, 0.5, 0.5}}

// scaleOf is the scale of an embedder.
type scaleOf struct {
	fingerprint string
	scale       Scale
}

// measureOf is what holds for a question.
func (ix *Index) measureOf(language string) Measure {
	known := ix.scale.Load()
	switch {
	case known == nil:
		return usual.of(language)
	case known.fingerprint != ix.vectors.name():
		return Measure{} // another embedder's scale says nothing of this one's cosines
	}
	return known.scale.of(language)
}

// Measured says whether the present embedder was measured.
func (ix *Index) Measured() bool {
	known := ix.scale.Load()
	return known != nil && known.fingerprint == ix.vectors.name()
}

// measure finds the scale of the present embedder: it was kept, or known texts
// are embedded now. There is nothing to measure for while no passage has a vector.
func (ix *Index) measure(ctx context.Context) {
	fingerprint := ix.vectors.name()
	if rows, _ := ix.vectors.count(); ix.o.Embedder == nil || fingerprint == "" || rows == 0 || ix.Measured() {
		return
	}
	var scale Scale
	kept, err := ix.o.Store.EmbedderMeasured(ctx, fingerprint)
	if err == nil && len(kept) > 0 && json.Unmarshal(kept, &scale) == nil && len(scale) > 0 {
		ix.scale.Store(&scaleOf{fingerprint, scale})
		return
	}
	scale, of, err := MeasureEmbedder(ctx, ix.o.Embedder)
	if err == nil && of == fingerprint {
		if kept, err = json.Marshal(scale); err == nil {
			ix.scale.Store(&scaleOf{fingerprint, scale})
			err = ix.o.Store.SetEmbedderMeasured(ctx, fingerprint, kept)
		}
	}
	if err != nil && ctx.Err() == nil {
		ix.o.Log.Warn("measure the embedder; it is tried again", "err", err)
	}
}

// of gives what holds for a language; for one that is not measured, the mean of
// all that are, at half the skill.
func (s Scale) of(language string) Measure {
	if m, have := s[language]; have {
		return m
	}
	return s[""]
}

// near is a cosine as evidence, 0..1: 0 has nothing to do with the question, 0.5
// is as near as answers are. What the embedder has no skill in is no evidence.
func (m Measure) near(cosine float64) float64 {
	if m.Same-m.Apart < 0.01 { // it parts nothing
		return 0
	}
	return m.Skill * min(1, max(0, (cosine-m.Apart)/(m.Same-m.Apart)/2))
}

// MeasureEmbedder embeds known texts and compares them.
func MeasureEmbedder(ctx context.Context, e engine.Embedder) (Scale, string, error) {
	before := prefixOf(e.Embedding().Model)
	languages := slices.Sorted(maps.Keys(known))
	var inputs []engine.EmbedInput
	for _, l := range languages {
		for _, p := range known[l] {
			inputs = append(inputs, engine.EmbedInput{Text: before.question + p.question}, engine.EmbedInput{Text: before.passage + p.answer})
		}
	}
	out, err := e.Embed(ctx, engine.EmbedRequest{Inputs: inputs, Cut: true, Class: engine.ClassBatch})
	if err != nil {
		return nil, "", err
	}
	if len(out.Vectors) != len(inputs) || slices.ContainsFunc(out.Vectors, func(v []float32) bool { return !finite(v) }) {
		return nil, "", errors.New("the embedder gave no vectors of known texts")
	}
	scale, at, all := Scale{}, 0, Measure{}
	for _, l := range languages {
		n := 2 * len(known[l])
		m := measured(out.Vectors[at : at+n])
		scale[l], at = m, at+n
		share := 1 / float64(len(languages))
		all.Apart, all.Same, all.Skill = all.Apart+m.Apart*share, all.Same+m.Same*share, all.Skill+m.Skill*share/2
	}
	scale[""] = all
	return scale, out.Fingerprint, nil
}

// measured compares questions (even places) with answers (odd ones).
func measured(vectors [][]float32) (m Measure) {
	n := len(vectors) / 2
	for i := range n {
		rank := 1
		own := cosineOf(vectors[2*i], vectors[2*i+1])
		m.Same += own / float64(n)
		for j := range n {
			if j == i {
				continue
			}
			other := cosineOf(vectors[2*i], vectors[2*j+1])
			m.Apart += other / float64(n*(n-1))
			if other >= own {
				rank++
			}
		}
		m.Skill += 1 / float64(rank) / float64(n)
	}
	chance := 0.0
	for i := range n {
		chance += 1 / float64(i+1) / float64(n)
	}
	m.Skill = max(0, (m.Skill-chance)/(1-chance))
	return m
}

// cosineOf is that of two vectors of length 1.
func cosineOf(a, b []float32) (sum float64) {
	for i := range min(len(a), len(b)) {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
