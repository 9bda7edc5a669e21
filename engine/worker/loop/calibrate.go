package loop

import (
	"fmt"
	"time"

	"alcove/engine/worker/steptime"
)

// calibration is how long the first measurement may take.
const calibration = 700 * time.Millisecond

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

// calibrate measures steps of a few sizes on the empty cache. With a known
// model only the pace of the machine is measured.
func (l *Loop) calibrate(known bool) error {
	began := l.now()
	measure := func(rows, threads int) (time.Duration, error) {
		best := time.Hour
		for range 2 { // the first may touch memory for the first time
			for i := range rows {
				if err := l.model.Add(0, int32(i), 0, i == rows-1); err != nil {
					return 0, fmt.Errorf("calibrate: %w", err)
				}
			}
			l.model.SetThreads(threads)
			start := l.now()
			fits, err := l.model.Decode()
			took := l.now().Sub(start)
			if err != nil || !fits {
				return 0, fmt.Errorf("calibrate: %d rows: %w", rows, err)
			}
			l.model.Remove(0, 0)
			best = min(best, took)
			if l.now().Sub(began) > calibration {
				break
			}
		}
		return max(best, 1), nil
	}
	for _, rows := range []int{1, 4, 16, 64} {
		if rows > l.cfg.Batch || rows > l.cfg.Cells || l.now().Sub(began) > calibration {
			break
		}
		if known && rows != 1 && rows != 64 {
			continue
		}
		took, err := measure(rows, l.cfg.Threads)
		if err != nil {
			return err
		}
		if known {
			l.times.SetPace(rows, 0, l.cfg.Threads, took)
		} else {
			l.times.Calibrate(rows, l.cfg.Threads, took)
		}
		l.tuner.Know(l.cfg.Threads, steptime.KindOf(rows))
		if l.cfg.Threads > 1 && (rows == 1 || rows == 64) {
			if took, err = measure(rows, 1); err != nil {
				return err
			}
			l.times.SetPace(rows, 0, 1, took)
			l.tuner.Know(1, steptime.KindOf(rows))
		}
	}
	return nil
}
