package transcript

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"alcove/storage"
)

// Numbers of sources and doubts about sentences are carried through Markdown as
// private characters, as the page does (frontend/src/state/documents/marks.ts):
// so no Markdown can make a link or a heading of them.
const (
	numberBegin, numberEnd = '\uE000', '\uE001'
	doubtBegin, doubtEnd   = '\uE002', '\uE003'
)

var (
	numbers   = regexp.MustCompile(`\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]`)
	numberRun = regexp.MustCompile(`\x{E000}([0-9,;\s]*)\x{E001}`)
)

func own(r rune) bool { return r >= numberBegin && r <= doubtEnd }

// seen is -1 for what nobody sees: control characters, marks that turn the
// direction of what follows, zero-width ones.
func seen(r rune) rune {
	switch {
	case r == '\n' || r == '\t' || r == '\u200d' || r == '\u00ad':
		return r
	case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

// visible is a text without what nobody sees, and without marks like ours.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if own(r) {
			return unicode.ReplacementChar
		}
		return seen(r)
	}, text)
}

// written is the answer without what the model thought aloud before it, and how
// many UTF-16 code units of the whole stand before it.
func written(text string) (answer string, base int) {
	const begin, end = "<think>", "</think>"
	start := strings.TrimLeftFunc(text, unicode.IsSpace)
	opened := strings.HasPrefix(start, begin)
	to := strings.Index(start, end)
	switch {
	case to < 0 && opened:
		return "", 0
	case to < 0 || !opened && (strings.Contains(start[:to], "`") || strings.Contains(start[:to], begin)):
		return text, 0
	}
	answer = strings.TrimLeftFunc(start[to+len(end):], unicode.IsSpace)
	return answer, units(text) - units(answer)
}

func units(text string) int { return len(utf16.Encode([]rune(text))) }

// marked puts the marks into an answer: around sentences that are not found in
// their sources, and for numbers of sources. base is what stood before it.
func marked(text string, base int, checks []storage.SentenceCheck) string {
	out := utf16.Encode([]rune(strings.Map(func(r rune) rune {
		if own(r) {
			return unicode.ReplacementChar // one unit, as before: checks count
		}
		return r
	}, text)))
	if !parseable(text) {
		checks = nil // each one costs the whole length
	}
	doubts := slices.DeleteFunc(slices.Clone(checks), func(c storage.SentenceCheck) bool { return c.Status != "not_found" })
	slices.SortFunc(doubts, func(a, b storage.SentenceCheck) int { return cmp.Compare(b.End, a.End) })
	for _, c := range doubts {
		from, to := min(max(0, c.Start-base), len(out)), min(max(0, c.End-base), len(out))
		// A mark at the beginning of a line would undo a list or a heading, one at
		// its end a table's cell.
		for from < to && !unicode.IsLetter(rune(out[from])) {
			from++
		}
		for to > from && strings.ContainsRune(" \t\n\r|*_`~", rune(out[to-1])) {
			to--
		}
		if from < to {
			out = slices.Insert(out, to, doubtEnd)
			out = slices.Insert(out, from, doubtBegin)
		}
	}
	shown := strings.Map(seen, string(utf16.Decode(out)))
	return numbers.ReplaceAllString(shown, string(numberBegin)+"$1"+string(numberEnd))
}

// unmarked gives what was written, for code.
func unmarked(text string) string {
	return strings.Map(func(r rune) rune {
		if own(r) {
			return -1
		}
		return r
	}, numberRun.ReplaceAllString(text, "[$1]"))
}
