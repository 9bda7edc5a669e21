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

// calibrate measures steps of a few sizes on the empty cache, and some that
// reach over what those left. With a known model only the pace of the machine
// is measured.
func (l *Loop) calibrate(known bool) error {
	began := l.now()
	late := func() bool { return l.now().Sub(began) > calibration }
	// step computes rows behind depth tokens, and leaves them.
	step := func(rows, depth, threads int) (time.Duration, error) {
		for i := range rows {
			if err := l.model.Add(0, int32(depth+i), 0, i == rows-1); err != nil {
				return 0, fmt.Errorf("calibrate: %w", err)
			}
		}
		l.model.SetThreads(threads)
		start := l.now()
		fits, err := l.model.Decode()
		if err != nil || !fits {
			return 0, fmt.Errorf("calibrate: %d rows: %w", rows, err)
		}
		return max(l.now().Sub(start), 1), nil
	}
	// best of two, where it is for long: the first may touch memory for the first
	// time.
	repeat := 2
	if known {
		repeat = 1
	}
	measure := func(rows, depth, threads int) (time.Duration, error) {
		best := time.Hour
		for range repeat {
			took, err := step(rows, depth, threads)
			l.model.Remove(0, int32(depth))
			if err != nil {
				return 0, err
			}
			if best = min(best, took); late() {
				break
			}
		}
		return best, nil
	}
	free := l.free()
	calm := free < 0 || free > float64(l.cfg.Threads)-0.5
	for _, rows := range []int{1, 4, 16, 32, 64, 128} {
		if rows > min(l.cfg.Batch, l.cfg.Context/2) || late() {
			break
		}
		if known && rows != 1 && rows != 64 {
			continue
		}
		took, err := measure(rows, 0, l.cfg.Threads)
		if err != nil {
			return err
		}
		if known {
			l.times.SetPace(rows, 0, l.cfg.Threads, took, calm)
		} else {
			l.times.Calibrate(rows, 0, took)
		}
		l.tuner.Know(l.cfg.Threads, steptime.KindOf(rows))
		if l.cfg.Threads > 1 && (rows == 1 || rows == 64) {
			if took, err = measure(rows, 0, 1); err != nil {
				return err
			}
			l.times.SetPace(rows, 0, 1, took, calm || free > 0.5)
			l.tuner.Know(1, steptime.KindOf(rows))
		}
	}
	const depth = 128
	if known || late() || depth+64 > min(l.cfg.Batch, l.cfg.Context/2) {
		return nil
	}
	defer l.model.Remove(0, 0)
	if _, err := step(depth, 0, l.cfg.Threads); err != nil {
		return err
	}
	for _, rows := range []int{16, 64} {
		took, err := measure(rows, depth, l.cfg.Threads)
		if err != nil {
			return err
		}
		l.times.Calibrate(rows, reach(rows, depth), took)
	}
	return nil
}

// reach is the sum of what rows behind depth tokens attend to.
func reach(rows, depth int) int { return rows*depth + rows*(rows+1)/2 }
