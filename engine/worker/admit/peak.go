package admit

import (
	"cmp"
	"slices"
)

// Need is an answer's claim on cells: those that it alone has or will have when
// its prompt is read, and how many tokens it may still write.
type Need struct{ Run, Left int }

// Peak is the most cells that answers will have at once if each writes all that
// it may: when one ends its cells are free, so the sum of all maxima is never
// reached. Shared is what several of them have together. The rule is
// LightLLM's: with the longest first, the peak is at one of the ends.
func Peak(shared int, needs []Need) int {
	order := slices.Clone(needs)
	slices.SortFunc(order, func(a, b Need) int { return cmp.Compare(b.Left, a.Left) })
	peak, run := 0, 0
	for i, n := range order {
		run += n.Run
		peak = max(peak, n.Left*(i+1)+run)
	}
	return shared + peak
}
