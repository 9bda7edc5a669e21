package sample

import (
	"cmp"
	"errors"
	"math"
	"slices"
)

// Params says how to choose. The zero value is greedy.
type Params struct {
	Temperature float64 // 0: greedy
	TopK        int     // 0: off
	TopP        float64 // 0 and 1: off
	MinP        float64 // 0: off
	Seed        uint64
}

// Validate refuses values outside their range, with a sentence.
func (p Params) Validate() error {
	switch {
	case !(p.Temperature >= 0 && p.Temperature <= 100):
		return errors.New("temperature must be between 0 and 100")
	case p.TopK < 0:
		return errors.New("top_k must not be negative")
	case !(p.TopP >= 0 && p.TopP <= 1):
		return errors.New("top_p must be between 0 and 1")
	case !(p.MinP >= 0 && p.MinP <= 1):
		return errors.New("min_p must be between 0 and 1")
	}
	return nil
}

// Sampler holds scratch memory. It is not safe for concurrent use.
type Sampler struct{ cands []candidate }

type candidate struct {
	id int32
	v  float64 // the logit less the highest one, then the weight
}

// Token chooses the i-th token of an answer (0 is the first). ok is false when
// no logit is a usable number: NaN and -Inf are never chosen.
func (s *Sampler) Token(logits []float32, p Params, i int) (token int32, ok bool) {
	best := Greedy(logits)
	if best < 0 {
		return 0, false
	}
	if p.Temperature == 0 || p.TopK == 1 || math.IsInf(float64(logits[best]), 1) {
		return best, true
	}
	s.collect(logits, float64(logits[best]), p)
	s.topP(p)
	return s.draw(p, uniform(p.Seed, uint64(i))), true
}

// Greedy is the token with the highest logit, the first of equals, or -1.
func Greedy(logits []float32) int32 {
	best, id := float32(math.Inf(-1)), int32(-1)
	for i, v := range logits {
		if v > best { // false for NaN
			best, id = v, int32(i)
		}
	}
	return id
}

// collect keeps the candidates that top-k and min-p leave, best first if the
// order matters. min-p compares with the highest logit alone, so it may come
// before top-p here without a change: both keep a head of the same order.
func (s *Sampler) collect(logits []float32, highest float64, p Params) {
	floor := math.Inf(-1)
	if p.MinP > 0 && !needsAll(p) {
		floor = math.Log(p.MinP)
	}
	s.cands = s.cands[:0]
	for i, l := range logits {
		v := float64(l) - highest
		if v >= floor && v > math.Inf(-1) { // false for NaN
			s.cands = append(s.cands, candidate{int32(i), v})
		}
	}
	if p.TopK > 0 && p.TopK < len(s.cands) {
		s.cands = selectTop(s.cands, p.TopK)
	}
}

// needsAll: top-p without top-k weighs each candidate against the sum over all
// of them, so min-p must not drop any first.
func needsAll(p Params) bool { return p.TopP > 0 && p.TopP < 1 }

// topP keeps the smallest head whose probability reaches TopP, then applies
// the min-p that collect had to leave.
func (s *Sampler) topP(p Params) {
	if !needsAll(p) {
		return
	}
	sum := 0.0
	for _, c := range s.cands {
		sum += math.Exp(c.v)
	}
	// The head is short in nearly all cases: look at more only if needed.
	for n := 256; ; n *= 8 {
		head := s.cands
		if n < len(s.cands) {
			head = selectTop(s.cands, n)
		} else {
			slices.SortFunc(head, byValue)
		}
		reached := 0.0
		for k, c := range head {
			if p.MinP > 0 && math.Exp(c.v) < p.MinP {
				s.cands = head[:max(k, 1)]
				return
			}
			reached += math.Exp(c.v)
			if reached >= p.TopP*sum || k == len(s.cands)-1 {
				s.cands = head[:k+1]
				return
			}
		}
	}
}

// draw walks the cumulative weights to u of their sum.
func (s *Sampler) draw(p Params, u float64) int32 {
	sum := 0.0
	for k := range s.cands {
		s.cands[k].v = math.Exp(s.cands[k].v / p.Temperature)
		sum += s.cands[k].v
	}
	at := u * sum
	last := s.cands[0].id
	for _, c := range s.cands {
		if c.v > 0 {
			last = c.id
			if at -= c.v; at < 0 {
				break
			}
		}
	}
	return last
}

// byValue orders best first, equal logits by token.
func byValue(a, b candidate) int {
	if c := cmp.Compare(b.v, a.v); c != 0 {
		return c
	}
	return cmp.Compare(a.id, b.id)
}

// selectTop moves the k best candidates to the front, sorts them and returns
// them; all candidates stay in c. It is a quickselect: O(n + k log k).
func selectTop(c []candidate, k int) []candidate {
	lo, hi := 0, len(c)
	for hi-lo > 32 {
		mid := median(c[lo], c[(lo+hi)/2], c[hi-1])
		i, j := lo, hi-1
		for i <= j {
			for byValue(c[i], mid) < 0 {
				i++
			}
			for byValue(c[j], mid) > 0 {
				j--
			}
			if i <= j {
				c[i], c[j] = c[j], c[i]
				i++
				j--
			}
		}
		switch {
		case k <= j+1:
			hi = j + 1
		case k >= i:
			lo = i
		default:
			lo, hi = k, k // all between j and i is equal to mid: k splits there
		}
	}
	slices.SortFunc(c[lo:hi], byValue)
	slices.SortFunc(c[:k], byValue)
	return c[:k]
}

func median(a, b, c candidate) candidate {
	if byValue(a, b) > 0 {
		a, b = b, a
	}
	if byValue(b, c) > 0 {
		b = c
	}
	if byValue(a, b) > 0 {
		b = a
	}
	return b
}

// uniform gives a number in [0, 1) that depends on seed and i alone
// (splitmix64's finalizer, twice).
func uniform(seed, i uint64) float64 {
	x := mix(seed + 0x9e3779b97f4a7c15*(i+1))
	x = mix(x ^ 0xd1b54a32d192ed03)
	return float64(x>>11) / (1 << 53)
}

func mix(x uint64) uint64 {
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}
