package answer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Same says whether two questions ask the same thing, so that one's answer is
// the other's: the same concepts, figures, conditions ("after", "without") and
// kind of question. It is strict: a cosine of vectors does not tell "during
// probation" from "after probation" (0.99), and a wrong answer in HR's words is
// worse than one that the model writes from it. What it lets through and stops
// is measured in testdata/alike.json.
func Same(a, b string) bool { return meaningOf(a).is(meaningOf(b)) }

// is says whether two meanings are the same. One word alone ("leave") asks
// anything about it: then the texts must be alike.
func (x meaning) is(y meaning) bool {
	if x.text == y.text {
		return x.text != ""
	}
	if min(len(x.concepts), len(y.concepts)) < 2 && (x.kind == asksNone || y.kind == asksNone) {
		return false
	}
	if (x.directed || y.directed) && !slices.Equal(x.order, y.order) {
		return false
	}
	return len(x.concepts) > 0 && x.kind.goesWith(y.kind) && sameSet(x.concepts, y.concepts) && sameSet(x.conditions, y.conditions) &&
		sameSet(x.figures, y.figures) && (within(x.units, y.units) || within(y.units, x.units))
}

// meaning is what counts when questions are compared.
type meaning struct {
	text       string // its words, folded
	concepts   map[string]bool
	conditions map[string]bool
	figures    map[string]bool
	units      map[string]bool // of time: "per week" is not "per day"
	kind       kind
	directed   bool     // from one thing to another
	order      []string // words that are concepts, as they follow each other
}

// kind is what sort of answer a question wants.
type kind string

// Kinds of questions.
const (
	asksAmount kind = "amount"
	asksLong   kind = "long"
	asksOften  kind = "often"
	asksWhat   kind = "what" // also an amount: "what is the notice period"
	asksYes    kind = "yes"
	asksMust   kind = "must" // "may I" is another question
	asksHow    kind = "how"
	asksNone   kind = "" // words alone, as people type into a search
)

func (k kind) goesWith(o kind) bool {
	if k == o {
		return true
	}
	amounts := []kind{asksAmount, asksLong, asksOften}
	with := func(k, o kind) bool {
		return k == asksWhat && slices.Contains(amounts, o) ||
			k == asksNone && (o == asksWhat || o == asksYes || o == asksMust || o == asksHow || slices.Contains(amounts, o))
	}
	return with(k, o) || with(o, k)
}

// kinds are beginnings of questions, folded; the first that fits counts.
var kinds = []struct {
	begins string
	kind   kind
}{
	{"how long|wie lang|wie lange", asksLong},
	{"how often|wie oft", asksOften},
	{"how many|how much|how high|how far|how old|number of|wie viel|wie viele|wie vielen|wieviel|wieviele|wie hoch|wie weit|anzahl", asksAmount},
	{"when|by when|until when|on which day|on what day|wann|bis wann|ab wann|seit wann", "when"},
	{"who|whose|whom|by whom|from whom|wer|wem|wen|von wem|wessen", "who"},
	{"where|wo|wohin|woher", "where"},
	{"why|warum|wieso|weshalb", "why"},
	{"how|in what way|in which way|wie|auf welche weise", asksHow},
	{"what|which|was|welche|welcher|welches|welchen", asksWhat},
	{"must|need|should|muss|mussen|soll|sollen", asksMust},
	{"is|are|am|was|were|do|does|did|have|has|can|could|may|might|will|would|ist|sind|bin|war|wird|werde|werden|hat|habe|haben|kann|konnen|darf|durfen|gibt|bekomme|bekommt|bekommen|zahlt|ubernimmt", asksYes},
}

// phrases are words that mean one thing together.
var phrases = func() *strings.Replacer {
	var pairs []string
	for line := range strings.Lines(`notice period|kundigungsfrist
trial period|probation
probation period|probation
probationary period|probation
annual leave|leave
holiday leave|leave
parental leave|elternzeit
work from home|homeoffice
working from home|homeoffice
home office|homeoffice
company car|dienstwagen
full time|vollzeit
part time|teilzeit
foreign countries|abroad
business trip|trip
business trips|trip
days off|days
fall ill|ill
falls ill|ill
get sick|ill
stay home|`) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), "|")
		pairs = append(pairs, " "+from+" ", " "+to+" ")
	}
	return strings.NewReplacer(pairs...)
}()

// concepts are words that mean the same in a question about work, a concept a
// line. The index's glossary is wider ("bonus" and "allowance"): good for
// finding, too loose here.
const concepts = `vacation holiday holidays leave urlaub ferien jahresurlaub
employee employees staff worker workers personnel mitarbeiter mitarbeitende beschäftigte beschäftigter arbeitnehmer angestellte
vollzeit fulltime
teilzeit parttime
probation probezeit
kündigungsfrist
elternzeit
homeoffice telearbeit
sick ill illness sickness krank krankheit erkrankung
child children kid kids kind kinder
dog dogs hund hunde
office büro
request apply application beantragen beantrage antrag
salary wage wages gehalt lohn
pay pays paid payment zahlen zahlt gezahlt bezahlen bezahlt ausgezahlt
abroad overseas ausland
trip trips travel travelling traveling journey reise reisen dienstreise dienstreisen
company employer firm firma unternehmen arbeitgeber
glasses spectacles brille
boss manager supervisor chef vorgesetzte vorgesetzter führungskraft
phone mobile smartphone handy telefon diensthandy
laptop notebook
permanent unbefristet unbefristete unbefristeten
approve approves approved genehmigen genehmigt
overtime überstunden mehrarbeit
expire expires lapse lapses verfallen verfällt verfall
resign quit kündigen kündige
dienstwagen firmenwagen
use using nutzen nutze nutzung benutzen benutze verwenden
private privately privat private
canteen cafeteria kantine
lunch mittagessen
subsidy subsidised zuschuss bezuschusst bezuschussen
bicycle bike fahrrad
reimburse reimbursed refund refunded erstatten erstattet
receipt beleg quittung
euro euros eur`

// light are words that say nothing of what is asked for, beside stop words.
const light = `allowed permitted possible able entitled entitlement number receive receives given high way please exactly tell know bring take applies apply
while ins beim happen happens become fall long many much often stelle stellen möglich erlaubt anzahl höhe hoch anspruch mitbringen bringen nehmen genau bitte gilt gelten lange lang viele viel wieviel wieviele oft`

// conditional are small words that turn a question into another one.
// Whose something is, and whether all of it, does so too.
const conditional = `all once again other own most between his her their alle allen alles seine seinen seinem seiner ihre ihren ihrem ihrer not no without before after until except only over under more less minimum maximum first nicht kein keine keinen ohne vor nach bis außer nur über unter mehr weniger mindestens höchstens`

var timeUnits = map[string]string{"day": "day", "days": "day", "daily": "day", "tag": "day", "tage": "day", "tagen": "day", "taglich": "day", "week": "week", "weeks": "week", "weekly": "week",
	"woche": "week", "wochen": "week", "month": "month", "months": "month", "monthly": "month", "monat": "month", "monate": "month", "monaten": "month", "year": "year", "years": "year", "yearly": "year",
	"jahr": "year", "jahre": "year", "jahren": "year", "hour": "hour", "hours": "hour", "stunde": "hour", "stunden": "hour"}

var (
	conceptOf = func() map[string]string {
		out := map[string]string{}
		for line := range strings.Lines(concepts) {
			words := strings.Fields(fold(line))
			for _, w := range words {
				out[w] = words[0]
			}
		}
		return out
	}()
	lightWords = setOf(light + " m s d t") // also the m of "I'm"
	// plainWords are stop words of the languages whose kinds and conditions are
	// known. In another language one of them may be what a question turns on
	// ("avant", "sin"): there only the same words ask the same.
	plainWords = setOf(tongueOf("en").stop + " " + tongueOf("de").stop)
	conditions = setOf(conditional)
)

func meaningOf(question string) meaning {
	m := meaning{concepts: map[string]bool{}, conditions: map[string]bool{}, figures: map[string]bool{}, units: map[string]bool{}}
	text := " " + strings.Join(wordsOf(strings.ReplaceAll(question, "€", " euro ")), " ") + " "
	m.text, m.kind = strings.TrimSpace(text), kindOf(text)
	for _, f := range figuresOf(question) {
		m.figures[figureKey(f)] = true
	}
	for _, w := range strings.Fields(phrases.Replace(phrases.Replace(text))) { // twice: two phrases share a space
		m.add(w)
		if concept, known := conceptOf[w]; known {
			m.order = append(m.order, concept)
		}
	}
	m.directed = strings.Contains(text, " from ") && strings.Contains(text, " to ") || strings.Contains(text, " von ") && strings.Contains(text, " zu ") ||
		strings.Contains(text, " von ") && strings.Contains(text, " in ") || strings.Contains(text, " into ")
	return m
}

func (m meaning) add(w string) {
	unit, isUnit := timeUnits[w]
	concept, known := conceptOf[w]
	_, number := numberWords[w]
	switch {
	case number: // among the figures
	case w[0] >= '0' && w[0] <= '9':
		if strings.ContainsFunc(w, unicode.IsLetter) {
			m.figures[w] = true // "13a" is not "13b"
		}
	case isUnit:
		m.units[unit] = true
	case conditions[w]:
		m.conditions[w] = true
	case known:
		m.concepts[concept] = true
	case plainWords[w] || lightWords[w]:
	default:
		if left, right := compound(w); left != "" {
			m.add(left)
			m.add(right)
			return
		}
		m.concepts[strings.TrimSuffix(root(w), "s")] = true
	}
}

// compound parts a German word that is made of two known ones: "Urlaubstage".
func compound(w string) (left, right string) {
	known := func(s string) bool { return conceptOf[s] != "" || timeUnits[s] != "" }
	for i := 3; i <= len(w)-3; i++ {
		l, r := w[:i], w[i:]
		if !known(r) {
			continue
		}
		for _, cut := range []string{"", "s", "n", "es", "en"} {
			if s, ok := strings.CutSuffix(l, cut); ok && known(s) {
				return s, r
			}
		}
	}
	return "", ""
}

func kindOf(text string) kind {
	for _, k := range kinds {
		for _, b := range strings.Split(k.begins, "|") {
			if strings.HasPrefix(text, " "+b+" ") {
				return k.kind
			}
		}
	}
	return asksNone
}

// figureKey is the same for figures that are written in different ways.
func figureKey(f figure) string {
	if f.day != "" {
		return f.day
	}
	key := fmt.Sprint(f.values)
	if f.percent {
		key += "%"
	}
	return key
}

func sameSet(a, b map[string]bool) bool { return len(a) == len(b) && within(a, b) }

func within(a, b map[string]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return true
}
