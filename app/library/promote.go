package library

// Tally is how many of a set's questions were passed.
type Tally struct {
	Passed int `json:"passed"`
	Total  int `json:"total"`
}

// promotePercent is the least that a model must pass to become the default by
// itself.
const promotePercent = 80

// ShouldPromote says whether a candidate may become the default by itself: it
// passes at least as many questions as the current default, and at least 80 %.
// current is nil where there is no default, or none that could be asked.
func ShouldPromote(candidate Tally, current *Tally) bool {
	if candidate.Total <= 0 || candidate.Passed*100 < candidate.Total*promotePercent {
		return false
	}
	return current == nil || current.Total == candidate.Total && candidate.Passed >= current.Passed
}
