package answer

import (
	"regexp"
	"strings"
	"unicode"
)

// Turn is a question that was asked before, with what came of it.
type Turn struct {
	Question string
	Answer   string
	Headings []string // of the passages that the answer names
	Refused  bool
}

const (
	mostCarried = 8  // words of earlier questions
	mostHeading = 3  // words of a cited heading
	lookBack    = 12 // questions, as long as each goes on with the one before
)

// Resolve makes a question that can be understood alone out of one that goes on
// with those before it ("And for part-timers?"): their topic is put before it.
// A question that stands alone comes back as it is, and changed is false.
//
// It needs no model: what points back are pronouns, openers ("and", "und") and
// the lack of a topic. A wrong guess costs a few words more to look for.
func Resolve(question string, history []Turn) (text string, changed bool) {
	if len(history) == 0 || !continues(question) {
		return question, false
	}
	known := bagOf(question)
	var carried []string
	add := func(words []string, most int) {
		for _, w := range words {
			if most == 0 || len(carried) == mostCarried {
				return
			}
			if r := root(fold(w)); !known[r] {
				known[r] = true
				carried = append(carried, w)
				most--
			}
		}
	}
	first := max(0, len(history)-lookBack)
	for i := len(history) - 1; i >= first; i-- {
		add(topicOf(history[i].Question), mostCarried)
		if i == len(history)-1 && !history[i].Refused {
			for _, h := range history[i].Headings {
				parts := strings.Split(h, " > ")
				add(topicOf(strings.TrimLeft(parts[len(parts)-1], "0123456789. ")), mostHeading) // "4.2" is no topic
				break
			}
		}
		if !continues(history[i].Question) {
			break
		}
	}
	if len(carried) == 0 {
		return question, false
	}
	return strings.Join(carried, " ") + " – " + question, true
}

// topicOf are the words of a text that name what it is about, as written.
func topicOf(text string) []string {
	vague := setOf(vagueWords)
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' }) {
		f := fold(strings.Trim(w, "-"))
		if len(f) > 1 && !stop[f] && !vague[f] {
			out = append(out, strings.Trim(w, "-"))
		}
	}
	return out
}

var vagueWords = func() string {
	all := ""
	for _, t := range tongues {
		all += " " + t.vague
	}
	return all
}()

// continues says whether a question needs those before it to be understood.
func continues(question string) bool {
	t := tongueOf(languageOf(question))
	topic := len(topicOf(question))
	switch {
	case topic == 0:
		return true
	case opens(question, t):
		return topic <= 2
	}
	return topic <= 3 && pointsBack(question, t)
}

// opens says whether a question begins as one that goes on does.
func opens(question string, t tongue) bool {
	start := " " + strings.Join(wordsOf(question), " ") + " "
	for _, o := range strings.Split(t.openers, "|") {
		if strings.HasPrefix(start, " "+fold(o)+" ") {
			return true
		}
	}
	return false
}

// impersonal are phrases in which a pronoun points at nothing that was said.
var impersonal = []string{"gibt es", "geht es um", "es gibt", "is it possible", "is it allowed", "is it true", "is there", "are there", "there is", "there are", "il y a", "est il", "est ce", "er is", "is er", "zijn er",
	"il faut", "faut il", "this company", "this site", "this office", "diesem unternehmen", "dieser firma", "diesem betrieb"}

// formal is the "Sie" of a polite German question.
var formal = regexp.MustCompile(`([\p{L},]\s)(?:Sie|Ihnen)(?:\P{L}|$)`)

// pointsBack says whether a question has a word that points at something said
// before. "This year" points at the calendar.
func pointsBack(question string, t tongue) bool {
	if t.code == "de" {
		question = formal.ReplaceAllString(question, "$1 ")
	}
	words := " " + strings.Join(wordsOf(question), " ") + " "
	for _, phrase := range impersonal {
		words = strings.ReplaceAll(words, " "+phrase+" ", "  ")
	}
	points := setOf(t.points)
	list := strings.Fields(words)
	for i, w := range list {
		if points[w] && (i+1 == len(list) || timeUnits[list[i+1]] == "") {
			return true
		}
	}
	return false
}
