package prefix

// Span is a run of tokens with one label: those before End that no earlier
// span has.
type Span struct {
	End   int
	Label string
}

// Text is tokens with their labels. Tokens beyond the last span have its label.
type Text struct {
	Tokens []int32
	Spans  []Span
}

// Run gives the label at i and where the run of this label ends, at most at
// end.
func (t Text) Run(i, end int) (label string, to int) {
	k := 0
	for k < len(t.Spans)-1 && t.Spans[k].End <= i {
		k++
	}
	if k == len(t.Spans) {
		return "", end
	}
	label = t.Spans[k].Label
	for k < len(t.Spans)-1 && t.Spans[k+1].Label == label {
		k++
	}
	if k == len(t.Spans)-1 {
		return label, end
	}
	return label, min(t.Spans[k].End, end)
}

// Common counts the tokens that a and b begin with under the same labels, at
// most limit.
func Common(a, b Text, limit int) int {
	limit = min(limit, len(a.Tokens), len(b.Tokens))
	for n := 0; n < limit; {
		la, to := a.Run(n, limit)
		lb, toB := b.Run(n, limit)
		if la != lb {
			return n
		}
		for to = min(to, toB); n < to; n++ {
			if a.Tokens[n] != b.Tokens[n] {
				return n
			}
		}
	}
	return limit
}
