package loop

import (
	"fmt"
	"time"

	"alcove/engine/worker/steptime"
)

// calibration is how long the first measurement may take.
const calibration = 1200 * time.Millisecond

// Neighbours sets how the loop learns how many cores other programs leave to
// it. Call it before Run.
func (l *Loop) Neighbours(free func() float64) { l.free = free }

// Calibrate measures the machine, or takes what was saved before about it.
// save, if set, is called now and then with what was learned; it must not
// block. Call it before Run.
func (l *Loop) Calibrate(saved []byte, save func([]byte)) error {
	l.saveTimes = save
	known := saved != nil && l.times.Unmarshal(saved, "") == nil
	if err := l.calibrate(known); err != nil {
		return err
	}
	if !known {
		l.keepTimes()
	}
	return nil
}

// learned is after how many steps the times are saved again.
const learned = 5000

// keepTimes saves what was learned about step times.
func (l *Loop) keepTimes() {
	l.timesAt = l.steps
	if l.saveTimes == nil {
		return
	}
	if data, err := l.times.Marshal(""); err == nil {
		l.saveTimes(data)
	}
}

// gauge measures steps on the empty cache.
type gauge struct {
	l      *Loop
	began  time.Time
	repeat int // the best counts: the first may touch memory for the first time
}

func (g gauge) late() bool { return g.l.now().Sub(g.began) > calibration }

// step computes rows behind depth tokens, and leaves them.
func (g gauge) step(rows, depth, threads int) (time.Duration, error) {
	for i := range rows {
		if err := g.l.model.Add(0, int32(depth+i), 0, i == rows-1); err != nil {
			return 0, fmt.Errorf("calibrate: %w", err)
		}
	}
	g.l.model.SetThreads(threads)
	start := g.l.now()
	fits, err := g.l.model.Decode()
	if err != nil || !fits {
		return 0, fmt.Errorf("calibrate: %d rows: %w", rows, err)
	}
	return max(g.l.now().Sub(start), 1), nil
}

// best is the shortest of some steps, and takes them back.
func (g gauge) best(rows, depth, threads int) (time.Duration, error) {
	best := time.Hour
	for range g.repeat {
		took, err := g.step(rows, depth, threads)
		g.l.model.Remove(0, int32(depth))
		if err != nil {
			return 0, err
		}
		if best = min(best, took); g.late() {
			break
		}
	}
	return best, nil
}

// calibrate measures steps of a few sizes, and some that reach over what those
// left. With a known model only the pace of the machine is measured.
func (l *Loop) calibrate(known bool) error {
	g := gauge{l: l, began: l.now(), repeat: 2}
	if known { // the sizes have been measured; people wait for the model
		g.repeat = 1
	}
	most := min(l.cfg.Batch, l.cfg.Context/2)
	free := l.free()
	calm := free < 0 || free > float64(l.cfg.Threads)-0.5
	for _, rows := range []int{1, 4, 16, 32, 64, 128} {
		if rows > most || g.late() {
			break
		}
		both := rows == 1 || rows == 64 // one of each kind
		if known && !both {
			continue
		}
		took, err := g.best(rows, 0, l.cfg.Threads)
		if err != nil {
			return err
		}
		if known {
			l.times.SetPace(rows, 0, l.cfg.Threads, took, calm)
		} else {
			l.times.Calibrate(rows, 0, took)
		}
		l.tuner.Know(l.cfg.Threads, steptime.KindOf(rows))
		// What one thread does is of use beside neighbours. Where it is calm and
		// what is known says how it compares, the longer step is not made for it.
		if l.cfg.Threads > 1 && both && !(known && calm && rows > 1) {
			if took, err = g.best(rows, 0, 1); err != nil {
				return err
			}
			l.times.SetPace(rows, 0, 1, took, calm || free > 0.5)
			l.tuner.Know(1, steptime.KindOf(rows))
		}
	}
	const depth = 128
	// What cannot be cut would have to be computed anew for each.
	if known || !l.cfg.Partial || g.late() || depth+64 > most {
		return nil
	}
	defer l.model.Remove(0, 0)
	if _, err := g.step(depth, 0, l.cfg.Threads); err != nil {
		return err
	}
	for _, rows := range []int{16, 64} {
		took, err := g.best(rows, depth, l.cfg.Threads)
		if err != nil {
			return err
		}
		l.times.Calibrate(rows, reach(rows, depth), took)
	}
	return nil
}

// reach is the sum of what rows behind depth tokens attend to.
func reach(rows, depth int) int { return rows*depth + rows*(rows+1)/2 }
