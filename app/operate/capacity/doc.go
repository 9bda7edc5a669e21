// Package capacity measures how many people this box can serve, and estimates
// what another model, cache or GPU would give.
//
// Vocabulary: people at once are answers being waited for or written at the
// same moment; a step is a measurement at one number of them; the bound is the
// time to the first token that 95 of 100 questions shall keep. Employees are
// people who ask now and then. docs/capacity.md has every formula.
//
// Gate and Meter have goroutines; everything else is pure.
package capacity
