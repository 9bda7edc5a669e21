package library

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestGrade(t *testing.T) {
	all := func(phrases ...string) Question { return Question{ExpectAll: phrases} }
	one := func(phrases ...string) Question { return Question{ExpectAny: phrases} }
	no := func(phrases ...string) Question { return Question{MustNot: phrases} }
	for _, row := range []struct {
		q      Question
		answer string
		passed bool
		why    string // part of it
	}{
		{all("Paris"), "The capital is PARIS.", true, ""},
		{all("Paris"), "**Paris**", true, ""},
		{all("Paris"), "Parisian", false, "“Paris” is missing"},
		{all("31 March"), "on 31\u00a0March,\n2027", true, ""},
		{all("31 March"), "on 31 **March**", true, ""},
		{all("don't"), "I don’t know", true, ""},
		{all("x-ray"), "an X‑ray", true, ""},
		{all("fiancé"), "her fiance\u0301", true, ""},
		{all("straße"), "in der STRASSE", false, "missing"},
		{all("Größe"), "die GRÖSSE", false, "missing"},
		{all("Wien"), "Wien ist schön", true, ""},
		{all("①"), "1", true, ""},
		{all("zero\u200bwidth"), "zerowidth", true, ""},
		{all("東京"), "日本の首都は東京です。", true, ""},

		{all("1200"), "It costs 1,200 euros.", true, ""},
		{all("1,200"), "1200", true, ""},
		{all("1.200"), "1'200", true, ""},
		{all("1200"), "1 200", true, ""},
		{all("1200"), "12,000", false, "missing"},
		{all("1200.50"), "1.200,50 €", true, ""},
		{all("3.5"), "3,5", true, ""},
		{all("1234567"), "1,234,567.", true, ""},
		{all("2"), "1,2,3", true, ""},
		{all("5"), "2.5", false, "missing"},
		{all("2"), "2.5", false, "missing"},
		{all("12"), "120", false, "missing"},
		{all("12"), "312", false, "missing"},
		{all("12"), "12.", true, ""},
		{all("12"), "€12", true, ""},
		{all("5"), "-5", false, "missing"},
		{all("5"), "3-5", true, ""},
		{all("5"), "5days", true, ""},
		{all("4417"), "QX-4417-B", true, ""},
		{all("1979"), "In 1979, 28 people", true, ""},

		{all("a", "b"), "a", false, "“b” is missing"},
		{one("yes", "ja"), "Ja!", true, ""},
		{one("yes", "ja"), "nein", false, "None of these is there: “yes”, “ja”"},
		{no("no"), "I do not know", true, ""},
		{no("no"), "No.", false, "“no” is there"},
		{Question{ExpectAll: []string{"6"}, MustNot: []string{"7"}}, "6, not 7", false, "“7” is there"},

		{all("Paris"), "", false, "no answer"},
		{all("Paris"), " \n ", false, "no answer"},
		{all("Paris"), "<think>Paris? Yes.</think>\n\nLondon", false, "missing"},
		{all("Paris"), "<think>London?</think>Paris", true, ""},
		{all("Paris"), "Let me see: London?</think>Paris", true, ""},
		{all("Paris"), "<think>It is Paris, but", false, "still thinking"},
		{all("Paris"), "\xff\xfeParis\xff", true, ""},
	} {
		passed, why := Grade(row.q, row.answer)
		if passed != row.passed || !strings.Contains(why, row.why) || passed != (why == "") {
			t.Errorf("%+v, answer %q: %v, %q", row.q, row.answer, passed, why)
		}
	}
}

// What is normalised stays as it is, and a text has itself.
func FuzzNormalise(f *testing.F) {
	for _, s := range []string{"Paris", "1.200,50", "1 200 300", "x’y—z", "\xff", "1,2,3.4", "日本語 123"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := normalise(s)
		if !utf8.ValidString(once) && utf8.ValidString(s) {
			t.Errorf("%q becomes %q", s, once)
		}
		if once != "" && !occurs(once, once) {
			t.Errorf("%q does not have itself", once)
		}
	})
}

func TestShouldPromote(t *testing.T) {
	for _, row := range []struct {
		candidate Tally
		current   *Tally
		want      bool
	}{
		{Tally{10, 10}, nil, true},
		{Tally{8, 10}, nil, true},
		{Tally{7, 10}, nil, false},
		{Tally{8, 10}, &Tally{8, 10}, true},
		{Tally{9, 10}, &Tally{8, 10}, true},
		{Tally{8, 10}, &Tally{9, 10}, false},
		{Tally{7, 10}, &Tally{1, 10}, false},
		{Tally{13, 16}, &Tally{13, 16}, true},
		{Tally{12, 16}, nil, false},
		{Tally{10, 10}, &Tally{5, 9}, false}, // of other questions
		{Tally{0, 0}, nil, false},
	} {
		if got := ShouldPromote(row.candidate, row.current); got != row.want {
			t.Errorf("%+v beside %+v: %v", row.candidate, row.current, got)
		}
	}
}
