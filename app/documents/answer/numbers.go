package answer

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// figure is a number, percentage or day that a text states.
type figure struct {
	written string
	values  []float64 // "1.000" may be one or a thousand
	percent bool
	day     string // "2026-01-31", or "01-31" where no year is given; "" for a number
	of      string // the unit that it counts; "": none that is known
	from    int    // where it stands, of a number
	to      int
}

// is says whether two figures can mean the same.
func (f figure) is(o figure) bool {
	if f.day != "" && o.day != "" && (f.day == o.day || strings.HasSuffix(f.day, "-"+o.day) || strings.HasSuffix(o.day, "-"+f.day)) {
		return true
	}
	if f.percent && !o.percent || f.of != "" && o.of != "" && f.of != o.of {
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
		if len(f.values) == 1 && len(o.day) == len(time.DateOnly) && strconv.FormatFloat(f.values[0], 'f', -1, 64) == o.day[:4] {
			return true
		}
	}
	return false
}

var (
	isoDay    = regexp.MustCompile(`\b(\d{4})-(\d{2})-(\d{2})\b`)
	dottedDay = regexp.MustCompile(`\b(\d{1,2})[./](\d{1,2})[./](\d{4})\b`)
	// shortDay is a day without its year, "27.07.", or the end of "version 1.5.".
	shortDay = regexp.MustCompile(`\b(\d{1,2})\.(\d{1,2})\.(?:\s|$|[,;)–-])`)
	namedDay = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th|º|er)?\.?\s+(?:of\s+|de\s+)?(\p{L}{3,10})\.?(?:,?\s+(?:de\s+)?(\d{4}))?\b`)
	monthDay = regexp.MustCompile(`(?i)\b(\p{L}{3,10})\s+(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s+(\d{4}))?`)
	digits   = regexp.MustCompile(`\d+(?:[.,'’\x{00a0}\x{202f}]\d+)*`)
	// fromDay is before the day that ends a time, "27. bis 31. Juli"; toDay behind
	// the day that begins it, "July 27 to 31".
	fromDay  = regexp.MustCompile(`(?i)(?:^|[\s(])(\d{1,2})(?:\.|st|nd|rd|th)?\s*(?:bis(?:\s+zum)?|to|until|und|and|–|—|-)\s*$`)
	toDay    = regexp.MustCompile(`(?i)^\s*(?:to|until|and|–|—|-)\s*(\d{1,2})(?:st|nd|rd|th)?\.?(?:[\s,;:)]|$)`)
	listMark = regexp.MustCompile(`(?m)^\s*\d{1,2}[.)]\s`)
)

// figuresOf finds what a text states in figures, and in words where loose.
// Numbers of a list, "1.", are none.
func figuresOf(text string) []figure {
	var out []figure
	day := func(re *regexp.Regexp, y, m, d int) {
		for _, at := range re.FindAllStringSubmatchIndex(text, -1) {
			part := func(i int) string {
				if at[2*i] < 0 {
					return ""
				}
				return text[at[2*i]:at[2*i+1]]
			}
			var list []figure
			if list, at[0], at[1] = daysAt(text, at[0], at[1], part(y), part(m), part(d)); len(list) > 0 {
				out = append(out, list...)
				text = text[:at[0]] + strings.Repeat(" ", at[1]-at[0]) + text[at[1]:]
			}
		}
	}
	day(isoDay, 1, 2, 3)
	day(dottedDay, 3, 2, 1)
	day(namedDay, 3, 2, 1)
	day(monthDay, 3, 1, 2)
	for _, at := range shortDay.FindAllStringSubmatchIndex(text, -1) {
		if d, ok := ymd("", text[at[4]:at[5]], text[at[2]:at[3]]); ok {
			w := text[at[2]:at[5]]
			out = append(out, figure{written: w + ".", day: d, values: valuesOf(w)})
			text = text[:at[2]] + strings.Repeat(" ", at[5]-at[2]) + text[at[5]:]
		}
	}
	text = blank(text, listMark) // after the days: "31. March" begins like a list
	for _, at := range digits.FindAllStringIndex(text, -1) {
		w := text[at[0]:at[1]]
		out = append(out, figure{written: w, values: valuesOf(w), percent: percentAfter(text[at[1]:]), from: at[0], to: at[1]})
	}
	return append(out, wordFigures(text)...)
}

// daysAt gives the day of a match, and that with which it makes a time in one
// month; from and to are what they cover. None: it is no day.
func daysAt(text string, from, to int, y, m, d string) (list []figure, start, end int) {
	named := monthOf(m) != ""
	if named {
		m = monthOf(m)
	}
	day, ok := ymd(y, m, d)
	if !ok {
		return nil, from, to
	}
	list = []figure{{written: text[from:to], day: day}}
	other := func(at []int, offset int) bool { // a number beside a day may still be one
		w := text[offset+at[2] : offset+at[3]]
		day, ok := ymd(y, m, w)
		if ok {
			list = append(list, figure{written: w, day: day, values: valuesOf(w)})
		}
		return ok
	}
	if at := fromDay.FindStringSubmatchIndex(text[:from]); at != nil && other(at, 0) {
		return list, at[2], to
	}
	if at := toDay.FindStringSubmatchIndex(text[to:]); at != nil && named && other(at, to) {
		return list, from, to + at[3]
	}
	return list, from, to
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
// "one" and "ein" are left out: they are articles more often than numbers. See counted.
var numberWords = func() map[string]float64 {
	out := map[string]float64{"hundred": 100, "hundert": 100, "einhundert": 100, "thousand": 1000, "tausend": 1000, "eintausend": 1000, "dozen": 12}
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
	for i, u := range units[1:] {
		out[u+"hundert"], out[u+"tausend"] = float64(100*(i+2)), float64(1000*(i+2))
	}
	for i, w := range strings.Fields("zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig") {
		ten := float64(10 * (i + 2))
		out[w] = ten
		for j, u := range units {
			out[u+"und"+w] = ten + float64(j+1)
		}
	}
	return out
}()

// wordFigures finds numbers that are written as words: "twenty-five", "fünf",
// "two hundred".
func wordFigures(text string) []figure {
	var out []figure
	words := word.FindAllStringIndex(text, -1)
	value := func(i int) float64 {
		if i >= len(words) {
			return 0
		}
		return numberWords[fold(text[words[i][0]:words[i][1]])]
	}
	for i := 0; i < len(words); i++ {
		v, first := value(i), i
		if v == 0 {
			continue
		}
		next := value(i + 1)
		if i+1 < len(words) && fold(text[words[i+1][0]:words[i+1][1]]) == "one" {
			next = 1
		}
		switch {
		case v >= 20 && v < 100 && next > 0 && next < 10:
			v, i = v+next, i+1
		case v < 100 && (next == 100 || next == 1000):
			v, i = v*next, i+1
		}
		from, to := words[first][0], words[i][1]
		out = append(out, figure{written: text[from:to], values: []float64{v}, percent: percentAfter(text[to:]), from: from, to: to})
	}
	return out
}
