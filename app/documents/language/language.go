// Package language tells English, German, French, Spanish and Italian apart
// by their small words. It is pure, and says nothing where it cannot tell.
package language

import (
	"strings"
	"unicode"
)

// Codes are the languages that are told apart.
var Codes = []string{"en", "de", "fr", "es", "it"}

// marks are small words of each language, in the order of Codes. A word that
// several have counts for each.
var marks = [...]string{
	`the and is are was be been what how who why of to you your does do can may must shall will which where when i my we our they their
	with for in it its this that these those by on at from not have has or if any all per`,
	`der die das und ist sind war wird werden wurde was wie wer warum von zu du sie ihr ihre kann darf muss soll welche wo wann ich mein wir unser mit für
	im es ein eine einen einem einer eines nicht hat haben auf den dem des bei oder wenn nach aus durch bis sich auch als am zum zur pro beträgt`,
	`le la les et est sont été que quoi comment qui pourquoi de du des vous votre je mon nous notre avec pour dans un une quel quelle où quand
	pas il elle ce cette ces sur au aux ou si par ne se leur leurs plus peut doit être l d qu`,
	`el la los las y es son fue que qué cómo quién por qué de del usted su sus yo mi nosotros nuestro con para en un una cuál dónde cuándo no hay se lo
	al está están este esta estos o si como más puede debe ser cada`,
	`il lo la gli le e è sono stato che cosa come chi perché di del della dei delle dello tu io mio noi nostro con per in un una quale dove quando non
	ho ha hanno si al alla ai nel nella o se più può deve essere questo questa ogni da dal l`,
}

// signs are letters that only some languages have; each counts as a word.
var signs = [...]string{"", "äöüß", "çœêâîûëï", "ñ¿¡", "òì"}

var words = func() map[string][]int {
	m := map[string][]int{}
	for i, list := range marks {
		seen := map[string]bool{}
		for w := range strings.FieldsSeq(list) {
			if !seen[w] {
				m[w] = append(m[w], i)
			}
			seen[w] = true
		}
	}
	return m
}()

// most bounds what is read of a text, in bytes.
const most = 64 << 10

// Detect gives the code of the text's language, or "" where its words do not
// say: it is too short, another language, or a mixture.
func Detect(text string) string {
	best, first, second := scores(text)
	if first < 2 || first < second+max(1, first/5) {
		return ""
	}
	return Codes[best]
}

// Of is Detect with what is known of the surroundings: a passage is in the
// language of its document unless its words clearly say otherwise.
func Of(text, document string) string {
	best, first, second := scores(text)
	if first >= 4 && first >= 2*second || document == "" && first >= 2 && first > second {
		return Codes[best]
	}
	return document
}

// scores counts words of each language and gives the best one with its count
// and that of the next.
func scores(text string) (best, first, second int) {
	if len(text) > most {
		text = text[:most]
	}
	text = strings.ToLower(text)
	var n [len(marks)]int
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		for _, i := range words[word] {
			n[i]++
		}
	}
	for i, letters := range signs {
		if letters != "" {
			n[i] += min(3, strings.Count(strings.Map(keep(letters), text), "")-1)
		}
	}
	for i, count := range n {
		switch {
		case count > first:
			best, first, second = i, count, first
		case count > second:
			second = count
		}
	}
	return best, first, second
}

func keep(letters string) func(rune) rune {
	return func(r rune) rune {
		if r < 0x80 || !strings.ContainsRune(letters, r) {
			return -1
		}
		return r
	}
}
