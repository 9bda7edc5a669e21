package answer

import (
	"strings"

	"alcove/storage"
)

// How much of a sentence's content a source must have. Chosen by hand, fitted on
// nothing: see docs/decisions/0034.
const (
	enough = 0.5 // to support it
	sure   = 0.6 // to be named for it by us
	loose  = 0.2 // to stay named by the model where the languages differ
)

// evidence is what the sources say, prepared for comparing.
type evidence struct {
	sources []storage.Source
	figures [][]figure
	words   []bag
	tongues []string
}

func newEvidence(sources []storage.Source) *evidence {
	e := &evidence{sources: sources}
	for _, s := range sources {
		text := strings.Join([]string{s.Text, s.Heading, s.Title, s.Document, s.Effective, s.Version}, "\n")
		e.figures = append(e.figures, stated(text, true))
		e.words = append(e.words, bagOf(text))
		e.tongues = append(e.tongues, languageOf(s.Text))
	}
	return e
}

// claim is a sentence, prepared for comparing.
type claim struct {
	figures []figure
	words   []string
	tongue  string
}

func claimOf(sentence string) claim {
	sentence = numbersIn.ReplaceAllString(sentence, " ")
	return claim{figures: stated(sentence, false), words: contentOf(sentence), tongue: languageOf(sentence)}
}

// says is whether a sentence states anything that a source could prove.
func (c claim) says() bool { return len(c.words) >= 2 || len(c.figures) > 0 }

// missing is the first figure of a claim that none of some sources has.
func (e *evidence) missing(c claim, sources []int) (figure, bool) {
	for _, f := range c.figures {
		found := false
		for _, i := range sources {
			found = found || f.within(e.figures[i])
		}
		if !found {
			return f, true
		}
	}
	return figure{}, false
}

// overlap is the share of a claim's words that some sources have together.
func (e *evidence) overlap(c claim, sources []int) float64 {
	all := bag{}
	for _, i := range sources {
		for w := range e.words[i] {
			all[w] = true
		}
	}
	return all.share(c.words)
}

// supports says whether some sources have the figures and enough words of a
// claim. Words are not compared between two languages.
func (e *evidence) supports(c claim, sources []int) bool {
	if len(sources) == 0 {
		return false
	}
	if _, ok := e.missing(c, sources); ok {
		return false
	}
	return e.overlap(c, sources) >= e.least(c, sources)
}

func (e *evidence) least(c claim, sources []int) float64 {
	for _, i := range sources {
		if c.tongue != "" && e.tongues[i] != "" && c.tongue != e.tongues[i] {
			return loose
		}
	}
	return enough
}

// best is the source that plainly supports a claim: it has its figures and most
// of its words, and more of them than the next one. -1: there is none.
func (e *evidence) best(c claim) int {
	best, most := -1, 0.0
	for i := range e.sources {
		if _, ok := e.missing(c, []int{i}); ok {
			continue
		}
		if o := e.overlap(c, []int{i}); o > most { // of two alike, the one that was found first
			best, most = i, o
		}
	}
	if most < sure || !c.says() || len(c.words) < 2 {
		return -1
	}
	return best
}

// place is where the source with a number is, -1 if there is none.
func (e *evidence) place(n int) int {
	for i, s := range e.sources {
		if s.N == n {
			return i
		}
	}
	return -1
}

// settle decides which sources a sentence names: those of named that have its
// figures; where none is left, or none was named, the one that plainly supports
// it, or all of named that have the figures together. So a number that is shown
// leads to the figures beside it, in the last case to some of them.
func (e *evidence) settle(c claim, named []int) []int {
	var kept []int
	for _, n := range named {
		if i := e.place(n); i >= 0 && e.supports(c, []int{i}) {
			kept = append(kept, n)
		}
	}
	if len(kept) > 0 {
		return kept
	}
	if i := e.best(c); i >= 0 {
		return []int{e.sources[i].N}
	}
	// Two sources may prove a sentence together; each has some of its figures.
	var all []int
	for _, n := range named {
		if i := e.place(n); i >= 0 {
			all = append(all, i)
		}
	}
	if len(all) > 1 && e.supports(c, all) && e.each(c, all) {
		return named
	}
	return nil
}

// each says whether every one of some sources has at least one figure of a claim.
func (e *evidence) each(c claim, sources []int) bool {
	for _, i := range sources {
		any := false
		for _, f := range c.figures {
			any = any || f.within(e.figures[i])
		}
		if !any {
			return false
		}
	}
	return true
}
