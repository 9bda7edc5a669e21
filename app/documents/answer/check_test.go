package answer

import (
	"testing"

	"alcove/storage"
)

// A sentence without a number is held against all sources: what none of them
// says is told, also where it has no figure.
func TestCheckText_Uncited(t *testing.T) {
	e := newEvidence([]storage.Source{
		{N: 1, Text: "Dogs may come to the office on Fridays, if the team agrees."},
		{N: 2, Text: "A certificate is needed from the fourth calendar day of absence."},
	})
	for text, want := range map[string]string{
		"Dogs may come to the office on Fridays.":                                                       Uncited,
		"The passage is about the company's policies regarding the use of technology in the workplace.": NotFound,
		"Dogs may come on 12 Fridays.":                                                                  NotFound,
		"Dogs may come on Fridays [1].":                                                                 Supported,
	} {
		checks := e.checkText(text)
		if len(checks) != 1 || checks[0].Status != want || (want == NotFound) != (checks[0].Note != "") {
			t.Errorf("%q: %+v, want %s", text, checks, want)
		}
	}
}
