package loop

import (
	"cmp"
	"slices"
)

// ask is a prompt that wants rows of a step.
type ask struct {
	rank int // of its class, or of the most urgent that follows it
	left int // tokens to read
	stop int // tokens after which others go on with what was read; 0: none
	have int // tokens that were read
}

// most is how many rows it can use.
func (a ask) most() int {
	if a.stop > 0 {
		return min(a.left, a.stop)
	}
	return a.left
}

// shareOut divides budget rows among prompts that are given oldest first. The
// oldest has a quarter, so that no long prompt waits for ever; the rest goes by
// class and then to the prompt that is soonest done.
func shareOut(budget int, asks []ask) []int {
	got := make([]int, len(asks))
	if len(asks) == 0 || budget <= 0 {
		return got
	}
	give := func(i, n int) {
		n = min(n, asks[i].most()-got[i], budget)
		got[i] += n
		budget -= n
	}
	give(0, max(budget/4, 1))
	order := make([]int, len(asks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(asks[a].rank, asks[b].rank), cmp.Compare(asks[a].left, asks[b].left))
	})
	for _, i := range order {
		give(i, budget)
	}
	return got
}
