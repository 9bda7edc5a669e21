package loop

import "time"

const (
	// leastRows of a prompt are read in each step, however slow the machine is.
	// More than a step of answers has: only so is it seen when reading prompts
	// has become faster.
	leastRows = 12
	// patience is how many targets a step may take while only prompts are read.
	patience = 4
)

// budget finds how many rows of prompts a step should have beside rows of
// answers that reach over far tokens. Prompts are depth tokens long already.
type budget struct {
	l         *Loop
	rows, far int
	depth     int
	threads   int
}

// takes is the time of the step with n rows of prompts.
func (b budget) takes(n int) time.Duration {
	return b.l.times.Predict(b.rows+n, b.far+reach(n, b.depth), b.threads)
}

// prompts decides: as many rows as keep the step within the target, so that no
// answer stands still; where nobody waits for the next word, as many as make a
// row cheap. Whole tiles are preferred.
func (b budget) prompts(wanted int, inTime bool) int {
	most := min(wanted, b.l.cfg.Batch-b.rows)
	n := b.within(b.l.cfg.Target, most)
	if inTime {
		return n
	}
	for n < most {
		more := b.whole(2*n, most)
		if !b.pays(more, n) {
			// Twice a part of a tile costs twice as much; a whole one costs half a row.
			if more = min(b.l.times.Tile()-b.rows, most); !b.pays(more, n) {
				break
			}
		}
		n = more
	}
	return n
}

// pays says whether a step with more rows than n makes a row cheaper, and is
// not too long.
func (b budget) pays(more, n int) bool {
	return more > n && b.takes(more) <= patience*b.l.cfg.Target && b.each(more) <= 0.95*b.each(n)
}

func (b budget) each(n int) float64 { return b.takes(n).Seconds() / float64(n) }

// whole makes the step end with a whole tile, if that is not much less.
func (b budget) whole(n, most int) int {
	tile := b.l.times.Tile()
	if n >= most {
		return b.rest(most)
	}
	if cut := (b.rows+n)/tile*tile - b.rows; cut >= leastRows {
		return cut
	}
	return n
}

// rest decides whether all that is wanted goes into one step, or a whole tile
// first and the rest later.
func (b budget) rest(most int) int {
	tile := b.l.times.Tile()
	cut := (b.rows+most)/tile*tile - b.rows
	if cut < leastRows || cut >= most {
		return most
	}
	later := b
	later.depth += cut
	if b.takes(cut)+later.takes(most-cut) < b.takes(most) {
		return cut
	}
	return most
}

// within is the most rows that keep the step within limit.
func (b budget) within(limit time.Duration, most int) int {
	tile := b.l.times.Tile()
	if most > 0 && b.takes(most) <= limit {
		return b.rest(most)
	}
	for n := (b.rows+most)/tile*tile - b.rows; tile > 1 && n >= leastRows; n -= tile {
		if n <= most && b.takes(n) <= limit {
			return n
		}
	}
	lo, hi := min(leastRows, most), most
	if tile > 1 {
		hi = min(hi, max(lo, tile-1-b.rows)) // a whole tile is too long
	}
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if b.takes(mid) <= limit {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}
