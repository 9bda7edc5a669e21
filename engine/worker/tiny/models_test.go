package tiny

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alcove/engine/worker/llama"
)

// loadTiny writes a tiny model and loads it.
func loadTiny(t *testing.T, kind Model, o llama.Options) *llama.Model {
	t.Helper()
	dir, err := filepath.Abs("../../../build/runtime/lib")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no libraries here; run: make setup")
	}
	lib, err := llama.Open(dir, llama.AllGPUs)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), kind.Name+".gguf")
	if err := kind.Write(path, Options{Seed: 1}); err != nil {
		t.Fatal(err)
	}
	m, err := lib.Load(path, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, llama.LogTail())
	}
	t.Cleanup(m.Close)
	return m
}

// near is how far scores may differ by the shape of the steps, where they are
// spread by 8: keys and values are kept in 16 bits.
const near = 0.2

func farthest(a, b []float32) (d float64) {
	if len(a) != len(b) || len(a) == 0 {
		return math.Inf(1)
	}
	for i := range a {
		d = max(d, math.Abs(float64(a[i])-float64(b[i])))
	}
	return d
}

// feed computes tokens of a sequence from position at on and gives the scores
// after the last.
func feed(t *testing.T, m *llama.Model, seq, at int32, tokens []int32) []float32 {
	t.Helper()
	row := 0
	for i, tok := range tokens {
		last := i == len(tokens)-1
		if err := m.Add(tok, at+int32(i), seq, last); err != nil {
			t.Fatal(err)
		}
		if row++; row < 64 && !last {
			continue
		}
		if fits, err := m.Decode(); !fits || err != nil {
			t.Fatal(fits, err)
		}
		if !last {
			row = 0
		}
	}
	return slices.Clone(m.Logits(row - 1))
}

func alloc(n int) []byte { return make([]byte, n) }

// rows computes tokens of a sequence from position at on, each step so many at
// once, and gives the scores after each.
func rows(t *testing.T, m *llama.Model, seq, at int32, tokens []int32, each int) (out [][]float32) {
	t.Helper()
	for from := 0; from < len(tokens); from += each {
		to := min(from+each, len(tokens))
		for i := from; i < to; i++ {
			if err := m.Add(tokens[i], at+int32(i), seq, true); err != nil {
				t.Fatal(err)
			}
		}
		if fits, err := m.Decode(); !fits || err != nil {
			t.Fatal(fits, err)
		}
		for i := range to - from {
			out = append(out, slices.Clone(m.Logits(i)))
		}
	}
	return out
}

// Of every kind: it loads and tells what it is, 200 rows of scores are finite,
// the same again, hardly others in other steps, and hang on what was before.
func TestTinyModels(t *testing.T) {
	for _, kind := range All() {
		t.Run(kind.Name, func(t *testing.T) {
			m := loadTiny(t, kind, llama.Options{Context: 512, Slots: 3, Batch: 64, Threads: 1, CPUOnly: true})
			info := m.Info()
			t.Logf("%s, %d parameters, %d tokens, %d sequences", info.Desc, info.Parameters, m.VocabSize(), info.Seqs)
			if info.Rewinds != kind.Rewinds || !strings.HasPrefix(info.Desc, kind.Architecture) || info.Trained != 2048 || info.Seqs < 3 {
				t.Errorf("info: %+v", info)
			}
			ends(t, m, kind)
			tokens := someTokens(m)
			first := rows(t, m, 0, 0, tokens, 3)
			for i, scores := range first {
				for token, s := range scores {
					if math.IsNaN(float64(s)) || math.IsInf(float64(s), 0) {
						t.Fatalf("row %d, token %d: %v", i, token, s)
					}
				}
			}
			if err := m.Reset(); err != nil {
				t.Fatal(err)
			}
			again := rows(t, m, 0, 0, tokens, 3)
			single := rows(t, m, 1, 0, tokens, 1)
			widest := 0.0
			for i := range first {
				if !slices.Equal(first[i], again[i]) {
					t.Fatalf("row %d is another the second time", i)
				}
				widest = max(widest, farthest(first[i], single[i]))
			}
			m.Remove(1, 0)
			whole := feed(t, m, 1, 0, tokens)
			widest = max(widest, farthest(first[199], whole))
			t.Logf("scores differ by %.4f at most", widest)
			if widest > near {
				t.Errorf("in steps of other sizes the scores differ by %.3f", widest)
			}
			remembers(t, m, kind, tokens)
			if kind.Rewinds {
				cuts(t, m, tokens, first)
			} else {
				cutsNot(t, m, tokens, first)
			}
		})
	}
}

// someTokens are 200 tokens from all over the vocabulary.
func someTokens(m *llama.Model) []int32 {
	tokens := make([]int32, 200)
	for i := range tokens {
		tokens[i] = int32((i*i*31 + i*7 + 3) % m.VocabSize())
	}
	return tokens
}

// ends checks that what ends an answer of this kind does, whatever the file
// names as its one end token, and that no other mark does.
func ends(t *testing.T, m *llama.Model, kind Model) {
	t.Helper()
	for i, text := range append(slices.Clone(kind.Ends), kind.Marks...) {
		tokens, err := m.Tokenize(text, true)
		if err != nil || len(tokens) != 1 || !m.IsControl(tokens[0]) || len(m.Piece(tokens[0])) > 0 {
			t.Fatalf("%q is %v, %v", text, tokens, err)
		}
		if m.EndsAnswer(tokens[0]) != (i < len(kind.Ends)) {
			t.Errorf("%q ends an answer: %v", text, m.EndsAnswer(tokens[0]))
		}
		if typed, err := m.Tokenize(text, false); err != nil || len(typed) < 3 || slices.ContainsFunc(typed, m.IsControl) {
			t.Errorf("%q as somebody types it is %v, %v", text, typed, err)
		}
	}
}

// remembers checks that the scores depend on tokens long before: else no test
// with this model would see that the cache holds something wrong.
func remembers(t *testing.T, m *llama.Model, kind Model, tokens []int32) {
	t.Helper()
	const n = 24
	m.Remove(0, 0)
	m.Remove(1, 0)
	want := feed(t, m, 0, 0, tokens[:n])
	for _, at := range []int{0, n / 2, n - 3} {
		other := slices.Clone(tokens[:n])
		other[at] = (other[at] + 1) % int32(m.VocabSize())
		got := feed(t, m, 1, 0, other)
		m.Remove(1, 0)
		t.Logf("another token at %d changes the scores by %.2f", at, farthest(got, want))
		if d := farthest(got, want); d < 5*near {
			t.Errorf("another token at %d of %d changes the scores by %.3f only", at, n, d)
		}
	}
	m.Remove(0, 0)
}

// cuts checks what models with a plain cache can.
func cuts(t *testing.T, m *llama.Model, tokens []int32, want [][]float32) {
	t.Helper()
	feed(t, m, 0, 0, tokens[:120])
	if err := m.Copy(0, 1, 70); err != nil {
		t.Fatal(err)
	}
	if !m.Remove(0, 50) || m.Len(0) != 50 || m.Len(1) != 70 {
		t.Fatalf("lengths %d and %d", m.Len(0), m.Len(1))
	}
	state, err := m.State(1, 0, 70, alloc)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Restore(2, state, 0, 70, 0, 60); err != nil {
		t.Fatal(err)
	}
	for seq, n := range []int32{50, 70, 60} {
		if d := farthest(feed(t, m, int32(seq), n, tokens[n:100]), want[99]); d > near {
			t.Errorf("sequence %d, cut at %d: scores differ by %.3f", seq, n, d)
		}
	}
}

// cutsNot checks that models without a plain cache refuse what they would do
// wrong, and that going on where a sequence ended is right beside others.
func cutsNot(t *testing.T, m *llama.Model, tokens []int32, want [][]float32) {
	t.Helper()
	feed(t, m, 0, 0, tokens[:100])
	feed(t, m, 1, 0, tokens[50:120])
	if err := m.Copy(0, 2, 60); err == nil {
		t.Error("a part was shared")
	}
	if _, err := m.State(0, 0, 60, alloc); err == nil {
		t.Error("a state was saved")
	}
	if m.Remove(1, 20) || m.Len(1) != 0 {
		t.Errorf("%d tokens are left after a cut that cannot be", m.Len(1))
	}
	feed(t, m, 1, 0, tokens[30:90])
	if d := farthest(feed(t, m, 0, 100, tokens[100:150]), want[149]); d > near {
		t.Errorf("gone on: scores differ by %.3f", d)
	}
	if err := m.Copy(0, 2, 150); err != nil {
		t.Error(err)
	}
	feed(t, m, 0, 150, tokens[20:60])
	if d := farthest(feed(t, m, 2, 150, tokens[150:]), want[199]); d > near {
		t.Errorf("gone on with a copy: scores differ by %.3f", d)
	}
}
