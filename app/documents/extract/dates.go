package extract

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Where an effective date is looked for: where a document speaks of itself.
const (
	dateBlocks = 40  // first blocks
	datePages  = 2   // or pages
	dateChars  = 400 // first bytes of a block
)

// Words before a date that say that a text holds from then on. Strong ones say
// just that; weak ones give the date of the text.
const (
	strongWords = `effective(?: date| from| as of| as at| since| on)?|(?:with|into) effect (?:from|on|as of)|takes? effect (?:on|from)|` +
		`in effect (?:from|since|as of)|in force (?:from|since|as of)|comes? into force on|entry into force|valid (?:from|as of|since)|applies from|applicable (?:from|as of)|` +
		`gültig (?:ab|seit|vom|von)|gilt (?:ab|seit)(?: dem)?|inkrafttreten(?: am)?|gültigkeit ab|in kraft(?: getreten)?(?: (?:ab|seit|am|zum))?(?: dem)?|tritt (?:am|zum)|wirksam (?:ab|seit|zum)|mit wirkung (?:vom|zum|ab)|` +
		`en vigueur(?: (?:à compter du|à partir du|depuis le|le|au|dès le))?|(?:applicable|valable) (?:à compter du|à partir du|au|dès le)|prend effet le|` +
		`vigente (?:desde|a partir de)(?:l| el)?|en vigor (?:desde|a partir de)(?:l| el)?|entra(?:rá)? en vigor el|válid[oa] (?:desde|a partir de)(?:l| el)?|con efectos? (?:desde|a partir de|de)(?:l| el)?|` +
		`in vigore (?:dal|da|a partire dal)(?:l')?|valid[oa] (?:dal|da|a partire dal)(?:l')?|con decorrenza (?:dal|da)(?:l')?|decorrenza|entra in vigore il|con effetto dal`
	weakWords = `stand|fassung vom|version vom|ausgabe|as of|as at|version of|issued(?: on)?|version du|édition de|état au|versión de|edición de|versione del|aggiornato al|aggiornamento|revision`
)

// A day, in the ways people write it.
const (
	isoDay    = `(\d{4})-(\d{2})-(\d{2})`
	dotDay    = `(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})`
	slashDay  = `(\d{1,2})/(\d{1,2})/(\d{4})`
	namedDay  = `(\d{1,2})(?:\.|st|nd|rd|th|er|º|°)?(?: de| of)? ([\p{L}]{3,10})\.?,?(?: de| del)? (\d{4})`
	usDay     = `([\p{L}]{3,10})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})`
	monthYear = `([\p{L}]{3,10})\.? (\d{4})`
	numMonth  = `(\d{1,2})/(\d{4})`
)

var (
	strongDate = dateAfter(strongWords)
	weakDate   = dateAfter(weakWords)
	sentences  = regexp.MustCompile(`[.!?;|·•] `)
	dashes     = regexp.MustCompile(` [–—-] `)
	// itself is how a document calls itself. A law may be meant by other words.
	itself = regexp.MustCompile(`polic(?:y|ies)\b|handbook|guideline|agreement|these regulations|procedure|document|\bmanual|\bversion|edition|` +
		`handbuch|richtlinie|diese ordnung|(?:haus|arbeits|dienst|betriebs|standort)ordnung|vereinbarung|regelung|dokument|leitfaden|leitlinie|merkblatt|kodex|anweisung|satzung|fassung|ausgabe|diese[rs]? (?:tarif|arbeits)?vertrag|this contract|\bguides?\b|code of conduct|` +
		`\bmanuel|règlement|\bpolitique|\bcharte|accord\b|note de service|présent contrat|reglamento|política|acuerdo|\bguía|código|este contrato|regolamento|manuale|procedura|accordo|\bguida\b|\bcodice|circolare|presente contratto`)
	this = regexp.MustCompile(`(?:^| )(?:this|these|dies\p{L}*|cette|cet|présent\p{L}*|est[ae]|presente|quest[oa]) (?:\p{L}+ )?\p{L}*$`)
	// verbs say of something that stands before them that it holds.
	verbs = regexp.MustCompile(`^(?:gilt|tritt|takes? effect|comes? into|applies|prend effet|entra)|(?:^| )(?:is|are|was|were|be|becomes?|ist|sind|war|waren|wird|werden|est|sont|sera|seront|es|son|será|serán|è|sono|sarà|saranno) $`)
)

func dateAfter(words string) *regexp.Regexp {
	days := strings.Join([]string{isoDay, dotDay, slashDay, namedDay, usDay, monthYear, numMonth}, "|")
	return regexp.MustCompile(`(?:^|[^\p{L}])(` + words + `)[ \t]*[:\-–]?[ \t]*(?:the |dem |den |le |el |il |l')?(?:` + days + `)(?:[^\d]|$)`)
}

// months by the first letters of their names in English, German, French,
// Spanish and Italian.
var months = []struct {
	start string
	month int
}{
	{"jan", 1}, {"jän", 1}, {"ene", 1}, {"gen", 1}, {"feb", 2}, {"fév", 2}, {"fev", 2}, {"febb", 2}, {"mar", 3}, {"mär", 3}, {"mrz", 3}, {"apr", 4}, {"avr", 4}, {"abr", 4},
	{"may", 5}, {"mai", 5}, {"mayo", 5}, {"mag", 5}, {"jun", 6}, {"juin", 6}, {"giu", 6}, {"jul", 7}, {"juil", 7}, {"lug", 7}, {"aug", 8}, {"aoû", 8}, {"aou", 8}, {"ago", 8},
	{"sep", 9}, {"set", 9}, {"oct", 10}, {"okt", 10}, {"ott", 10}, {"nov", 11}, {"dec", 12}, {"dez", 12}, {"déc", 12}, {"dic", 12},
}

// Effective finds the day from which a document says that it holds, "" where
// it does not say. more are texts beside its blocks: running headers, footers.
func Effective(d Document, more ...string) string {
	var texts []string
	rows := map[int]int{} // by table
	for _, b := range d.Blocks {
		if b.Kind == Row && !b.Head {
			rows[b.Table]++
		}
	}
	for i, b := range d.Blocks {
		if i >= dateBlocks && (b.Page == 0 || b.Page > datePages) {
			break
		}
		switch {
		case b.Hidden:
		case b.Kind == Row && rows[b.Table] > 1: // each row has days of its own, but for names and values side by side
			texts = append(texts, besides(b.Cells)...)
		default:
			texts = append(texts, b.Text)
		}
	}
	return EffectiveDate(append(texts, more...))
}

// besides are the cells of a row, and each with the one beside it.
func besides(cells []string) []string {
	texts := append([]string(nil), cells...)
	for i := 1; i < len(cells); i++ {
		texts = append(texts, cells[i-1]+": "+cells[i])
	}
	return texts
}

// EffectiveDate is Effective for texts in their order. A day that a text says
// it holds from goes before the day of its edition.
func EffectiveDate(texts []string) string {
	for _, pattern := range []*regexp.Regexp{strongDate, weakDate} {
		for _, text := range texts {
			text = strings.ToLower(cut(text, dateChars))
			for _, part := range append(strings.Split(text, "\n"), text) {
				if day := dayIn(pattern, strings.Join(strings.Fields(part), " ")); day != "" {
					return day
				}
			}
		}
	}
	return ""
}

func dayIn(pattern *regexp.Regexp, text string) string {
	for _, at := range pattern.FindAllStringSubmatchIndex(text, -1) {
		groups := make([]string, len(at)/2)
		end := 0
		for i := range groups {
			if at[2*i] >= 0 {
				groups[i] = text[at[2*i]:at[2*i+1]]
				if i > 1 {
					end = max(end, at[2*i+1])
				}
			}
		}
		if day := dayOf(groups[2:]); day != "" && ofItself(text[:at[2]], groups[1], text[end:]) {
			return day
		}
	}
	return ""
}

// mostBeside are the bytes that may stand beside a day which a line gives
// without a sentence around it.
const (
	mostBefore = 80
	mostAfter  = 40
)

// ofItself says whether a document speaks of itself with the words before a day,
// and not of an allowance, a law or a person: a sentence that names it does, and
// a line that is no sentence.
func ofItself(before, words, after string) bool {
	if at := sentences.FindAllStringIndex(before, -1); at != nil {
		before = before[at[len(at)-1][1]:]
	}
	if strings.HasPrefix(strings.TrimSpace(after), "außer kraft") || strings.HasPrefix(strings.TrimSpace(after), "ausser kraft") {
		return false
	}
	stop := strings.HasSuffix(after, ".")
	if at := sentences.FindStringIndex(after); at != nil {
		stop, after = after[at[0]] == '.', after[:at[0]]
	}
	if itself.MatchString(before) {
		return true
	}
	if at := itself.FindStringIndex(after); at != nil && this.MatchString(after[:at[0]]) {
		return true
	}
	if at := dashes.FindStringIndex(after); at != nil {
		after = after[:at[0]]
	}
	begins := strings.TrimSpace(before) == ""
	beside := len(after) <= mostAfter || strings.Contains(after, ": ") // other names and values of the line
	return len(before) <= mostBefore && beside && (begins || !stop && !verbs.MatchString(words) && !verbs.MatchString(before))
}

// dayOf reads the groups of the one form of a day that matched.
func dayOf(g []string) string {
	switch {
	case g[0] != "":
		return day(g[0], g[1], g[2])
	case g[3] != "":
		return day(g[5], g[4], g[3])
	case g[6] != "": // which is the month is only known where one cannot be
		if g[6] == g[7] || number(g[6]) > 12 {
			return day(g[8], g[7], g[6])
		}
		if number(g[7]) > 12 {
			return day(g[8], g[6], g[7])
		}
		return ""
	case g[9] != "":
		return day(g[11], monthOf(g[10]), g[9])
	case g[12] != "":
		return day(g[14], monthOf(g[12]), g[13])
	case g[15] != "":
		return day(g[16], monthOf(g[15]), "1")
	}
	return day(g[18], g[17], "1")
}

// day makes "2026-01-31", "" where there is no such day.
func day(year, month, of string) string {
	s := fmt.Sprintf("%04d-%02d-%02d", number(year), number(month), number(of))
	if t, err := time.Parse(time.DateOnly, s); err != nil || t.Year() < 1950 || t.Year() > 2100 {
		return ""
	}
	return s
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

// monthOf gives the number of a month's name, "0" where it is none.
func monthOf(name string) string {
	for _, m := range months {
		if strings.HasPrefix(name, m.start) {
			return strconv.Itoa(m.month)
		}
	}
	return "0"
}
