package capacity

import (
	"fmt"
	"math"
)

// StopKind says why no larger step follows.
type StopKind string

// The reasons.
const (
	StopLate  StopKind = "late"  // the first token comes far too late
	StopFlat  StopKind = "flat"  // more people get no more answers, and wait too long
	StopSlots StopKind = "slots" // every place is taken
	StopCells StopKind = "cells" // more would not fit the cache
	StopMost  StopKind = "most"  // as many as were asked for
	StopTime  StopKind = "time"
	StopBusy  StopKind = "busy" // people asked all the time
	StopUser  StopKind = "user"
	StopFail  StopKind = "failed"
)

// Stop is a reason with its sentence.
type Stop struct {
	Kind     StopKind
	Sentence string
}

// farTooLate is how many times the bound P95 must be to go no further, rising
// by how much more answers a step must bring.
const (
	farTooLate = 3
	rising     = 1.05
)

// next gives the number of people of the next step: it doubles until something
// is reached. The reason is nil while there is a next one.
func next(steps []Step, s Settings, f Facts, shape Shape) (int, *Stop) {
	if len(steps) == 0 {
		return 1, nil
	}
	last := steps[len(steps)-1]
	if last.FirstP95 > farTooLate*s.Bound {
		return 0, &Stop{StopLate, fmt.Sprintf("With %d people the first token came after %.1f s (P95), more than %d times the bound.", last.People, last.FirstP95, farTooLate)}
	}
	if len(steps) > 1 && last.FirstP95 > s.Bound && last.PerMinute < rising*best(steps[:len(steps)-1]) {
		return 0, &Stop{StopFlat, fmt.Sprintf("%d people got hardly more answers a minute than fewer people did, and waited longer than the bound.", last.People)}
	}
	most, stop := ceiling(s, f, shape)
	if last.People >= most {
		return 0, stop
	}
	return min(last.People*2, most), nil
}

// ceiling is the largest number of people that is tried, and why.
func ceiling(s Settings, f Facts, shape Shape) (int, *Stop) {
	most, stop := s.Most, &Stop{StopMost, fmt.Sprintf("More than %d people were not tried.", s.Most)}
	if n := fitCells(f.Cells, shape); f.Cells > 0 && n < most {
		most, stop = max(n, 1), &Stop{StopCells, fmt.Sprintf("The cache holds %d tokens: %d such conversations at once.", f.Cells, n)}
	}
	if f.Slots > 0 && f.Slots < most {
		most, stop = f.Slots, &Stop{StopSlots, fmt.Sprintf("The model was loaded with %d places: more answers wait for one.", f.Slots)}
	}
	return most, stop
}

// fitCells is how many conversations of a shape fit so many cells: the shared
// text is there once.
func fitCells(cells int, s Shape) int {
	return max(0, cells-s.Shared-templateRoom) / max(1, s.Own+s.Answer)
}

func best(steps []Step) float64 {
	most := 0.0
	for _, s := range steps {
		most = max(most, s.PerMinute)
	}
	return most
}

// serves finds how many people keep the bound. Between two steps P95 is taken
// to rise on a straight line, and is rounded down; a step that is better than a
// smaller one does not make that better.
func serves(steps []Step, bound float64) Serves {
	people, before := 0, Step{}
	worst := 0.0
	for i, s := range steps {
		if s.Answers == 0 || s.Failed > 0 {
			break // people who get no answer are not served
		}
		worst = max(worst, s.FirstP95)
		if worst <= bound {
			people, before = s.People, s
			before.FirstP95 = worst
			continue
		}
		if i > 0 && people > 0 && worst > before.FirstP95 {
			share := (bound - before.FirstP95) / (worst - before.FirstP95)
			people += int(math.Floor(share * float64(s.People-before.People)))
		}
		return said(people, bound, false)
	}
	return said(people, bound, people > 0 && people == steps[len(steps)-1].People)
}

func said(people int, bound float64, atLeast bool) Serves {
	s := Serves{People: people, AtLeast: atLeast}
	least := map[bool]string{true: "at least "}[atLeast]
	switch people {
	case 0:
		s.Sentence = fmt.Sprintf("Not even one person gets the first token within %s at P95.", secs(bound))
	case 1:
		s.Sentence = fmt.Sprintf("Serves %sone person at a time at P95 first token under %s.", least, secs(bound))
	default:
		s.Sentence = fmt.Sprintf("Serves %s%d people at once at P95 first token under %s.", least, people, secs(bound))
	}
	return s
}

func secs(s float64) string { return fmt.Sprintf("%.3g s", s) }

// mostEmployees bounds the search.
const mostEmployees = 5000

// Employees is how many people may work with the box who each ask every minutes
// on average, so that a question finds fewer than people others at once in 95
// of 100 cases. The box is a queue that answers rate(n) questions a minute
// while n people wait, as measured; between steps the rate is interpolated, and
// beyond the last it does not rise. Who has an answer thinks for every minutes
// (exponentially distributed, on average). docs/capacity.md has the formula.
func Employees(steps []Step, people int, every float64) int {
	if people < 1 || every <= 0 || len(steps) == 0 || best(steps) <= 0 {
		return 0
	}
	low, high := 1, mostEmployees // one never finds another
	for low < high {
		mid := (low + high + 1) / 2
		if finds(steps, people, mid-1, every) >= .95 {
			low = mid
		} else {
			high = mid - 1
		}
	}
	return low
}

// finds is the probability that of others at most people-1 are being answered
// at a random moment: the states of the queue are a birth-death chain with
// births (others-n)/every and deaths rate(n). By the arrival theorem that is
// what a person sees who asks.
func finds(steps []Step, people, others int, every float64) float64 {
	logs := make([]float64, others+1)
	most := 0.0
	for n := 1; n <= others; n++ {
		logs[n] = logs[n-1] + math.Log(float64(others-n+1)/every) - math.Log(rateAt(steps, n))
		most = max(most, logs[n])
	}
	below, all := 0.0, 0.0
	for n, l := range logs {
		p := math.Exp(l - most)
		all += p
		if n < people {
			below += p
		}
	}
	return below / all
}

// PerMinute is how many answers a minute the people get that the box serves
// within the bound; 0 where it serves none.
func (r Result) PerMinute() float64 {
	if r.Serves.People < 1 {
		return 0
	}
	return rateAt(r.Steps, r.Serves.People)
}

// rateAt is how many answers a minute n people at once get: between two steps
// on a straight line from one to the other (from 0 people, 0 answers), beyond
// the last as in that.
func rateAt(steps []Step, n int) float64 {
	before := Step{}
	for _, s := range steps {
		if s.PerMinute <= 0 {
			continue
		}
		if s.People >= n {
			share := float64(n-before.People) / float64(s.People-before.People)
			return max(before.PerMinute+share*(s.PerMinute-before.PerMinute), 1e-9)
		}
		before = s
	}
	return max(before.PerMinute, 1e-9)
}
