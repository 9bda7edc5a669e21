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

// room makes the room when there is none yet.
func (s *Sum) room() []uint64 {
	if s.counts == nil {
		s.counts = make([]uint64, maxIndex+1)
	}
	return s.counts
}

// took notes that n values were added to buckets from low to high.
func (s *Sum) took(low, high int, n uint64, greatest float64) {
	if s.count == 0 {
		s.low, s.high = low, high
	}
	s.low, s.high = min(s.low, low), max(s.high, high)
	s.count, s.max = plus(s.count, n), max(s.max, greatest)
}

// Merge adds a histogram's counts.
func (s *Sum) Merge(h *Histogram) {
	if len(h.buckets) == 0 {
		return
	}
	counts := s.room()
	for _, b := range h.buckets {
		counts[b.index] = plus(counts[b.index], b.n)
	}
	s.took(int(h.buckets[0].index), int(h.buckets[len(h.buckets)-1].index), h.count, h.max)
}

// MergeEncoded adds the counts of an encoded histogram at the beginning of src
// to each of sums and gives what follows it. After ErrDamaged the sums may have
// a part of it.
func MergeEncoded(src []byte, sums ...*Sum) (rest []byte, err error) {
	n, greatest, rest, err := readHead(src)
	if err != nil || n == 0 {
		return rest, err
	}
	for _, s := range sums {
		s.room()
	}
	low, high, all := 0, -1, uint64(0)
	for i := range n {
		var index int
		var count uint64
		if index, count, rest, err = readBucket(rest, high); err != nil {
			break
		}
		if i == 0 {
			low = index
		}
		high, all = index, plus(all, count)
		for _, s := range sums {
			s.counts[index] = plus(s.counts[index], count)
		}
	}
	for _, s := range sums {
		if all > 0 { // also of a damaged one: Reset must find what was added
			s.took(low, high, all, greatest)
		}
	}
	if err != nil {
		return nil, err
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
