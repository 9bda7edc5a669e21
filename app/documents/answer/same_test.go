package answer

import (
	"encoding/json"
	"os"
	"testing"
)

// Each question with ways to ask the same, and with questions that are near and
// want another answer. The words were chosen on the first file alone.
func TestSame(t *testing.T) {
	samePairs(t, "testdata/alike.json", 0.9)
	samePairs(t, "testdata/alike_heldout.json", 0.6)
}

func samePairs(t *testing.T, file string, least float64) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rows []struct {
		Q          string
		Same, Near []string
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		t.Fatal(err)
	}
	hit, all, near := 0, 0, 0
	for _, r := range rows {
		for _, s := range append(r.Same, r.Q) {
			all++
			if Same(r.Q, s) != Same(s, r.Q) {
				t.Errorf("not both ways: %q and %q", r.Q, s)
			}
			if Same(r.Q, s) {
				hit++
			} else {
				t.Logf("missed: %q for %q: %v %v", s, r.Q, meaningOf(s), meaningOf(r.Q))
			}
		}
		for _, s := range r.Near {
			near++
			if Same(r.Q, s) || Same(s, r.Q) {
				t.Errorf("taken for the same: %q and %q", r.Q, s)
			}
		}
	}
	t.Logf("%s: %d of %d ways to ask the same, 0 of %d near ones", file, hit, all, near)
	if float64(hit) < least*float64(all) {
		t.Errorf("only %d of %d ways to ask the same", hit, all)
	}
}

// Pairs that one word parts, in languages whose words are known and in others.
func TestOneWordMakesAnotherQuestion(t *testing.T) {
	for _, p := range [][2]string{
		{"Comment demander le congé parental ?", "Quand demander le congé parental ?"},
		{"Quel est le préavis avant la période d'essai ?", "Quel est le préavis après la période d'essai ?"},
		{"Puis-je travailler à l'étranger avec autorisation ?", "Puis-je travailler à l'étranger sans autorisation ?"},
		{"Quando viene pagato lo stipendio?", "Come viene pagato lo stipendio?"},
		{"¿Cuál es el plazo de preaviso antes del periodo de prueba?", "¿Cuál es el plazo de preaviso después del periodo de prueba?"},
		{"How long do I receive sick pay?", "How much sick pay do I receive?"},
		{"Wie lange bekomme ich Krankengeld vom Arbeitgeber?", "Wie viel Krankengeld bekomme ich vom Arbeitgeber?"},
		{"How often is the salary paid?", "How much salary is paid?"},
		{"What is the salary in pay group A?", "What is the salary in pay group B?"},
		{"Who fills in tax form 13a?", "Who fills in tax form 13b?"},
		{"Can I switch from full time to part time?", "Can I switch from part time to full time?"},
		{"Must I work overtime?", "May I work overtime?"},
		{"Can I take all my holiday at once?", "Can I take my holiday?"},
		{"May I see my personnel file?", "May I see her personnel file?"},
		{"Darf ich meine Personalakte einsehen?", "Darf ich seine Personalakte einsehen?"},
		{"May I use my laptop at home?", "May I use my own laptop at home?"},
		{"May I work for other companies?", "May I work for the company?"},
		{"Kann ich den Urlaub auf einmal nehmen?", "Kann ich allen Urlaub auf einmal nehmen?"},
		{"Muss ich am Wochenende Überstunden machen?", "Darf ich am Wochenende Überstunden machen?"},
	} {
		if Same(p[0], p[1]) || Same(p[1], p[0]) {
			t.Errorf("taken for the same: %q and %q", p[0], p[1])
		}
		if !Same(p[0], p[0]) {
			t.Errorf("not itself: %q", p[0])
		}
	}
}
