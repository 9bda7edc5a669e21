package answer

import (
	"slices"
	"testing"
)

func TestMissing(t *testing.T) {
	for _, c := range []struct {
		text, expected string
		there          bool
	}{
		{"You get 28 days [1].", "28 Tage", true},
		{"Sie haben 28 Arbeitstage.", "28 days", true},
		{"Twenty-eight days of leave.", "28 days", true},
		{"Es sind achtundzwanzig Tage.", "28 days", true},
		{"You get 28 working days.", "28 days", true},
		{"You get 28 weeks.", "28 days", false},
		{"You get 28.", "28 days", true}, // nothing else is said of it
		{"You get 30 days [28].", "28 days", false},
		{"It is EUR 1.200 a year.", "1,200 euro", true},
		{"It is €450.", "450 EUR", true},
		{"450 km are paid.", "450 euro", false},
		{"12.5 percent of pay", "12,5 %", true},
		{"12.5 euros of pay", "12.5 %", false},
		{"From 1 March 2026.", "2026-03-01", true},
		{"Seven days, not 14 weeks.", "14 days", false},
		{"Ask the works council first.", "works council", true},
		{"Ask your manager.", "works council", false},
		{"", "28 days", false},
		{"One month's notice.", "1 month", true},
		{"Einen Monat vorher.", "one month", true},
		{"Two months' notice.", "one month", false},
	} {
		if got := len(Missing(c.text, []string{c.expected})) == 0; got != c.there {
			t.Errorf("%q states %q: %v", c.text, c.expected, got)
		}
	}
	if got := Quantities("One week before, EUR 1 each."); !slices.Equal(got, []string{"1 euro", "One week"}) {
		t.Errorf("%q", got)
	}
	if got := Quantities("Receipt is confirmed within seven days and EUR 20 paid."); !slices.Equal(got, []string{"20 euro", "seven day"}) {
		t.Errorf("%q", got)
	}
}
