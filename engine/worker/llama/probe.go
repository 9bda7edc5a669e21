package llama

import (
	"fmt"
	"math"

	"github.com/hybridgroup/yzma/pkg/llama"
)

// probe finds out whether sequences can share a part of another, be cut, and be
// put back from a state, by comparing scores. Models with a sliding window, or
// with a state instead of a cache, are known not to: a short probe could miss
// it. A model that fails is answered without sharing.
func (m *Model) probe() error {
	if !m.info.Rewinds || len(m.batch.next) < 2 || len(m.batch.token) < probeLength-probeTail {
		m.info.Rewinds = false
		return nil
	}
	var tokens [probeLength]int32
	for i := range tokens {
		tokens[i] = int32((i*7919 + 1) % m.size)
	}
	run := func(seq, from, to int32) ([]float32, error) {
		for i := from; i < to; i++ {
			if err := m.Add(tokens[i], i, seq, i == to-1); err != nil {
				return nil, err
			}
		}
		if fits, err := m.Decode(); err != nil || !fits {
			return nil, fmt.Errorf("probe: no room: %w", err)
		}
		return append([]float32(nil), m.Logits(int(to-from)-1)...), nil
	}
	const shared = probeLength - probeTail
	if _, err := run(0, 0, shared); err != nil {
		return err
	}
	want, err := run(0, shared, probeLength)
	if err != nil {
		return err
	}
	same := true
	check := func(prepare func() error) error {
		if !same {
			return nil
		}
		if err := prepare(); err != nil {
			same = false
			return nil
		}
		got, err := run(1, shared, probeLength)
		same = same && alike(got, want)
		m.Remove(1, 0)
		return err
	}
	data, err := m.State(0, 0, probeLength, func(n int) []byte { return make([]byte, n) })
	if err != nil {
		same = false
	}
	m.info.CacheBytes = int64(len(data)) / probeLength * int64(m.info.Cells)
	m.info.CacheKind = fmt.Sprintf("%d bytes a token of %d", len(data)/probeLength, int(llama.ModelNLayer(m.model)))
	for _, prepare := range []func() error{
		func() error { return m.Copy(0, 1, shared) },
		func() error { return m.Restore(1, data, 0, probeLength, 0, shared) },
		func() error { // longer than needed, then cut
			if err := m.Copy(0, 1, probeLength); err != nil || m.Remove(1, shared) {
				return err
			}
			return ErrState
		},
	} {
		if err := check(prepare); err != nil {
			return err
		}
	}
	m.info.Rewinds = same
	return m.Reset()
}

// The probe's prompt, and what of it is computed again.
const (
	probeLength = 24
	probeTail   = 8
)

// alike says whether scores are the same but for rounding.
func alike(a, b []float32) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		d := math.Abs(float64(a[i]) - float64(b[i]))
		if !(d <= 0.01*(1+math.Abs(float64(a[i])))) { // false for NaN
			return false
		}
	}
	return true
}
