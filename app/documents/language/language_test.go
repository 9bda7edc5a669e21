package language_test

import (
	"strings"
	"testing"

	"alcove/app/documents/language"
)

var texts = map[string][]string{
	"en": {"How many days of parental leave do I get?", "Employees may carry over five days to the next year.", "who approves my expenses", "Leave must be requested in the portal."},
	"de": {"Wie viele Tage Elternzeit bekomme ich?", "Der Resturlaub verfällt am 31. März des Folgejahres.", "Arbeitnehmer müssen die Krankmeldung vorlegen.", "Wann wird das Gehalt überwiesen?"},
	"fr": {"Combien de jours de congé est-ce que je peux prendre ?", "Le salarié doit informer son responsable dans les 48 heures.", "Les frais sont remboursés à la fin du mois."},
	"es": {"¿Cuántos días de vacaciones tengo al año?", "El empleado debe avisar a su responsable en las primeras horas.", "Las horas extra se pagan con el salario del mes."},
	"it": {"Quanti giorni di ferie ho a disposizione?", "Il dipendente deve informare il responsabile entro 48 ore.", "Le spese sono rimborsate alla fine del mese con lo stipendio."},
}

func TestDetect(t *testing.T) {
	for want, list := range texts {
		for _, text := range list {
			if got := language.Detect(text); got != want && got != "" {
				t.Errorf("%q is %q; got %q", text, want, got)
			}
		}
		if got := language.Detect(strings.Join(list, " ")); got != want {
			t.Errorf("%s: all together are %q", want, got)
		}
	}
	for _, text := range []string{"", "42", "IBAN DE12", "日本語の文章です", "Zażółć gęślą jaźń", strings.Repeat("\xff", 1<<20)} {
		if got := language.Detect(text); got != "" {
			t.Errorf("%.20q is %q", text, got)
		}
	}
}

func TestOfKeepsTheDocuments(t *testing.T) {
	if got := language.Of("Anspruch: 30 Tage", "de"); got != "de" {
		t.Errorf("a row of a German document is %q", got)
	}
	if got := language.Of("The employee is entitled to the leave that is stated in the contract of employment.", "de"); got != "en" {
		t.Errorf("an English passage of a German document is %q", got)
	}
	if got := language.Of("42", ""); got != "" {
		t.Errorf("a number is %q", got)
	}
}
