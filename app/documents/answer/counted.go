package answer

import (
	"regexp"
	"strings"
	"unicode"
)

var word = regexp.MustCompile(`\p{L}+`)

// singles are units in the singular, by the words for them, folded.
var singles = func() map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(`minute minute
hour stunde
day tag arbeitstag werktag kalendertag urlaubstag
week woche arbeitswoche kalenderwoche
month monat monats kalendermonat
year jahr jahres kalenderjahr
euro
percent prozent
kilometre kilometer`) {
		words := strings.Fields(line)
		for _, w := range words {
			out[w] = words[0]
		}
	}
	return out
}()

// upTo follows a one that begins a range: "one to three days".
var upTo = regexp.MustCompile(`(?i)^\s*(?:to|or|bis|oder|–|-)\s*(\d|\p{L}+)`)

var (
	one      = setOf("one ein eine einen einem einer eines")
	articles = setOf("a an")
	often    = setOf("once twice times")
	// lasting ends adjectives: "zweiwöchig".
	lasting = map[string]string{"stundig": "hour", "tagig": "day", "wochig": "week", "monatig": "month", "jahrig": "year"}
)

// counted finds the numbers that only show by what they count: "one week", "ein
// voller Monat", "zweiwöchig". Alone "one" and "ein" are pronouns and articles.
// In a source "a week" is one week too, but not that of "30 hours a week".
func counted(text string, source bool) []figure {
	var out []figure
	words := word.FindAllStringIndex(text, -1)
	for i, at := range words {
		w := fold(text[at[0]:at[1]])
		if n, of := lastingOf(w); n > 0 {
			out = append(out, figure{written: text[at[0]:at[1]], values: []float64{n}, of: of})
			continue
		}
		if m := upTo.FindStringSubmatch(text[at[1]:]); one[w] && m != nil && (unicode.IsDigit(rune(m[1][0])) || numberWords[fold(m[1])] > 0) {
			out = append(out, figure{written: text[at[0]:at[1]], values: []float64{1}})
			continue
		}
		before := strings.TrimSpace(text[:at[0]])
		switch {
		case one[w] && (source || !isRate(w, before)):
		case source && articles[w] && !endsCounted(before):
		default:
			continue
		}
		if of, end := singleAfter(text, words[i:]); of != "" {
			out = append(out, figure{written: text[at[0]:end], values: []float64{1}, of: of, percent: of == "percent"})
		}
	}
	return out
}

// singleAfter is the unit that the first of some words counts: the next word, or
// the one behind an adjective.
func singleAfter(text string, words [][]int) (unit string, end int) {
	for i := 1; i < min(3, len(words)); i++ {
		if strings.Trim(text[words[i-1][1]:words[i][0]], " \t\n-\u00a0\u202f") != "" {
			break // another clause
		}
		w := fold(text[words[i][0]:words[i][1]])
		if unit = singles[w]; unit != "" {
			return unit, words[i][1]
		}
		if stop[w] || strings.HasPrefix(w, "hal") { // "one of", "ein halbes Jahr"
			break
		}
	}
	return "", 0
}

// isRate says whether "einem" is that of "30 Tage in einem Jahr".
func isRate(w, before string) bool {
	return (w == "einem" || w == "einer") && (before == "in" || before == "In" || strings.HasSuffix(before, " in"))
}

// endsCounted says whether a text ends with an amount: "a week" behind it is a rate.
func endsCounted(before string) bool {
	last := strings.LastIndexFunc(before, unicode.IsSpace) + 1
	w := strings.Trim(fold(before[last:]), ",.()")
	return strings.ContainsAny(w, "0123456789€%") || often[w] || measureOf(w) != "" || numberWords[w] > 0
}

// lastingOf reads adjectives such as "einmonatiger" and "zweiwöchige".
func lastingOf(w string) (n float64, unit string) {
	for _, end := range []string{"e", "em", "en", "er", "es", ""} {
		stem := strings.TrimSuffix(w, end)
		for suffix, unit := range lasting {
			number, ok := strings.CutSuffix(stem, suffix)
			switch {
			case ok && number == "ein":
				return 1, unit
			case ok && numberWords[number] > 0:
				return numberWords[number], unit
			}
		}
	}
	return 0, ""
}
