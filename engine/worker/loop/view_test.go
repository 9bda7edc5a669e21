package loop

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"alcove/engine/wire"
)

// helpful asks a question after a system prompt that everybody has.
func helpful(id uint64, user, question string) *wire.Submit {
	s := newSubmit(id, question)
	s.User = user
	s.Messages[0].Segments[0].Share = "conversation:" + user
	system := wire.Segment{Text: "#" + strings.Repeat("be helpful. ", 4), Share: "everybody"}
	s.Messages = append([]wire.Message{{Role: "system", Segments: []wire.Segment{system}}}, s.Messages...)
	return s
}

// The view tells who reads, who writes, who waits for whom, and what they share.
func TestViewShowsSlotsAndTree(t *testing.T) {
	b := newBench(t, Config{Context: 400, Cells: 2000, Slots: 2, Batch: 32})
	b.l.take(arrival{5})
	b.submit(helpful(1, "CANARYa", "first"))
	b.step()
	for id := uint64(2); id <= 4; id++ {
		b.submit(helpful(id, "CANARYb", fmt.Sprintf("question %d", id)))
	}
	b.step()
	v := b.l.look(false)
	if len(v.Slots) != 5 || v.MoreSlots != 0 {
		t.Fatalf("slots %+v", v.Slots)
	}
	s := v.Slots
	if s[0].ID != 1 || s[0].Class != "interactive" || s[0].Have == 0 || s[0].Rows == 0 || s[0].Prompt != 54 {
		t.Errorf("the first: %+v", s[0])
	}
	if s[4].ID != 5 || s[4].State != "preparing" {
		t.Errorf("the last: %+v", s[4])
	}
	if s[0].User == "" || s[0].User == s[1].User || s[2].User != s[3].User {
		t.Errorf("users are not told apart: %+v", s)
	}
	b.l.take(cancel{5})
	for b.l.counts.ended == 1 {
		b.step()
	}
	text, err := json.Marshal(b.l.look(false))
	if err != nil || strings.Contains(string(text), "CANARY") || strings.Contains(string(text), "question") {
		t.Errorf("somebody can be seen: %s", text)
	}
	b.finish()
	v = b.l.look(false)
	if len(v.Slots) != 0 || len(v.Tree) < 3 {
		t.Fatalf("at the end: %+v", v)
	}
	if n := v.Tree[0]; n.Depth != 0 || n.Label != "everybody" || n.Tokens != 49 || n.Seqs < 2 || n.InUse || !n.Pinned {
		t.Errorf("the shared node: %+v", n)
	}
	for _, n := range v.Tree[1:] {
		if n.Depth == 0 || n.Label != "conversation" || n.Pinned {
			t.Errorf("a node below: %+v", n)
		}
	}
}

// Whoever waits is told for what: the leader, or the place.
func TestViewShowsWhatIsWaitedFor(t *testing.T) {
	b := newBench(t, Config{Context: 400, Cells: 2000, Slots: 2, Batch: 16})
	b.submit(helpful(1, "a", "first"))
	b.submit(helpful(2, "b", "second"))
	b.step()
	if s := b.l.look(false).Slots; s[0].State != "prefill" || s[1].State != "queued" || s[1].Follows != 1 || s[1].Place != 0 || s[1].Rows != 0 {
		t.Errorf("a follower: %+v", s)
	}
	for id := uint64(3); id <= 70; id++ {
		b.submit(newSubmit(id, fmt.Sprintf("other %d", id)))
	}
	for b.l.queue.Len() > 68 {
		b.step()
	}
	b.step()
	v := b.l.look(false)
	if len(v.Slots) != viewSlots || v.MoreSlots != 70-viewSlots {
		t.Fatalf("%d slots and %d more", len(v.Slots), v.MoreSlots)
	}
	if s := v.Slots; s[1].State == "queued" || s[2].Place != 1 || s[9].Place != 8 {
		t.Errorf("the queue: %+v", s[:10])
	}
}

// While there is work a view is made now and then; at rest always, so that the
// last one does not stay as it was in the middle of an answer.
func TestViewIsMadeNowAndThen(t *testing.T) {
	b := newBench(t, small)
	b.m.clock = b.m.clock.Add(time.Hour)
	b.l.measure(true)
	first := b.l.Beat().View
	b.l.measure(true)
	if first == nil || b.l.Beat().View != first {
		t.Error("a view for each step")
	}
	b.l.measure(false)
	second := b.l.Beat().View
	b.m.clock = b.m.clock.Add(viewEvery)
	b.l.measure(true)
	if second == first || b.l.Beat().View == second {
		t.Error("no new view")
	}
}

func TestLabelKinds(t *testing.T) {
	for label, want := range map[string]string{
		name("everybody", ""): "everybody", name("conversation:1", ""): "conversation", name("0123abcd", ""): "key",
		private("owner", 1): "user", private("", 1): "request", "\x00hidden": "forgotten",
	} {
		if got := labelKind(label); got != want {
			t.Errorf("%q is %q, want %q", label, got, want)
		}
	}
}
