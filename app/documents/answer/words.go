package answer

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold makes small letters without accents.
func fold(s string) string {
	s = strings.ToLower(strings.ReplaceAll(s, "ß", "ss"))
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if ascii {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// wordsOf are the words of a text, folded, in order.
func wordsOf(text string) []string {
	return strings.FieldsFunc(fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// contentOf are the words that carry meaning, as they were folded; numbers are
// compared apart.
func contentOf(text string) []string {
	var out []string
	for _, w := range wordsOf(text) {
		if len(w) > 1 && !stop[w] && !unicode.IsDigit(rune(w[0])) {
			out = append(out, w)
		}
	}
	return out
}

// bag is the content of a text for comparing.
type bag map[string]bool

func bagOf(texts ...string) bag {
	b := bag{}
	for _, t := range texts {
		for _, w := range contentOf(t) {
			b[root(w)] = true
		}
	}
	return b
}

// root cuts endings so that forms of a word are alike. It is used to compare
// an answer with its own sources, where most words are copied: cutting a little
// too much does no harm.
func root(w string) string {
	if len(w) > 5 {
		for _, end := range []string{"ungen", "ing", "ed", "en", "er", "es", "em", "ly", "s", "e", "n"} {
			if cut, ok := strings.CutSuffix(w, end); ok && len(cut) >= 4 {
				return cut
			}
		}
	}
	return w
}

// share is which part of some words a bag has, 0..1; 1 for no words at all. A
// part of a compound counts: "Elternzeit" has "Zeit".
func (b bag) share(words []string) float64 {
	if len(words) == 0 {
		return 1
	}
	n := 0
	for _, w := range words {
		if b.has(root(w)) {
			n++
		}
	}
	return float64(n) / float64(len(words))
}

func (b bag) has(w string) bool {
	if b[w] {
		return true
	}
	if len(w) < 5 {
		return false
	}
	for o := range b {
		if len(o) >= 5 && (strings.HasPrefix(o, w) || strings.HasPrefix(w, o) || strings.HasSuffix(o, w) || strings.HasSuffix(w, o)) {
			return true
		}
	}
	return false
}
