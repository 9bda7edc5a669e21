package index

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is a token of a text as the full-text index sees it: a run of letters,
// digits and private use.
type word struct {
	from, to int    // bytes of the text
	text     string // in small letters, composed (NFC)
}

// maxWord is the length in bytes from which a run of letters is no word of a
// language any more. It is cut there, so that stemming stays cheap.
const maxWord = 96

// wordsOf splits a text as the tokenizer unicode61 does.
func wordsOf(text string) []word {
	var out []word
	from := -1
	end := func(to int) {
		if from >= 0 {
			out = append(out, word{from: from, to: to, text: small(text[from:to])})
			from = -1
		}
	}
	for i, r := range text {
		switch {
		case isWordRune(r):
			if from < 0 {
				from = i
			}
		case unicode.Is(unicode.Mn, r) && from >= 0: // a diacritic that stands alone belongs to its letter
		default:
			end(i)
		}
	}
	end(len(text))
	return out
}

func isWordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Co, r))
}

func small(s string) string {
	if len(s) > maxWord {
		s = s[:maxWord]
		for len(s) > 0 && !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	s = strings.ToLower(s)
	if isASCII(s) {
		return s
	}
	return norm.NFC.String(s)
}

// fold takes the diacritics off, as the tokenizer does with remove_diacritics 2.
func fold(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }
