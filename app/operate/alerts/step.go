package alerts

import "time"

// State is what a rule remembers between readings.
type State struct {
	Firing bool
	// Held is how long the value has been beyond the threshold, or, while the
	// rule fires, on the good side of its clear value.
	Held time.Duration
	// Counting says that the last known value was on that side.
	Counting bool
	// Unknown is how long the figure has not been known.
	Unknown time.Duration
	// Silent says that a firing rule has had no figure for silentAfter.
	Silent bool
	Last   time.Time // of the newest reading, zero before the first
	Value  float64   // newest known value
}

// Outcome is what a step has changed.
type Outcome int

// Outcomes of Step.
const (
	Nothing Outcome = iota
	Fired
	Resolved
	WentSilent // the figure of a firing rule has not been known for an hour
	SpokeAgain // and is known again
)

const (
	// maxStep is the longest time that one reading may stand for: after a
	// suspended machine or a jump of the clock nothing fires by one value.
	maxStep = 5 * time.Second
	// forgetAfter is how long a count survives without a figure.
	forgetAfter = time.Minute
	silentAfter = time.Hour
)

// Step takes one reading. Time counts by steps between readings and never
// backwards, so a clock that is set changes nothing.
func Step(r Rule, s State, reading Reading, now time.Time) (State, Outcome) {
	var passed time.Duration
	if !s.Last.IsZero() {
		passed = min(max(now.Sub(s.Last), 0), maxStep)
	}
	s.Last = now
	value, known := reading.known(r.Metric)
	if !known {
		return unknownStep(s, passed)
	}
	s.Value, s.Unknown = value, 0
	outcome := Nothing
	if s.Silent {
		s.Silent, outcome = false, SpokeAgain
	}
	onSide, needed := r.beyond(value), time.Duration(r.ForSeconds)*time.Second
	if s.Firing {
		onSide, needed = r.well(value), time.Duration(r.ClearSeconds)*time.Second
	}
	if !onSide {
		s.Held, s.Counting = 0, false
		return s, outcome
	}
	if s.Counting {
		s.Held += passed
	}
	s.Counting = true
	if s.Held < needed {
		return s, outcome
	}
	s.Firing, s.Held, s.Counting = !s.Firing, 0, false
	if s.Firing {
		return s, Fired
	}
	return s, Resolved
}

// unknownStep counts nothing: it neither fires nor ends.
func unknownStep(s State, passed time.Duration) (State, Outcome) {
	s.Unknown += passed
	if s.Unknown >= forgetAfter {
		s.Held, s.Counting = 0, false
	}
	if s.Firing && !s.Silent && s.Unknown >= silentAfter {
		s.Silent = true
		return s, WentSilent
	}
	return s, Nothing
}
