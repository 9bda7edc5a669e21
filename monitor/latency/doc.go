// Package latency keeps how values are distributed: times in seconds, tokens a
// second, tokens of a prompt.
//
// A Histogram has the layout of an HDR histogram: each doubling of the value is
// cut into 32 buckets of equal width, so that a percentile is at most 1/32 off,
// and 1/64 on the average, whatever the values are. Only buckets with a count
// take room, in memory and in the database. Two histograms are merged by adding
// their counts, in any order; percentiles of a longer time are those of the
// merged histogram, never means of percentiles.
package latency
