package chat

import (
	"embed"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// The default system prompts, one file a language.
//
//go:embed prompts/*.md
var promptFiles embed.FS

// language is what the prompt needs to know about one language.
type language struct {
	code string
	// marks are short words that are frequent here and rare in the other ones.
	marks string
	// asked is the sentence with the date: weekday, day, month, year.
	asked    string
	weekdays string // from Sunday
	months   string
}

var languages = []language{
	{
		code: "en", marks: "the and is are what how who why of to you does can which where when i my we with for in it",
		asked:    "(Asked on %[1]s, %[2]d %[3]s %[4]d.)",
		weekdays: "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
		months:   "January February March April May June July August September October November December",
	},
	{
		code: "de", marks: "der die das und ist sind was wie wer warum von zu du sie kann welche wo wann ich mein wir mit für im es ein eine nicht hat auf den dem",
		asked:    "(Gefragt am %[1]s, %[2]d. %[3]s %[4]d.)",
		weekdays: "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag",
		months:   "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
	},
	{
		code: "fr", marks: "le la les et est sont que quoi comment qui pourquoi de du des vous je mon nous avec pour dans un une quel quelle où quand pas il elle ce sur au l'",
		asked:    "(Demandé le %[1]s %[2]d %[3]s %[4]d.)",
		weekdays: "dimanche lundi mardi mercredi jeudi vendredi samedi",
		months:   "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
	},
	{
		code: "es", marks: "el la los las y es son qué cómo quién por de del usted yo mi nosotros con para en un una cuál dónde cuándo no hay se lo al está",
		asked:    "(Preguntado el %[1]s %[2]d de %[3]s de %[4]d.)",
		weekdays: "domingo lunes martes miércoles jueves viernes sábado",
		months:   "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
	},
	{
		code: "it", marks: "il lo la gli e è sono che cosa come chi perché di del della tu io mio noi con per in un una quale dove quando non ho si al",
		asked:    "(Chiesto il %[1]s %[2]d %[3]s %[4]d.)",
		weekdays: "domenica lunedì martedì mercoledì giovedì venerdì sabato",
		months:   "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
	},
	{
		code: "pt", marks: "o a os as e é são que como quem por de do da você eu meu nós com para em um uma qual onde quando não há no na está",
		asked:    "(Perguntado em %[1]s, %[2]d de %[3]s de %[4]d.)",
		weekdays: "domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado",
		months:   "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
	},
	{
		code: "nl", marks: "de het en is zijn wat hoe wie waarom van te jij je kan welke waar wanneer ik mijn wij met voor in een niet heeft op dat",
		asked:    "(Gevraagd op %[1]s %[2]d %[3]s %[4]d.)",
		weekdays: "zondag maandag dinsdag woensdag donderdag vrijdag zaterdag",
		months:   "januari februari maart april mei juni juli augustus september oktober november december",
	},
}

// detect guesses the language of a question by its small words, and falls
// back to English. A wrong guess costs little: each prompt asks for an answer
// in the language of the question.
func detect(text string) language {
	words := map[string]bool{}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		words[word] = true
	}
	best, most := languages[0], 0
	for _, l := range languages {
		n := 0
		for _, mark := range strings.Fields(l.marks) {
			if words[mark] {
				n++
			}
		}
		if n > most {
			best, most = l, n
		}
	}
	return best
}

// prompt is the built-in system prompt of the language.
func (l language) prompt() string {
	text, err := promptFiles.ReadFile("prompts/" + l.code + ".md")
	if err != nil {
		panic("chat: no prompt for " + l.code) // the files are part of the program
	}
	return strings.TrimSpace(string(text))
}

// date is the sentence that ends each question.
func (l language) date(at time.Time) string {
	return fmt.Sprintf(l.asked, strings.Fields(l.weekdays)[at.Weekday()], at.Day(), strings.Fields(l.months)[at.Month()-1], at.Year())
}
