package llama

import (
	"slices"
	"testing"
)

// feed computes tokens of a sequence from position at on and gives the scores
// after the last.
func feed(t *testing.T, m *Model, seq, at int32, tokens []int32) []float32 {
	t.Helper()
	row := 0
	for i, tok := range tokens {
		if err := m.Add(tok, at+int32(i), seq, i == len(tokens)-1); err != nil {
			t.Fatal(err)
		}
		row++
		if row == 64 || i == len(tokens)-1 {
			if fits, err := m.Decode(); !fits || err != nil {
				t.Fatal(fits, err)
			}
			if i < len(tokens)-1 {
				row = 0
			}
		}
	}
	return slices.Clone(m.Logits(row - 1))
}

func alloc(n int) []byte { return make([]byte, n) }

// A state that is put back, whole, in part or after a shared start, into a
// cache with holes, gives the scores that the tokens gave.
func TestStateGivesTheSameScores(t *testing.T) {
	m := load(t, Options{Context: 1024, Slots: 4, Seqs: 6, Batch: 64, Threads: 1})
	text, err := m.Tokenize("The committee met on a rainy Tuesday and decided, after a long debate about money, that the new building should be", false)
	if err != nil {
		t.Fatal(err)
	}
	n := int32(len(text)) - 1
	feed(t, m, 0, 0, text[:n])
	want := feed(t, m, 0, n, text[n:])
	whole, err := m.State(0, 0, n, alloc)
	if err != nil {
		t.Fatal(err)
	}
	tail, err := m.State(0, 10, n, alloc)
	if err != nil || len(tail) >= len(whole) {
		t.Fatal(len(tail), len(whole), err)
	}
	// Holes: two sequences side by side, one of them goes.
	for i := range int32(100) {
		for seq := int32(1); seq <= 2; seq++ {
			if err := m.Add(5, i, seq, false); err != nil {
				t.Fatal(err)
			}
		}
		if i%20 == 19 {
			if fits, err := m.Decode(); !fits || err != nil {
				t.Fatal(fits, err)
			}
		}
	}
	m.Remove(1, 0)
	if err := m.Restore(3, whole, 0, n, 0, n); err != nil {
		t.Fatal(err)
	}
	if err := m.Copy(0, 4, 10); err != nil {
		t.Fatal(err)
	}
	if err := m.Restore(4, tail, 10, n, 10, n); err != nil {
		t.Fatal(err)
	}
	if err := m.Copy(0, 5, 12); err != nil {
		t.Fatal(err)
	}
	if err := m.Restore(5, tail, 10, n, 12, n-3); err != nil {
		t.Fatal(err)
	}
	if m.Len(3) != n || m.Len(4) != n || m.Len(5) != n-3 || m.Len(6) != 0 {
		t.Fatalf("lengths %d %d %d %d", m.Len(3), m.Len(4), m.Len(5), m.Len(6))
	}
	for seq := int32(3); seq <= 4; seq++ {
		if got := feed(t, m, seq, n, text[n:]); !slices.Equal(got, want) {
			t.Errorf("sequence %d gives other scores", seq)
		}
	}
	if err := m.Reset(); err != nil {
		t.Fatal(err)
	}
	feed(t, m, 5, 0, text[:n])
	if got := feed(t, m, 5, n, text[n:]); !slices.Equal(got, want) {
		t.Error("after a reset the scores are others")
	}
}

// What cannot be done is an error, and nothing has changed.
func TestStateChecks(t *testing.T) {
	m := load(t, Options{Context: 256, Slots: 2, Seqs: 3, Batch: 64, Threads: 1})
	tokens := slices.Repeat([]int32{40}, 50)
	feed(t, m, 0, 0, tokens)
	data, err := m.State(0, 0, 50, alloc)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]func() error{
		"to the end":      func() error { return m.Restore(1, data, 0, 50, 0, 51) },
		"sequence":        func() error { return m.Restore(9, data, 0, 50, 0, 50) },
		"not empty":       func() error { return m.Restore(0, data, 0, 50, 0, 50) },
		"nothing":         func() error { return m.Restore(1, nil, 0, 50, 0, 50) },
		"copy to itself":  func() error { return m.Copy(0, 0, 5) },
		"copy too much":   func() error { return m.Copy(0, 1, 51) },
		"copy nothing":    func() error { return m.Copy(0, 1, 0) },
		"copy over":       func() error { return m.Copy(1, 0, 1) },
		"copy to nowhere": func() error { return m.Copy(0, 3, 5) },
	} {
		if f() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := m.State(0, 20, 51, alloc); err == nil {
		t.Error("the state of tokens that are not there")
	}
	feed(t, m, 1, 0, slices.Repeat([]int32{41}, 180)) // 26 cells are left
	if err := m.Restore(2, data, 0, 50, 0, 50); err == nil {
		t.Error("50 cells were found where 26 are free")
	}
	if m.Len(0) != 50 || m.Len(1) != 180 || m.Len(2) != 0 || m.Len(3) != 0 {
		t.Errorf("lengths %d %d %d %d", m.Len(0), m.Len(1), m.Len(2), m.Len(3))
	}
}
