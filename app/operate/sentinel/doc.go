// Package sentinel watches whether this box is as fast as it usually is, and
// says in words what is wrong and what to do.
//
// Vocabulary: a moment is what is known in one second. A condition is something
// that may be wrong, looked at in each moment; one that lasts becomes a finding.
// The base line is the speed at which this box usually writes with a model, on a
// device, at so many answers at once; it is learned and kept.
//
// Everything here is pure: no goroutine, no clock, no input but moments.
package sentinel
