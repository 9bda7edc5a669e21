package sentence

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// set makes a lookup of words.
func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// Words with a full stop, in lower case and without it.
var (
	// never end a sentence: something always follows them.
	never = set(`dr prof mr mrs ms mme mlle messrs hr fr hrn dipl ing med jur phil rer nat sr sra srta sres ud uds dott
		dottssa sig sigra sigg avv rag geom gen mgr me mons
		bzw vgl ca ggf ggfs evtl inkl exkl zzgl abzgl einschl ausschl sog gem lt bspw insb insbes entspr betr bez lfd
		mind hrsg verf geb verh zzt vs cf approx incl excl esp env éd ej aprox prev cfr vd es`)
	// numbered come before a number, and end a sentence otherwise.
	numbered = set(`art artt abs nr nrn ziff buchst hs kap bd anm fn rz rn rdnr s p pp pag pagg pág págs núm num nº no nos n
		sec sect fig figs vol ch chap para paras cl reg std min max mio mrd tsd tel al comma co let lett cap st str
		abb tab ex ref
		jan feb mrz mär apr jun jul aug sep sept okt oct nov dez dec janv févr avr juil déc ene abr ago dic genn febbr magg giu lug sett ott`)
	money = set(`euro eur usd chf gbp dollar franken € $ £`)
	// names come before a name, and end a sentence before what begins one.
	names = set(`u.s u.k e.u u.n inc ltd co corp bros dept st mt ste jr`)
	// lasting end lists and may end a sentence.
	lasting = set(`etc usw usf ecc u.a.m u.ä a.m p.m`)
	// labels come before one capital letter, as in "Plan B."
	labels = set(`plan group gruppe klasse class grade option anhang annex appendix anlage anexo annexe allegato teil part typ
		type tipo category kategorie categoría categoria catégorie level stufe section abschnitt tarif band vitamin hepatitis zone
		schedule step schritt table tabelle tabla tabella tableau form formular variante exhibit steuerklasse entgeltgruppe
		case fall punkt point punto point buchstabe letter gruppo grupo groupe opción opzione`)
	// starters begin English sentences after a name with a full stop.
	starters = set(`the a an it this that these those he she they we you i in on at if when for all each any employees`)
	// ordinals come before a number with a full stop that is an ordinal in German.
	ordinals = set(`am der die das dem den des zum zur vom bis ab im jeder jedem jede jedes jeden ersten und oder beim seit
		dieser diesem ihr ihrem ihren ihre sein seinem seinen unser unserem unseren zwischen`)
	months = set(`januar jänner februar märz april mai juni juli august september oktober november dezember
		january february march may june july october december`)
)

// known says whether a word with a full stop is an abbreviation.
func known(word string) bool {
	w := strings.ToLower(word)
	return never[w] || numbered[w] || names[w] || lasting[w] || strings.HasSuffix(w, "str")
}

// continues says whether a sentence goes on after word with its full stop.
// Alone: nothing else stands before the word on its line.
func continues(word, previous, next string, alone bool) bool {
	lower := strings.ToLower(word)
	first, _ := utf8.DecodeRuneInString(next)
	number := unicode.IsDigit(first) || first == '§' || isRoman(next) || utf8.RuneCountInString(next) == 1 && unicode.IsLetter(first)
	switch {
	case word == "" || next == "":
		return false
	case strings.Trim(word, "0123456789.") == "":
		return numberContinues(word, strings.ToLower(previous), next, alone)
	case lasting[lower]:
		return false
	case names[lower] && (!numbered[lower] || !number):
		return !starters[strings.ToLower(next)]
	case utf8.RuneCountInString(word) == 1:
		return letterContinues(word, previous, next)
	case strings.Contains(word, "."):
		return short(word)
	case numbered[lower] || strings.HasSuffix(lower, "str"):
		return number || money[strings.ToLower(next)]
	}
	return never[lower]
}

// numberContinues is continues for "1.", "3.1." and "01.01.".
func numberContinues(word, previous, next string, alone bool) bool {
	first, _ := utf8.DecodeRuneInString(next)
	switch {
	case alone: // the number of a heading or an item
		return true
	case strings.Contains(word, "."):
		return unicode.IsDigit(first)
	case len(word) > 2:
		return false
	}
	return months[strings.ToLower(next)] || ordinals[previous] && unicode.IsUpper(first)
}

// letterContinues is continues for one letter: "z." of "z. B.", "J." of a name.
func letterContinues(word, previous, next string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	before, _ := utf8.DecodeLastRuneInString(previous)
	switch {
	case unicode.IsLower(r):
		return true
	case word == "I" && unicode.IsLower(before):
		return false
	case labels[strings.ToLower(previous)]:
		return false
	}
	return true
}

// short says whether a word with dots is made of short parts: "z.B", "i.d.R".
func short(word string) bool {
	for part := range strings.SplitSeq(word, ".") {
		if utf8.RuneCountInString(part) > 3 {
			return false
		}
	}
	return true
}

func isRoman(word string) bool {
	return word != "" && strings.Trim(word, "IVXLC") == ""
}
