// Package rollup is the arithmetic of figures over time: what happened in a
// time is a Bucket, buckets of a short time are merged to those of a longer
// one, and a Grid says which buckets a chart of a range is made of. It is pure:
// no clock, no goroutine, no file.
//
// A gauge is a figure that the machine has at any moment (CPU, memory): it is
// kept as mean and maximum. A figure of answers (time to the first token) is
// kept as a histogram. Both are merged in any order with the same result; no
// count is lost by it.
package rollup
