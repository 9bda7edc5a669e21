package index

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// term is a content word of a question with all that counts as it.
type term struct {
	written string
	surface string          // folded
	stems   map[string]bool // in the languages that are looked in
	parts   map[string]bool // stems of the parts of a compound
	alike   map[string]bool // stems of the same concept, in the languages that are looked in
	start   string          // stem that a longer word may begin with; "": none
	chunks  int             // that have it, about
	idf     float64
}

// maxTerms bounds a question: what comes after has little to say.
const maxTerms = 32

// maxQuestion is how many bytes of a question are read.
const maxQuestion = 4096

// Terms are the words of a text that carry meaning, in their order, each once,
// in small letters. With nothing but stop words all of them count. Language ""
// is unknown.
func Terms(text, language string) []string {
	if len(text) > maxQuestion {
		text = text[:maxQuestion]
	}
	var out, all []string
	seen := map[string]bool{}
	for _, w := range wordsOf(text) {
		folded := fold(w.text)
		if folded == "" || seen[folded] || len(all) >= maxTerms {
			continue
		}
		seen[folded] = true
		all = append(all, w.text)
		if !isStop(language, folded) && (len([]rune(folded)) > 1 || hasDigit(folded)) {
			out = append(out, w.text)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// termsOf makes terms of words, in the question's language and in those of the
// documents. known says whether a folded word or stem is in the index.
func termsOf(words []string, language string, documents []string, known func(string) bool) []*term {
	var out []*term
	for _, w := range words {
		t := &term{written: w, surface: fold(w), stems: map[string]bool{}, parts: map[string]bool{}}
		for _, l := range append([]string{language}, documents...) {
			t.stems[stemOf(w, l)] = true
			if l == "de" {
				stem := func(s string) string { return stemOf(s, "de") }
				for _, p := range partsOf(t.surface, stem, known) {
					t.parts[p] = true
				}
				if s := stem(w); len(s) >= 5 && !hasDigit(s) {
					t.start = s
				}
			}
		}
		t.alike = alike(w, language, append([]string{language}, documents...))
		out = append(out, t)
	}
	return out
}

// lookups are the words of the index that decide about parts of compounds.
func lookups(words []string) []string {
	var out []string
	for _, w := range words {
		for _, s := range splits(fold(w)) {
			for _, part := range s {
				out = append(out, part, stemOf(part, "de"))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// weigh fills in how rare the terms are among so many chunks. A term that is
// nowhere is the rarest: a question about it is hardly answered.
func weigh(terms []*term, counts map[string]int, chunks int) {
	for _, t := range terms {
		t.chunks = 0
		for stem := range t.stems {
			t.chunks += counts[stem]
		}
		for stem := range t.alike {
			if !t.stems[stem] {
				t.chunks += counts[stem]
			}
		}
		t.chunks = min(max(t.chunks, counts[t.surface]), chunks)
		t.idf = math.Log(1 + (float64(chunks-t.chunks)+0.5)/(float64(t.chunks)+0.5))
	}
}

// maxMatches bounds the chunks that SQLite ranks for one question; ranking one
// takes a few microseconds.
const maxMatches = 12000

// expression makes the FTS5 expression of terms. Rare terms come first; common
// ones are left out when they would make SQLite rank too many chunks (they still
// count when what was found is put in order). Where even the rarest is too
// common, up to three must come together; ranked is false where that helps nothing.
func expression(terms []*term) (match string, ranked bool) {
	rare := slices.Clone(terms)
	slices.SortStableFunc(rare, func(a, b *term) int { return cmp.Compare(a.chunks, b.chunks) })
	var ors []string
	sum := 0
	for len(rare) > 0 && sum+rare[0].chunks <= maxMatches {
		sum += rare[0].chunks
		ors = append(ors, rare[0].match(true))
		rare = rare[1:]
	}
	switch {
	case len(rare) == 0 || sum > 0:
	case len(rare) == 1:
		return strings.Join(append(ors, rare[0].match(false)), " OR "), false
	default:
		var together []string
		for _, t := range rare[:min(3, len(rare))] {
			together = append(together, "("+t.match(false)+")")
		}
		ors = append(ors, "("+strings.Join(together, " AND ")+")")
	}
	return strings.Join(ors, " OR "), true
}

// seldom is in how many chunks a word is at most for longer words that begin
// so to be looked for too.
const seldom = 50

// match is the expression of one term. Wide: also its parts, longer words that
// begin so, and the word as it was written.
func (t *term) match(wide bool) string {
	var ors []string
	for _, stem := range sorted(t.stems) {
		ors = append(ors, "stem : "+quote(stem))
	}
	if !wide {
		return strings.Join(ors, " OR ")
	}
	if !t.stems[t.surface] {
		ors = append(ors, quote(t.surface))
	}
	for _, s := range sorted(t.alike) {
		ors = append(ors, "stem : "+quote(s))
	}
	for _, part := range sorted(t.parts) {
		ors = append(ors, "stem : "+quote(part))
	}
	if t.start != "" && t.chunks < seldom {
		ors = append(ors, "stem : "+quote(t.start)+" *")
	}
	return strings.Join(ors, " OR ")
}

func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for s := range set {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// quote makes a literal of FTS5.
func quote(s string) string {
	return `"` + strings.ReplaceAll(strings.ReplaceAll(s, "\x00", " "), `"`, `""`) + `"`
}
