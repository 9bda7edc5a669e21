package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"alcove/engine/wire"
)

const (
	gemmaPath   = "../../build/models-extra/gemma-3-270m-q4_k_m.gguf"
	gemmaWindow = 512 // tokens that all but each sixth layer look back
)

// prices is a text in which each sentence differs, so that it matters which of
// them the window still has.
func prices(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Box %d weighs %d kilograms and costs %d crowns. ", i+1, 3+i*7%19, 10+i*13%41)
	}
	return b.String()
}

// TestReal_Gemma asks of a true model with a sliding window, that prompts are
// longer than, what the tiny ones are asked. It is a base model: what it says
// is not judged, only that it says the same.
func TestReal_Gemma(t *testing.T) {
	if _, err := os.Stat(gemmaPath); err != nil {
		t.Skip("the model with a sliding window is not here, which has terms of its own; run: make gemma")
	}
	if p := runProbe(t, gemmaPath); !p.OK {
		t.Fatalf("%+v", p)
	}
	const context = 2048
	p := plainOf(t, gemmaPath, context, context) // a prompt is one piece
	if p.model.Info().Rewinds {
		t.Error("the end of a sequence can be taken back, although the window has moved on")
	}
	s := wire.Sampling{MaxTokens: 24}
	texts := []string{prices(36), "What things cost. " + prices(70)}
	n, window := &tally{}, false
	defer n.report(t)
	var want [][]choice
	for _, text := range texts {
		want = append(want, p.answer(t, newConversation("x", text).say(1, s, "Which box is the lightest?").Submit))
	}
	for name, m := range map[string]*wire.Load{
		"steps of 512":               {Slots: 2, Batch: 512},
		"steps of 96":                {Slots: 2, Batch: 96, StateDir: stateDir(t)},
		"short steps, one at a time": {Slots: 1, Batch: 40, StepMS: 1},
	} {
		m.RuntimeDir, m.ModelPath, m.Context, m.Cells, m.Threads, m.DeviceOnly = runtimeDir, gemmaPath, context, 2*context, 1, "cpu"
		w := tinyWorker(t, m)
		for i, text := range texts {
			w.write(newConversation(fmt.Sprint("user ", i), text).say(uint64(i+1), s, "Which box is the lightest?"))
		}
		for i := range texts {
			a := w.end(uint64(i + 1))
			n.compare(t, fmt.Sprintf("%s, text %d", name, i), a, want[i])
			window = window || a.end.PromptTokens > 2*gemmaWindow
			if a.end.PromptTokens <= gemmaWindow || a.end.CachedTokens != 0 {
				t.Errorf("%s, text %d: %+v", name, i, a.end)
			}
		}
		if m.Batch == 512 {
			gemmaGoesOn(t, w, p, texts[0], n)
		}
		w.conn.Close()
	}
	if !window {
		t.Errorf("no prompt is twice as long as the window")
	}
}

// gemmaGoesOn: another user of the same text shares nothing, and the second
// turn of a conversation computes only what is new, as one piece would.
func gemmaGoesOn(t *testing.T, w *worker, p *plain, text string, n *tally) {
	t.Helper()
	s := wire.Sampling{MaxTokens: 16}
	c := newConversation("another", text)
	w.write(c.say(11, s, "Which box is the lightest?"))
	first := w.end(11)
	if first.end.Finish == "failed" || first.end.CachedTokens != 0 {
		t.Fatalf("%+v", first.end)
	}
	c.add("assistant", first.text)
	next := c.say(12, s, "And the heaviest?")
	want, size := p.goesOn(t, next.Submit, func(share, text string) []int32 {
		if text == first.text && share == "conversation:"+c.id {
			return first.ids
		}
		return nil
	})
	w.write(next)
	second := w.end(12)
	n.compare(t, "second turn", second, want)
	if second.end.PromptTokens != size {
		t.Errorf("the second prompt has %d tokens, not %d", second.end.PromptTokens, size)
	}
	if want := first.end.PromptTokens + first.end.OutputTokens - 1; second.end.CachedTokens < want {
		t.Errorf("%d of %d tokens of the first turn were used again", second.end.CachedTokens, want)
	}
	t.Logf("first turn %+v, second turn %+v", first.end, second.end)
}
