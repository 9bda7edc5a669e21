package index

import (
	"regexp"
	"strings"
	"sync"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/spanish"
)

// stemmers are the languages that the stemmed column knows. Words of others
// are found as they are written.
var stemmers = map[string]func(*snowballstem.Env) bool{
	"en": english.Stem, "de": german.Stem, "fr": french.Stem, "es": spanish.Stem, "it": italian.Stem,
}

var envs = sync.Pool{New: func() any { return snowballstem.NewEnv("") }}

// stemOf gives the stem of a word in small letters, without diacritics.
func stemOf(w, language string) string {
	stem, known := stemmers[language]
	if !known || hasDigit(w) {
		return fold(w)
	}
	if language == "de" {
		w = plain(umlauts(w))
	}
	env := envs.Get().(*snowballstem.Env)
	defer envs.Put(env)
	env.SetCurrent(w)
	stem(env)
	return fold(env.Current())
}

// Forms of German that its stemmer does not know: "einzustempeln", and plurals
// on a vowel and s ("Büros").
var (
	withZu   = regexp.MustCompile(`^(ab|an|auf|aus|bei|ein|fest|mit|nach|vor|weg|um|zurück|zu)zu(\pL{3,}n)$`)
	withVowS = regexp.MustCompile(`^(\pL+[bcdfghklmnprtvwxz][aioy])s$`)
)

// plain takes "zu" out of a verb, and the s off a plural.
func plain(w string) string {
	if m := withZu.FindStringSubmatch(w); m != nil {
		return m[1] + m[2]
	}
	return withVowS.ReplaceAllString(w, "$1")
}

// umlauts makes "Kuendigung" the same word as "Kündigung": ae, oe and ue after
// a consonant (not q) or at the beginning. Both sides of the index go through
// it, so a word that has no umlaut ("aktuell") is still itself.
func umlauts(w string) string {
	if !strings.Contains(w, "ae") && !strings.Contains(w, "oe") && !strings.Contains(w, "ue") {
		return w
	}
	var b strings.Builder
	last := byte(0)
	for i := 0; i < len(w); i++ {
		if i+1 < len(w) && w[i+1] == 'e' && !strings.ContainsRune("aeiouyq", rune(last)) {
			if u, ok := map[byte]string{'a': "ä", 'o': "ö", 'u': "ü"}[w[i]]; ok {
				b.WriteString(u)
				last = 'e'
				i++
				continue
			}
		}
		b.WriteByte(w[i])
		last = w[i]
	}
	return b.String()
}

// stemmer keeps the stems of one language that were made; a document has each
// word many times. It is for one goroutine.
type stemmer struct {
	language string
	seen     map[string]string
}

func newStemmer(language string) *stemmer {
	return &stemmer{language: language, seen: map[string]string{}}
}

func (s *stemmer) stem(w string) string {
	if out, ok := s.seen[w]; ok {
		return out
	}
	out := stemOf(w, s.language)
	s.seen[w] = out
	return out
}
