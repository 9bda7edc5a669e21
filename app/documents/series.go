package documents

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"alcove/storage"
)

// Guessed is what a file's name tells of its version.
type Guessed struct {
	Series    string // "": no other file is a version of it
	Version   string // "2026", "v3"
	Effective string // a day, or ""
}

var (
	dateWord    = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)\d{2})[-_. ]?(0[1-9]|1[0-2])[-_. ]?(0[1-9]|[12]\d|3[01])(?:$|[^0-9])`)
	dottedWord  = regexp.MustCompile(`(?:^|[^0-9.])(0?[1-9]|[12]\d|3[01])\.(0?[1-9]|1[0-2])\.((?:19|20)\d{2})(?:$|[^0-9])`) // the day first, as Germans write it
	yearWord    = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)\d{2})(?:$|[^0-9])`)
	versionWord = regexp.MustCompile(`(?i)(?:^|[^\pL\d])((?:v|version|ver|rev|revision|stand|fassung|edition|ausgabe)[-_. ]?\d+(?:[._]\d+)*)(?:$|[^\pL\d])`)
	copyWord    = regexp.MustCompile(`(?i)(?:^|[^\pL\d])(final|stand|neu|new|latest|aktuell|copy|kopie|copie|copia|\(\d+\))(?:$|[^\pL\d])`)
)

// nameless are words that alone say nothing: "document (1).pdf" is no version of
// "document.pdf".
var nameless = wordSet(`document documents dokument dokumente doc file datei dateien download downloads untitled unbenannt unnamed export print druck text new neu copy kopie
	fichier archivo documento`)

// serials are words of files that come again and again and do not replace each
// other: the minutes of March do not end those of February.
var serials = wordSet(`minutes protokoll protokolle newsletter rundschreiben report bericht reports berichte invoice rechnung invoices rechnungen
		payslip gehaltsabrechnung abrechnung statement kontoauszug log journal agenda tagesordnung meeting sitzung besprechung compte rendu acta verbale facture factura fattura
		receipt quittung order bestellung letter brief memo notes notizen scan img screenshot page seite anlage`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// Guess tells the series, the version and the day from a file's path
// ("handbook-2025.pdf" and "handbook-2026.pdf" are two versions of one text).
// It is careful: a wrong guess would hide a document, so a name that says
// nothing, or that of something that comes again and again, has no series.
func Guess(name string) Guessed {
	dir, base := path.Split(strings.Trim(path.Clean("/"+name), "/"))
	ext := path.Ext(base)
	stem := strings.TrimSuffix(base, ext)
	var g Guessed
	if m := dateWord.FindStringSubmatch(stem); m != nil {
		g.Effective = m[1] + "-" + m[2] + "-" + m[3]
		g.Version = g.Effective
	} else if m := dottedWord.FindStringSubmatch(stem); m != nil {
		g.Effective = fmt.Sprintf("%s-%02s-%02s", m[3], m[2], m[1])
		g.Version = g.Effective
	} else if m := yearWord.FindStringSubmatch(stem); m != nil {
		g.Effective, g.Version = m[1]+"-01-01", m[1]
	}
	if m := versionWord.FindStringSubmatch(dottedWord.ReplaceAllString(stem, " ")); m != nil {
		g.Version = m[1]
	}
	words := nameWords(stem)
	for _, w := range words {
		if serials[w] {
			return g
		}
	}
	if !slices.ContainsFunc(words, func(w string) bool { return strings.ContainsFunc(w, unicode.IsLetter) && !nameless[w] }) {
		return g
	}
	// A folder that is a year holds that year's files: the text is the same one.
	var folders []string
	for _, f := range strings.Split(strings.Trim(dir, "/"), "/") {
		w := nameWords(f)
		if m := yearWord.FindStringSubmatch(f); m != nil && g.Effective == "" {
			g.Effective, g.Version = m[1]+"-01-01", m[1]
		}
		if len(w) > 0 {
			folders = append(folders, strings.Join(w, " "))
		}
	}
	g.Series = strings.Join(append(folders, strings.Join(words, " ")), "/")
	return g
}

// placeOf is a document's name with the folders before it.
func placeOf(d storage.Document) string {
	if d.Folder != "" {
		return d.Path
	}
	return d.Path + "/" + d.Name
}

// guess is Guess on this day. A year that is far ahead is what a text is about
// ("Vision 2030"), and not from when it holds: the text would not be found.
func (s *Service) guess(name string) Guessed {
	g := Guess(name)
	if g.Effective > s.now().AddDate(1, 0, 0).Format(time.DateOnly) {
		g.Series, g.Effective = "", ""
	}
	return g
}

// nameWords are the words of a name without its dates and versions.
func nameWords(s string) []string {
	s = strings.ToLower(s)
	for _, re := range []*regexp.Regexp{dateWord, dottedWord, yearWord, versionWord, copyWord} {
		for range 4 { // what stands side by side shares the sign between
			m := re.FindStringSubmatchIndex(s)
			if m == nil {
				break
			}
			s = s[:m[2]] + " " + s[m[len(m)-1]:]
		}
	}
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
