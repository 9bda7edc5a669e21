package sentence_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"alcove/app/documents/sentence"
)

// Each case is a text with "|" where sentences are parted.
var cases = map[string][]string{
	"en": {
		"Parental leave lasts 14 weeks. | It is paid at 80 %.",
		"Ask Dr. Smith, e.g. by mail. | He answers within 3.5 days.",
		"See No. 12 and Sec. 4 of the plan. | The answer is no. | Nothing else counts.",
		"You may choose Plan B. | The others stay in plan A.",
		"J. R. R. Tolkien wrote it. | So did I. | Nobody read it.",
		"The office closes at 5 p.m. | It opens at 9 a.m. on weekdays.",
		"Alcove Inc. pays. | The U.S. Department of Labor knows. | We work in the U.S. | The rules differ there.",
		"You get 30 days. [1] | Ask HR for more. [2][3] | Done.",
		"You get 30 days.[1] | Ask HR.",
		"\"Is it paid?\" she asked. | \"Yes!\" | It was.",
		"He said (see above!) that it is. | Fine.",
		"You get 30 days. | 20 of them by law.",
		"1. Leave is granted. | 2. It must be asked for.",
		"Costs are €1.50, i.e. little etc. | Nobody minds...  | Really?! | Yes.",
		"Visit www.example.com. | Mail hr@example.com now.",
	},
	"de": {
		"Der Anspruch beträgt 30 Tage. | 20 davon sind gesetzlich.",
		"Das gilt z. B. für Art. 5 und § 3 Abs. 2 Nr. 12 BUrlG. | Weiteres regelt der Vertrag.",
		"Die Regel gilt ab dem 1. Januar 2026. | Sie ersetzt die vom 31. Dezember 2024.",
		"Am 3. Tag ist ein Attest vorzulegen. | Der 1. Absatz gilt nicht.",
		"Es sind ca. 3,5 Mio. Euro bzw. 1.250,00 EUR. | Das ist viel.",
		"Tätigkeiten dieser Art. | Die Liste ist abschließend.",
		"Herr Dr. Müller, d. h. die Leitung, u. a. Frau Prof. Weiß, entscheidet i. d. R. am Montag. | Danach gilt's.",
		"Bürobedarf, Stifte usw. | Alles andere zahlt man selbst.",
		"Die Steuerklasse I. | Danach die Steuerklasse V. | Ende.",
		"Die Frist endete 2025. | Eine neue beginnt.",
		"Wann? | Sofort! | „Ja.“ | Gut.",
		"Hauptstr. 5 ist der Sitz. | Tel. 030 1234 hilft.",
		"Vom 01.01. bis 31.03. gilt der Winterplan. | Danach nicht.",
	},
	"fr": {
		"Le congé dure 16 semaines. | Il est payé selon l'art. 5 al. 2 du règlement.",
		"M. Dupont, p. ex. le lundi, répond. | Est-ce payé ? | Oui !",
		"Cf. la note no. 3. | Elle suffit.",
	},
	"es": {
		"Tiene 23 días. | ¿Son pagados? | ¡Sí! | Véase el art. 37 y la pág. 4.",
		"El Sr. García y la Sra. López deciden. | Ud. espera.",
	},
	"it": {
		"Il congedo dura 5 mesi. | Si veda l'art. 16 e pag. 3.",
		"Il Sig. Rossi e il Dott. Bianchi decidono. | Penne, carta ecc. | Basta così.",
	},
}

func TestSplit(t *testing.T) {
	for language, texts := range cases {
		for _, marked := range texts {
			var want []string
			for part := range strings.SplitSeq(marked, "|") {
				want = append(want, strings.TrimSpace(part))
			}
			text := strings.ReplaceAll(marked, "| ", "")
			if diff := cmp.Diff(want, split(text)); diff != "" {
				t.Errorf("%s: %q (-want +got):\n%s", language, text, diff)
			}
		}
	}
}

func TestRowsAndLines(t *testing.T) {
	row := "Years of service: up to 5. Or less; Days: 30. Paid in full; Note:"
	got := split("First line\n" + row + "\n\nLast. One.\r\nEnd")
	want := []string{"First line", row, "Last.", "One.", "End"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestEverythingIsInASentence holds for all texts: in order, apart, nothing
// but white space between, cut at whole characters.
func TestEverythingIsInASentence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOf(rapid.SampledFrom([]string{"a", "Urlaub", "z. B.", ". ", "1. ", "Januar", "\n", "[1]", " ", "?", "!", "(", ")", "é", "…", "; ", ": ", "§", "\u00a0", "”", "\xff", "3.1.", "日本。", "\r\n", "\u2028"}))
		text := strings.Join(pieces.Draw(t, "pieces"), rapid.SampledFrom([]string{"", " "}).Draw(t, "glue"))
		check(t, text)
	})
}

func TestLongLinesAreNotSquare(t *testing.T) {
	for _, unit := range []string{".", ". ", "1. ", "[1]", "a", "é", "(.", "; ", "x: y; "} {
		check(t, strings.Repeat(unit, 1<<20/len(unit)))
	}
}

func FuzzSplit(f *testing.F) {
	for _, texts := range cases {
		for _, text := range texts {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) { check(t, text) })
}

func check(t interface{ Fatalf(string, ...any) }, text string) {
	at, valid := 0, utf8.ValidString(text)
	for _, s := range sentence.Split(text) {
		if s.Start < at || s.End <= s.Start || s.End > len(text) {
			t.Fatalf("sentence %v after %d in %q", s, at, text)
		}
		if strings.TrimFunc(text[at:s.Start], unicode.IsSpace) != "" {
			t.Fatalf("%q is in no sentence of %q", text[at:s.Start], text)
		}
		if valid && !utf8.ValidString(text[s.Start:s.End]) {
			t.Fatalf("%v cuts a character of %q", s, text)
		}
		at = s.End
	}
	if strings.TrimFunc(text[at:], unicode.IsSpace) != "" {
		t.Fatalf("%q is in no sentence of %q", text[at:], text)
	}
}

func split(text string) []string {
	var out []string
	for _, s := range sentence.Split(text) {
		out = append(out, text[s.Start:s.End])
	}
	return out
}
