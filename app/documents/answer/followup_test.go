package answer

import (
	"strings"
	"testing"
)

func TestFollowUpsAreResolved(t *testing.T) {
	for _, c := range []struct {
		before, question string
		carry            []string // nil: it stands alone
	}{
		{"How many days of parental leave do I get?", "And for part-timers?", []string{"parental", "leave"}},
		{"How many days of parental leave do I get?", "how long is it?", []string{"parental", "leave"}},
		{"How many days of parental leave do I get?", "When do I have to apply for it?", []string{"parental", "leave"}},
		{"Who approves remote work?", "What about contractors?", []string{"remote", "work"}},
		{"Wie viele Urlaubstage habe ich?", "Und in Teilzeit?", []string{"Urlaubstage"}},
		{"Wie lang ist die Kündigungsfrist?", "Ab wann gilt das?", []string{"Kündigungsfrist"}},
		{"Wie beantrage ich Elternzeit?", "Wie lange dauert es?", []string{"Elternzeit"}},
		{"Combien de jours de congé parental ?", "Et à temps partiel ?", []string{"congé", "parental"}},
		{"¿Cuántos días de vacaciones tengo?", "¿Y a tiempo parcial?", []string{"vacaciones"}},
		{"Quanti giorni di ferie ho?", "E per il part-time?", []string{"ferie"}},
		{"How many days of parental leave do I get?", "How much is the meal allowance abroad?", nil},
		{"Wie viele Urlaubstage habe ich?", "Wie lang ist die Kündigungsfrist in der Probezeit?", nil},
		{"Wie viele Urlaubstage habe ich?", "Gibt es einen Zuschuss zum Fahrrad?", nil},
		{"How many days of leave?", "Is there a gym subsidy for employees?", nil},
		{"How long is parental leave?", "How many public holidays are there this year?", nil},
		{"How long is parental leave?", "Who is on the works council this month?", nil},
		{"How long is parental leave?", "Is it extended?", []string{"parental"}},
		{"Wie lang ist die Elternzeit?", "Können Sie mir sagen, wie viel Urlaub ich habe?", nil},
		{"Wie lang ist die Elternzeit?", "Haben Sie Infos zum Dienstwagen?", nil},
		{"Wie lang ist die Elternzeit?", "Wie viele Feiertage gibt es in diesem Jahr?", nil},
		{"Wie lang ist die Elternzeit?", "Verfällt sie?", []string{"Elternzeit"}},
		{"Combien de congés ai-je ?", "Combien de jours fériés en France ?", nil},
		{"Combien de congés ai-je ?", "Faut-il un certificat médical ?", nil},
		{"Quanti giorni di ferie ho?", "Come funziona lo smart working?", nil},
		{"Hoeveel vakantiedagen heb ik?", "Hoe duur is het parkeren?", nil},
	} {
		text, changed := Resolve(c.question, []Turn{{Question: c.before}})
		if changed != (c.carry != nil) {
			t.Errorf("%q after %q: %q, changed %t", c.question, c.before, text, changed)
		}
		for _, w := range c.carry {
			if !strings.Contains(text, w) {
				t.Errorf("%q after %q: %q lacks %q", c.question, c.before, text, w)
			}
		}
		if !strings.HasSuffix(text, c.question) {
			t.Errorf("%q: the question itself is lost in %q", c.question, text)
		}
	}
}

func TestAChainOfFollowUpsKeepsItsTopic(t *testing.T) {
	text, _ := Resolve("And from when?", []Turn{
		{Question: "What is the gym subsidy?"},
		{Question: "How many days of parental leave do I get?", Headings: []string{"Leave > 11.2 Parental leave for fathers"}},
		{Question: "And for part-timers?", Refused: true},
	})
	for _, w := range []string{"part-timers", "parental", "leave"} {
		if !strings.Contains(text, w) {
			t.Errorf("%q lacks %q", text, w)
		}
	}
	if strings.Contains(text, "gym") {
		t.Errorf("%q goes back beyond the topic", text)
	}
	if text, _ := Resolve("And for part-timers?", []Turn{{Question: "How many days of leave?", Headings: []string{"11 Leave > 11.2 Parental leave"}}}); strings.Contains(text, "11") || !strings.Contains(text, "Parental") {
		t.Errorf("%q has the number of a section", text)
	}
	long := []Turn{{Question: "How many days of annual leave do I get?"}}
	for _, q := range []string{"And for part-timers?", "Do they expire?", "What about probation?", "And from when?", "And in Cork?"} {
		long = append(long, Turn{Question: q})
	}
	if text, _ := Resolve("Can I get more than that?", long); !strings.Contains(text, "annual") {
		t.Errorf("%q has lost the topic", text)
	}
	if text, changed := Resolve("And for part-timers?", nil); changed || text != "And for part-timers?" {
		t.Errorf("without history: %q", text)
	}
}
