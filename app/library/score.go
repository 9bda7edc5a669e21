package library

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Grade says whether an answer passes, and if not, why in a sentence. Case,
// spaces, typographic signs and the way in which numbers are written do not
// count, and neither does what a model thinks aloud before it answers.
func Grade(q Question, answer string) (passed bool, why string) {
	said, thought := withoutThoughts(answer)
	text := normalise(said)
	switch {
	case text == "" && thought:
		return false, "It was still thinking when its tokens ended."
	case text == "":
		return false, "There was no answer."
	}
	for _, phrase := range q.ExpectAll {
		if !occurs(text, normalise(phrase)) {
			return false, fmt.Sprintf("“%s” is missing.", phrase)
		}
	}
	if len(q.ExpectAny) > 0 && !anyOccurs(text, q.ExpectAny) {
		return false, fmt.Sprintf("None of these is there: “%s”.", strings.Join(q.ExpectAny, "”, “"))
	}
	for _, phrase := range q.MustNot {
		if occurs(text, normalise(phrase)) {
			return false, fmt.Sprintf("“%s” is there and must not be.", phrase)
		}
	}
	return true, ""
}

func anyOccurs(text string, phrases []string) bool {
	for _, phrase := range phrases {
		if occurs(text, normalise(phrase)) {
			return true
		}
	}
	return false
}

// withoutThoughts gives what follows the last </think>, and whether the model
// thought aloud. Thoughts without an end leave nothing.
func withoutThoughts(answer string) (said string, thought bool) {
	const begin, end = "<think>", "</think>"
	if i := strings.LastIndex(answer, end); i >= 0 {
		return answer[i+len(end):], true
	}
	if strings.HasPrefix(strings.TrimSpace(answer), begin) {
		return "", true
	}
	return answer, false
}

// signs that are written in more than one way, and those that mark up a text.
var signs = strings.NewReplacer("‘", "'", "’", "'", "‚", "'", "“", `"`, "”", `"`, "„", `"`, "«", `"`, "»", `"`,
	"–", "-", "—", "-", "−", "-", "‐", "-", "‑", "-", "*", "", "`", "")

// normalise makes texts that mean the same equal: compatible characters
// (NFKC), small letters, plain quotation marks and hyphens, single spaces, and
// numbers without separators of thousands and with a decimal point.
func normalise(s string) string {
	s = signs.Replace(strings.ToLower(norm.NFKC.String(s)))
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r): // soft hyphens, zero-width spaces
			return -1
		}
		return r
	}, s)
	return plainNumbers(strings.Join(strings.Fields(s), " "))
}

// number is a number as people write it: digits, with separators inside.
var number = regexp.MustCompile(`\d+(?:[.,' ]\d+)*`)

func plainNumbers(s string) string {
	return number.ReplaceAllStringFunc(s, plainNumber)
}

// thousands is a number with a separator of thousands, the same throughout,
// and perhaps decimals behind another one.
var thousands = [...]*regexp.Regexp{
	regexp.MustCompile(`^(\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$`),
	regexp.MustCompile(`^(\d{1,3}(?:\.\d{3})+)(?:,(\d+))?$`),
	regexp.MustCompile(`^(\d{1,3}(?:'\d{3})+)(?:[.,](\d+))?$`),
	regexp.MustCompile(`^(\d{1,3}(?: \d{3})+)(?:[.,](\d+))?$`),
}

var decimalComma = regexp.MustCompile(`^(\d+),(\d+)$`)

// plainNumber takes the separators out of a number. What is no number but
// several (1,2,3) stays.
func plainNumber(s string) string {
	for _, form := range thousands {
		if m := form.FindStringSubmatch(s); m != nil {
			whole := strings.Map(onlyDigits, m[1])
			if m[2] == "" {
				return whole
			}
			return whole + "." + m[2]
		}
	}
	return decimalComma.ReplaceAllString(s, "$1.$2")
}

func onlyDigits(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

// occurs says whether a phrase is in a text as whole words and whole numbers;
// both are normalised.
func occurs(text, phrase string) bool {
	for from := 0; phrase != ""; {
		i := strings.Index(text[from:], phrase)
		if i < 0 {
			return false
		}
		at := from + i
		if begins(text[:at], phrase) && ends(text[at+len(phrase):], phrase) {
			return true
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		from = at + size
	}
	return false
}

// begins says whether a phrase may begin behind this text.
func begins(before, phrase string) bool {
	first, _ := utf8.DecodeRuneInString(phrase)
	last, size := utf8.DecodeLastRuneInString(before)
	if before == "" || apart(last, first) {
		return true
	}
	if !unicode.IsDigit(first) {
		return !joined(last, first)
	}
	earlier, _ := utf8.DecodeLastRuneInString(before[:len(before)-size])
	switch {
	case unicode.IsDigit(last):
		return false
	case last == '.':
		return !unicode.IsDigit(earlier) // 2.5 has no 5
	case last == '-':
		return before != "-" && earlier != ' ' // -5 is not 5, and 3-5 has one
	}
	return true
}

// ends says whether a phrase may end before this text.
func ends(after, phrase string) bool {
	last, _ := utf8.DecodeLastRuneInString(phrase)
	first, size := utf8.DecodeRuneInString(after)
	if after == "" || apart(last, first) {
		return true
	}
	if !unicode.IsDigit(last) {
		return !joined(last, first)
	}
	later, _ := utf8.DecodeRuneInString(after[size:])
	return !unicode.IsDigit(first) && (first != '.' || !unicode.IsDigit(later)) // 2.5 has no 2
}

// joined says whether two letters belong to one word.
func joined(a, b rune) bool {
	word := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }
	return word(a) && word(b)
}

// apart says whether one of two characters is of a script that writes words
// without spaces between them.
func apart(a, b rune) bool {
	scripts := []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar}
	return unicode.In(a, scripts...) || unicode.In(b, scripts...)
}
