package answer

import (
	"slices"
	"strings"

	"alcove/app/documents/index"
	"alcove/storage"
)

// tongue is what an answer needs to know about one language.
type tongue struct {
	code string
	// stop are words without meaning of their own.
	stop string
	// points are words that point at something said before.
	points string
	// openers begin a question that goes on with the one before.
	openers string
	// vague are words that ask for an amount or a time and name no topic.
	vague   string
	refusal string
	best    string // says which passage fits best, by its number
	remind  string // says how to answer, and with which number to end
}

var tongues = []tongue{
	{
		code:    "en",
		stop:    "the a an and or but if is are was were be been being am do does did have has had having i me my mine we us our you your he him his she her it its they them their this that these those there here what which who whom whose when where why how to of in on at by for from with without about into over under after before between during as than then so not no nor only also too very can could may might must shall should will would get gets got just any some all each every such own same other more most less per up out off again once",
		points:  "it its this that these those they them their there he she him her one ones same",
		openers: "and|also|but|or|what about|how about|what if|then|and what|ok and|so",
		vague:   "long many much often early late soon day days week weeks month months year years hour hours time money exactly please tell know need apply need mean means happen happens else",
		refusal: "I did not find an answer to this in the documents.",
		best:    "Passage [%d] fits best: ",
		remind:  "Answer the question in English, in one or two short sentences, with what the passages say. End with [%d].",
	},
	{
		code:    "de",
		stop:    "der die das den dem des ein eine einen einem einer eines und oder aber wenn ist sind war waren sein bin bist wird werden wurde wurden worden habe hat haben hatte hast ich mich mir mein meine meinen meiner meinem wir uns unser unsere du dich dir dein deine er ihn ihm sie ihr ihre ihren ihrem es man sich was welche welcher welches welchen wer wen wem wann wo warum wieso wie zu zum zur von vom im in an am auf bei beim fur gegen mit ohne nach vor uber unter durch aus um als dann so nicht kein keine keinen nur auch sehr kann konnen konnte darf durfen muss mussen soll sollen sollte will wollen mochte gibt etwas alle alles jeder jede jedes diese dieser dieses diesem diesen dort hier noch schon mehr bekomme bekommt bekommen pro ob bis seit dass denn mal ja nein",
		points:  "dies diese dieser dieses diesen diesem jene dort dafur dabei davon daran darauf damit dazu daruber darin es ihn ihm ihnen sie deren dessen derselbe dieselbe",
		openers: "und|auch|aber|oder|wie ist es|was ist mit|und was|wie sieht es|wie siehts|dann",
		vague:   "lange viele viel oft fruh spat tag tage tagen woche wochen monat monate monaten jahr jahre jahren stunde stunden zeit geld genau bitte sag sagen weiss wissen brauche brauchen gilt gelten heisst passiert funktioniert sonst dauert dauern bedeutet ab",
		refusal: "Dazu habe ich in den Dokumenten keine Antwort gefunden.",
		best:    "Abschnitt [%d] passt am besten: ",
		remind:  "Beantworte die Frage auf Deutsch, in ein oder zwei kurzen Sätzen, mit dem, was die Abschnitte sagen. Ende mit [%d].",
	},
	{
		code:    "fr",
		stop:    "le la les l un une des du de d et ou mais si est sont etait etre suis ai as a ont avoir je me moi mon ma mes nous notre nos vous votre vos tu te ton ta tes il elle ils elles on ce cet cette ces ca qui que quoi dont ou quel quelle quels quelles quand pourquoi comment combien au aux en dans sur sous par pour avec sans apres avant entre comme alors ne pas plus moins aussi tres peut peux peuvent puis dois doit doivent faut y se son sa ses leur leurs tout tous toute toutes chaque",
		points:  "cela ca ceci celui celle ceux celles il elle ils elles lui",
		openers: "et|aussi|mais|ou|qu en est il|et pour|et si|alors",
		vague:   "combien temps jour jours semaine semaines mois an ans annee annees heure heures souvent argent exactement dure durer",
		refusal: "Je n'ai pas trouvé de réponse à cette question dans les documents.",
		best:    "Le passage [%d] convient le mieux : ",
		remind:  "Réponds à la question en français, en une ou deux phrases courtes, avec ce que disent les passages. Termine par [%d].",
	},
	{
		code:    "es",
		stop:    "el la los las lo un una unos unas y o pero si es son era ser soy he ha han haber tengo tiene tienen tener yo me mi mis nos nuestro nuestra usted ustedes su sus tu tus te el ella ellos ellas se este esta estos estas ese esa eso esto que quien cual cuales cuando donde por porque para como cuanto cuantos cuanta cuantas a al de del en con sin sobre bajo entre antes despues hasta desde no ni mas menos tambien muy puede puedo pueden debo debe deben hay todo todos toda todas cada",
		points:  "eso esto ese esa esos esas ello ella ellos ellas alli ahi le les",
		openers: "y|tambien|pero|o|que pasa con|y para|y si|entonces",
		vague:   "cuanto cuantos tiempo dia dias semana semanas mes meses ano anos hora horas dinero dura durar exactamente",
		refusal: "No he encontrado una respuesta a esto en los documentos.",
		best:    "El pasaje [%d] es el más adecuado: ",
		remind:  "Responde a la pregunta en español, en una o dos frases cortas, con lo que dicen los pasajes. Termina con [%d].",
	},
	{
		code:    "it",
		stop:    "il lo la i gli le l un uno una e o ma se e sono era essere ho hai ha hanno avere io mi mio mia miei mie noi ci nostro voi vostro tu ti tuo tua lui lei loro si suo sua suoi sue questo questa questi queste quello quella che chi cui quale quali quando dove perche come quanto quanti quanta quante a al alla ai di del della dei delle da dal in nel nella su sul con senza per tra fra prima dopo non piu meno anche molto puo posso possono devo deve devono c tutto tutti tutte ogni",
		points:  "questo questa quello quella cio esso essa essi loro",
		openers: "e|anche|ma|o|e per|e se|allora|che ne e",
		vague:   "quanto quanti tempo giorno giorni settimana settimane mese mesi anno anni ora ore denaro dura durare esattamente",
		refusal: "Non ho trovato una risposta a questa domanda nei documenti.",
		best:    "Il passaggio [%d] è il più adatto: ",
		remind:  "Rispondi alla domanda in italiano, in una o due frasi brevi, con ciò che dicono i passaggi. Termina con [%d].",
	},
	{
		code:    "pt",
		stop:    "o a os as um uma uns umas e ou mas se e sao era ser sou tenho tem ter eu me meu minha meus minhas nos nosso nossa voce voces seu sua seus suas ele ela eles elas isto isso este esta esse essa aquele que quem qual quais quando onde por porque para como quanto quantos quanta quantas ao aos de do da dos das em no na nos nas com sem sobre entre antes depois ate desde nao nem mais menos tambem muito pode posso podem devo deve ha todo todos toda todas cada",
		points:  "isso isto esse essa ele ela eles elas la ali",
		openers: "e|tambem|mas|ou|e para|e se|entao",
		vague:   "quanto quantos tempo dia dias semana semanas mes meses ano anos hora horas dinheiro dura durar",
		refusal: "Não encontrei resposta a esta pergunta nos documentos.",
		best:    "A passagem [%d] é a mais adequada: ",
		remind:  "Responde à pergunta em português, em uma ou duas frases curtas, com o que dizem as passagens. Termina com [%d].",
	},
	{
		code:    "nl",
		stop:    "de het een en of maar als is zijn was waren ben bent heb hebt heeft hebben ik me mij mijn wij we ons onze jij je jouw u uw hij hem zij ze haar hun dit dat deze die er hier daar wat welke wie wanneer waar waarom hoe hoeveel te van in op aan bij door voor met zonder na over onder tussen tot niet geen ook nog zeer kan kunnen mag moet moeten zal zullen wil om dan dus alle elke per",
		points:  "dit deze ze zij hem haar hun daar daarvoor daarmee daarvan",
		openers: "en|ook|maar|of|hoe zit het met|wat als|dan",
		vague:   "lang veel vaak dag dagen week weken maand maanden jaar jaren uur uren tijd geld precies duurt",
		refusal: "Ik heb hierop geen antwoord gevonden in de documenten.",
		best:    "Passage [%d] past het best: ",
		remind:  "Beantwoord de vraag in het Nederlands, in een of twee korte zinnen, met wat de passages zeggen. Eindig met [%d].",
	},
}

// stop are the stop words of all languages: a word that carries no meaning in
// one of them is rarely what another one's question is about, and a mixed
// company asks in several.
var stop = func() map[string]bool {
	out := map[string]bool{}
	for _, t := range tongues {
		for _, w := range strings.Fields(t.stop) {
			out[fold(w)] = true
		}
	}
	return out
}()

// tongueOf gives a language by its code; English for an unknown one.
func tongueOf(code string) tongue {
	for _, t := range tongues {
		if t.code == code {
			return t
		}
	}
	return tongues[0]
}

// own are the stop words of each language alone.
var own = func() map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, t := range tongues {
		out[t.code] = setOf(t.stop)
	}
	return out
}()

// setOf are the folded words of a list.
func setOf(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[fold(w)] = true
	}
	return out
}

// languageOf guesses the language of a text by its small words; "" where it has
// none that are known.
func languageOf(text string) string {
	code, _ := guess(text)
	return code
}

// guess also says whether another language has as many of the words.
func guess(text string) (code string, sure bool) {
	if strings.ContainsAny(text, "¿¡") {
		return "es", true
	}
	words := wordsOf(text)
	most := 0
	for _, t := range tongues {
		n := 0
		for _, w := range words {
			if own[t.code][w] {
				n++
			}
		}
		if n == most {
			sure = false
		}
		if n > most {
			code, most, sure = t.code, n, true
		}
	}
	return code, sure
}

// spokenIn is the language in which a question is answered. Who types "Kündigungsfrist
// Probezeit" uses no small words: then its letters say it, the passage that has
// its words, what was asked before, and the collection's language.
func spokenIn(a Ask, c storage.Collection, found []index.Passage) tongue {
	code, sure := guess(a.Question)
	if sure {
		return tongueOf(code)
	}
	if strings.ContainsAny(strings.ToLower(a.Question), "äöüß") {
		return tongueOf("de")
	}
	for _, p := range found[:min(looked, len(found))] {
		if p.Ranks.Text > 0 && p.Language != "" {
			return tongueOf(p.Language)
		}
	}
	for _, t := range slices.Backward(a.History) {
		if before, sure := guess(t.Question); sure {
			return tongueOf(before)
		}
	}
	if code == "" && len(c.Languages) == 1 {
		code = c.Languages[0]
	}
	return tongueOf(code)
}
