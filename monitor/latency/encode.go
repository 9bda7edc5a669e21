package latency

import (
	"encoding/binary"
	"errors"
	"math"
)

// ErrDamaged is what Decode says of bytes that no histogram wrote.
var ErrDamaged = errors.New("the histogram is damaged")

// Append writes the histogram to the end of dst: the number of buckets, the
// greatest value, and for each bucket its distance from the one before and its
// count. A bucket takes two bytes most often.
func (h *Histogram) Append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(h.buckets)))
	if len(h.buckets) == 0 {
		return dst
	}
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(h.max))
	last := -1
	for _, b := range h.buckets {
		dst = binary.AppendUvarint(dst, uint64(int(b.index)-last))
		dst = binary.AppendUvarint(dst, b.n)
		last = int(b.index)
	}
	return dst
}

// Decode reads one histogram from the beginning of src and gives what follows
// it. Damaged bytes are ErrDamaged, never a panic.
func Decode(src []byte) (h Histogram, rest []byte, err error) {
	n, greatest, rest, err := readHead(src)
	if err != nil || n == 0 {
		return Histogram{}, rest, err
	}
	h = Histogram{max: greatest, buckets: make([]bucket, 0, n)}
	index := -1
	for range n {
		var count uint64
		if index, count, rest, err = readBucket(rest, index); err != nil {
			return Histogram{}, nil, err
		}
		h.buckets, h.count = append(h.buckets, bucket{uint16(index), count}), plus(h.count, count)
	}
	if int(indexOf(greatest)) != index {
		return Histogram{}, nil, ErrDamaged
	}
	return h, rest, nil
}

// readHead gives the number of buckets and the greatest value; of an empty
// histogram there is only the number.
func readHead(src []byte) (n int, greatest float64, rest []byte, err error) {
	u, used := binary.Uvarint(src)
	if used <= 0 || u > maxIndex+1 {
		return 0, 0, nil, ErrDamaged
	}
	if src = src[used:]; u == 0 {
		return 0, 0, src, nil
	}
	if len(src) < 8 {
		return 0, 0, nil, ErrDamaged
	}
	greatest = math.Float64frombits(binary.LittleEndian.Uint64(src))
	if !(greatest >= 0) || math.IsInf(greatest, 0) {
		return 0, 0, nil, ErrDamaged
	}
	return int(u), greatest, src[8:], nil
}

// readBucket gives the bucket that follows the one at index.
func readBucket(src []byte, index int) (next int, count uint64, rest []byte, err error) {
	var distance uint64
	var used int
	if len(src) > 0 && src[0] < 0x80 { // nearly always
		distance, used = uint64(src[0]), 1
	} else {
		distance, used = binary.Uvarint(src)
	}
	if used <= 0 || distance == 0 || distance > uint64(maxIndex-index) {
		return 0, 0, nil, ErrDamaged
	}
	src = src[used:]
	if len(src) > 0 && src[0] < 0x80 {
		count, used = uint64(src[0]), 1
	} else {
		count, used = binary.Uvarint(src)
	}
	if used <= 0 || count == 0 {
		return 0, 0, nil, ErrDamaged
	}
	return index + int(distance), count, src[used:], nil
}
