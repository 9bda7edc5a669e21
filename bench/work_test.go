package main

import "testing"

// A burst takes its questions from a range of its own in each round.
func TestRoundsDoNotShareQuestions(t *testing.T) {
	a, b := newQuestions(0), newQuestions(1)
	perRound := people*turns*2 + people*2
	if last, first := a.take(perRound)[perRound-1], b.take(1)[0]; a.next > newQuestions(1).next {
		t.Errorf("round 0 ends with %q at %d, round 1 begins with %q", last, a.next, first)
	}
}
