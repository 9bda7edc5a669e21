package answer

import (
	"fmt"
	"strings"
	"unicode"
)

// quantity is a figure with what it counts.
type quantity struct {
	figure
	unit string // "day", "euro"...; "": none that is known
}

// measures are units by the words for them, folded, English and German.
var measures = func() map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(`minute minutes minute minuten min
hour hours stunde stunden h
day days tag tage tagen
week weeks woche wochen
month months monat monate monaten monats
year years jahr jahre jahren
euro euros eur €
percent prozent %
kilometre kilometres kilometer kilometers km
person persons people personen`) {
		words := strings.Fields(fold(line))
		for _, w := range words {
			out[w] = words[0]
		}
	}
	return out
}()

// measureOf knows a unit by its word; German ones end a compound ("Arbeitstage").
func measureOf(word string) string {
	word = fold(word)
	if u := measures[word]; u != "" {
		return u
	}
	for _, end := range []string{"tagen", "tage", "wochen", "monate", "monaten", "stunden"} {
		if strings.HasSuffix(word, end) {
			return measures[end]
		}
	}
	return ""
}

// quantitiesOf are the figures of a text with what they count: the unit may stand
// before ("EUR 450") or after, with one word between ("20 working days").
func quantitiesOf(text string, source bool) []quantity {
	var out []quantity
	for _, f := range figuresOf(text) {
		q := quantity{figure: f}
		if f.day == "" {
			q.unit = unitAround(text[:f.from], text[f.to:])
		}
		if f.percent {
			q.unit = "percent"
		}
		out = append(out, q)
	}
	for _, f := range counted(text, source) {
		out = append(out, quantity{figure: f, unit: f.of})
	}
	return out
}

// stated are the figures of a text for comparing: with the units that they count.
func stated(text string, source bool) []figure {
	var out []figure
	for _, q := range quantitiesOf(text, source) {
		q.figure.of = q.unit
		out = append(out, q.figure)
	}
	return out
}

// joining words stand between two figures of one unit: "3 to 4 weeks".
var joining = setOf("to or and bis oder und")

func unitAround(before, after string) string {
	split := func(r rune) bool { return !unicode.IsLetter(r) && r != '€' && r != '%' }
	words := strings.FieldsFunc(before, split)
	if len(words) > 0 && strings.HasSuffix(strings.TrimRight(before, " \u00a0\u202f"), words[len(words)-1]) {
		if u := measureOf(words[len(words)-1]); u == "euro" {
			return u
		}
	}
	// What is counted stands in the same clause.
	if end := strings.IndexAny(after, ".;:!?\n|("); end >= 0 {
		after = after[:end]
	}
	for i, w := range strings.FieldsFunc(after, split) {
		if u := measureOf(w); u != "" {
			return u
		}
		if i == 1 || stop[fold(w)] && !joining[fold(w)] { // "3 per week" counts no weeks
			break
		}
	}
	return ""
}

// Missing are the quantities that are expected and that a text does not state:
// "28 days", "28 Tage" and "twenty-eight days" are the same, "28 weeks" is
// another. An expectation without a figure must be there word for word.
func Missing(text string, expected []string) []string {
	said := quantitiesOf(numbersIn.ReplaceAllString(text, " "), true)
	folded := strings.Join(wordsOf(text), " ")
	var out []string
	for _, e := range expected {
		wanted := quantitiesOf(e, false)
		ok := len(wanted) > 0 || strings.Contains(" "+folded+" ", " "+strings.Join(wordsOf(e), " ")+" ")
		for _, w := range wanted {
			ok = ok && w.among(said)
		}
		if !ok {
			out = append(out, e)
		}
	}
	return out
}

func (q quantity) among(list []quantity) bool {
	for _, o := range list {
		if q.within([]figure{o.figure}) && (q.unit == "" || o.unit == "" || q.unit == o.unit) {
			return true
		}
	}
	return false
}

// Quantities are the figures of a text as expectations for Missing.
func Quantities(text string) []string {
	var out []string
	for _, q := range quantitiesOf(text, false) {
		if q.of != "" { // "one week" says it already
			q.unit = ""
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s", q.written, q.unit)))
	}
	return out
}
