package loop

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"alcove/engine/wire"
)

// shared makes a request whose system prompt has a label, as the chat sends it.
func shared(id uint64, user, share, system, question string) *wire.Submit {
	s := newSubmit(id, question)
	s.User = user
	s.Messages[0].Segments[0].Share = "conversation:" + user
	head := wire.Message{Role: "system", Segments: []wire.Segment{{Text: system, Share: share}}}
	s.Messages = append([]wire.Message{head}, s.Messages...)
	return s
}

// handbook is a text that many ask about.
var handbook = strings.Repeat("The handbook says a lot. ", 20) // 500 tokens

// The last of eight people waits little longer than it takes to read what all
// share once, and all questions in whole tiles; the answers that began before
// cost him no more than their rows. The clock is the fake model's.
func TestBurstWaitsForWhatMustBeRead(t *testing.T) {
	b := newBench(t, Config{Context: 2048, Cells: 8192, Slots: 16, Batch: 512, Tile: 64, Target: 250 * time.Millisecond})
	began, last := b.m.clock, time.Time{}
	for id := uint64(1); id <= 8; id++ {
		b.submit(shared(id, fmt.Sprint("user", id), "everybody", strings.Repeat(handbook, 3), fmt.Sprintf("Question %d of somebody in a hurry?", id)))
	}
	waiting := 8
	for waiting > 0 {
		b.step()
		waiting = 0
		for id := uint64(1); id <= 8; id++ {
			if len(b.of(id).ids) == 0 {
				waiting++
			}
		}
		last = b.m.clock
	}
	must := time.Duration(3*len(handbook)+8*len("Question 1 of somebody in a hurry?")) * b.m.each
	if got := last.Sub(began); got > must*5/4 {
		t.Errorf("the last first token comes after %v; what must be read takes %v", got, must)
	}
	b.finish()
}

// A burst of different people with one system prompt computes it once.
func TestBurstComputesThePrefixOnce(t *testing.T) {
	b := newBench(t, Config{Context: 1024, Cells: 4096, Slots: 8, Batch: 128})
	for id := uint64(1); id <= 8; id++ {
		b.submit(shared(id, fmt.Sprint("user", id), "everybody", handbook, fmt.Sprintf("Question %d?", id)))
	}
	b.finish()
	answers := 0
	for id := uint64(1); id <= 8; id++ {
		s := shared(id, fmt.Sprint("user", id), "everybody", handbook, fmt.Sprintf("Question %d?", id))
		if _, want, _ := reference(b.l.cfg, s); b.of(id).text != want {
			t.Errorf("answer %d: %q, want %q", id, b.of(id).text, want)
		}
		if got, want := b.of(id).end.CachedTokens, len(handbook); (id == 1 && got != 0) || (id > 1 && got != want) {
			t.Errorf("request %d: %d cached tokens", id, got)
		}
		answers += max(0, b.of(id).end.OutputTokens-1)
	}
	// Each answer ends with a token, or an end, that is not computed any more.
	most := len(handbook) + 8*len("Question 1?") + answers + 8
	if b.m.computed > most {
		t.Errorf("%d rows were computed, at most %d are needed", b.m.computed, most)
	}
}

// The followers are told how far the reading is.
func TestFollowersSeeProgress(t *testing.T) {
	b := newBench(t, Config{Context: 1024, Cells: 4096, Slots: 8, Batch: 64})
	b.submit(shared(1, "a", "everybody", handbook, "One?"))
	b.submit(shared(2, "b", "everybody", handbook, "Two?"))
	for range 4 {
		b.step()
	}
	last := b.of(2).stages[len(b.of(2).stages)-1]
	if last.Name != "prefill" || last.Done < 100 || last.Total != len(handbook)+4 {
		t.Errorf("after four steps: %+v", last)
	}
}

// When the leader goes away another one reads on from where it was.
func TestLeaderIsCancelled(t *testing.T) {
	b := newBench(t, Config{Context: 1024, Cells: 4096, Slots: 8, Batch: 64})
	for id := uint64(1); id <= 3; id++ {
		b.submit(shared(id, fmt.Sprint(id), "everybody", handbook, "What?"))
	}
	for range 3 {
		b.step()
	}
	b.l.take(cancel{1})
	b.finish()
	if got := b.of(2).end.CachedTokens; got < 150 || b.of(2).text == "" || b.of(3).end.CachedTokens != len(handbook) {
		t.Errorf("the second had %d cached tokens, the third %d", got, b.of(3).end.CachedTokens)
	}
}

// Two keys with equal prompts: nothing tells the second that the first asked.
func TestKeysAreApart(t *testing.T) {
	for _, atOnce := range []bool{true, false} {
		b := newBench(t, Config{Context: 1024, Cells: 4096, Slots: 8, Batch: 64})
		var steps []int
		for id := uint64(1); id <= 2; id++ {
			s := newSubmit(id, handbook)
			s.User, s.Messages[0].Segments[0].Share = fmt.Sprint("key", id), fmt.Sprint("key:", id)
			s.Sampling.MaxTokens = 1
			b.submit(s)
			if !atOnce {
				before := b.m.steps
				b.finish()
				steps = append(steps, b.m.steps-before)
			}
		}
		b.finish()
		if b.of(2).end.CachedTokens != 0 || b.m.computed < 2*len(handbook) {
			t.Errorf("at once %v: %d cached, %d rows", atOnce, b.of(2).end.CachedTokens, b.m.computed)
		}
		if !atOnce && steps[0] != steps[1] {
			t.Errorf("the first took %d steps, the second %d", steps[0], steps[1])
		}
	}
}

// Nobody's private text is found again, not by the same words either, and what
// came before it is.
func TestPrivateOfNobody(t *testing.T) {
	b := newBench(t, Config{Context: 1024, Cells: 4096, Slots: 8, Batch: 64})
	for id := uint64(1); id <= 2; id++ {
		s := shared(id, "", "everybody", handbook, "my secret word is plum")
		s.Messages[1].Segments[0].Share = ""
		b.submit(s)
		b.finish()
	}
	if got := b.of(2).end.CachedTokens; got != len(handbook) {
		t.Errorf("%d cached tokens, want %d", got, len(handbook))
	}
	if got := b.l.tree.Cells(); got != len(handbook) {
		t.Errorf("%d cells are in use, want those of the handbook", got)
	}
}

// While answers are written, no step takes longer than the target.
func TestLongPromptStopsNobody(t *testing.T) {
	b := newBench(t, Config{Context: 3000, Cells: 8000, Slots: 4, Batch: 512, Target: 60 * time.Millisecond})
	for id := uint64(1); id <= 2; id++ {
		s := newSubmit(id, "#short") // never ends by itself
		s.Sampling.MaxTokens = 120
		b.submit(s)
	}
	for range 10 {
		b.step()
	}
	b.m.longest = 0
	paste := newSubmit(3, strings.Repeat("word ", 400))
	paste.User, paste.Sampling.MaxTokens = "other", 1
	b.submit(paste)
	steps := 0
	for b.of(3).end == nil {
		b.step()
		steps++
	}
	if limit := 60 * time.Millisecond * 12 / 10; b.m.longest > limit || b.of(1).end != nil {
		t.Errorf("the longest step took %v", b.m.longest)
	}
	if steps > 2000/40 {
		t.Errorf("the paste took %d steps: rows were given away", steps)
	}
}

// Batch work yields to chat and its answer is whole in the end.
func TestBatchYields(t *testing.T) {
	b := newBench(t, Config{Context: 256, Cells: 1024, Slots: 2, Batch: 64})
	var batches []*wire.Submit
	for id := uint64(1); id <= 3; id++ {
		s := newSubmit(id, fmt.Sprint("#batch ", id))
		s.Class, s.Sampling.MaxTokens = "batch", 60
		batches = append(batches, s)
		b.submit(s)
	}
	for range 10 {
		b.step()
	}
	chat := newSubmit(10, "hello?")
	b.submit(chat)
	before := len(b.of(10).stages)
	b.step()
	if got := b.of(10).stages[before:]; len(got) == 0 || got[0].Name != "prefill" {
		t.Fatalf("chat waits behind batch: %+v", got)
	}
	b.finish()
	for _, s := range batches {
		if _, want, _ := reference(b.l.cfg, s); b.of(s.ID).text != want {
			t.Errorf("batch %d: %q, want %q", s.ID, b.of(s.ID).text, want)
		}
	}
	if b.l.counts.Preempted != 1 {
		t.Errorf("%d were preempted", b.l.counts.Preempted)
	}
}

// A backlog that has waited for so long that it is as urgent as chat still makes
// way for chat; one of it goes on.
func TestOldBatchYields(t *testing.T) {
	b := newBench(t, Config{Context: 256, Cells: 1024, Slots: 2, Batch: 64})
	b.l.now = func() time.Time { return b.m.clock }
	for id := uint64(1); id <= 6; id++ {
		s := newSubmit(id, fmt.Sprint("#batch ", id))
		s.Class, s.Sampling.MaxTokens = "batch", 60
		b.submit(s)
		if id == 4 { // the first two are answered, the others grow old
			b.m.clock = b.m.clock.Add(time.Hour)
			b.l.take(cancel{1})
			b.l.take(cancel{2})
			b.step()
		}
	}
	chat := newSubmit(10, "#hello?")
	chat.User = "somebody"
	b.submit(chat)
	b.step()
	if r := b.l.requests[10]; r == nil || r.state == queued {
		t.Error("chat waits behind batch")
	}
	batches := 0
	for _, a := range b.l.active {
		if a.rank == batch {
			batches++
		}
	}
	if batches != 1 {
		t.Errorf("%d of the backlog go on", batches)
	}
	b.finish()
}

// What an answer finds again after it gave its place up is its own work.
func TestOwnWorkIsNotCached(t *testing.T) {
	b := newBench(t, Config{Context: 512, Cells: 1024, Slots: 1, Batch: 64})
	s := newSubmit(1, "#"+strings.Repeat("a long contract ", 8))
	s.Class, s.Sampling.MaxTokens = "batch", 20
	b.submit(s)
	for range 4 {
		b.step()
	}
	b.submit(newSubmit(2, "hello?"))
	b.finish()
	if b.l.counts.Preempted == 0 || b.of(1).end.CachedTokens != 0 || b.l.counts.CachedTokens != 0 {
		t.Errorf("%d times preempted, %d tokens cached, %d counted", b.l.counts.Preempted, b.of(1).end.CachedTokens, b.l.counts.CachedTokens)
	}
}

// A queued request is told its place and an estimate that gets smaller.
func TestPlaces(t *testing.T) {
	b := newBench(t, Config{Context: 256, Cells: 1024, Slots: 1, Batch: 64})
	for id := uint64(1); id <= 4; id++ {
		s := newSubmit(id, fmt.Sprint("#number ", id))
		s.User = fmt.Sprint(id)
		b.submit(s)
	}
	b.finish()
	for id := uint64(2); id <= 4; id++ {
		var places []int
		var waits []int64
		for _, s := range b.of(id).stages {
			if s.Name == "queued" {
				places, waits = append(places, s.Place), append(waits, s.WaitMS)
			}
		}
		if places[0] != int(id)-1 || places[len(places)-1] != 1 || waits[0] <= 0 || waits[len(waits)-1] >= waits[0] && id > 2 {
			t.Errorf("request %d was told places %v, waits %v ms", id, places, waits)
		}
	}
}

// Conversations are kept as long as there is room, also beyond the places.
func TestManyConversationsStayWarm(t *testing.T) {
	b := newBench(t, Config{Context: 128, Cells: 4096, Slots: 2, Seqs: 32, Batch: 64})
	ask := func(id uint64, user, text string) {
		s := newSubmit(id, text)
		s.User = user
		b.submit(s)
		b.finish()
	}
	for i := range uint64(20) {
		ask(i, fmt.Sprint(i), fmt.Sprintf("I am number %d.", i))
	}
	for i := range uint64(20) {
		text := fmt.Sprintf("I am number %d.", i)
		ask(100+i, fmt.Sprint(i), text+" And you?")
		if got := b.of(100 + i).end.CachedTokens; got < len(text) {
			t.Errorf("conversation %d: %d cached tokens", i, got)
		}
	}
}

func TestLabels(t *testing.T) {
	s := shared(1, "u", "everybody", "sys", "q")
	p, err := fakeBuild(s.Messages, time.Time{}, 100, nil)
	if err != nil {
		t.Fatal(err)
	}
	spans, open := labels(p, "u", 1)
	if len(spans) != 2 || spans[0].Label != "share:everybody" || spans[1].Label != "share:conversation:u" || open <= 4 || anchor(p, spans) != 3 {
		t.Errorf("%+v, open %d, anchor %d", spans, open, anchor(p, spans))
	}
	// The template's own first tokens belong to what follows.
	p.Spans = slices.Insert(p.Spans, 0, p.Spans[1])
	p.Spans[0].Template, p.Spans[0].Share = true, ""
	if spans, _ = labels(p, "u", 1); len(spans) != 2 || spans[0].End != 4 || spans[0].Label != "share:everybody" {
		t.Errorf("%+v", spans)
	}
	for i := range p.Spans {
		p.Spans[i].Share, p.Spans[i].System = "", false
	}
	if spans, open = labels(p, "", 7); len(spans) != 1 || spans[0].Label != "request:7" || open != 0 || anchor(p, spans) != 0 {
		t.Errorf("%+v, open %d", spans, open)
	}
}

// Where attention takes rows in tiles, steps have whole ones, and a step that is
// nearly one is filled up.
func TestStepsHaveWholeTiles(t *testing.T) {
	b := newBench(t, Config{Context: 1024, Cells: 4096, Slots: 8, Batch: 256, Tile: 64, Target: 100 * time.Millisecond})
	b.submit(newSubmit(1, handbook))
	s := newSubmit(2, strings.Repeat("another word ", 30))
	s.User = "other"
	b.submit(s)
	for b.of(1).end == nil || b.of(2).end == nil {
		before, had := b.m.computed, len(b.l.active)
		b.step()
		if n := b.m.computed - before; n > 64 && n%64 != 0 && had == 2 && b.l.active[0].state == prefill {
			t.Errorf("a step of %d rows", n)
		}
	}
	b = newBench(t, Config{Context: 1024, Cells: 4096, Slots: 8, Batch: 256, Tile: 64})
	b.submit(newSubmit(1, strings.Repeat("x", 45)))
	b.step()
	if b.m.pads != 64-45 {
		t.Errorf("45 rows were filled up by %d", b.m.pads)
	}
	b.finish()
}

// What is typed is read before it is sent; then only the rest is left.
func TestPrefillOnly(t *testing.T) {
	b := newBench(t, Config{Context: 1024, Cells: 4096, Slots: 4, Batch: 64})
	typed := newSubmit(1, handbook+"what does it")
	typed.Class, typed.PrefillOnly = "batch", true
	b.submit(typed)
	b.finish()
	if e := b.of(1).end; e.Finish != "stop" || e.OutputTokens != 0 || len(b.of(1).ids) != 0 {
		t.Errorf("%+v", e)
	}
	sent := newSubmit(2, handbook+"what does it say?")
	b.submit(sent)
	b.finish()
	if got, want := b.of(2).end.CachedTokens, len(typed.Messages[0].Segments[0].Text); got != want {
		t.Errorf("%d of %d tokens were read before", got, want)
	}
	// Sent while it is still being read, the rest is read at the sender's rank.
	typed = newSubmit(3, "other: "+handbook)
	typed.Class, typed.PrefillOnly = "batch", true
	b.submit(typed)
	b.step()
	sent = newSubmit(4, "other: "+handbook+"and?")
	b.submit(sent)
	b.l.take(cancel{3})
	b.finish()
	if _, want, _ := reference(b.l.cfg, sent); b.of(4).text != want || b.of(4).end.CachedTokens < 32 {
		t.Errorf("%q, %+v", b.of(4).text, b.of(4).end)
	}
}
