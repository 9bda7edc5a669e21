package loop

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestQuoted(t *testing.T) {
	never := func(int32) bool { return false }
	for _, c := range []struct {
		tokens, want []int32
		n            int
	}{
		{[]int32{1, 2, 3, 4, 5, 1, 2, 3}, []int32{4, 5}, 2},
		{[]int32{1, 2, 3, 4, 5, 1, 2, 3}, []int32{4, 5, 1, 2, 3}, 9},
		{[]int32{1, 2, 3, 8, 1, 2, 3, 9, 1, 2, 3}, []int32{9}, 1}, // the last time counts
		{[]int32{7, 7, 7, 7}, []int32{7}, 3},
		{[]int32{1, 2, 3, 4}, nil, 3},
		{[]int32{1, 2, 3}, nil, 3},
		{[]int32{1, 2, 3, 1, 2, 3}, nil, 0},
		{nil, nil, 3},
	} {
		if got := quoted(nil, c.tokens, c.n, never); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.tokens, got, c.want)
		}
	}
	if got := quoted(nil, []int32{1, 2, 3, 4, 9, 5, 1, 2, 3}, 9, func(t int32) bool { return t == 9 }); !slices.Equal(got, []int32{4}) {
		t.Errorf("beyond an end: %v", got)
	}
}

// cheap makes rows cost little, so that drafts pay.
func (b *bench) cheap() {
	b.m.each = 20 * time.Microsecond
	if err := b.l.Calibrate(nil, nil); err != nil {
		b.t.Fatalf("%v", err)
	}
	b.m.steps, b.m.computed = 0, 0
}

// With drafts an answer is the same, in fewer steps.
func TestDraftsSaveSteps(t *testing.T) {
	cfg := Config{Context: 512, Cells: 2048, Slots: 2, Batch: 64}
	s := newSubmit(1, "#"+strings.Repeat("the cat sat on the mat. ", 4))
	s.Sampling.MaxTokens = 120
	_, want, _ := reference(cfg, s)
	steps := map[bool]int{}
	for _, off := range []bool{false, true} {
		cfg.NoDrafts = off
		b := newBench(t, cfg)
		b.cheap()
		b.submit(s)
		b.finish()
		if b.of(1).text != want {
			t.Errorf("drafts off %v: %q, want %q", off, b.of(1).text, want)
		}
		steps[off] = b.m.steps
		if c := b.l.counts; (c.Drafted == 0) != off || c.Accepted > c.Drafted || (!off && c.Accepted < c.Drafted/4) {
			t.Errorf("drafts off %v: %d of %d were right", off, c.Accepted, c.Drafted)
		}
	}
	if steps[false] > steps[true]*3/4 {
		t.Errorf("%d steps with drafts, %d without", steps[false], steps[true])
	}
}

// Where rows are dear nothing is drafted.
func TestDraftsMustPay(t *testing.T) {
	b := newBench(t, Config{Context: 512, Cells: 2048, Slots: 2, Batch: 64})
	b.m.each = 50 * time.Millisecond
	if err := b.l.Calibrate(nil, nil); err != nil {
		t.Fatal(err)
	}
	b.submit(newSubmit(1, "#"+strings.Repeat("the cat sat on the mat. ", 4)))
	b.finish()
	if b.l.counts.Drafted != 0 {
		t.Errorf("%d tokens were drafted", b.l.counts.Drafted)
	}
}

// Whatever is guessed, each answer is what it is alone.
func TestDraftsDoNotChangeAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(t, small)
		b.cheap()
		sent := map[uint64]string{}
		for id := uint64(1); id < 8; id++ {
			s := drawSubmit(t, id)
			_, sent[id], _ = reference(small, s)
			b.submit(s)
			for range rapid.IntRange(0, 20).Draw(t, "steps") {
				b.step()
			}
		}
		b.finish()
		for id, want := range sent {
			if b.of(id).text != want {
				t.Fatalf("request %d: %q, want %q", id, b.of(id).text, want)
			}
		}
	})
}
