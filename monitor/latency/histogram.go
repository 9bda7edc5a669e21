package latency

import (
	"math"
	"slices"
)

// A bucket's index is the exponent of the value and the highest bits of its
// mantissa, as they stand in the float64.
const (
	subBits  = 5 // 32 buckets a doubling
	shift    = 52 - subBits
	minExp   = -20 // values below 2^-20 (a microsecond) are one bucket
	maxExp   = 31  // values from 2^31 on are one bucket
	lowest   = (1023 + minExp) << subBits
	maxIndex = (maxExp-minExp)<<subBits + 1 // 0 is below all, maxIndex above all
)

// Precision is how far a percentile may be from the exact value, as a part of it.
const Precision = 1.0 / (1 << subBits)

// bucket is how many values lie between two bounds.
type bucket struct {
	index uint16
	n     uint64
}

// Histogram counts values. The zero value is empty and ready. It may be copied
// by Clone only; it is not safe for concurrent use while it is changed.
type Histogram struct {
	buckets []bucket // ascending, none empty
	count   uint64
	max     float64 // the greatest value, exactly
}

// indexOf finds a value's bucket; negative values and NaN count as 0.
func indexOf(v float64) uint16 {
	if !(v >= math.Ldexp(1, minExp)) {
		return 0
	}
	i := math.Float64bits(v)>>shift - lowest + 1
	return uint16(min(i, maxIndex))
}

// valueOf is the middle of a bucket.
func valueOf(index uint16) float64 {
	if index == 0 {
		return 0
	}
	low := math.Float64frombits((uint64(index) - 1 + lowest) << shift)
	high := math.Float64frombits((uint64(index) + lowest) << shift)
	return low + (high-low)/2
}

// Add counts a value. What is no number, or negative, counts as 0.
func (h *Histogram) Add(v float64) { h.AddN(v, 1) }

// AddN counts a value n times.
func (h *Histogram) AddN(v float64, n uint64) {
	if n == 0 {
		return
	}
	if !(v > 0) {
		v = 0
	}
	v = min(v, math.MaxFloat64)
	h.put(indexOf(v), n)
	h.count = plus(h.count, n)
	h.max = max(h.max, v)
}

func (h *Histogram) put(index uint16, n uint64) {
	i, found := slices.BinarySearchFunc(h.buckets, index, func(b bucket, index uint16) int { return int(b.index) - int(index) })
	if found {
		h.buckets[i].n = plus(h.buckets[i].n, n)
		return
	}
	h.buckets = slices.Insert(h.buckets, i, bucket{index, n})
}

// plus adds counts and stays at the highest one, so that damage cannot wrap.
func plus(a, b uint64) uint64 {
	if s := a + b; s >= a {
		return s
	}
	return math.MaxUint64
}

// Merge adds the counts of another histogram, which is not changed.
func (h *Histogram) Merge(o *Histogram) {
	if o.count == 0 {
		return
	}
	h.count, h.max = plus(h.count, o.count), max(h.max, o.max)
	if len(h.buckets) == 0 {
		h.buckets = slices.Clone(o.buckets)
		return
	}
	merged := make([]bucket, 0, len(h.buckets)+len(o.buckets))
	a, b := h.buckets, o.buckets
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].index < b[0].index:
			merged, a = append(merged, a[0]), a[1:]
		case a[0].index > b[0].index:
			merged, b = append(merged, b[0]), b[1:]
		default:
			merged = append(merged, bucket{a[0].index, plus(a[0].n, b[0].n)})
			a, b = a[1:], b[1:]
		}
	}
	h.buckets = append(append(merged, a...), b...)
}

// Count is how many values were counted.
func (h *Histogram) Count() uint64 { return h.count }

// Max is the greatest value, exactly; 0 of an empty histogram.
func (h *Histogram) Max() float64 { return h.max }

// Clone is an independent copy.
func (h *Histogram) Clone() Histogram {
	return Histogram{buckets: slices.Clone(h.buckets), count: h.count, max: h.max}
}

// Quantiles gives the values below which the parts qs (0 to 1, ascending) of
// all values lie. An empty histogram has none: ok is false.
func (h *Histogram) Quantiles(qs ...float64) (values []float64, ok bool) {
	if h.count == 0 {
		return nil, false
	}
	values = make([]float64, 0, len(qs))
	var total uint64
	for _, b := range h.buckets {
		total = plus(total, b.n)
		for len(values) < len(qs) && total >= rank(qs[len(values)], h.count) {
			values = append(values, min(valueOf(b.index), h.max))
		}
	}
	for len(values) < len(qs) {
		values = append(values, h.max)
	}
	return values, true
}

// rank is how many of n values are not above the quantile; at least one.
func rank(q float64, n uint64) uint64 {
	return max(1, min(n, uint64(math.Ceil(q*float64(n)))))
}
