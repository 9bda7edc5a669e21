package loop

import "testing"

// A model that cannot cut reads nothing while it is typed: the question goes on
// from the conversation, as if nothing had been typed before.
func TestTypingKeepsTheConversation(t *testing.T) {
	for _, stiff := range []bool{false, true} {
		b := newBenchOf(t, Config{Context: 1024, Cells: 2048, Slots: 2, Batch: 64}, stiff)
		first := newSubmit(1, handbook)
		first.Sampling.MaxTokens = 3
		b.submit(first)
		b.finish()
		asked := handbook + b.of(1).text
		for i, text := range []string{"wh", "what is"} {
			typed := newSubmit(uint64(2+i), asked+text+"(end of the template)")
			typed.Class, typed.PrefillOnly = "batch", true
			b.submit(typed)
			b.finish()
			if e := b.of(typed.ID).end; e.Finish != "stop" || e.OutputTokens != 0 {
				t.Errorf("stiff %v: %+v", stiff, e)
			}
		}
		sent := newSubmit(9, asked+"what is it?")
		b.submit(sent)
		b.finish()
		if _, want, _ := reference(b.l.cfg, sent); b.of(9).text != want {
			t.Errorf("stiff %v: %q, want %q", stiff, b.of(9).text, want)
		}
		if got, want := cached(b, 9), len(asked)-1; got < want { // an answer's last token is not computed
			t.Errorf("stiff %v: %d of %d tokens were kept", stiff, got, want)
		}
	}
}
