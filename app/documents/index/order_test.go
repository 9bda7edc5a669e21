package index

import (
	"math"
	"testing"

	"alcove/storage"
)

func TestOrderBySentences(t *testing.T) {
	passage := func(id, text string, score, cosine float64, said ...heard) Passage {
		return Passage{Chunk: storage.Chunk{ID: id, Text: text}, Score: score, Signals: Signals{Near: cosine, Coverage: 0.5}, said: said}
	}
	list := func() []Passage {
		return []Passage{
			passage("first", "Nothing of it. Nor here.", 0.9, 0.5, heard{0, 0.1}, heard{15, 0.1}),
			passage("answer", "It is 30 days. Ask HR.", 0.8, 0.5, heard{0, 0.8}, heard{15, 0.6}),
			passage("one", "It is long.", 0.8, 0.5, heard{0, 0.6}),
			passage("unknown", "No vectors of sentences.", 0.1, 0.5),
		}
	}
	plain := Measure{Apart: 0, Same: 0.5, Skill: 1} // a cosine counts as it is
	for _, language := range []string{"en", "de", ""} {
		p := list()
		order(p, Query{Text: "How many days?", Language: language}, plain)
		if p[0].ID != "answer" || p[1].ID != "one" || p[2].ID != "first" || p[3].ID != "unknown" {
			t.Errorf("%q: order = %s %s %s %s", language, p[0].ID, p[1].ID, p[2].ID, p[3].ID)
		}
		for i := range p {
			if s := p[i].Score; math.IsNaN(s) || s < 0 || s > 1 || i > 0 && s > p[i-1].Score {
				t.Errorf("%q: score %d is %v", language, i, s)
			}
		}
		if e := Evidence(p[0]); len(e) != len(EvidenceNames) || e[eAmount] != 1 || math.Abs(e[eSentence]-0.7) > 1e-9 {
			t.Errorf("%q: evidence %v", language, e)
		}
		if e := Evidence(p[3]); e[eSentence] != 0.5 || e[eAmount] != 0 {
			t.Errorf("%q: without vectors of sentences %v", language, e)
		}
	}
	order(nil, Query{}, plain)
	// What comes after the first thirty stays there.
	var many []Passage
	for range ordered {
		many = append(many, passage("", "x", 0.1, 0))
	}
	many = append(many, passage("last", "x", 0.9, 0.9))
	order(many, Query{}, plain)
	if last := many[ordered]; last.ID != "last" || last.Score > many[ordered-1].Score {
		t.Errorf("last = %+v", last)
	}
}
