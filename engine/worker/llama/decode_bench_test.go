package llama

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// BenchmarkDecode is the lower bound of everything: Decode and nothing else.
// "rows" is one token for each of several sequences at a short depth, "prompt"
// a prompt of that many tokens in steps of 512. `make bench` prints it beside
// what clients see.
//
//	CGO_ENABLED=0 go test ./engine/worker/llama -run '^$' -bench Decode -benchtime 500ms
func BenchmarkDecode(b *testing.B) {
	const step = 512
	threads := []int{1, runtime.NumCPU()}
	for _, t := range slices.Compact(threads) {
		m := load(b, Options{Context: 2048, Slots: 8, Cells: 4096, Batch: step, Threads: t, CPUOnly: true})
		for _, rows := range []int{1, 2, 4, 8} {
			b.Run(fmt.Sprintf("rows%d/threads%d", rows, t), func(b *testing.B) { benchRows(b, m, rows) })
		}
		for _, tokens := range []int{32, 128, 512, 1024} {
			b.Run(fmt.Sprintf("prompt%d/threads%d", tokens, t), func(b *testing.B) { benchPrompt(b, m, tokens, step) })
		}
	}
}

// benchRows decodes as answers of 150 tokens after a short prompt do.
func benchRows(b *testing.B, m *Model, rows int) {
	const from, to = 40, 190
	pos := to
	for b.Loop() {
		if pos == to {
			b.StopTimer()
			for s := range int32(rows) {
				m.Remove(s, 0)
				addTokens(b, m, s, 0, from)
				decodeStep(b, m)
			}
			pos = from
			b.StartTimer()
		}
		for s := range int32(rows) {
			if err := m.Add(token(m, pos), int32(pos), s, true); err != nil {
				b.Fatal(err)
			}
		}
		decodeStep(b, m)
		m.Logits(rows - 1) // waits until the numbers are there
		pos++
	}
	b.ReportMetric(float64(b.N*rows)/b.Elapsed().Seconds(), "tok/s")
	for s := range int32(rows) {
		m.Remove(s, 0)
	}
}

func benchPrompt(b *testing.B, m *Model, tokens, step int) {
	for b.Loop() {
		m.Remove(0, 0)
		for at := 0; at < tokens; at += step {
			addTokens(b, m, 0, at, min(at+step, tokens))
			decodeStep(b, m)
		}
		m.Logits(0)
	}
	b.ReportMetric(float64(b.N*tokens)/b.Elapsed().Seconds(), "tok/s")
	m.Remove(0, 0)
}

// addTokens adds positions from..to of a sequence; the last one has an output.
func addTokens(b *testing.B, m *Model, seq int32, from, to int) {
	for p := from; p < to; p++ {
		if err := m.Add(token(m, p), int32(p), seq, p == to-1); err != nil {
			b.Fatal(err)
		}
	}
}

func decodeStep(b *testing.B, m *Model) {
	if fits, err := m.Decode(); err != nil || !fits {
		b.Fatal(fits, err)
	}
}

// token is any ordinary token.
func token(m *Model, pos int) int32 { return int32(1000 + pos*7%(m.VocabSize()-2000)) }
