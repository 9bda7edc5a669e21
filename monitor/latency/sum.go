package latency

// Sum is a histogram for merging many: it takes the room of all buckets, and a
// count is added without searching. Reset makes it empty and keeps the room.
type Sum struct {
	counts    []uint64 // by index
	low, high int      // counts outside are 0
	count     uint64
	max       float64
}

// Count is how many values were counted.
func (s *Sum) Count() uint64 { return s.count }

// Max is the greatest value, exactly.
func (s *Sum) Max() float64 { return s.max }

// Reset empties it.
func (s *Sum) Reset() {
	if s.count > 0 {
		clear(s.counts[s.low : s.high+1])
	}
	s.count, s.max = 0, 0
}

func (s *Sum) put(index int, n uint64) {
	switch {
	case s.counts == nil:
		s.counts = make([]uint64, maxIndex+1)
		s.low, s.high = index, index
	case s.count == 0:
		s.low, s.high = index, index
	default:
		s.low, s.high = min(s.low, index), max(s.high, index)
	}
	s.counts[index] = plus(s.counts[index], n)
	s.count = plus(s.count, n)
}

// Merge adds a histogram's counts.
func (s *Sum) Merge(h *Histogram) {
	for _, b := range h.buckets {
		s.put(int(b.index), b.n)
	}
	s.max = max(s.max, h.max)
}

// MergeEncoded adds the counts of an encoded histogram at the beginning of src
// to each of sums and gives what follows it. After ErrDamaged the sums may have
// a part of it.
func MergeEncoded(src []byte, sums ...*Sum) (rest []byte, err error) {
	n, greatest, rest, err := readHead(src)
	if err != nil {
		return nil, err
	}
	index := -1
	for range n {
		var count uint64
		if index, count, rest, err = readBucket(rest, index); err != nil {
			return nil, err
		}
		for _, s := range sums {
			s.put(index, count)
		}
	}
	if n > 0 {
		for _, s := range sums {
			s.max = max(s.max, greatest)
		}
	}
	return rest, nil
}

// Quantiles is as Histogram.Quantiles.
func (s *Sum) Quantiles(qs ...float64) (values []float64, ok bool) {
	if s.count == 0 {
		return nil, false
	}
	values = make([]float64, 0, len(qs))
	var total uint64
	for i := s.low; i <= s.high && len(values) < len(qs); i++ {
		if s.counts[i] == 0 {
			continue
		}
		total = plus(total, s.counts[i])
		for len(values) < len(qs) && total >= rank(qs[len(values)], s.count) {
			values = append(values, min(valueOf(uint16(i)), s.max))
		}
	}
	for len(values) < len(qs) {
		values = append(values, s.max)
	}
	return values, true
}
