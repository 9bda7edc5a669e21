package index

import (
	"testing"

	"alcove/storage"
)

func TestPagesIn(t *testing.T) {
	blocks := []storage.Block{
		{Text: "Open from seven.", Page: 1}, {Text: "hidden 30 days", Page: 1, Hidden: true},
		{Text: "Leave is\n30 days,", Page: 2}, {Text: "paid in full.", Page: 3}, {Text: "Trains.", Page: 4},
	}
	for _, c := range []struct {
		quote       string
		first, last int
	}{
		{"Open from seven.", 1, 1}, {"30 days,", 2, 2}, {"Leave is 30 days, paid in full.", 2, 3},
		{"Trains.", 4, 4}, {"hidden", 0, 0}, {"", 0, 0}, {"not there", 0, 0},
	} {
		if first, last := pagesIn(blocks, c.quote); first != c.first || last != c.last {
			t.Errorf("%q is on pages %d-%d, not %d-%d", c.quote, first, last, c.first, c.last)
		}
	}
}
