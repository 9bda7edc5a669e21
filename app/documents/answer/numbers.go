package answer

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// figure is a number, percentage or day that a text states.
type figure struct {
	written string
	values  []float64 // "1.000" may be one or a thousand
	percent bool
	day     string // "2026-01-31", or "01-31" where no year is given; "" for a number
}

// is says whether two figures can mean the same.
func (f figure) is(o figure) bool {
	if f.day != "" || o.day != "" {
		return f.day != "" && o.day != "" && (f.day == o.day || strings.HasSuffix(f.day, "-"+o.day) || strings.HasSuffix(o.day, "-"+f.day))
	}
	if f.percent && !o.percent {
		return false
	}
	for _, a := range f.values {
		for _, b := range o.values {
			if a == b {
				return true
			}
		}
	}
	return false
}

// within says whether one of a list is this figure. A day's year counts where
// only that was said.
func (f figure) within(list []figure) bool {
	for _, o := range list {
		if f.is(o) {
			return true
		}
		if f.day == "" && len(f.values) == 1 && len(o.day) == len(time.DateOnly) && strconv.FormatFloat(f.values[0], 'f', -1, 64) == o.day[:4] {
			return true
		}
	}
	return false
}

var (
	isoDay    = regexp.MustCompile(`\b(\d{4})-(\d{2})-(\d{2})\b`)
	dottedDay = regexp.MustCompile(`\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b`)
	namedDay  = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th|º|er)?\.?\s+(?:of\s+|de\s+)?(\p{L}{3,10})\.?(?:,?\s+(?:de\s+)?(\d{4}))?\b`)
	monthDay  = regexp.MustCompile(`(?i)\b(\p{L}{3,10})\s+(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s+(\d{4}))?`)
	digits    = regexp.MustCompile(`\d+(?:[.,'’\x{00a0}\x{202f}]\d+)*`)
	listMark  = regexp.MustCompile(`(?m)^\s*\d{1,2}[.)]\s`)
)

// figuresOf finds what a text states in figures, and in words where loose.
// Numbers of a list, "1.", are none.
func figuresOf(text string) []figure {
	var out []figure
	day := func(re *regexp.Regexp, parse func(m []string) (string, bool)) {
		for _, at := range re.FindAllStringSubmatchIndex(text, -1) {
			m := make([]string, len(at)/2)
			for i := range m {
				if at[2*i] >= 0 {
					m[i] = text[at[2*i]:at[2*i+1]]
				}
			}
			if d, ok := parse(m); ok {
				out = append(out, figure{written: m[0], day: d})
				text = text[:at[0]] + strings.Repeat(" ", at[1]-at[0]) + text[at[1]:]
			}
		}
	}
	day(isoDay, func(m []string) (string, bool) { return ymd(m[1], m[2], m[3]) })
	day(dottedDay, func(m []string) (string, bool) { return ymd(m[3], m[2], m[1]) })
	day(namedDay, func(m []string) (string, bool) { return ymd(m[3], monthOf(m[2]), m[1]) })
	day(monthDay, func(m []string) (string, bool) { return ymd(m[3], monthOf(m[1]), m[2]) })
	text = blank(text, listMark) // after the days: "31. March" begins like a list
	for _, at := range digits.FindAllStringIndex(text, -1) {
		w := text[at[0]:at[1]]
		out = append(out, figure{written: w, values: valuesOf(w), percent: percentAfter(text[at[1]:])})
	}
	return append(out, wordFigures(text)...)
}

// blank puts spaces in place of what matches.
func blank(text string, re *regexp.Regexp) string {
	return re.ReplaceAllStringFunc(text, func(s string) string {
		return strings.Repeat(" ", len(s)) // not \n: the next mark needs its line
	})
}

func percentAfter(rest string) bool {
	rest = strings.ToLower(strings.TrimLeft(rest, " \u00a0\u202f-"))
	for _, p := range []string{"%", "percent", "per cent", "prozent", "pour cent", "por ciento", "per cento", "por cento", "procent"} {
		if strings.HasPrefix(rest, p) {
			return true
		}
	}
	return false
}

// valuesOf reads a number in any of the ways in which it may be meant: comma
// and point are both used for decimals and for thousands.
func valuesOf(w string) []float64 {
	w = strings.NewReplacer("'", "", "’", "", "\u00a0", "", "\u202f", "").Replace(w)
	var out []float64
	add := func(s string) {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return
		}
		for _, o := range out {
			if o == v {
				return
			}
		}
		out = append(out, v)
	}
	plain := strings.NewReplacer(",", "", ".", "")
	last := strings.LastIndexAny(w, ".,")
	switch {
	case last < 0:
		add(w)
	case len(w)-last-1 == 3:
		add(plain.Replace(w)) // 1,000 or 1.000.000
		if strings.IndexAny(w, ".,") == last {
			add(strings.Replace(w, ",", ".", 1)) // or one, exactly
		}
	default:
		add(plain.Replace(w[:last]) + "." + w[last+1:])
	}
	return out
}

func ymd(y, m, d string) (string, bool) {
	month, err1 := strconv.Atoi(m)
	day, err2 := strconv.Atoi(d)
	if err1 != nil || err2 != nil || month < 1 || month > 12 || day < 1 || day > 31 {
		return "", false
	}
	rest := two(month) + "-" + two(day)
	if y == "" {
		return rest, true
	}
	return y + "-" + rest, true
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// months are the first three or four letters of each month in the languages
// of refusals, without accents.
var months = func() map[string]string {
	out := map[string]string{}
	for i, names := range []string{
		"january januar janvier enero gennaio janeiro januari jan", "february februar fevrier febrero febbraio fevereiro februari feb",
		"march marz mars marzo marco maart maerz", "april avril abril aprile apr", "may mai mayo maggio maio mei",
		"june juni juin junio giugno junho jun", "july juli juillet julio luglio julho jul", "august aout agosto augustus aug",
		"september septembre septiembre settembre setembro sep sept", "october oktober octobre octubre ottobre outubro oct okt",
		"november novembre noviembre novembro nov", "december dezember decembre diciembre dicembre dezembro dec dez",
	} {
		for _, n := range strings.Fields(names) {
			out[n] = strconv.Itoa(i + 1)
		}
	}
	return out
}()

func monthOf(word string) string { return months[fold(word)] }

// numberWords are the words below twenty and the tens, in English and German.
// "one" and "ein" are left out: they are articles more often than numbers.
var numberWords = func() map[string]float64 {
	out := map[string]float64{"hundred": 100, "hundert": 100, "einhundert": 100, "tausend": 1000, "dozen": 12}
	for i, w := range strings.Fields("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen") {
		out[w] = float64(i + 2)
	}
	for i, w := range strings.Fields("zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn") {
		out[w] = float64(i + 2)
	}
	for i, w := range strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety") {
		out[w] = float64(10 * (i + 2))
	}
	units := strings.Fields("ein zwei drei vier funf sechs sieben acht neun")
	for i, w := range strings.Fields("zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig") {
		ten := float64(10 * (i + 2))
		out[w] = ten
		for j, u := range units {
			out[u+"und"+w] = ten + float64(j+1)
		}
	}
	return out
}()

// wordFigures finds numbers that are written as words: "twenty-five", "fünf".
func wordFigures(text string) []figure {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	var out []figure
	for i := 0; i < len(words); i++ {
		v, ok := numberWords[fold(words[i])]
		if !ok {
			continue
		}
		written := words[i]
		if v >= 20 && v < 100 && i+1 < len(words) {
			unit, ok := numberWords[fold(words[i+1])]
			if fold(words[i+1]) == "one" {
				unit, ok = 1, true
			}
			if ok && unit < 10 {
				v, written = v+unit, written+"-"+words[i+1]
				i++
			}
		}
		out = append(out, figure{written: written, values: []float64{v}, percent: percentAfter(after(text, words[min(i, len(words)-1)]))})
	}
	return out
}

// after is what follows the first place of a word.
func after(text, word string) string {
	_, rest, _ := strings.Cut(text, word)
	return rest
}
