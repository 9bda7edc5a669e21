package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// stealLimit is the steal, in per cent of the time of all cores, above which a
// round is repeated: spinning threads collapse under it, and the peers spin.
const stealLimit = 2.0

// busyLimit is the use of all cores, in per cent, above which a machine is not
// idle before a segment, and its figures are marked.
const busyLimit = 15.0

// segmentLimit ends a segment that hangs.
const segmentLimit = 6 * time.Minute

// record is a segment with its circumstances.
type record struct {
	Workload   string             `json:"workload"`
	Round      int                `json:"round"`
	Attempt    int                `json:"attempt"`
	Setup      string             `json:"setup"`
	Samples    map[string]float64 `json:"samples"`
	Asked      int                `json:"tokens_asked"`
	Got        int                `json:"tokens_got"`
	Prompt     int                `json:"longest_prompt"`
	Seconds    float64            `json:"seconds"`
	Steal      float64            `json:"steal_percent"`
	BusyBefore float64            `json:"busy_before_percent"`
	Load       float64            `json:"load_before"`
	Client     float64            `json:"client_cpu_seconds"`
	Error      string             `json:"error,omitempty"`
	Discarded  bool               `json:"discarded,omitempty"`
}

// runner runs the rounds.
type runner struct {
	options
	begin     time.Time
	ignoreEOS bool
	records   []record
	bounds    []bounds
}

func (r *runner) all(ctx context.Context) (*report, error) {
	rep := newReport(r.options)
	if err := r.probe(ctx, rep); err != nil {
		return nil, err
	}
	for n := range r.rounds {
		if r.decode != "" {
			b, err := measureBounds(ctx, r.decode, r.source)
			if err != nil {
				return nil, err
			}
			r.bounds = append(r.bounds, b)
		}
		for _, w := range workloads {
			if len(r.only) > 0 && !slices.Contains(r.only, w.name) {
				continue
			}
			if err := r.round(ctx, n, w); err != nil {
				return nil, err
			}
		}
	}
	rep.Seconds = time.Since(r.begin).Seconds()
	rep.fill(r)
	return rep, nil
}

// probe starts Alcove once and looks whether it can be told to write on after
// the model's end. Everybody is told, or nobody.
func (r *runner) probe(ctx context.Context, rep *report) error {
	b, err := start(ctx, r.paths, alcove, true)
	if err != nil {
		return err
	}
	defer b.discard()
	for _, q := range []string{"Say only the word yes.", "What is 1+1? Answer with one number.", "Say hello."} {
		counts := [2]int{}
		for i, ignore := range []bool{false, true} {
			b.ignoreEOS = ignore
			a, err := b.ask(ctx, request{messages: []message{{"user", q}}, tokens: 60})
			if err != nil {
				return err
			}
			counts[i] = a.tokens
		}
		if counts[0] < 60 {
			r.ignoreEOS = counts[1] == 60
			break
		}
	}
	rep.IgnoreEOS = r.ignoreEOS
	return nil
}

// round runs a workload on every set-up, and again if the hypervisor took time
// from any of them. The calmer of the two attempts counts.
func (r *runner) round(ctx context.Context, n int, w workload) error {
	order := r.order(n, w)
	if busy := busyNow(); busy > busyLimit {
		fmt.Printf("  *** other programs keep this machine %.0f %% busy (load %.1f): the figures will be marked\n", busy, load())
	}
	type try struct {
		records []record
		steal   float64
	}
	var tries []try
	for attempt := range 2 {
		var t try
		for _, s := range order {
			rec := r.segment(ctx, n, attempt, w, s)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			t.records, t.steal = append(t.records, rec), max(t.steal, rec.Steal)
			fmt.Println(rec.line(time.Since(r.begin)))
		}
		tries = append(tries, t)
		if t.steal <= stealLimit {
			break
		}
		if attempt == 0 {
			fmt.Printf("  steal was up to %.1f %%: this round is repeated for everybody\n", t.steal)
		}
	}
	keep := len(tries) - 1
	if tries[0].steal < tries[keep].steal {
		keep = 0
	}
	for i, t := range tries {
		for _, rec := range t.records {
			rec.Discarded = i != keep
			r.records = append(r.records, rec)
		}
	}
	return nil
}

// order of the set-ups: forwards and backwards in turn, so that what warms up or
// tires in between hits everybody alike.
func (r *runner) order(n int, w workload) []setup {
	var order []setup
	for _, s := range w.setups {
		if s.ours || len(r.llama) > 0 && !(r.quick && s.name == np2.name) {
			order = append(order, s)
		}
	}
	if n%2 == 1 {
		slices.Reverse(order)
	}
	return order
}

// segment runs a workload on a set-up of its own. A failure is a result.
func (r *runner) segment(ctx context.Context, n, attempt int, w workload, s setup) record {
	rec := record{Workload: w.name, Round: n + 1, Attempt: attempt + 1, Setup: s.name, Load: load(), BusyBefore: busyNow()}
	ctx, cancel := context.WithTimeout(ctx, segmentLimit)
	defer cancel()
	seg := &segment{samples: map[string]float64{}, quick: r.quick}
	begin, then, own := time.Now(), readTicks(), ownSeconds()
	err := func() error {
		b, err := start(ctx, r.paths, s, r.ignoreEOS)
		if err != nil {
			return err
		}
		defer b.discard()
		if err = b.warmUp(ctx); err == nil {
			begin, then, own = time.Now(), readTicks(), ownSeconds()
			err = w.run(ctx, b, n, seg)
		}
		if err != nil {
			return fmt.Errorf("%w\n%s", err, b.logTail())
		}
		return nil
	}()
	rec.Seconds, rec.Client = time.Since(begin).Seconds(), ownSeconds()-own
	rec.Steal = readTicks().stealSince(then)
	rec.Samples, rec.Asked, rec.Got, rec.Prompt = seg.samples, seg.asked, seg.got, seg.prompt
	if err != nil {
		rec.Error = strings.NewReplacer(r.work, "WORK", filepath.Dir(r.model), "MODELS").Replace(err.Error())
	}
	return rec
}

// line is what a segment says while it runs.
func (rec record) line(since time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%4.0fs round %d %-9s %-20s", since.Seconds(), rec.Round, rec.Workload, rec.Setup)
	for _, row := range rows {
		if v, ok := rec.Samples[row.key]; ok {
			fmt.Fprintf(&b, " %s %s", strings.TrimPrefix(row.key, rec.Workload+"_"), number(v))
		}
	}
	fmt.Fprintf(&b, " | steal %.1f %%, busy before %.0f %%, load %.1f, client %.2f s, tokens %d of %d", rec.Steal, rec.BusyBefore, rec.Load, rec.Client, rec.Got, rec.Asked)
	if rec.Error != "" {
		b.WriteString("\n  FAILED: " + rec.Error)
	}
	return b.String()
}
