package answer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// abbreviations end with a point that ends no sentence.
var abbreviations = setOf("z.b b nr abs art dr hr fr st str bzw ca usw etc vgl inkl max min tel e.g i.e eg ie no mr mrs ms vs approx incl p pp cf sr sra av env ex d h u a bijv ggf evtl zzgl gem lit")

// endsSentence says whether the point, or question or exclamation mark, that
// ends text ends a sentence; next is what follows the space after it, 0 for
// nothing yet.
func endsSentence(text string, next rune) bool {
	last, _ := utf8.DecodeLastRuneInString(text)
	switch last {
	case '!', '?', '…':
		return true
	case '.':
	default:
		return false
	}
	if unicode.IsLower(next) || unicode.IsDigit(next) {
		return false
	}
	word := text[:len(text)-1]
	if i := strings.LastIndexFunc(word, unicode.IsSpace); i >= 0 {
		word = word[i+1:]
	}
	word = strings.TrimLeftFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if word == "" {
		return true
	}
	if len(word) <= 2 && strings.TrimFunc(word, unicode.IsDigit) == "" {
		// "1. First", "am 1. Januar", but "until March 31."
		return strings.TrimSpace(text) != word+"." && languageOf(text) != "de"
	}
	if utf8.RuneCountInString(word) == 1 {
		return false // "z. B."
	}
	return !abbreviations[fold(word)]
}

// span is a part of a text in bytes.
type span struct{ from, to int }

// sentencesOf are the sentences of a finished text with the numbers that follow
// them, without the space around them. A line is at least one sentence.
func sentencesOf(text string) []span {
	var out []span
	from := 0
	cut := func(to int) {
		part := text[from:to]
		trimmed := strings.TrimSpace(part)
		if trimmed != "" {
			at := from + strings.Index(part, trimmed)
			out = append(out, span{at, at + len(trimmed)})
		}
		from = to
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		i += n
		switch {
		case r == '\n':
			cut(i)
		case strings.ContainsRune(".!?…", r):
			rest := text[i:]
			next := strings.TrimLeft(rest, " \t")
			if next == rest && rest != "" && rest[0] != '\n' && rest[0] != '[' {
				continue
			}
			after, _ := utf8.DecodeRuneInString(next)
			if next == "" {
				after = 0
			}
			if !endsSentence(text[from:i], after) {
				continue
			}
			// Numbers behind the point belong to it.
			for {
				at := numbersIn.FindStringIndex(next)
				if at == nil || at[0] != 0 {
					break
				}
				next = strings.TrimLeft(next[at[1]:], " \t")
			}
			i = len(text) - len(next)
			cut(i)
		}
	}
	cut(len(text))
	return out
}
