package library

import (
	"math"

	"alcove/engine"
)

// Share is which part of a model one token needs.
type Share struct {
	Read   float64 // of its weights' bytes, 0..1
	Active float64 // of its parameters, 0..1
}

// sameSize is how far two counts of parameters of one model may lie apart:
// texts round them.
const sameSize = .03

// ShareOf gives a model's share: 1 of all but mixtures of experts and the like,
// of which the catalogue has it for every quant. known is false for a mixture
// that the catalogue does not have. count reads a number of parameters.
func ShareOf(m engine.Model, count func(string) float64) (s Share, known bool) {
	total := count(m.Parameters)
	for _, e := range Catalogue() {
		if e.Active == "" {
			continue
		}
		all := count(e.Parameters)
		same := m.Architecture == e.Architecture && total > 0 && math.Abs(total-all) <= sameSize*all
		if same || e.find([]Held{{ID: m.ID}}) != "" {
			return Share{float64(e.ReadPercent) / 100, count(e.Active) / all}, true
		}
	}
	return Share{1, 1}, !m.Experts
}
