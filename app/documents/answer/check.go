package answer

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"alcove/app/documents/sentence"
	"alcove/storage"
)

// numbersIn are the numbers of sources in a finished text: "[1]", "[1, 2]".
var numbersIn = regexp.MustCompile(`\[\d{1,3}(?:, ?\d{1,3})*\]`)

// WithoutNumbers takes the numbers of sources out of an answer: in a later prompt
// they would name other passages.
func WithoutNumbers(text string) string { return numbersBefore.ReplaceAllString(text, "") }

var numbersBefore = regexp.MustCompile(` ?` + numbersIn.String())

var number = regexp.MustCompile(`\d+`)

// Statuses of a SentenceCheck.
const (
	Supported = "supported"
	NotFound  = "not_found"
	Uncited   = "uncited" // it names none, and what it says is in them
)

// checkText holds each sentence of an answer against the sources that it names.
func (e *evidence) checkText(text string) []storage.SentenceCheck {
	var out []storage.SentenceCheck
	at, units := 0, 0
	advance := func(to int) int {
		for at < to {
			r, n := utf8.DecodeRuneInString(text[at:])
			at += n
			if units++; r > 0xFFFF {
				units++
			}
		}
		return units
	}
	for _, s := range sentence.Split(text) {
		part := text[s.Start:s.End]
		c := claimOf(part)
		named := namedIn(part)
		if !c.says() && len(named) == 0 {
			continue
		}
		check := storage.SentenceCheck{Start: advance(s.Start), End: advance(s.End), Sources: named}
		check.Status, check.Note = e.judge(c, named)
		out = append(out, check)
	}
	return out
}

// judge says what became of one sentence.
func (e *evidence) judge(c claim, named []int) (status, note string) {
	var sources []int
	for _, n := range named {
		if i := e.place(n); i >= 0 {
			sources = append(sources, i)
		}
	}
	if len(sources) == 0 {
		all := make([]int, len(e.sources))
		for i := range all {
			all[i] = i
		}
		if f, ok := e.missing(c, all); ok {
			return NotFound, fmt.Sprintf("%q is in none of the sources", f.written)
		}
		if e.overlap(c, all) < e.least(c, all) {
			return NotFound, "most of its words are in none of the sources"
		}
		return Uncited, ""
	}
	if f, ok := e.missing(c, sources); ok {
		return NotFound, fmt.Sprintf("%q is not in source %s", f.written, list(named))
	}
	if e.overlap(c, sources) < e.least(c, sources) {
		return NotFound, "most of its words are not in source " + list(named)
	}
	return Supported, ""
}

func list(numbers []int) string {
	out := ""
	for i, n := range numbers {
		if i > 0 {
			out += ", "
		}
		out += strconv.Itoa(n)
	}
	return out
}

// namedIn are the numbers that a text names, each once, in order.
func namedIn(text string) []int {
	var out []int
	for _, group := range numbersIn.FindAllString(text, -1) {
		for _, d := range number.FindAllString(group, -1) {
			if n, err := strconv.Atoi(d); err == nil && !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}
