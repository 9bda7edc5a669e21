package extract

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// suspended are words after which, at the start of a line, the hyphen before
// them stands for a part left out: "Urlaubs- und Feiertage".
var suspended = []string{"und", "oder", "bzw.", "sowie", "bis", "and", "or", "to", "et", "ou", "y", "o", "e"}

// prefixes keep their hyphen where a line breaks behind them: "self-employed".
var prefixes = []string{"self", "non", "well", "long", "short", "full", "part", "half", "high", "low", "one", "two", "three", "co"}

// JoinLines makes one text of lines and mends words that were broken at the
// end of a line.
func JoinLines(lines []string) string {
	var out []byte
	for i, line := range lines {
		if i > 0 {
			tail := string(out[max(0, len(out)-100):])
			switch glue(tail, line) {
			case mended:
				_, size := utf8.DecodeLastRune(out)
				out = out[:len(out)-size]
			case apart:
				out = append(out, ' ')
			}
		}
		out = append(out, line...)
	}
	return strings.ReplaceAll(string(out), "\u00ad", "") // soft hyphens inside of lines
}

// How a line goes on.
const (
	apart  = iota // with a space
	joined        // as it is
	mended        // without the hyphen
)

// glue decides how a line goes on that ends as before does.
func glue(before, next string) int {
	last, size := utf8.DecodeLastRuneInString(before)
	if !strings.ContainsRune("-\u00ad\u2010\u0002\ufffe", last) || size == len(before) {
		return apart
	}
	word := before[:len(before)-size]
	if at := strings.LastIndexAny(word, " \t\n"); at >= 0 {
		word = word[at+1:]
	}
	end, _ := utf8.DecodeLastRuneInString(word)
	first, _ := utf8.DecodeRuneInString(next)
	nextWord, _, _ := strings.Cut(next, " ")
	switch {
	case !unicode.IsLetter(end) && !unicode.IsDigit(end):
		return apart // a dash
	case last != '-' && last != '\u2010':
		return mended // a soft hyphen
	case slices.Contains(suspended, nextWord):
		return apart
	case unicode.IsLower(first) && unicode.IsLetter(end) && !slices.Contains(prefixes, strings.ToLower(word)):
		return mended
	}
	return joined
}

func isLetter(r rune) bool { return unicode.IsLetter(r) }
