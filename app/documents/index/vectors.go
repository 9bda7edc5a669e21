package index

import (
	"cmp"
	"maps"
	"math"
	"runtime"
	"slices"
	"sync"

	"alcove/storage"
)

// vectors are those of all published chunks of one embedder, in memory: a byte
// a dimension, one array. A question is compared with each of them that the
// store allowed; 100,000 of 384 dimensions are 38 MB.
//
// The lock is this value's own: a scan holds it for reading, a change for
// writing, so that what was removed is in no scan that begins later.
type vectors struct {
	mu          sync.RWMutex
	fingerprint string
	dimensions  int
	values      []int8 // row i is values[i*dimensions:]
	scales      []float32
	chunks      []int64           // chunk num of each row
	documents   []int64           // document num of each row
	rows        map[int64]int     // row of a chunk num
	of          map[int64][]int64 // chunk nums of a document num
}

// near is a chunk with its cosine to the question.
type near struct {
	chunk  int64
	cosine float64
}

// quantize gives a vector of length 1 as bytes.
func quantize(v []float32) (scale float32, values []int8) {
	var norm float64
	var most float32
	for _, x := range v {
		norm += float64(x) * float64(x)
		most = max(most, max(x, -x))
	}
	values = make([]int8, len(v))
	if most == 0 || math.IsNaN(norm) || math.IsInf(norm, 0) {
		return 0, values
	}
	for i, x := range v {
		values[i] = int8(math.Round(float64(x / most * 127)))
	}
	return float32(float64(most) / 127 / math.Sqrt(norm)), values
}

// reset empties it for another embedder.
func (s *vectors) reset(fingerprint string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fingerprint, s.dimensions = fingerprint, 0
	s.values, s.scales, s.chunks, s.documents = nil, nil, nil, nil
	s.rows, s.of = map[int64]int{}, map[int64][]int64{}
}

// put adds vectors of an embedder; those of another one, or of another length,
// are left out. With replace, the documents' other vectors leave in the same moment.
func (s *vectors) put(fingerprint string, list []storage.ChunkVector, replace ...int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if fingerprint != s.fingerprint || s.rows == nil {
		return
	}
	for _, document := range replace {
		s.drop(document)
	}
	for _, v := range list {
		if s.dimensions == 0 {
			s.dimensions = len(v.Vector.Values)
		}
		if _, have := s.rows[v.Num]; have || len(v.Vector.Values) != s.dimensions || s.dimensions == 0 {
			continue
		}
		s.rows[v.Num] = len(s.chunks)
		s.of[v.DocumentNum] = append(s.of[v.DocumentNum], v.Num)
		s.values = append(s.values, v.Vector.Values...)
		s.scales = append(s.scales, v.Vector.Scale)
		s.chunks = append(s.chunks, v.Num)
		s.documents = append(s.documents, v.DocumentNum)
	}
}

// remove takes all vectors of a document out.
func (s *vectors) remove(document int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(document)
}

// drop fills each hole with the last row.
func (s *vectors) drop(document int64) {
	for _, chunk := range s.of[document] {
		row, last := s.rows[chunk], len(s.chunks)-1
		copy(s.row(row), s.row(last))
		clear(s.row(last))
		s.scales[row], s.chunks[row], s.documents[row] = s.scales[last], s.chunks[last], s.documents[last]
		s.rows[s.chunks[row]] = row
		s.values, s.scales, s.chunks, s.documents = s.values[:last*s.dimensions], s.scales[:last], s.chunks[:last], s.documents[:last]
		delete(s.rows, chunk)
	}
	delete(s.of, document)
}

// all are the documents that have vectors.
func (s *vectors) all() []int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Collect(maps.Keys(s.of))
}

func (s *vectors) row(i int) []int8 { return s.values[i*s.dimensions : (i+1)*s.dimensions] }

func (s *vectors) count() (rows int, bytes int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.chunks), cap(s.values) + 4*cap(s.scales) + 8*(cap(s.chunks)+cap(s.documents)) + 64*len(s.rows)
}

// bits is a set of document nums.
type bits []uint64

func bitsOf(nums []int64) bits {
	var most int64
	for _, n := range nums {
		most = max(most, n)
	}
	set := make(bits, most/64+1)
	for _, n := range nums {
		set[n/64] |= 1 << (n % 64)
	}
	return set
}

func (b bits) has(n int64) bool {
	i := int(n / 64)
	return i < len(b) && b[i]&(1<<(n%64)) != 0
}

// nearest gives the k nearest chunks of allowed documents, nearest first. It
// looks at every one, with all processors; small arrays with one.
func (s *vectors) nearest(question []float32, fingerprint string, allowed bits, k int) []near {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if fingerprint != s.fingerprint || len(question) != s.dimensions || len(s.chunks) == 0 {
		return nil
	}
	scale, q := quantize(question)
	n := min(runtime.GOMAXPROCS(0), 1+len(s.chunks)/4096)
	parts := make([][]near, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			parts[i] = s.nearestIn(q, scale, allowed, k, len(s.chunks)*i/n, len(s.chunks)*(i+1)/n)
		})
	}
	all.Wait()
	found := slices.Concat(parts...)
	slices.SortFunc(found, nearer)
	return found[:min(k, len(found))]
}

func nearer(a, b near) int {
	return cmp.Or(cmp.Compare(b.cosine, a.cosine), cmp.Compare(a.chunk, b.chunk))
}

// nearestIn keeps the k best of some rows. The list is cut when it is twice as
// long, which costs less than a heap.
func (s *vectors) nearestIn(q []int8, scale float32, allowed bits, k, from, to int) []near {
	best := make([]near, 0, 2*k)
	worst := math.Inf(-1)
	for i := from; i < to; i++ {
		if !allowed.has(s.documents[i]) {
			continue
		}
		cosine := float64(dot(q, s.row(i))) * float64(scale) * float64(s.scales[i])
		if cosine <= worst {
			continue
		}
		best = append(best, near{s.chunks[i], cosine})
		if len(best) == cap(best) {
			slices.SortFunc(best, nearer)
			best = best[:k]
			worst = best[k-1].cosine
		}
	}
	return best
}

// cosines gives the cosine of the question and each of the chunks that has a vector.
func (s *vectors) cosines(question []float32, fingerprint string, chunks []int64) map[int64]float64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := map[int64]float64{}
	if fingerprint != s.fingerprint || len(question) != s.dimensions {
		return out
	}
	scale, q := quantize(question)
	for _, c := range chunks {
		if row, have := s.rows[c]; have {
			out[c] = float64(dot(q, s.row(row))) * float64(scale) * float64(s.scales[row])
		}
	}
	return out
}

// dot is the sum of products. Sixteen at a time in four sums: the processor
// does them side by side, and the compiler checks bounds once a round.
func dot(a, b []int8) int32 {
	var s0, s1, s2, s3 int32
	b = b[:len(a)]
	for len(a) >= 16 {
		x, y := (*[16]int8)(a), (*[16]int8)(b)
		s0 += int32(x[0])*int32(y[0]) + int32(x[1])*int32(y[1]) + int32(x[2])*int32(y[2]) + int32(x[3])*int32(y[3])
		s1 += int32(x[4])*int32(y[4]) + int32(x[5])*int32(y[5]) + int32(x[6])*int32(y[6]) + int32(x[7])*int32(y[7])
		s2 += int32(x[8])*int32(y[8]) + int32(x[9])*int32(y[9]) + int32(x[10])*int32(y[10]) + int32(x[11])*int32(y[11])
		s3 += int32(x[12])*int32(y[12]) + int32(x[13])*int32(y[13]) + int32(x[14])*int32(y[14]) + int32(x[15])*int32(y[15])
		a, b = a[16:], b[16:]
	}
	for i := range a {
		s0 += int32(a[i]) * int32(b[i])
	}
	return s0 + s1 + s2 + s3
}
