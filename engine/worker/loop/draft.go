package loop

import (
	"errors"

	"alcove/engine/worker/steptime"
)

// Drafts: an answer that quotes goes on as the quoted text does. The tokens
// that followed the last few ones earlier are computed in the same step, and
// those that the model chooses itself are taken: the answer is the same, in
// fewer steps. A step with more rows takes longer, so it is done only where the
// step times and what was right before say that it pays.
const (
	draftAfter  = 3    // tokens must have come before
	draftCrowd  = 4    // answers at most: the rows of more fill a step
	draftPaying = 1.05 // is how much more a step with drafts must bring for its time
)

// errNotCut says that the model could not take tokens back, which its probe
// said it can.
var errNotCut = errors.New("the drafts cannot be taken out of the cache")

// draftLengths are tried, the longest that pays best is taken.
var draftLengths = [...]int{2, 4, 8}

// quoted finds where the last tokens came before and appends what followed, at
// most n tokens and none that stop says.
func quoted(to, tokens []int32, n int, stop func(int32) bool) []int32 {
	end := len(tokens) - draftAfter
	if end < 1 || n < 1 {
		return to
	}
	a, b, c := tokens[end], tokens[end+1], tokens[end+2]
	for at := end - 1; at >= 0; at-- {
		if tokens[at] != a || tokens[at+1] != b || tokens[at+2] != c {
			continue
		}
		for i := at + draftAfter; i < len(tokens) && n > 0 && !stop(tokens[i]); i++ {
			to, n = append(to, tokens[i]), n-1
		}
		return to
	}
	return to
}

// draft adds drafts to the answers of a step that has only rows of answers. It
// returns how many rows the step has then.
func (l *Loop) draft(rows, far int) int {
	if rows == 0 || rows > draftCrowd || l.cfg.NoDrafts || !l.cfg.Partial {
		return rows
	}
	outputs := min(l.cfg.Batch, l.cfg.Seqs)
	for _, r := range l.active {
		if r.state != decode {
			continue
		}
		most := min(r.more(l.cfg.Context)-1, draftLengths[len(draftLengths)-1], outputs-rows)
		r.guess = quoted(r.guess[:0], r.all.Tokens, most, l.model.EndsAnswer)
		if len(r.guess) == 0 {
			continue
		}
		bring, best := float64(rows), 0
		rate := draftPaying * bring / l.after(rows, far)
		expect, p := 0.0, 1.0
		for i := range r.guess {
			p *= r.right
			expect += p
			k := i + 1
			if k != draftLengths[0] && k != draftLengths[1] && k != len(r.guess) {
				continue
			}
			took := l.after(rows+k, far+k*r.total())
			if now := (bring + expect) / took; now > rate && took <= l.cfg.Target.Seconds() {
				rate, best = now, k
			}
		}
		r.draft = r.guess[:best]
		r.rows += best
		rows += best
		far += best * r.total()
	}
	return rows
}

// undraft takes the drafts out of a step for which there is no room with them.
// It is false if there is none without them either.
func (l *Loop) undraft(rows int) bool {
	drafts := 0
	for _, r := range l.active {
		drafts += len(r.draft)
	}
	if drafts == 0 || l.tree.Cells()+rows-drafts > l.cfg.Cells {
		return false
	}
	for _, r := range l.active {
		r.rows -= len(r.draft)
		r.draft = nil
	}
	return true
}

// after is the time of a step in seconds.
func (l *Loop) after(rows, far int) float64 {
	return l.times.Predict(rows, far, l.tuner.Using(steptime.KindOf(rows))).Seconds()
}

// verified notes which of a request's drafts the model chose itself, and takes
// the others out of the cache. It is called before the tokens are taken.
func (l *Loop) verified(r *request) {
	if n := len(r.draft); n > 0 {
		right := 0
		if r.chosen {
			right = len(r.picked) - 1
		}
		l.counts.Drafted += uint64(n)
		l.counts.Accepted += uint64(right)
		if right > 0 {
			label, _ := r.all.Run(r.have, r.have+1)
			l.tree.Append(r.seq, r.draft[:right], label)
			r.have += right
		}
		if right < n && !l.model.Remove(r.seq, int32(r.have)) {
			l.err = errNotCut
		}
	}
	// What was not drafted is still compared: the text may begin to quote.
	for i, token := range r.picked {
		switch {
		case i >= len(r.guess):
		case token == r.guess[i]:
			r.right += 0.15 * (0.97 - r.right)
		default:
			r.right -= 0.25 * r.right
		}
	}
	r.draft, r.guess = nil, r.guess[:0]
}
