package load

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// topics are what an employee asks about; places are where.
var (
	topics = []string{
		"working hours", "paid leave", "sick notes", "travel expenses", "work from home", "company laptops", "passwords",
		"visitors", "parking", "the canteen", "protective clothing", "training days", "references", "shift swaps",
	}
	places   = []string{"the warehouse", "the front office", "the workshop", "the laboratory", "the north site", "the loading bay", "the print room"}
	roles    = []string{"the line manager", "the HR office", "the site lead", "the works council", "the safety officer", "the accounts team"}
	papers   = []string{"a short form", "a written note", "an e-mail", "the blue form", "an entry in the calendar", "a signed copy"}
	families = []string{"Alder", "Brook", "Corbin", "Dunmore", "Ebbing", "Farrow", "Gantry", "Holloway", "Ingram", "Jessop", "Kestrel", "Lorimer"}
	trades   = []string{"Tools", "Logistics", "Plastics", "Bakeries", "Instruments", "Timber", "Textiles", "Printing"}
)

// rules are sentences of a handbook: {t} is a topic, {p} a place, {r} a role, {f}
// a paper, {n} a small number, {m} a larger one.
var rules = []string{
	"Requests about {t} go to {r} at least {n} working days before they are needed.",
	"In {p}, {r} decides about {t} and answers within {n} days.",
	"Whoever starts after the first of the month receives {m} percent of the yearly amount for {t}.",
	"For {t} we need {f}, which {r} keeps for {m} months.",
	"Exceptions for {t} are possible when {r} agrees and {p} is staffed by at least {n} people.",
	"If something is unclear about {t}, ask {r} before you act, not afterwards.",
	"Costs up to {m} euros are paid back with the next salary once {f} has arrived.",
	"New colleagues learn the rules on {t} during their first {n} weeks in {p}.",
	"A change to {t} is announced {m} days ahead, on the board in {p} and by e-mail.",
	"Between {n} in the morning and {m} minutes past noon, {p} is closed to everybody without a badge.",
	"Part-time staff have the same rights on {t}, in proportion to their hours.",
	"Please hand in {f} for {t} even when {r} has already said yes on the telephone.",
	"After {m} days without an answer, a request about {t} counts as granted.",
	"Damage in {p} is reported to {r} on the same day; nobody is blamed for an honest report.",
}

// text is a source of plausible English that is the same for the same seed.
type text struct{ r *rand.Rand }

func newText(seed uint64) text { return text{rand.New(rand.NewPCG(seed, 0x616c636f7665))} }

func (t text) one(of []string) string { return of[t.r.IntN(len(of))] }

// fill replaces the marks of a pattern.
func (t text) fill(pattern string) string {
	return strings.NewReplacer(
		"{t}", t.one(topics), "{p}", t.one(places), "{r}", t.one(roles), "{f}", t.one(papers),
		"{n}", fmt.Sprint(2+t.r.IntN(8)), "{m}", fmt.Sprint(12+t.r.IntN(80)),
	).Replace(pattern)
}

// document writes sections of rules under a title, words long to the word.
func (t text) document(title string, words int) string {
	var b strings.Builder
	b.WriteString(title)
	n := len(strings.Fields(title))
	for section := 1; n < words; section++ {
		head := fmt.Sprintf("\n\n%d. About %s.", section, topics[(section-1)%len(topics)])
		b.WriteString(head)
		n += len(strings.Fields(head))
		for range 5 {
			s := t.fill(t.one(rules))
			b.WriteString(" " + s)
			n += len(strings.Fields(s))
		}
	}
	return strings.TrimRight(firstWords(b.String(), words), " .,;") + "."
}

// firstWords keeps the first n words and the spaces between them.
func firstWords(s string, n int) string {
	in := false
	for i, r := range s {
		space := r == ' ' || r == '\n'
		if in && space {
			if n--; n == 0 {
				return s[:i]
			}
		}
		in = !space
	}
	return s
}

// Handbook is what the people of one company share. Two seeds differ from the
// first words on, so that nothing can be shared between their readers.
func Handbook(seed uint64, words int) string {
	t := newText(seed)
	title := fmt.Sprintf("%s and %s %s: handbook for everybody who works here. You answer questions about it, truthfully and in full sentences.",
		families[seed%uint64(len(families))], t.one(families), t.one(trades))
	return t.document(title, words)
}

// Contract is what somebody pastes, words long.
func Contract(seed uint64, words int) string {
	t := newText(seed + 1000)
	return t.document(fmt.Sprintf("Framework contract number %d between %s %s and %s %s.", 1000+seed, t.one(families), t.one(trades), t.one(families), t.one(trades)), words)
}

// Question is the nth question about a handbook; no two n have the same one.
// Each asks for more than any answer here may be long.
func Question(n int) string {
	openings := []string{"Explain step by step", "Describe in detail", "Tell me everything about", "Write a long letter on", "Summarise at length", "List with reasons", "Compare with care"}
	asks := []string{"what applies to", "how we handle", "what somebody new must know about", "what has to be done for", "who decides about"}
	i := n
	pick := func(of []string) string {
		s := of[i%len(of)]
		i /= len(of)
		return s
	}
	opening, ask, topic, place := pick(openings), pick(asks), pick(topics), pick(places)
	q := fmt.Sprintf("%s %s %s in %s, and give many examples from daily work.", opening, ask, topic, place)
	if i > 0 {
		q += fmt.Sprintf(" This is request %d.", i)
	}
	return q
}

// Story is the nth short prompt of one person; all have the same shape.
func Story(n int) string {
	who := []string{"a baker", "a nurse", "a pilot", "a farmer", "a painter", "a tailor", "a miner", "a diver"}
	what := []string{"a lost key", "a green door", "an old map", "a red coat", "a paper boat", "a tin box", "a blue lamp", "a tall clock", "a torn page"}
	return fmt.Sprintf("Write a very long story, with many chapters, about %s and %s.", who[n%len(who)], what[n%len(what)])
}
