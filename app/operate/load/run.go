package load

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// usualTokensPerWord is taken where a server does not count prompts: English
// with a vocabulary of 32,000 tokens and more.
const usualTokensPerWord = 1.35

// Row is the result for one number of people.
type Row struct {
	People int `json:"people"`
	Figures
	Rounds []Figures `json:"rounds"`
}

// Report is a run.
type Report struct {
	Config  Config    `json:"settings"`
	Facts   Facts     `json:"server"`
	Machine Machine   `json:"client"`
	Began   time.Time `json:"began"`
	Seconds float64   `json:"seconds"`
	// Ended says why the run ended early, "" when it did not.
	Ended string `json:"ended_early,omitempty"`
	// ClientCPU is the share of this machine's processor time that the client
	// took, in per cent; -1: not known.
	ClientCPU float64 `json:"client_cpu_percent"`
	Rows      []Row   `json:"rows"`
}

// run is a Report in the making. One goroutine owns it; people's answers come
// to it over a channel.
type run struct {
	Config
	server Server
	facts  Facts
	asked  int // questions so far, so that none is asked twice
	tell   func(string)
}

// Run measures. When ctx is cancelled, or the time is up, the report has what
// was measured until then. tell gets a line for each step.
func Run(ctx context.Context, c Config, tell func(string)) (Report, error) {
	if err := c.Check(); err != nil {
		return Report{}, err
	}
	most := slices.Max(c.People)
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConns: most, MaxIdleConnsPerHost: most, ResponseHeaderTimeout: c.Each}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r := &run{Config: c, server: Server{Base: c.Base, Key: c.Key, Model: c.Model, Client: client}, tell: tell}
	rep := Report{Config: c, Machine: ReadMachine(), Began: time.Now().UTC(), ClientCPU: -1}
	timed, cancel := c.within(ctx, c.MaxTime)
	defer cancel()
	var err error
	if r.facts, err = r.server.Probe(timed, c); err != nil {
		if ctx.Err() != nil {
			return rep, ctx.Err()
		}
		return rep, err
	}
	rep.Config.Model, rep.Facts = clip(r.server.Model, 100), r.facts
	cpu, known := OwnSeconds()
	begin := time.Now()
	rep.Rows = r.rounds(timed)
	rep.Seconds = time.Since(begin).Seconds()
	if now, ok := OwnSeconds(); known && ok && rep.Seconds > 0 {
		rep.ClientCPU = 100 * (now - cpu) / rep.Seconds / float64(rep.Machine.Cores)
	}
	switch {
	case ctx.Err() != nil:
		rep.Ended = "it was interrupted; the table has what was measured until then"
	case timed.Err() != nil:
		rep.Ended = fmt.Sprintf("its time of %s was up; the table has what was measured until then", c.MaxTime)
	}
	return rep, nil
}

// rounds runs every number of people once a round, forwards and backwards in
// turn: what warms up or tires meanwhile is shared out.
func (r *run) rounds(ctx context.Context) []Row {
	rows := make([]Row, len(r.People))
	order := make([]int, len(r.People))
	for i, n := range r.People {
		rows[i].People, order[i] = n, i
	}
	for round := range r.Rounds {
		for _, i := range order {
			if ctx.Err() != nil {
				break
			}
			s := r.step(ctx, round, rows[i].People)
			f := s.figures()
			if f.Answers > 0 || len(f.Failures) > 0 {
				rows[i].Rounds = append(rows[i].Rounds, f)
			}
			if r.tell != nil {
				r.tell(fmt.Sprintf("round %d, %d people: first token P95 %s, together %.1f tok/s, %d answers, %d failed", round+1, rows[i].People, seconds(f.FirstP95), f.Together, f.Answers, total(f.Failures)))
			}
		}
		slices.Reverse(order)
	}
	for i := range rows {
		rows[i].Figures = middle(rows[i].Rounds)
	}
	return rows
}

// words is how many words have so many tokens.
func (r *run) words(tokens int) int {
	each := r.facts.TokensPerWord
	if each <= 0 {
		each = usualTokensPerWord
	}
	return int(float64(tokens)/each + .5)
}

// prompt is the nth question of the run about a shared text.
func (r *run) prompt(shared string, n int) []Message {
	var messages []Message
	if shared != "" {
		messages = append(messages, Say("system", shared))
	}
	// The seed keeps a server that remembers the last run from having the answer.
	q := fmt.Sprintf("Request %d. %s", r.Seed, Question(n))
	if more := r.words(r.Own) - len(strings.Fields(q)); more > 12 {
		q = Contract(r.Seed*1_000_003+uint64(n), more) + "\n\n" + q
	}
	return append(messages, Say("user", q))
}

// step lets people ask, each one question after another, all beginning at the
// same moment.
func (r *run) step(ctx context.Context, round, people int) step {
	shared := ""
	if r.Shared > 0 {
		book := r.Seed * 1000
		if r.Cold {
			book += 1 + uint64(r.asked)
		}
		shared = Handbook(book, max(r.words(r.Shared), 30))
		if !r.Cold {
			r.warm(ctx, shared)
		}
	}
	first := r.asked
	r.asked += people * r.Asks
	s := step{failures: map[string]int{}}
	results := make(chan any)
	begin := time.Now()
	var all sync.WaitGroup
	for p := range people {
		all.Go(func() { r.person(ctx, shared, first+p*r.Asks, results) })
	}
	go func() { all.Wait(); close(results) }()
	last := begin
	for result := range results {
		switch v := result.(type) {
		case Answer:
			s.answers = append(s.answers, v)
			last = v.Last()
		case *Failure:
			s.failures[v.name()]++
		}
	}
	s.took = last.Sub(begin)
	return s
}

// warm asks about the shared text once, so that a server that keeps what it has
// computed has it; nothing of it counts.
func (r *run) warm(ctx context.Context, shared string) {
	one, cancel := r.within(ctx, r.Each)
	defer cancel()
	_, err := r.server.Ask(one, Request{Messages: r.prompt(shared, r.asked), Tokens: 1})
	r.asked++
	_ = err // what is wrong with the server, the people find
}

// afterFailure keeps a server that refuses from being asked as fast as it can
// refuse; a longer Retry-After is waited for, but not for ever.
const (
	afterFailure = 200 * time.Millisecond
	longestAfter = 30 * time.Second
)

// person asks questions one after another and sends what comes of each.
func (r *run) person(ctx context.Context, shared string, n int, results chan<- any) {
	for i := range r.Asks {
		if ctx.Err() != nil {
			return
		}
		one, cancel := r.within(ctx, r.Each)
		a, err := r.server.Ask(one, Request{Messages: r.prompt(shared, n+i), Tokens: r.Output, IgnoreEOS: r.Ignore})
		cancel()
		var f *Failure
		switch {
		case err == nil:
			results <- a
		case ctx.Err() != nil:
			return // nobody's fault
		case errors.As(err, &f):
			results <- f
			if i+1 < r.Asks {
				pause(ctx, min(max(f.After, afterFailure), longestAfter))
			}
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func total(failures map[string]int) (n int) {
	for _, c := range failures {
		n += c
	}
	return n
}
