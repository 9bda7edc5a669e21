package index

import "testing"

func TestGlossaryLeadsToTheHandbooksWords(t *testing.T) {
	for _, c := range []struct{ word, language, document, want string }{
		{"vacation", "en", "en", "leave"},
		{"chef", "de", "de", "führungskraft"},
		{"krankschreibung", "de", "en", "certificate"},
		{"pension", "en", "de", "altersvorsorge"},
	} {
		if !alike(c.word, c.language, []string{c.document})[stemOf(c.want, c.document)] {
			t.Errorf("%s does not lead to %s: %v", c.word, c.want, alike(c.word, c.language, []string{c.document}))
		}
	}
	if got := alike("xylophone", "en", []string{"en", "de"}); len(got) > 0 {
		t.Errorf("a word of no concept leads to %v", got)
	}
}

func TestGermanFormsHaveOneStem(t *testing.T) {
	for a, b := range map[string]string{"einzustempeln": "einstempeln", "büros": "büro", "taxis": "taxi", "abzurechnen": "abrechnen"} {
		if stemOf(a, "de") != stemOf(b, "de") {
			t.Errorf("%s -> %s, %s -> %s", a, stemOf(a, "de"), b, stemOf(b, "de"))
		}
	}
	if got := stemOf("haus", "de"); got != "haus" {
		t.Errorf("haus -> %s", got)
	}
}
