package index

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"alcove/storage"
)

func TestSearch_WordsOfFiveLanguages(t *testing.T) {
	for _, row := range []struct{ language, text, question, none string }{
		{"en", "Policies for employees are kept by the managers.", "policy employee manager", "police"},
		{"en", "The café serves lunch.", "CAFE", "coffeehouse"},
		{"de", "Die Kündigungen werden den Beschäftigten zugestellt.", "Kündigung", "Kunde"},
		{"de", "Die Kündigungen werden den Beschäftigten zugestellt.", "Kuendigungen", "Kunde"},
		{"de", "Überstunden sind auf der Straße möglich.", "uberstunde STRASSE", "Stunde"},
		{"de", "Den Elternzeitantrag nimmt die Abteilung an. Ein Antrag auf Elternzeit genügt.", "Elternzeitantrag", "Kantine"},
		{"fr", "Les congés annuels des salariés sont payés.", "congé annuel salarié", "cuisine"},
		{"es", "Las vacaciones de los trabajadores son anuales.", "vacación trabajador", "vaca"},
		{"it", "Le ferie dei lavoratori sono retribuite annualmente.", "lavoratore ferie", "ferro"},
	} {
		s := newShelf(t, nil)
		s.collection("hr", "owner")
		s.put(storage.Document{CollectionID: "hr"}, row.language, row.text)
		for _, q := range strings.Fields(row.question) {
			if got := s.find(Query{Collection: "hr", Person: "owner", Text: q, Language: row.language}); len(got.Passages) != 1 || got.Coverage == 0 {
				t.Errorf("%s: %q does not find %q", row.language, q, row.text)
			}
		}
		if got := s.texts(Query{Collection: "hr", Person: "owner", Text: row.none, Language: row.language}); len(got) != 0 {
			t.Errorf("%s: %q finds %q", row.language, row.none, row.text)
		}
	}
}

func TestCompounds(t *testing.T) {
	known := set("eltern elternzeit antrag zeit urlaub anspruch arbeit arbeitszeit konto freund schaft")
	stem := func(w string) string { return stemOf(w, "de") }
	for word, want := range map[string][]string{
		"elternzeitantrag": {"elternzeit", "antrag"}, "urlaubsanspruch": {"urlaub", "anspruch"}, "arbeitszeitkonto": {"arbeitszeit", "konto"},
		"freundschaft": nil, "krankenversicherung": nil, "antrag": nil, "": nil, "äöüäöüäöüäöü": nil,
	} {
		if got := partsOf(word, stem, func(w string) bool { return known[w] }); !slices.Equal(got, want) {
			t.Errorf("%s = %q, want %q", word, got, want)
		}
	}
}

func TestTerms(t *testing.T) {
	for _, row := range []struct {
		text, language string
		want           []string
	}{
		{"How many days of parental leave do I get?", "en", []string{"days", "parental", "leave"}},
		{"Wie viele Tage Elternzeit bekomme ich?", "de", []string{"tage", "elternzeit"}},
		{"Combien de jours de congé ai-je ?", "fr", []string{"jours", "congé"}},
		{"what is it", "en", []string{"what", "is", "it"}}, // nothing else is there
		{"Straße 30 x", "de", []string{"straße", "30"}},
		{"", "", nil}, {"\x00 ?!", "en", nil},
	} {
		if got := Terms(row.text, row.language); !slices.Equal(got, row.want) {
			t.Errorf("%q = %q, want %q", row.text, got, row.want)
		}
	}
}

// What means the same is found, for less than the word itself, and across
// languages.
func TestSearch_WordsThatMeanTheSame(t *testing.T) {
	s := newShelf(t, nil)
	s.collection("hr", "owner")
	s.put(storage.Document{CollectionID: "hr"}, "en", "Annual leave is thirty days.", "The garage opens at six.", "The vacation calendar hangs in the hall.")
	got := s.texts(Query{Collection: "hr", Person: "owner", Text: "vacation", Language: "en"})
	if len(got) != 2 || !strings.Contains(got[0], "vacation") || !strings.Contains(got[1], "leave") {
		t.Errorf("found %q", got)
	}
	if got := s.texts(Query{Collection: "hr", Person: "owner", Text: "Wie viel Urlaub habe ich?", Language: "de"}); len(got) != 2 {
		t.Errorf("across languages: %q", got)
	}
}

func TestSearch_HostileQuestions(t *testing.T) {
	s := newShelf(t, newFake())
	s.collection("hr", "owner")
	s.put(storage.Document{CollectionID: "hr"}, "de", "Überstunden werden bezahlt.", "col:text OR NEAR(x)")
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	pieces := []string{`"`, `""`, "*", "NEAR(", ")", "stem:", "AND", " OR ", "NOT", "-", "+", "^", "{", "}", ":", "a", "é", " ", "\x00", "\n", "'", ";", "\xff", "\U0001f642", "\U0001e922", "%", "|", "\\", "Überstunden", "u\u0308ber", strings.Repeat("ab", 200)}
	for range soaked(4000) {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		language := append([]string{"", "xx"}, languages()...)[r.IntN(7)]
		if _, err := s.ix.Search(t.Context(), Query{Collection: "hr", Person: "owner", Text: b.String(), Terms: []string{b.String()}, Language: language}); err != nil {
			t.Fatalf("search %q: %v", b.String(), err)
		}
	}
	for _, q := range []string{strings.Repeat("überstunden ", 1<<17), strings.Repeat("\"*", 1<<19), strings.Repeat("ä", 1<<20), "\x01\x02"} {
		s.find(Query{Collection: "hr", Person: "owner", Text: q})
	}
	s.find(Query{Collection: `x" OR 1`, Person: "'", AsOf: "' OR '1", Text: "x", Limit: -5})
}

func languages() []string { return []string{"en", "de", "fr", "es", "it"} }
