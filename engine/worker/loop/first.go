package loop

import (
	"time"

	"alcove/engine/worker/prefix"
	"alcove/engine/worker/steptime"
)

// strangerCost is what a row of a prompt pays for a cell of somebody else, as a
// part of what it pays for one of its own: the mask is looked at, the rest is
// skipped.
const strangerCost = 0.4

// endFirst says whether answers that are nearly at their limit should be written
// to their end before prompts are read on. All rows of a prompt walk over the
// cells of those answers; once they have ended they are out of the way, and the
// prompts are read sooner although they began later.
func (l *Loop) endFirst(reading []*request, rows, far, wanted int) bool {
	if rows == 0 || !l.cfg.Partial || l.cfg.Strangers == 0 || l.store == nil {
		return false
	}
	steps, cells := 0, 0
	for _, r := range l.active {
		if r.state != decode || r.maxTokens == 0 {
			continue
		}
		own := r.total()
		for _, p := range reading {
			own = min(own, r.total()-prefix.Common(r.all, p.all, r.total()))
		}
		steps, cells = max(steps, r.maxTokens-len(r.out())), cells+own
	}
	if cells < l.cfg.Strangers {
		return false
	}
	b := budget{l: l, rows: rows, far: far, depth: reading[0].have, threads: l.tuner.Using(steptime.Prefill)}
	chunk := max(1, b.prompts(wanted, true))
	kept := min(wanted, steps*chunk) // rows that would be read beside them
	b.far += int(float64(chunk*cells) * strangerCost)
	with := b.takes(chunk)
	b.far = far
	saved := (with - b.takes(chunk)) * time.Duration(kept) / time.Duration(chunk)
	return saved > time.Duration(steps)*l.times.Predict(rows, far, l.tuner.Using(steptime.KindOf(rows)))
}
