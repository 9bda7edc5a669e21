package loop

import (
	"testing"
	"time"

	"alcove/engine/worker/steptime"
)

// slow is a machine on which the smallest part of a prompt is all that fits into
// the target. A whole tile of 64 rows costs a third of what its rows cost one by one.
func slow(row time.Duration) *steptime.Model {
	m := steptime.New(64)
	for _, rows := range []int{1, 16, 32, 63} {
		m.Calibrate(rows, 0, time.Duration(rows)*row)
	}
	for _, rows := range []int{64, 128} {
		m.Calibrate(rows, 0, time.Duration(rows)*row/3)
	}
	return m
}

// Where nobody is being answered, a whole tile is read also when twice the
// smallest part does not pay: a box beside busy programs read prompts in parts
// of twelve, at twice the price.
func TestWholeTilesWhereNobodyWaits(t *testing.T) {
	for _, c := range []struct {
		row    time.Duration
		wanted int
		inTime bool
		want   int
	}{
		{15 * time.Millisecond, 500, false, 64}, // in 320 ms
		{15 * time.Millisecond, 500, true, 16},  // somebody is being answered
		{15 * time.Millisecond, 40, false, 16},  // less than a tile: nothing is saved
		{40 * time.Millisecond, 500, false, 64},
		{90 * time.Millisecond, 500, false, 12}, // longer than is patient
	} {
		l := &Loop{cfg: Config{Batch: 512, Target: 250 * time.Millisecond}, times: slow(c.row)}
		if got := (budget{l: l, threads: 1}).prompts(c.wanted, c.inTime); got != c.want {
			t.Errorf("%v a row, %d wanted, in time %v: %d rows, want %d", c.row, c.wanted, c.inTime, got, c.want)
		}
	}
}
