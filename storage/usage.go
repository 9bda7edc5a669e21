package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// UsageKey is what answers are told apart by in figures.
type UsageKey struct{ Model, Route, Class string }

// UsageCounts are sums over answers.
type UsageCounts struct {
	Requests, Failed                         int64
	PromptTokens, CachedTokens, OutputTokens int64
}

// UsageCell is what answers of one key did in a time. What Figures hold is the
// caller's concern.
type UsageCell struct {
	Start time.Time
	UsageKey
	UsageCounts
	Figures []byte
}

// UsageMachine is what the machine did in a time.
type UsageMachine struct {
	Start   time.Time
	Figures []byte
}

// UsageRequest is one answer, without its text.
type UsageRequest struct {
	Num int64 // ascending over all runs of the program
	At  time.Time
	// User is the person or key, as in engine.Request.
	User, Model, Device, Route, Class string
	Status, Code                      string
	Queue, Total                      time.Duration
	FirstToken                        *time.Duration // nil: there was none
	PromptTokens, CachedTokens        int64
	OutputTokens                      int64
	TokensPerSec                      *float64
	Restarts                          int64
}

// UsageMark is something that happened.
type UsageMark struct {
	At                time.Time
	Kind, Text, Model string
}

// UsageMinute is what is added at once: one minute, or a part of one. Seq must
// be greater than that of the minute before.
type UsageMinute struct {
	Seq      int64
	Start    time.Time
	Cells    []UsageCell // Start is not looked at
	Machine  []byte
	Requests []UsageRequest
	Marks    []UsageMark
	Doubt    bool // the clock may be wrong
}

// UsageTier is one length of buckets that minutes are merged into.
type UsageTier struct {
	Step  time.Duration
	Cells int      // most keys that a bucket has, Other among them
	Other UsageKey // takes what finds no room
}

// UsageMerge merges encoded figures into those that are stored, which may be
// nil or damaged. It never fails: what it cannot read it leaves out.
type UsageMerge struct {
	Cells, Machine func(stored, more []byte) []byte
}

// AddUsage merges a minute into its bucket of each tier and stores its requests
// and marks, all or none. A minute whose Seq was added already changes nothing,
// so that a call may be repeated when nobody knows how it ended.
func (db *DB) AddUsage(ctx context.Context, m UsageMinute, tiers []UsageTier, merge UsageMerge) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		state, err := q.GetUsageState(ctx)
		if err != nil || m.Seq <= state.Seq {
			return err
		}
		for _, tier := range tiers {
			if err := addMachine(ctx, q, tier, m, merge); err != nil {
				return err
			}
			for _, cell := range m.Cells {
				if err := addCell(ctx, q, tier, floorMillis(m.Start, tier.Step), cell, merge); err != nil {
					return err
				}
			}
		}
		last, err := addEvents(ctx, q, m)
		if err != nil {
			return err
		}
		next := sqlcgen.SetUsageStateParams{Seq: m.Seq, Request: max(state.Request, last)}
		if m.Doubt {
			next.Doubt = 1
		}
		return q.SetUsageState(ctx, next)
	})
	if err != nil {
		return fmt.Errorf("add a minute of figures: %w", err)
	}
	return nil
}

// floorMillis is the beginning of the bucket that a time is in.
func floorMillis(t time.Time, step time.Duration) int64 {
	ms, each := millis(t), step.Milliseconds()
	rest := ms % each
	if rest < 0 {
		rest += each
	}
	return ms - rest
}

func addMachine(ctx context.Context, q *sqlcgen.Queries, tier UsageTier, m UsageMinute, merge UsageMerge) error {
	at := sqlcgen.GetUsageMachineParams{Step: tier.Step.Milliseconds(), Start: floorMillis(m.Start, tier.Step)}
	stored, err := q.GetUsageMachine(ctx, at)
	if err = named(err); err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	merged := merge.Machine(stored, m.Machine)
	if merged == nil {
		merged = []byte{} // the row says that the program ran
	}
	return q.PutUsageMachine(ctx, sqlcgen.PutUsageMachineParams{Step: at.Step, Start: at.Start, Figures: merged})
}

func addCell(ctx context.Context, q *sqlcgen.Queries, tier UsageTier, start int64, cell UsageCell, merge UsageMerge) error {
	step, key := tier.Step.Milliseconds(), cell.UsageKey
	get := func() (sqlcgen.UsageCell, error) {
		row, err := q.GetUsageCell(ctx, sqlcgen.GetUsageCellParams{Step: step, Start: start, Model: key.Model, Route: key.Route, Class: key.Class})
		return row, named(err)
	}
	stored, err := get()
	if errors.Is(err, ErrNotFound) && key != tier.Other {
		n, err2 := q.CountUsageCells(ctx, sqlcgen.CountUsageCellsParams{Step: step, Start: start})
		if err2 != nil {
			return err2
		}
		if n >= int64(tier.Cells)-1 {
			key = tier.Other
			stored, err = get()
		}
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return q.PutUsageCell(ctx, sqlcgen.PutUsageCellParams{
		Step: step, Start: start, Model: key.Model, Route: key.Route, Class: key.Class,
		Requests: stored.Requests + cell.Requests, Failed: stored.Failed + cell.Failed,
		PromptTokens: stored.PromptTokens + cell.PromptTokens, CachedTokens: stored.CachedTokens + cell.CachedTokens,
		OutputTokens: stored.OutputTokens + cell.OutputTokens, Figures: merge.Cells(stored.Figures, cell.Figures),
	})
}

// addEvents gives the number of the last request.
func addEvents(ctx context.Context, q *sqlcgen.Queries, m UsageMinute) (last int64, err error) {
	for _, r := range m.Requests {
		p := sqlcgen.InsertUsageRequestParams{
			Num: r.Num, At: millis(r.At), User: r.User, Model: r.Model, Device: r.Device, Route: r.Route, Class: r.Class,
			Status: r.Status, Code: r.Code, QueueMs: r.Queue.Milliseconds(), TotalMs: r.Total.Milliseconds(),
			PromptTokens: r.PromptTokens, CachedTokens: r.CachedTokens, OutputTokens: r.OutputTokens,
			TokensPerSec: r.TokensPerSec, Restarts: r.Restarts,
		}
		if r.FirstToken != nil {
			ms := r.FirstToken.Milliseconds()
			p.FirstTokenMs = &ms
		}
		if err := q.InsertUsageRequest(ctx, p); err != nil {
			return 0, err
		}
		last = max(last, r.Num)
	}
	for _, k := range m.Marks {
		if err := q.InsertUsageMark(ctx, sqlcgen.InsertUsageMarkParams{At: millis(k.At), Kind: k.Kind, Text: k.Text, Model: k.Model}); err != nil {
			return 0, err
		}
	}
	return last, nil
}

// UsagePrune says what is too old. Zero times prune nothing by time.
type UsagePrune struct {
	// Buckets: of each step, what began before, and what is more than Count
	// buckets older than the newest.
	Buckets []UsagePruneStep
	// Requests and marks before a time, and all but the newest.
	RequestsBefore, MarksBefore time.Time
	Requests, Marks             int64
}

// UsagePruneStep is UsagePrune for one step.
type UsagePruneStep struct {
	Step   time.Duration
	Before time.Time
	Count  int64
}

// PruneUsage removes what is too old, at most some thousand rows of each kind
// at once: call it again and again.
func (db *DB) PruneUsage(ctx context.Context, p UsagePrune) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		for _, b := range p.Buckets {
			step, before := b.Step.Milliseconds(), timeOrNever(b.Before)
			nth, err := q.NthUsage(ctx, sqlcgen.NthUsageParams{Step: step, N: b.Count - 1})
			if err = named(err); err == nil {
				before = max(before, nth)
			} else if !errors.Is(err, ErrNotFound) {
				return err
			}
			if err := q.PruneUsageCells(ctx, sqlcgen.PruneUsageCellsParams{Step: step, Before: before}); err != nil {
				return err
			}
			if err := q.PruneUsageMachine(ctx, sqlcgen.PruneUsageMachineParams{Step: step, Before: before}); err != nil {
				return err
			}
		}
		state, err := q.GetUsageState(ctx)
		if err != nil {
			return err
		}
		err = q.PruneUsageRequests(ctx, sqlcgen.PruneUsageRequestsParams{Before: timeOrNever(p.RequestsBefore), Last: state.Request - p.Requests})
		if err != nil {
			return err
		}
		last, err := q.LastUsageMark(ctx)
		if err != nil {
			return err
		}
		return q.PruneUsageMarks(ctx, sqlcgen.PruneUsageMarksParams{Before: timeOrNever(p.MarksBefore), Last: last - p.Marks})
	})
	if err != nil {
		return fmt.Errorf("remove old figures: %w", err)
	}
	return nil
}

// timeOrNever is a time before all for the zero time.
func timeOrNever(t time.Time) int64 {
	if t.IsZero() {
		return -1 << 62
	}
	return millis(t)
}
