package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"alcove/app/operate/load"
)

// Sizes of the workloads.
const (
	people        = 8
	turns         = 3
	strangers     = 6
	handbookWords = 620
	pasteWords    = 1500
	short, long   = 24, 150 // tokens of an answer
)

// A box has settle to find out that the cores are wanted by others; then its
// pace is counted for the length of a window. Tests make them short.
var settle, window = 1500 * time.Millisecond, 4 * time.Second

// segment collects what one workload measures on one box.
type segment struct {
	samples map[string]float64
	quick   bool
	// neighbours is the processor time of busy processes, in seconds.
	neighbours float64
	asked      int // tokens asked for, over all answers
	got        int
	prompt     int // tokens of the longest prompt
	estimates  []estimate
}

// note adds answers to the segment's counts.
func (s *segment) note(limit int, answers ...answer) {
	for _, a := range answers {
		s.asked += limit
		s.got += a.Tokens
		s.prompt = max(s.prompt, a.Prompt)
	}
}

// workload is what people do to a box. alone is one without a box. Each page of
// the report has workloads of its own.
type workload struct {
	name   string
	setups []setup
	run    func(ctx context.Context, b *box, round int, s *segment) error
	alone  func(ctx context.Context, o options, s *segment) error
	page   string
}

// Pages of the report.
const (
	answersPage = ""       // how people are answered
	modelsPage  = "models" // what happens to models
	watchPage   = "watch"  // what it costs to watch
	// Whether estimates of this box are true.
	capacityPage = "capacity"
	embedPage    = "embed"   // how fast texts become vectors
	qualityPage  = "quality" // how well questions about documents are answered
)

var workloads = []workload{
	{name: "w1", setups: []setup{alcove, np1, np2, defaults, np8}, run: company},
	{name: "one", setups: []setup{alcove, np1, np2, defaults, np8}, run: onePerson},
	{name: "paste", setups: []setup{alcove, np1, np2, defaults, smallB, np8}, run: paste},
	{name: "busy", setups: []setup{alcove, defaults, oneCore}, run: neighbours},
	{name: "strangers", setups: []setup{alcove, np1, np2, defaults, np8}, run: unshared},
	{name: "ask8", setups: []setup{alcove, np1, defaults, np8}, run: askDocuments},
	{name: "drop", setups: []setup{alcove}, run: drop, page: modelsPage},
	{name: "load", setups: []setup{alcove, np1, defaults}, run: loading, page: modelsPage},
	{name: "beside", setups: []setup{alcoveMany, routerMany}, run: beside, page: modelsPage},
	{name: "swap", setups: []setup{alcoveOne, routerOne}, run: swap, page: modelsPage},
	{name: "folder", setups: []setup{alcove}, alone: folder, page: modelsPage},
	{name: "memory", setups: []setup{alcove}, alone: memory, page: modelsPage},
	{name: "capacity", setups: []setup{alcove}, run: ownCapacity, page: capacityPage},
	{name: "sensors", setups: []setup{alcove}, run: sensors, page: watchPage},
	{name: "embed", setups: []setup{alcoveFinds, peerFinds}, run: vectors, page: embedPage},
	{name: "quality", setups: []setup{alcove}, alone: quality, page: qualityPage},
	{name: "retrieval100k", setups: []setup{alcove}, alone: retrieval100k, page: qualityPage},
	{name: "usage", setups: []setup{alcove}, alone: usage, page: watchPage},
}

// pageOf is the page of a workload.
func pageOf(name string) string {
	for _, w := range workloads {
		if w.name == name {
			return w.page
		}
	}
	return answersPage
}

// together runs n requests at once and waits for all.
func together(n int, do func(i int) (answer, error)) ([]answer, error) {
	answers, errs := make([]answer, n), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { answers[i], errs[i] = do(i) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return answers, nil
}

// p95 of few values is the nearest rank: of eight, the worst.
func p95(answers []answer) float64 {
	waits := make([]float64, 0, len(answers))
	for _, a := range answers {
		waits = append(waits, a.Wait().Seconds())
	}
	slices.Sort(waits)
	return waits[(95*len(waits)+99)/100-1]
}

// questions hands out questions that nobody has asked before in this round.
type questions struct{ next int }

func newQuestions(round int) *questions { return &questions{round * 100} }

func (q *questions) take(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = load.Question(q.next)
		q.next++
	}
	return out
}

// burst: everybody asks one question about the book at the same moment.
func burst(ctx context.Context, b *box, books []string, asked []string, tokens int, s *segment) ([]answer, error) {
	answers, err := together(len(asked), func(i int) (answer, error) {
		return b.ask(ctx, request{Messages: about(books[i%len(books)], asked[i]), Tokens: tokens})
	})
	s.note(tokens, answers...)
	return answers, err
}

// conversations: a burst, then everybody goes on for more turns, each as fast as
// their answers come. It returns the burst and the requests an hour over all.
func conversations(ctx context.Context, b *box, books []string, n, turns int, q *questions, s *segment) (first []answer, perHour float64, err error) {
	begin := time.Now()
	opening := q.take(n)
	if first, err = burst(ctx, b, books, opening, short, s); err != nil {
		return nil, 0, err
	}
	more := make([][]string, n)
	for i := range more {
		more[i] = q.take(turns - 1)
	}
	var mu sync.Mutex
	_, err = together(n, func(i int) (answer, error) {
		said := append(about(books[i%len(books)], opening[i]), load.Say("assistant", first[i].Text))
		var a answer
		for _, next := range more[i] {
			said = append(said, load.Say("user", next))
			var err error
			if a, err = b.ask(ctx, request{Messages: said, Tokens: short}); err != nil {
				return a, err
			}
			said = append(said, load.Say("assistant", a.Text))
			mu.Lock()
			s.note(short, a)
			mu.Unlock()
		}
		return a, nil
	})
	return first, float64(n*turns) / time.Since(begin).Hours(), err
}

// company: eight people share a handbook. The box knows nothing first; then the
// same people come again with new questions; then they want longer answers; then
// the box is restarted.
func company(ctx context.Context, b *box, round int, s *segment) error {
	book, q := []string{load.Handbook(0, handbookWords)}, newQuestions(round)
	for _, state := range []string{"cold", "warm"} {
		if s.quick {
			first, err := burst(ctx, b, book, q.take(people), short, s)
			if err != nil {
				return err
			}
			s.bursts(state, first)
			continue
		}
		first, perHour, err := conversations(ctx, b, book, people, turns, q, s)
		if err != nil {
			return err
		}
		s.bursts(state, first)
		s.samples["company_"+state] = perHour
	}
	answers, err := burst(ctx, b, book, q.take(people), long, s)
	if err != nil {
		return err
	}
	s.samples["w1_warm_long"] = p95(answers)
	if !b.ours {
		// llama-server keeps nothing over a restart, and every round starts it anew with the same handbook.
		s.samples["w1_restart"] = s.samples["w1_cold"]
		return nil
	}
	if err := b.restart(ctx); err != nil {
		return err
	}
	if err := b.warmUp(ctx); err != nil {
		return err
	}
	if answers, err = burst(ctx, b, book, q.take(people), short, s); err != nil {
		return err
	}
	s.samples["w1_restart"] = p95(answers)
	return nil
}

// bursts notes the first answers of a company that is cold or warm, and how long
// their prompts are: what a person alone has asked is what the box could not keep.
func (s *segment) bursts(state string, first []answer) {
	s.samples["w1_"+state] = p95(first)
	prompt, own := 0, 0
	for _, a := range first {
		prompt, own = prompt+a.Prompt, own+a.Prompt-a.Cached
	}
	if state == "warm" {
		s.samples["prompt_tokens"], s.samples["computed_tokens"] = float64(prompt)/float64(len(first)), float64(own)/float64(len(first))
	}
}

// onePerson: one short prompt after the other.
func onePerson(ctx context.Context, b *box, round int, s *segment) error {
	var paces, waits []float64
	for i := range 3 {
		a, err := b.ask(ctx, request{Messages: say(load.Story(round*10 + i)), Tokens: long})
		if err != nil {
			return err
		}
		s.note(long, a)
		paces, waits = append(paces, a.Pace()), append(waits, a.Wait().Seconds())
	}
	s.samples["one_pace"], s.samples["one_wait"] = load.Median(paces), load.Median(waits)
	return nil
}

// streamer asks short prompts one after the other until stop.
type streamer struct {
	answers []answer
	started chan struct{} // closed at the first text of the first answer
}

func newStreamer() *streamer { return &streamer{started: make(chan struct{})} }

func (t *streamer) run(ctx context.Context, b *box, from int, stop *atomic.Bool) error {
	var once sync.Once
	for n := from; !stop.Load(); n++ {
		a, err := b.ask(ctx, request{Messages: say(load.Story(n)), Tokens: long, OnFirst: func(time.Time) { once.Do(func() { close(t.started) }) }})
		if err != nil {
			return err
		}
		t.answers = append(t.answers, a)
	}
	return nil
}

// wait waits until the streamer reads its first text, but not for ever: with one
// slot its neighbour comes first.
func (t *streamer) wait(ctx context.Context, most time.Duration) {
	select {
	case <-t.started:
	case <-time.After(most):
	case <-ctx.Done():
	}
}

// paste: two people read their answers as they are written, and a third sends a
// long contract.
func paste(ctx context.Context, b *box, round int, s *segment) error {
	two := []*streamer{newStreamer(), newStreamer()}
	errs := make([]error, len(two))
	var stop atomic.Bool
	var all sync.WaitGroup
	for i, t := range two {
		all.Go(func() { errs[i] = t.run(ctx, b, round*50+i*20, &stop) })
	}
	for _, t := range two {
		t.wait(ctx, 4*time.Second)
	}
	time.Sleep(300 * time.Millisecond)
	a, err := b.ask(ctx, request{Tokens: short, Messages: say(load.Contract(uint64(round), pasteWords) + "\n\nWhat are the main points of this contract?")})
	stop.Store(true)
	all.Wait()
	for _, e := range append(errs, err) {
		if e != nil {
			return e
		}
	}
	s.note(short, a)
	gap, wait := time.Duration(0), time.Duration(0)
	for _, t := range two {
		for _, x := range t.answers {
			s.note(long, x)
			g := x.worstGap(a.Sent, a.First())
			gap, wait = max(gap, g), max(wait, g)
			if x.First().After(a.Sent) && x.Sent.Before(a.First()) {
				wait = max(wait, x.Wait())
			}
		}
	}
	s.samples["paste_gap"], s.samples["paste_silence"], s.samples["paste_wait"] = gap.Seconds(), wait.Seconds(), a.Wait().Seconds()
	return nil
}

// neighbours: one person reads while other programs want the cores. Nothing
// tells the box.
func neighbours(ctx context.Context, b *box, round int, s *segment) error {
	for _, n := range []int{1, 2, 4} {
		t := newStreamer()
		var stop atomic.Bool
		ended := make(chan error, 1)
		go func() { ended <- t.run(ctx, b, round*100+n*20, &stop) }()
		t.wait(ctx, 10*time.Second)
		end, err := startBusy(n)
		if err != nil {
			stop.Store(true)
			<-ended
			return err
		}
		time.Sleep(settle)
		from := time.Now()
		time.Sleep(window)
		to := time.Now()
		stop.Store(true)
		s.neighbours += end()
		if err := <-ended; err != nil {
			return err
		}
		tokens := 0.0
		for _, a := range t.answers {
			tokens += a.between(from, to)
			s.note(long, a)
		}
		s.samples[fmt.Sprint("busy_", n)] = tokens / to.Sub(from).Seconds()
	}
	return nil
}

// unshared: six people, each with a handbook that nobody else has.
func unshared(ctx context.Context, b *box, round int, s *segment) error {
	books := make([]string, strangers)
	for i := range books {
		books[i] = load.Handbook(uint64(1+i), handbookWords)
	}
	_, perHour, err := conversations(ctx, b, books, strangers, 2, newQuestions(round), s)
	s.samples["strangers"] = perHour
	return err
}
