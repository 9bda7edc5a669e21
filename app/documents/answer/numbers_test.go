package answer

import "testing"

func TestFiguresThatMeanTheSame(t *testing.T) {
	for _, c := range []struct {
		said, source string
		same         bool
	}{
		{"1,5 Tage", "1.5 days", true},
		{"1.000 Euro", "1,000 euros", true},
		{"1.000 Euro", "1000 Euro", true},
		{"10 000 €", "10000", false}, // two numbers to us
		{"25 days", "twenty-five days", true},
		{"25 Tage", "fünfundzwanzig Tage", true},
		{"twelve weeks", "12 Wochen", true},
		{"25 %", "25 percent", true},
		{"25 Prozent", "25 days", false},
		{"25", "25 %", true},
		{"on 1 January 2026", "ab 01.01.2026", true},
		{"am 1. März", "2026-03-01", true},
		{"March 31, 2026", "31. März 2026", true},
		{"March 31", "March 30", false},
		{"in 2026", "from 1 January 2026", true},
		{"in 2025", "from 1 January 2026", false},
		{"8:30", "at 8:30", true},
		{"14 days", "40 days", false},
		{"2,50 euros", "2.5 euros", true},
		{"1st class", "class 1", true},
		{"one week", "two weeks' notice", false},
		{"one week", "1 week before", true},
		{"one week", "a week's notice", true},
		{"one week", "two weeks' notice for 30 hours a week", false},
		{"one week", "one day", false},
		{"1 week", "one day", false},
		{"one full month", "Notice in months: 1", true},
		{"One-week notice", "eine Woche", true},
		{"eine Woche", "zwei Wochen", false},
		{"eine Woche", "mit einer Frist von einer Woche", true},
		{"ein Monat", "dreimonatige Frist", false},
		{"ein Monat", "einmonatige Frist", true},
		{"drei Monate", "eine dreimonatige Kündigungsfrist", true},
		{"einen freien Tag", "Umzug: 1 Tag", true},
		{"ein Prozent", "1 %", true},
		{"ein Prozent", "one day", false},
		{"2 weeks", "2 days, and after two years more", false},
		{"3 weeks", "30 days, and 3 weeks", true},
		{"40 euros", "40 hours a week", false},
		{"40 euros", "Amount: 40", true},
		{"3 days per week", "Remote days: 3 per week", true},
		{"30 Tage im Jahr", "Urlaub: 30 im Jahr", true},
		{"3 weeks", "3 bis 4 Wochen", true},
		{"30 days", "30 Arbeitstage", true},
		{"1 to 3 days", "one to three days", true},
		{"one or two weeks", "2 weeks", false},
		{"ein bis drei Tage", "1–3 Tage", true},
		{"two hundred euros", "200 euros", true},
		{"zweihundert Euro", "EUR 200", true},
		{"two hundred euros", "2 or 100 euros", false},
		{"20 percent", "five of five, and twenty percent", true},
		{"vom 27.07. bis 07.08.2026", "27.07.2026 bis 07.08.2026", true},
		{"am 27.07. geschlossen", "28.07.2026", false},
		{"Version 1.5.", "version 1.5 of it", true},
		{"27. bis 31. Juli", "27.07.2026 bis 31.07.2026", true},
		{"27 July to 31 July", "27 to 31 July 2026", true},
		{"July 27 to 31", "2026-07-27 – 2026-07-31", true},
		{"July 27 to 31", "2026-07-27 – 2026-07-30", false},
	} {
		c2 := claimOf(c.said)
		if len(c2.figures) == 0 {
			t.Errorf("%q states no figure", c.said)
		}
		have, all := stated(c.source, true), true
		for _, f := range c2.figures {
			all = all && f.within(have)
		}
		if all != c.same {
			t.Errorf("%q in %q: %t, want %t (%+v, %+v)", c.said, c.source, all, c.same, c2.figures, have)
		}
	}
	for _, none := range []string{"1. First\n2. Second", "", "[1]", "a may be", "one of them", "the one. Week", "one and a half weeks", "ein paar Tage", "ein halbes Jahr",
		"eine Führungskraft", "Ein Antrag", "Das gibt es in einem Jahr", "a week"} {
		if f := claimOf(none).figures; len(f) > 0 {
			t.Errorf("%q states %+v", none, f)
		}
	}
}

func FuzzFigures(f *testing.F) {
	f.Add("31.12.2026 1,5 % 1.000.000 twenty-five 2026-02-30 ’’1")
	f.Fuzz(func(t *testing.T, text string) {
		for _, x := range figuresOf(text) {
			if !x.within([]figure{x}) {
				t.Errorf("%q: %+v is not itself", text, x)
			}
		}
	})
}
