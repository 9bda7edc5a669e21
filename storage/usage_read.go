package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"alcove/storage/sqlcgen"
)

// UsageReader reads figures as they were at one moment.
type UsageReader struct {
	ctx context.Context
	q   *sqlcgen.Queries
	// Seq is that of the last minute which was added, Request the number of
	// the last request.
	Seq, Request int64
	Doubt        bool // of that minute
}

// ReadUsage lets fn read figures in one snapshot.
func (db *DB) ReadUsage(ctx context.Context, fn func(UsageReader) error) error {
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		state, err := q.GetUsageState(ctx)
		if err != nil {
			return err
		}
		return fn(UsageReader{ctx, q, state.Seq, state.Request, state.Doubt != 0})
	})
	if err != nil {
		return fmt.Errorf("read figures: %w", err)
	}
	return nil
}

// usageParts is in how many parts a range is read, so that it is never in
// memory whole.
const usageParts = 16

// eachRow reads a range, in milliseconds, part after part and tells its rows.
// The next part is read while each looks at the rows of the one before.
func eachRow[T any](from, to time.Time, read func(since, until int64) ([]T, error), each func(T) error) error {
	type part struct {
		rows []T
		err  error
	}
	parts, stop := make(chan part), make(chan struct{})
	go func() {
		defer close(parts)
		a, b := millis(from), millis(to)
		step := max(1, (b-a+usageParts-1)/usageParts)
		for ; a < b; a += step {
			rows, err := read(a, min(b, a+step))
			select {
			case parts <- part{rows, err}:
			case <-stop:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	defer func() {
		close(stop)
		for range parts { // nobody reads any more when we return
		}
	}()
	for p := range parts {
		if p.err != nil {
			return p.err
		}
		for _, row := range p.rows {
			if err := each(row); err != nil {
				return err
			}
		}
	}
	return nil
}

// Cells tells the buckets of a step that begin in [from, to), oldest first. An
// empty field of the key stands for all.
func (r UsageReader) Cells(step time.Duration, from, to time.Time, key UsageKey, each func(UsageCell) error) error {
	read := func(since, until int64) ([]sqlcgen.ListUsageCellsRow, error) {
		return r.q.ListUsageCells(r.ctx, sqlcgen.ListUsageCellsParams{
			Step: step.Milliseconds(), Since: since, Until: until, Model: key.Model, Route: key.Route, Class: key.Class,
		})
	}
	return eachRow(from, to, read, func(c sqlcgen.ListUsageCellsRow) error {
		return each(UsageCell{
			Start: fromMillis(c.Start), UsageKey: UsageKey{c.Model, c.Route, c.Class},
			UsageCounts: UsageCounts{c.Requests, c.Failed, c.PromptTokens, c.CachedTokens, c.OutputTokens}, Figures: c.Figures,
		})
	})
}

// Counts are the cells of a range without their figures, oldest first.
func (r UsageReader) Counts(step time.Duration, from, to time.Time) ([]UsageCell, error) {
	rows, err := r.q.ListUsageCounts(r.ctx, sqlcgen.ListUsageCountsParams{Step: step.Milliseconds(), Since: millis(from), Until: millis(to)})
	list := make([]UsageCell, 0, len(rows))
	for _, c := range rows {
		list = append(list, UsageCell{
			Start: fromMillis(c.Start), UsageKey: UsageKey{c.Model, c.Route, c.Class},
			UsageCounts: UsageCounts{c.Requests, c.Failed, c.PromptTokens, c.CachedTokens, c.OutputTokens},
		})
	}
	return list, err
}

// Machine tells what the machine did, oldest first.
func (r UsageReader) Machine(step time.Duration, from, to time.Time, each func(UsageMachine) error) error {
	read := func(since, until int64) ([]sqlcgen.ListUsageMachineRow, error) {
		return r.q.ListUsageMachine(r.ctx, sqlcgen.ListUsageMachineParams{Step: step.Milliseconds(), Since: since, Until: until})
	}
	return eachRow(from, to, read, func(m sqlcgen.ListUsageMachineRow) error { return each(UsageMachine{fromMillis(m.Start), m.Figures}) })
}

// Ran lists when the buckets began in which the program ran.
func (r UsageReader) Ran(step time.Duration, from, to time.Time) ([]time.Time, error) {
	rows, err := r.q.ListUsageStarts(r.ctx, sqlcgen.ListUsageStartsParams{Step: step.Milliseconds(), Since: millis(from), Until: millis(to)})
	list := make([]time.Time, 0, len(rows))
	for _, ms := range rows {
		list = append(list, fromMillis(ms))
	}
	return list, err
}

// Newest is when the newest bucket of a step began; the zero time when there is none.
func (r UsageReader) Newest(step time.Duration) (time.Time, error) {
	ms, err := r.q.NewestUsage(r.ctx, step.Milliseconds())
	if err != nil || ms == 0 {
		return time.Time{}, err
	}
	return fromMillis(ms), nil
}

// UsageSize is what a bucket takes, all its keys and the machine together.
type UsageSize struct {
	Start time.Time
	Bytes int64 // of its rows and their index; pages that are not full are not in it
}

// Sizes are those of the buckets of a step, oldest first.
func (r UsageReader) Sizes(step time.Duration) ([]UsageSize, error) {
	rows, err := r.q.SizeUsage(r.ctx, step.Milliseconds())
	list := make([]UsageSize, 0, len(rows))
	for _, row := range rows {
		list = append(list, UsageSize{fromMillis(row.Start), row.Bytes})
	}
	return list, err
}

// UsageFilter chooses requests; empty fields stand for all. Before 0 is the newest.
type UsageFilter struct {
	Before int64
	UsageKey
	Status string
	Users  []string // nil: all
}

// Requests are the newest requests before a number, newest first.
func (r UsageReader) Requests(f UsageFilter, limit int) ([]UsageRequest, error) {
	p := sqlcgen.ListUsageRequestsParams{Before: f.Before, Model: f.Model, Route: f.Route, Class: f.Class, Status: f.Status, Most: int64(limit)}
	if p.Before <= 0 {
		p.Before = math.MaxInt64
	}
	if f.Users != nil {
		users, err := json.Marshal(f.Users)
		if err != nil {
			return nil, err
		}
		p.Users = string(users)
	}
	rows, err := r.q.ListUsageRequests(r.ctx, p)
	if err != nil {
		return nil, err
	}
	list := make([]UsageRequest, 0, len(rows))
	for _, row := range rows {
		list = append(list, usageRequestOf(row))
	}
	return list, nil
}

func usageRequestOf(row sqlcgen.UsageRequest) UsageRequest {
	out := UsageRequest{
		Num: row.Num, At: fromMillis(row.At), User: row.User, Model: row.Model, Device: row.Device, Route: row.Route, Class: row.Class,
		Status: row.Status, Code: row.Code, Queue: time.Duration(row.QueueMs) * time.Millisecond, Total: time.Duration(row.TotalMs) * time.Millisecond,
		PromptTokens: row.PromptTokens, CachedTokens: row.CachedTokens, OutputTokens: row.OutputTokens,
		TokensPerSec: row.TokensPerSec, Restarts: row.Restarts,
	}
	if row.FirstTokenMs != nil {
		d := time.Duration(*row.FirstTokenMs) * time.Millisecond
		out.FirstToken = &d
	}
	return out
}

// ByUser sums the requests in [from, to) that are kept, by who asked.
func (r UsageReader) ByUser(from, to time.Time) (map[string]UsageCounts, error) {
	rows, err := r.q.SumUsageByUser(r.ctx, sqlcgen.SumUsageByUserParams{Since: millis(from), Until: millis(to)})
	if err != nil {
		return nil, err
	}
	byUser := make(map[string]UsageCounts, len(rows))
	for _, row := range rows {
		byUser[row.User] = UsageCounts{row.Requests, row.Failed, row.PromptTokens, row.CachedTokens, row.OutputTokens}
	}
	return byUser, nil
}

// Marks are what happened in [from, to), oldest first.
func (r UsageReader) Marks(from, to time.Time, limit int) ([]UsageMark, error) {
	rows, err := r.q.ListUsageMarks(r.ctx, sqlcgen.ListUsageMarksParams{Since: millis(from), Until: millis(to), Most: int64(limit)})
	if err != nil {
		return nil, err
	}
	list := make([]UsageMark, 0, len(rows))
	for _, row := range rows {
		list = append(list, UsageMark{fromMillis(row.At), row.Kind, row.Text, row.Model})
	}
	return list, nil
}
