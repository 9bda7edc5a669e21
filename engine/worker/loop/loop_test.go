package loop

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"alcove/engine/wire"
	"alcove/engine/worker/fail"
)

var small = Config{Context: 64, Cells: 128, Slots: 3, Batch: 16}

// documents begin many prompts.
var documents = []string{strings.Repeat("doc ", 5), strings.Repeat("doc ", 5) + "and more of it. ", "another one, longer. "}

func drawSubmit(t *rapid.T, id uint64) *wire.Submit {
	s := newSubmit(id, rapid.StringOfN(rapid.SampledFrom([]rune("abc")), 1, 25, -1).Draw(t, "prompt"))
	if rapid.Bool().Draw(t, "with a document") {
		doc := wire.Segment{Text: rapid.SampledFrom(documents).Draw(t, "document"), Share: rapid.SampledFrom([]string{"all", "some", ""}).Draw(t, "share")}
		s.Messages = append([]wire.Message{{Role: "system", Segments: []wire.Segment{doc}}}, s.Messages...)
	}
	s.Class = rapid.SampledFrom([]string{"interactive", "api", "batch"}).Draw(t, "class")
	s.User = rapid.SampledFrom([]string{"", "u", "v"}).Draw(t, "user")
	s.Sampling.MaxTokens = rapid.IntRange(0, 40).Draw(t, "max")
	s.Sampling.Temperature = rapid.SampledFrom([]float64{0, 0, 0.8}).Draw(t, "temperature")
	s.Sampling.Seed = rapid.Uint64().Draw(t, "seed")
	s.Sampling.Stop = rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("abcdefghijklmnopqrstuvwxyABCDEFGHIJ0123456789 !")), 1, 2, -1), 0, 2).Draw(t, "stop")
	return s
}

// Whatever arrives and is cancelled when, each answer is what it is alone.
func TestTrafficDoesNotChangeAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := small
		cfg.Tile = rapid.SampledFrom([]int{1, 8}).Draw(t, "tile")
		b := newBenchOf(t, cfg, rapid.Bool().Draw(t, "stiff"))
		sent, cancelled := map[uint64]*wire.Submit{}, map[uint64]bool{}
		for id := uint64(1); id < 12; id++ {
			s := drawSubmit(t, id)
			sent[id] = s
			b.submit(s)
			for range rapid.IntRange(0, 8).Draw(t, "steps") {
				b.m.refuse = rapid.SampledFrom([]int{0, 0, 0, 0, 1}).Draw(t, "refuse")
				if len(b.l.active) < 2 {
					b.m.refuse = 0 // one alone would fail, as it should
				}
				b.step()
			}
			b.m.refuse = 0
			if rapid.IntRange(0, 4).Draw(t, "cancel") == 0 {
				old := rapid.Uint64Range(1, id).Draw(t, "which")
				cancelled[old] = true
				b.l.take(cancel{old})
			}
		}
		b.finish()
		for id, s := range sent {
			h := b.of(id)
			ids, text, finish := reference(small, s)
			if h.end == nil {
				t.Fatalf("request %d has no end", id)
			}
			if h.end.Finish == "cancelled" && cancelled[id] {
				if len(h.ids) > len(ids) || !slices.Equal(h.ids, ids[:len(h.ids)]) || !strings.HasPrefix(text, h.text) {
					t.Fatalf("request %d, cancelled: %q is not the start of %q", id, h.text, text)
				}
				continue
			}
			if h.end.Finish != finish || h.text != text || !slices.Equal(h.ids, ids) || h.end.OutputTokens != len(ids) {
				t.Fatalf("request %d: %q (%+v), want %q (%s)", id, h.text, h.end, text, finish)
			}
		}
		if len(b.l.active)+b.l.queue.Len()+len(b.l.requests) != 0 {
			t.Fatal("something is left")
		}
	})
}

// An answer that is resumed after any token is the whole answer.
func TestResumeEqualsUninterrupted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSubmit(t, 1)
		ids, text, finish := reference(small, s)
		k := rapid.IntRange(0, len(ids)).Draw(t, "k")
		sent := 0
		{ // what a reader had after k tokens
			b := newBench(t, small)
			b.submit(s)
			for len(b.of(1).ids) < k && b.of(1).end == nil {
				b.step()
			}
			sent = len(b.of(1).text)
			if b.of(1).end != nil {
				t.Skip("it ended with token k: there is nothing to resume")
			}
		}
		if behind := rapid.IntRange(0, 3).Draw(t, "behind"); behind <= sent {
			sent -= behind // tokens arrived, their text did not
		}
		s.Resume, s.SentBytes = ids[:k], sent
		b := newBench(t, small)
		b.submit(s)
		b.finish()
		h := b.of(1)
		if text[:sent]+h.text != text || !slices.Equal(h.ids, ids[k:]) || h.end.Finish != finish || h.end.OutputTokens != len(ids) {
			t.Fatalf("after %d tokens, %d bytes: %q (%+v), want %q (%s)", k, sent, h.text, h.end, text[sent:], finish)
		}
	})
}

func TestOneStepComputesAll(t *testing.T) {
	b := newBench(t, Config{Context: 64, Cells: 256, Slots: 3, Batch: 64})
	for id := uint64(1); id <= 3; id++ {
		b.submit(newSubmit(id, fmt.Sprintf("question %d", id)))
	}
	b.step()
	if b.m.steps != 1 || b.m.computed != 30 {
		t.Fatalf("three prompts of ten took %d steps and %d rows", b.m.steps, b.m.computed)
	}
	b.step()
	if b.m.steps != 2 || b.m.computed != 33 {
		t.Errorf("three answers took %d rows in one step", b.m.computed-30)
	}
}

func TestPrefillGoesOnBesideDecode(t *testing.T) {
	b := newBench(t, Config{Context: 400, Cells: 1000, Slots: 2, Batch: 64})
	first := newSubmit(1, "a")
	first.Sampling.MaxTokens = 300
	b.submit(first)
	b.step()
	b.submit(newSubmit(2, strings.Repeat("long ", 60)))
	before := len(b.of(1).ids)
	steps := 0
	for b.of(2).stageNames() == "" || !strings.HasSuffix(b.of(2).stageNames(), "decode") {
		b.step()
		steps++
	}
	if got := len(b.of(1).ids) - before; got != steps && b.of(1).end == nil {
		t.Errorf("the first answer got %d tokens in %d steps of the other's prefill", got, steps)
	}
	var done []int
	for _, s := range b.of(2).stages {
		if s.Name == "prefill" {
			done = append(done, s.Done)
			if s.Total != 300 {
				t.Errorf("total %d, want 300", s.Total)
			}
		}
	}
	if !slices.IsSorted(done) || done[0] != 0 || done[len(done)-1] != 300 || len(done) < 6 {
		t.Errorf("prefill was reported at %v", done)
	}
}

func TestShareOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		asks := make([]ask, rapid.IntRange(0, 8).Draw(t, "n"))
		want := 0
		for i := range asks {
			asks[i] = ask{rapid.IntRange(0, 2).Draw(t, "rank"), rapid.IntRange(1, 100).Draw(t, "left"), rapid.SampledFrom([]int{0, 1, 30}).Draw(t, "stop"), 0}
			if asks[i].stop > 0 {
				asks[i].left = max(asks[i].left, asks[i].stop)
			}
			want += asks[i].most()
		}
		budget := rapid.IntRange(0, 200).Draw(t, "budget")
		got := shareOut(budget, asks)
		sum := 0
		for i, n := range got {
			if n < 0 || n > asks[i].most() {
				t.Fatalf("%v of %v", got, asks)
			}
			sum += n
		}
		if sum != min(want, budget) {
			t.Fatalf("gave %d of %d to %v", sum, budget, asks)
		}
		if len(asks) > 0 && got[0] < min(asks[0].most(), budget, max(budget/4, 1)) {
			t.Fatalf("the oldest got %d of %d", got[0], budget)
		}
	})
}

func TestQueueOrder(t *testing.T) {
	b := newBench(t, Config{Context: 64, Cells: 64, Slots: 1, Batch: 16})
	for i, class := range []string{"batch", "batch", "api", "interactive"} {
		s := newSubmit(uint64(i+1), "hello")
		s.Class = class
		b.submit(s)
		b.step()
	}
	var order []uint64
	b.l.emit = func(s *Step) {
		for _, e := range s.Ends {
			order = append(order, e.ID)
		}
		b.hear(s)
	}
	b.finish()
	// The first of the batch gave its place to the one of the API.
	if !slices.Equal(order, []uint64{3, 4, 1, 2}) {
		t.Errorf("ended in order %v", order)
	}
	// Who finds a place at once has not waited, nor has who gave it up afterwards; the others have, and less than it all took.
	all := b.m.clock.Sub(time.Unix(1e9, 0)).Microseconds()
	for id, waited := range map[uint64]bool{1: false, 2: true, 3: false, 4: true} {
		us := b.of(id).end.WaitUS
		if us < 1 || us >= all || waited != (us > 1) {
			t.Errorf("request %d waited %d of %d us", id, us, all)
		}
	}
	if got := b.of(4).stageNames(); !strings.HasPrefix(got, "queued prefill") || strings.Count(got, "queued") != 1 {
		t.Errorf("stages of a queued request: %s", got)
	}
	if got := b.of(1).stageNames(); !strings.HasPrefix(got, "prefill prefill decode queued") {
		t.Errorf("stages of a batch request: %s", got)
	}
}

func TestCancelFreesAtOnce(t *testing.T) {
	b := newBench(t, Config{Context: 64, Cells: 64, Slots: 1, Batch: 16})
	b.submit(newSubmit(1, strings.Repeat("x", 40)))
	b.submit(newSubmit(2, "in the queue"))
	b.l.take(arrival{3}) // its prompt is being prepared
	b.step()             // 1 is in prefill
	for id := uint64(1); id <= 3; id++ {
		b.l.take(cancel{id})
	}
	b.l.take(cancel{99})
	r, err := b.l.prepare(newSubmit(3, "late"))
	b.l.take(prepared{r, err})
	b.l.report()
	for id := uint64(1); id <= 3; id++ {
		if e := b.of(id).end; e == nil || e.Finish != "cancelled" {
			t.Errorf("request %d: %+v", id, e)
		}
	}
	b.submit(newSubmit(4, "next"))
	b.step()
	if len(b.of(4).ids) != 1 {
		t.Error("the slot was not free")
	}
}

func TestReusesOwnConversation(t *testing.T) {
	for _, tc := range []struct {
		name, user string
		stiff      bool
		cached     int
	}{{"same user", "u", false, 20}, {"another user", "v", false, 0}, {"nobody", "", false, 0}, {"cannot rewind", "u", true, 0}} {
		b := newBenchOf(t, Config{Context: 128, Cells: 256, Slots: 2, Batch: 64}, tc.stiff)
		first := newSubmit(1, "what is the weather?")
		first.Sampling.MaxTokens = 5
		first.User = tc.user
		if tc.user == "v" {
			first.User = "u"
		}
		b.submit(first)
		b.finish()
		before := b.m.computed
		second := newSubmit(2, "what is the weather? And tomorrow?")
		second.User = tc.user
		second.Sampling.MaxTokens = 1
		b.submit(second)
		b.finish()
		if got := b.of(2).end.CachedTokens; got != tc.cached {
			t.Errorf("%s: %d cached, want %d", tc.name, got, tc.cached)
		}
		if got := b.m.computed - before; got != 34-tc.cached {
			t.Errorf("%s: %d rows computed, want %d", tc.name, got, 34-tc.cached)
		}
	}
	// The very same question again still computes one token.
	b := newBench(t, Config{Context: 128, Cells: 256, Slots: 2, Batch: 64})
	for id := uint64(1); id <= 2; id++ {
		b.submit(newSubmit(id, "again"))
		b.finish()
	}
	if e := b.of(2).end; e.CachedTokens != 4 || b.of(1).text != b.of(2).text {
		t.Errorf("again: %+v, %q and %q", e, b.of(1).text, b.of(2).text)
	}
}

func TestContextLimits(t *testing.T) {
	b := newBench(t, small)
	b.submit(newSubmit(1, strings.Repeat("x", 64)))
	b.finish()
	e := b.of(1).end
	if e.Finish != "failed" || e.Code != fail.ContextFull || strings.Count(e.Message, "64") != 2 || b.m.steps != 0 || e.PromptTokens != 64 {
		t.Errorf("a full context: %+v after %d steps", e, b.m.steps)
	}
	s := newSubmit(2, strings.Repeat("x", 63))
	s.Sampling.MaxTokens = 0
	b.submit(s)
	b.finish()
	if e := b.of(2).end; e.Finish != "length" || e.OutputTokens != 1 {
		t.Errorf("one token below: %+v", e)
	}
}

// Two open-ended answers outgrow the cache: one gives way and both are whole.
func TestPreemption(t *testing.T) {
	cfg := Config{Context: 600, Cells: 700, Slots: 2, Batch: 64}
	a, c := newSubmit(1, "#first"), newSubmit(2, "#second") // # never ends by itself
	a.Sampling, c.Sampling = wire.Sampling{}, wire.Sampling{Temperature: 1, Seed: 2}
	_, ta, _ := reference(cfg, a)
	_, tc, _ := reference(cfg, c)
	b := newBench(t, cfg)
	b.submit(a)
	b.submit(c)
	b.finish()
	if b.of(1).text != ta || b.of(2).text != tc || b.of(1).end.Finish != "length" || b.of(2).end.Finish != "length" {
		t.Fatalf("answers differ: %+v %+v", b.of(1).end, b.of(2).end)
	}
	if !strings.Contains(b.of(2).stageNames(), "decode queued prefill") {
		t.Fatalf("nothing was preempted: %s", b.of(2).stageNames())
	}
}

func TestNoRoomWithNothingToGive(t *testing.T) {
	b := newBench(t, small)
	b.m.refuse = 1
	b.submit(newSubmit(1, "hello"))
	b.finish()
	if e := b.of(1).end; e.Finish != "failed" || e.Code != fail.Internal {
		t.Errorf("%+v", e)
	}
}

func TestUnusableLogits(t *testing.T) {
	b := newBench(t, small)
	b.m.broken = true
	b.submit(newSubmit(1, "hello"))
	b.finish()
	if e := b.of(1).end; e.Finish != "failed" || e.Code != fail.Internal || e.Message == "" {
		t.Errorf("%+v", e)
	}
}

func TestInvalidRequests(t *testing.T) {
	nan := math.NaN()
	for name, spoil := range map[string]func(*wire.Submit){
		"temperature -1":      func(s *wire.Submit) { s.Sampling.Temperature = -1 },
		"temperature NaN":     func(s *wire.Submit) { s.Sampling.Temperature = nan },
		"top_k -1":            func(s *wire.Submit) { s.Sampling.TopK = -1 },
		"top_p 2":             func(s *wire.Submit) { s.Sampling.TopP = 2 },
		"min_p NaN":           func(s *wire.Submit) { s.Sampling.MinP = nan },
		"max_tokens -1":       func(s *wire.Submit) { s.Sampling.MaxTokens = -1 },
		"empty stop":          func(s *wire.Submit) { s.Sampling.Stop = []string{""} },
		"huge stop":           func(s *wire.Submit) { s.Sampling.Stop = []string{strings.Repeat("x", 2000)} },
		"stop not UTF-8":      func(s *wire.Submit) { s.Sampling.Stop = []string{"\xff"} },
		"too many stops":      func(s *wire.Submit) { s.Sampling.Stop = slices.Repeat([]string{"x"}, 65) },
		"unknown class":       func(s *wire.Submit) { s.Class = "royal" },
		"resume out of range": func(s *wire.Submit) { s.Resume = []int32{vocab} },
		"resume negative":     func(s *wire.Submit) { s.Resume = []int32{-1} },
		"resume at the end":   func(s *wire.Submit) { s.Resume = []int32{endMark} },
		"sent_bytes -1":       func(s *wire.Submit) { s.SentBytes = -1 },
	} {
		b := newBench(t, small)
		s := newSubmit(1, "hello")
		spoil(s)
		b.submit(s)
		b.finish()
		if e := b.of(1).end; e.Finish != "failed" || e.Code != fail.InvalidRequest || e.Message == "" || b.m.steps != 0 {
			t.Errorf("%s: %+v", name, e)
		}
	}
	b := newBench(t, small)
	b.submit(newSubmit(1, ""))
	b.finish()
	if e := b.of(1).end; e.Code != fail.Template || e.Message != "nothing to say" {
		t.Errorf("builder's error: %+v", e)
	}
}

func TestRunWithGoroutines(t *testing.T) {
	defer goleak.VerifyNone(t)
	cfg := small
	steps := make(chan wire.Step, 1000)
	cfg.Seqs, cfg.Threads, cfg.Target, cfg.Partial = 6, 1, time.Second, true
	l := New(newFake(cfg), cfg, fakeBuild, func(s *Step) { steps <- *s.Wire() })
	if b := l.Beat(); b.Busy || b.Step != 0 {
		t.Errorf("beat of a new loop: %+v", b)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 2)
	go func() { l.Prepare(ctx); done <- nil }()
	go func() { done <- l.Run(ctx) }()
	for id := uint64(1); id <= 6; id++ {
		l.Submit(newSubmit(id, fmt.Sprint("number ", id)))
	}
	l.Cancel(6)
	for ends := 0; ends < 6; {
		ends += len((<-steps).Ends)
	}
	if b := l.Beat(); b.Step == 0 || b.Cells == 0 {
		t.Errorf("beat after six answers: %+v", b)
	}
	stop()
	if err, err2 := <-done, <-done; err != nil || err2 != nil {
		t.Error(err, err2)
	}
}

func TestDoubleIDIsAnError(t *testing.T) {
	l := New(newFake(small), small, fakeBuild, func(*Step) {})
	l.in <- arrival{1}
	l.in <- arrival{1}
	l.in <- cancel{1}
	if err := l.Run(t.Context()); err == nil {
		t.Error("a second request 1 was accepted")
	}
}

// Steps of answers that are being written allocate nothing, whatever is done
// with their text.
func TestDecodeAllocatesNothing(t *testing.T) {
	cfg := Config{Context: 4000, Cells: 12000, Slots: 3, Batch: 64}
	b := newBench(t, cfg)
	quiet := &quietModel{fakeModel: b.m, scores: scores([]int32{'#'})}
	b.l.model = quiet
	b.l.emit = func(*Step) {}
	for id := uint64(1); id <= 3; id++ {
		s := newSubmit(id, "#question")
		s.Sampling = wire.Sampling{MaxTokens: 3900, Temperature: float64(id - 1), TopK: 4, Seed: id}
		if id == 2 {
			s.Sampling.Stop = []string{"never that"}
		}
		b.submit(s)
	}
	round := func() {
		b.m.clock = b.m.clock.Add(3 * time.Millisecond) // a view is due three times
		b.l.measure(true)
		b.l.admit()
		b.l.build()
		b.l.decode()
		b.l.sample()
		b.l.report()
	}
	for range 1000 {
		round()
	}
	if got := testing.AllocsPerRun(500, round); got > 0 || len(b.l.active) != 3 {
		t.Errorf("%v allocations a step, %d answers", got, len(b.l.active))
	}
}

// quietModel does nothing, so that only the loop's own work is counted.
type quietModel struct {
	*fakeModel
	scores []float32
}

func (m *quietModel) Add(int32, int32, int32, bool) error { return nil }
func (m *quietModel) Decode() (bool, error)               { return true, nil }
func (m *quietModel) Logits(int) []float32                { return m.scores }
func (m *quietModel) Piece(int32) []byte                  { return letter }

var letter = []byte("x")
