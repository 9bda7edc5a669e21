package loop

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// An answer that is nearly at its limit ends before the prompts of others, who
// share nothing with it, are read on; one without a near limit is written beside
// them.
func TestShortAnswersEndFirst(t *testing.T) {
	for _, test := range []struct {
		limit int
		first bool
	}{{4, true}, {900, false}} {
		t.Run(fmt.Sprint(test.limit), func(t *testing.T) {
			b := keeping(t, Config{Context: 2048, Cells: 8192, Slots: 4, Batch: 128, Strangers: 64, Target: 200 * time.Millisecond}, "", 1<<20)
			b.l.now = func() time.Time { return b.m.clock }
			b.m.each = 100 * time.Microsecond
			if err := b.l.Calibrate(nil, nil); err != nil {
				t.Fatal(err)
			}
			for id := uint64(1); id <= 3; id++ {
				s := newSubmit(id, fmt.Sprintf("#%d tells %s", id, strings.Repeat("a long story, ", 60)))
				s.User, s.Sampling.MaxTokens = fmt.Sprint("user ", id), test.limit
				b.submit(s)
			}
			written, beside := -1, 0
			for b.of(1).end == nil && beside == 0 && written < 20 {
				before := b.l.counts.PrefillRows
				b.step()
				if got := len(b.of(1).ids); written >= 0 && got > written {
					beside += int(b.l.counts.PrefillRows - before)
				}
				if r := b.l.requests[1]; r != nil && r.state == decode {
					written = len(b.of(1).ids)
				}
			}
			if first := beside == 0; first != test.first {
				t.Errorf("%d rows of prompts were read beside it", beside)
			}
			b.finish()
		})
	}
}

// What an answer leaves in the cache when it ends is moved out of the way of
// those that go on.
func TestEndedAnswersMakeWay(t *testing.T) {
	b := keeping(t, Config{Context: 1024, Cells: 4096, Slots: 4, Batch: 128, Strangers: 64}, "", 1<<20)
	short := newSubmit(1, "#"+strings.Repeat("a long story, ", 40))
	short.User, short.Sampling.MaxTokens = "a", 3
	long := newSubmit(2, "#a short question")
	long.User, long.Sampling.MaxTokens = "b", 60
	b.submit(short)
	b.submit(long)
	for b.of(1).end == nil {
		b.step()
	}
	b.step()
	if got := b.l.tree.Cells(); got > 64+len("#a short question")+60 {
		t.Errorf("%d cells are in use beside a short question", got)
	}
	b.finish()
	again := newSubmit(3, short.Messages[0].Segments[0].Text+" and?")
	again.User = "a"
	b.submit(again)
	b.finish()
	if cached(b, 3) < 500 {
		t.Errorf("%d tokens came back", cached(b, 3))
	}
}
