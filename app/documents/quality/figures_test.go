package quality

import (
	"math"
	"testing"

	"alcove/examples"
)

// outcome is what became of one question.
type outcome struct {
	examples.Question
	Rank, Text, Vector int     // of the gold passage in the joined list and in each alone; 0: not there
	Score              float64 // of the decision
	Refused            bool
	Cited, CitedRight  int         // sources that an answer would stand on, and those that were found and hold their quote
	Features           []float64   // that the decision looked at
	Candidates         []candidate // whose order is fitted
}

// candidate is a passage that may come first.
type candidate struct {
	Evidence []float64
	Gold     bool
}

// part is a set of outcomes in figures.
type part struct {
	Questions                 int
	Recall1, Recall3, Recall5 float64
	MRR                       float64
}

// partOf counts the outcomes that have a gold passage, by their rank in one list.
func partOf(all []outcome, rank func(outcome) int) part {
	var p part
	for _, o := range all {
		if !o.Answerable {
			continue
		}
		p.Questions++
		r := rank(o)
		if r == 0 {
			continue
		}
		p.MRR += 1 / float64(r)
		for limit, sum := range map[int]*float64{1: &p.Recall1, 3: &p.Recall3, 5: &p.Recall5} {
			if r <= limit {
				*sum++
			}
		}
	}
	if n := float64(p.Questions); n > 0 {
		p.Recall1, p.Recall3, p.Recall5, p.MRR = p.Recall1/n, p.Recall3/n, p.Recall5/n, p.MRR/n
	}
	return p
}

// ranks are the lists.
var ranks = map[string]func(outcome) int{
	"hybrid": func(o outcome) int { return o.Rank },
	"text":   func(o outcome) int { return o.Text },
	"vector": func(o outcome) int { return o.Vector },
}

// groups are the questions that have figures of their own.
var groups = map[string]func(outcome) bool{
	"all":            func(outcome) bool { return true },
	"en":             func(o outcome) bool { return o.Language == "en" && !o.CrossLanguage },
	"de":             func(o outcome) bool { return o.Language == "de" && !o.CrossLanguage },
	"same_language":  func(o outcome) bool { return !o.CrossLanguage },
	"cross_language": func(o outcome) bool { return o.CrossLanguage },
	"text":           func(o outcome) bool { return o.Kind == "text" },
	"table":          func(o outcome) bool { return o.Kind == "table" },
	"as_of":          func(o outcome) bool { return o.Kind == "as_of" },
	"follow_up":      func(o outcome) bool { return o.Kind == "follow_up" },
}

func pick(all []outcome, keep func(outcome) bool) []outcome {
	var some []outcome
	for _, o := range all {
		if keep(o) {
			some = append(some, o)
		}
	}
	return some
}

// refusals are the shares refused of the questions without and with an answer.
func refusals(all []outcome) (unanswerable, answerable float64) {
	var n, refused [2]float64
	for _, o := range all {
		i := 0
		if o.Answerable {
			i = 1
		}
		n[i]++
		if o.Refused {
			refused[i]++
		}
	}
	return refused[0] / max(n[0], 1), refused[1] / max(n[1], 1)
}

// precision is the share of cited sources that are right; 1 where none is cited.
func precision(all []outcome) float64 {
	cited, right := 0, 0
	for _, o := range all {
		cited += o.Cited
		right += o.CitedRight
	}
	if cited == 0 {
		return 1
	}
	return float64(right) / float64(cited)
}

func TestFigures(t *testing.T) {
	yes := func(rank int, refused bool) outcome {
		return outcome{Question: examples.Question{Answerable: true}, Rank: rank, Refused: refused, Cited: 1, CitedRight: 1}
	}
	all := []outcome{yes(1, false), yes(2, false), yes(4, true), yes(0, false), {Refused: true}, {Refused: false, Cited: 2, CitedRight: 1}}
	p := partOf(all, ranks["hybrid"])
	if p.Questions != 4 || p.Recall1 != 0.25 || p.Recall3 != 0.5 || p.Recall5 != 0.75 || math.Abs(p.MRR-(1+0.5+0.25)/4) > 1e-9 {
		t.Errorf("%+v", p)
	}
	if no, y := refusals(all); no != 0.5 || y != 0.25 {
		t.Errorf("refused: %v of the unanswerable, %v of the answerable", no, y)
	}
	if p := precision(all); math.Abs(p-5.0/6) > 1e-9 {
		t.Errorf("precision %v", p)
	}
}
