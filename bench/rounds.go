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

// othersLimit is the share of all cores, in per cent, that other programs may
// use during a segment. Above it a round is repeated as well.
const othersLimit = 5.0

// idleBusy is the use of all cores, in per cent, below which a machine is idle;
// patience is how long a segment waits for that.
const (
	idleBusy = 15.0
	patience = time.Minute
)

// segmentLimit ends a segment that hangs.
const segmentLimit = 6 * time.Minute

// record is a segment with its circumstances.
type record struct {
	Workload  string             `json:"workload"`
	Round     int                `json:"round"`
	Attempt   int                `json:"attempt"`
	Setup     string             `json:"setup"`
	Samples   map[string]float64 `json:"samples"`
	Asked     int                `json:"tokens_asked"`
	Got       int                `json:"tokens_got"`
	Prompt    int                `json:"longest_prompt"`
	Estimates []estimate         `json:"estimates,omitempty"`
	Seconds   float64            `json:"seconds"`
	Steal     float64            `json:"steal_percent"`
	Others    float64            `json:"other_programs_percent"`
	Load      float64            `json:"load_before"`
	Client    float64            `json:"client_cpu_seconds"`
	Error     string             `json:"error,omitempty"`
	Discarded bool               `json:"discarded,omitempty"`
}

// runner runs the rounds.
type runner struct {
	options
	begin     time.Time
	ignoreEOS bool
	records   []record
	bounds    []bounds
}

// all runs the rounds and gives the pages of the report.
func (r *runner) all(ctx context.Context) ([]*report, error) {
	rep := newReport(r.options)
	if err := r.probe(ctx, rep); err != nil {
		return nil, err
	}
	for n := range r.rounds {
		err := r.every(ctx, n)
		if ctx.Err() != nil {
			fmt.Println("interrupted: the report has what was measured so far")
			rep.Interrupted = true
			break
		}
		if err != nil {
			return nil, err
		}
	}
	rep.Seconds = time.Since(r.begin).Seconds()
	return rep.pages(r), nil
}

// every runs one round of all workloads.
func (r *runner) every(ctx context.Context, n int) error {
	if r.decode.path != "" && slices.ContainsFunc(workloads, func(w workload) bool { return w.page == answersPage && r.wants(w) }) {
		waitIdle(ctx)
		b, err := measureBounds(ctx, r.options)
		if err != nil {
			return err
		}
		r.bounds = append(r.bounds, b)
	}
	for _, w := range workloads {
		if !r.wants(w) {
			continue
		}
		if err := r.round(ctx, n, w); err != nil {
			return err
		}
	}
	return nil
}

// waitIdle waits until nobody uses the machine, but not for ever.
func waitIdle(ctx context.Context) {
	begin := time.Now()
	for {
		busy := busyNow()
		if busy <= idleBusy || ctx.Err() != nil {
			return
		}
		if time.Since(begin) > patience {
			fmt.Printf("  *** other programs keep this machine %.0f %% busy (load %.1f): going on, and marking the figures\n", busy, loadAverage())
			return
		}
	}
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
			a, err := b.ask(ctx, request{Messages: say(q), Tokens: 60})
			if err != nil {
				return err
			}
			counts[i] = a.Tokens
		}
		if counts[0] < 60 {
			r.ignoreEOS = counts[1] == 60
			break
		}
	}
	rep.IgnoreEOS = r.ignoreEOS
	rep.Kernels = map[string]string{alcove.name: b.kernels()}
	b.discard()
	return r.probePeer(ctx, rep)
}

// probePeer looks which kernels the peer computes with: with others the figures
// would tell of processors, not of programs.
func (r *runner) probePeer(ctx context.Context, rep *report) error {
	if len(r.llama) == 0 {
		return nil
	}
	b, err := start(ctx, r.paths, defaults, false)
	if err != nil {
		return err
	}
	defer b.discard()
	if err := b.warmUp(ctx); err != nil {
		return err
	}
	rep.Kernels["llama-server"] = b.kernels()
	return sameKernels(rep.Kernels[alcove.name], rep.Kernels["llama-server"])
}

func sameKernels(ours, theirs string) error {
	if ours == "" || theirs == "" || ours == theirs {
		return nil
	}
	return fmt.Errorf("llama-server computes with ggml's kernels for %s, Alcove with those for %s: give the peer the same (bench/peer.sh does)", theirs, ours)
}

// round runs a workload on every set-up, and again if the hypervisor or other
// programs took time from any of them. The calmer of the two attempts counts.
func (r *runner) round(ctx context.Context, n int, w workload) error {
	order := r.order(n, w)
	var tries [][]record
	for attempt := range 2 {
		var try []record
		for _, s := range order {
			waitIdle(ctx)
			rec := r.segment(ctx, n, attempt, w, s)
			if ctx.Err() != nil {
				r.records = append(r.records, try...)
				return ctx.Err()
			}
			fmt.Println(rec.line(time.Since(r.begin)))
			try = append(try, rec)
		}
		tries = append(tries, try)
		if disturbance(try) <= 1 {
			break
		}
		if attempt == 0 {
			fmt.Println("  this machine was disturbed: the round is repeated for everybody")
		}
	}
	keep := len(tries) - 1
	if disturbance(tries[0]) < disturbance(tries[keep]) {
		keep = 0
	}
	for i, try := range tries {
		for _, rec := range try {
			rec.Discarded = i != keep
			r.records = append(r.records, rec)
		}
	}
	return nil
}

// disturbance is the worst of a round's segments; above 1 it is too much.
func disturbance(try []record) float64 {
	worst := 0.0
	for _, rec := range try {
		worst = max(worst, rec.Steal/stealLimit, rec.Others/othersLimit)
	}
	return worst
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

// segment runs a workload on a box of its own. A failure is a result.
func (r *runner) segment(ctx context.Context, n, attempt int, w workload, s setup) record {
	rec := record{Workload: w.name, Round: n + 1, Attempt: attempt + 1, Setup: s.name, Load: loadAverage()}
	ctx, cancel := context.WithTimeout(ctx, segmentLimit)
	defer cancel()
	seg := &segment{samples: map[string]float64{}, quick: r.quick}
	begin, then, client := time.Now(), readTicks(), ownSeconds()
	used, err := r.run(ctx, w, s, n, seg)
	now := readTicks()
	rec.Seconds, rec.Client = time.Since(begin).Seconds(), ownSeconds()-client
	rec.Steal = now.stealSince(then)
	rec.Others = max(0, now.usedSince(then)-100*(used+seg.neighbours+rec.Client)/now.secondsSince(then))
	rec.Samples, rec.Asked, rec.Got, rec.Prompt, rec.Estimates = seg.samples, seg.asked, seg.got, seg.prompt, seg.estimates
	if err != nil {
		rec.Error = r.places().Replace(err.Error())
	}
	return rec
}

// places takes the folders of this machine out of a text.
func (r *runner) places() *strings.Replacer {
	pairs := []string{r.work, "WORK", filepath.Dir(r.model), "MODELS"}
	for _, word := range r.llama {
		if filepath.IsAbs(word) {
			pairs = append(pairs, word, "PEER")
		}
	}
	return strings.NewReplacer(pairs...)
}

// run starts a box, runs the workload and ends the box; used is the processor
// time of the box in seconds.
func (r *runner) run(ctx context.Context, w workload, s setup, n int, seg *segment) (used float64, err error) {
	if w.alone != nil {
		return 0, w.alone(ctx, r.options, seg)
	}
	b, err := start(ctx, r.paths, s, r.ignoreEOS)
	if err != nil {
		return 0, err
	}
	if err = b.warmUp(ctx); err == nil {
		err = w.run(ctx, b, n, seg)
	}
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, b.logTail())
	}
	b.discard()
	return b.used, err
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
	fmt.Fprintf(&b, " | steal %.1f %%, others %.1f %%, load %.1f, client %.2f s, tokens %d of %d", rec.Steal, rec.Others, rec.Load, rec.Client, rec.Got, rec.Asked)
	if rec.Error != "" {
		b.WriteString("\n  FAILED: " + rec.Error)
	}
	return b.String()
}
