package operate

import (
	"testing"
	"time"
)

func TestDocuments(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		d     Documents
		known bool
		hours float64
		items int
	}{
		"nothing known":   {Documents{}, false, 0, 0},
		"nothing waits":   {Documents{Known: true}, true, 0, 0},
		"two days":        {Documents{Known: true, Oldest: now.Add(-48 * time.Hour)}, true, 48, 0},
		"some failed":     {Documents{Known: true, Failed: 3}, true, 0, 1},
		"words alone":     {Documents{Known: true, Failed: 1, WordsOnly: true}, true, 0, 2},
		"an answer broke": {Documents{Known: true, Broken: new(2)}, true, 0, 0},
		"the clock went":  {Documents{Known: true, Oldest: now.Add(time.Hour)}, true, 0, 0},
	} {
		out := map[string]float64{}
		documentFigures(c.d, now, out)
		if hours, known := out["index_age_hours"]; known != c.known || hours != c.hours {
			t.Errorf("%s: %v", name, out)
		}
		if broken, known := out["golden_broken"]; known != (c.d.Broken != nil) || known && broken != 2 {
			t.Errorf("%s: %v", name, out)
		}
		if items := documentItems(c.d, now, now); len(items) != c.items {
			t.Errorf("%s: %+v", name, items)
		}
	}
}
