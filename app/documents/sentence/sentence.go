// Package sentence finds where sentences begin and end, in English, German,
// French, Spanish and Italian. It is pure: chunks are cut, passages quoted and
// answers checked by the same rules.
package sentence

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// Span is a sentence: bytes Start to End of the text, without the white space
// around it.
type Span struct{ Start, End int }

// window bounds the work on one line, in bytes: the rules of Unicode look
// ahead, and a line of a million dots must not cost their square.
const window = 8 << 10

// Split gives the sentences of a text in order. They do not overlap, and all
// that is not white space lies in one of them. A line break ends a sentence,
// and a row of a table ("header: cell; header: cell") is one.
func Split(text string) []Span {
	var spans []Span
	for start := 0; start < len(text); {
		end := start + lineEnd(text[start:])
		line := text[start:end]
		from := 0
		if !isRow(line) {
			for _, at := range breaks(line) {
				spans = appendTrimmed(spans, line, start, from, at)
				from = at
			}
		}
		spans = appendTrimmed(spans, line, start, from, len(line))
		start = end
	}
	return spans
}

// lineEnd is the length of the first line with its break, at most window.
func lineEnd(text string) int {
	if n := strings.IndexAny(text[:min(len(text), window)], "\n\r\u2028\u2029"); n >= 0 {
		_, size := utf8.DecodeRuneInString(text[n:])
		return n + size
	}
	if len(text) <= window {
		return len(text)
	}
	n := window
	if space := strings.LastIndexByte(text[:n], ' '); space > window/2 {
		return space + 1
	}
	for n > 1 && !utf8.RuneStart(text[n]) {
		n--
	}
	return n
}

func appendTrimmed(spans []Span, line string, offset, from, to int) []Span {
	part := line[from:to]
	from += len(part) - len(strings.TrimLeftFunc(part, unicode.IsSpace))
	to -= len(part) - len(strings.TrimRightFunc(part, unicode.IsSpace))
	if from >= to {
		return spans
	}
	return append(spans, Span{offset + from, offset + to})
}

// isRow tells a row of a table, "header: cell; header: cell", from prose.
func isRow(line string) bool {
	parts := strings.Split(strings.TrimSpace(line), "; ")
	if len(parts) < 2 {
		return false
	}
	for _, part := range parts {
		header, _, found := strings.Cut(part, ": ")
		if !found && strings.HasSuffix(part, ":") {
			header, found = part, true // an empty cell
		}
		if !found || header == "" || len(header) > 80 || strings.Contains(header, ". ") {
			return false
		}
	}
	return true
}

// breaks lists where sentences begin inside a line, in order.
func breaks(line string) []int {
	var found []int
	for it := sentences.FromString(line); it.Next(); {
		if it.End() < len(line) {
			found = append(found, it.End())
		}
	}
	found = append(found, beforeNumbers(line)...)
	slices.Sort(found)
	var kept []int
	for _, at := range slices.Compact(found) {
		at = afterMarks(line, beforeOpening(line, at))
		if at >= len(line) || len(kept) > 0 && at <= kept[len(kept)-1] || at == 0 {
			continue
		}
		from := 0
		if len(kept) > 0 {
			from = kept[len(kept)-1]
		}
		if ends(line[from:at], line[at:]) {
			kept = append(kept, at)
		}
	}
	return kept
}

// beforeNumbers finds sentences that begin with a number ("30 Tage. 20 davon
// sind"), which Unicode's rules take for the middle of one.
func beforeNumbers(line string) []int {
	var found []int
	for i := 1; i+2 < len(line); i++ {
		if line[i] != '.' || line[i+1] != ' ' || line[i+2] < '0' || line[i+2] > '9' {
			continue
		}
		word := lastWord(line[:i])
		closed := strings.ContainsRune(")]%", rune(line[i-1]))
		if closed || len(word) >= 4 && !strings.Contains(word, ".") && !known(word) {
			found = append(found, i+2)
		}
	}
	return found
}

// beforeOpening moves a break in front of an opening bracket: "days.[1]".
func beforeOpening(line string, at int) int {
	for at > 0 {
		r, size := utf8.DecodeLastRuneInString(line[:at])
		if !unicode.Is(unicode.Ps, r) && !unicode.Is(unicode.Pi, r) {
			break
		}
		at -= size
	}
	return at
}

// afterMarks moves a break behind the numbers of sources that follow a
// sentence: "30 days. [1][2] Ask HR." They belong to what they prove.
func afterMarks(line string, at int) int {
	end := at
	for {
		rest := strings.TrimLeft(line[end:], " ")
		closing := strings.IndexByte(rest, ']')
		if !strings.HasPrefix(rest, "[") || closing < 2 || closing > 4 || strings.Trim(rest[1:closing], "0123456789") != "" {
			break
		}
		end = len(line) - len(rest) + closing + 1
	}
	if next, _ := utf8.DecodeRuneInString(strings.TrimLeft(line[end:], " ")); end == at || unicode.IsLower(next) {
		return at
	}
	return end
}

// closers may stand between a full stop and the space after it.
const closers = ")]}\"'”’“‘»«›‹"

// ends says whether a sentence ends between before and after.
func ends(before, after string) bool {
	before = strings.TrimRightFunc(before, unicode.IsSpace)
	bare := strings.TrimRight(before, closers)
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(after, " \t\u00a0"+closers+"([{¿¡„"))
	if bare != before { // (siehe oben!) und ...
		return !unicode.IsLower(next)
	}
	stem, dot := strings.CutSuffix(bare, ".")
	if !dot || strings.HasSuffix(stem, ".") {
		return true
	}
	word := lastWord(stem)
	previous := lastWord(strings.TrimRight(stem[:len(stem)-len(word)], " \u00a0"))
	alone := strings.TrimSpace(stem) == word
	return !continues(strings.TrimSuffix(word, "."), previous, firstWord(after), alone)
}

// lastWord is the run of letters, digits and dots that ends a text.
func lastWord(text string) string {
	n := len(text)
	for n > 0 {
		r, size := utf8.DecodeLastRuneInString(text[:n])
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '.' && !unicode.Is(unicode.Mn, r) {
			break
		}
		n -= size
	}
	return text[n:]
}

// firstWord is the first word of a text, or its first sign.
func firstWord(text string) string {
	text = strings.TrimLeftFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("([{\"„“«»¿¡", r) })
	n := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	switch {
	case n < 0:
		return text
	case n == 0:
		_, size := utf8.DecodeRuneInString(text)
		return text[:size]
	}
	return text[:n]
}
