package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"alcove/storage/sqlcgen"
)

// GoldenWrites says whether the model that answers is asked a collection's golden
// questions too; it is, unless somebody said otherwise.
func (db *DB) GoldenWrites(ctx context.Context, collection string) (bool, error) {
	writes := int64(1)
	err := db.read(ctx, func(q *sqlcgen.Queries) (err error) {
		writes, err = q.GetGoldenWrites(ctx, collection)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	return writes == 1, wrap(err, "read whether golden questions are written")
}

// SetGoldenWrites keeps it.
func (db *DB) SetGoldenWrites(ctx context.Context, collection string, writes bool) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		return q.SetGoldenWrites(ctx, sqlcgen.SetGoldenWritesParams{Collection: collection, Writes: flag(writes)})
	})
	return wrap(err, "store whether golden questions are written")
}

// addGoldenTexts keeps what was written, but for what stands on a document that
// went meanwhile: later deletions are a trigger's.
func addGoldenTexts(ctx context.Context, q *sqlcgen.Queries, run int64, texts []GoldenText) error {
	for _, t := range texts {
		gone := false
		for _, d := range t.Documents {
			n, err := q.CountDocument(ctx, d)
			if err != nil {
				return err
			}
			gone = gone || n == 0
		}
		if gone {
			continue
		}
		if err := q.AddGoldenText(ctx, sqlcgen.AddGoldenTextParams{Run: run, Question: t.Question, Text: t.Text}); err != nil {
			return err
		}
		for _, d := range t.Documents {
			if err := q.AddGoldenTextDocument(ctx, sqlcgen.AddGoldenTextDocumentParams{DocumentID: d, Run: run, Question: t.Question}); err != nil {
				return err
			}
		}
	}
	return nil
}

// GoldenQuestions gives a collection's golden questions as JSON; nil: it has none.
func (db *DB) GoldenQuestions(ctx context.Context, collection string) (json.RawMessage, error) {
	var text string
	err := db.read(ctx, func(q *sqlcgen.Queries) (err error) {
		text, err = q.GetGoldenQuestions(ctx, collection)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read golden questions: %w", err)
	}
	return json.RawMessage(text), nil
}

// SetGoldenQuestions keeps a collection's golden questions; nil forgets them.
func (db *DB) SetGoldenQuestions(ctx context.Context, collection string, questions json.RawMessage) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		if questions == nil {
			return q.DeleteGoldenQuestions(ctx, collection)
		}
		return q.PutGoldenQuestions(ctx, sqlcgen.PutGoldenQuestionsParams{Collection: collection, Questions: string(questions), UpdatedAt: millis(db.now())})
	})
	if err != nil {
		return fmt.Errorf("store golden questions: %w", err)
	}
	return nil
}

// AddGoldenRun keeps a run; of each collection the newest 100 stay.
func (db *DB) AddGoldenRun(ctx context.Context, r GoldenRun) (GoldenRun, error) {
	r.ID = cmp.Or(r.ID, newID())
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		num, err := q.AddGoldenRun(ctx, sqlcgen.AddGoldenRunParams{ID: r.ID, Collection: r.Collection, Reason: r.Reason, Models: r.Models, Total: int64(r.Total),
			Passed: int64(r.Passed), Broken: int64(r.Broken), Results: string(r.Results), StartedAt: millis(r.StartedAt), EndedAt: millis(r.EndedAt)})
		if err != nil {
			return err
		}
		for _, f := range r.Quotes {
			if err := q.AddGoldenQuote(ctx, sqlcgen.AddGoldenQuoteParams{Run: num, Question: f.Question, DocumentID: f.DocumentID, Quote: f.Quote}); err != nil {
				return err
			}
		}
		if err := addGoldenTexts(ctx, q, num, r.Texts); err != nil {
			return err
		}
		return q.DropGoldenRuns(ctx, r.Collection)
	})
	if err != nil {
		return GoldenRun{}, fmt.Errorf("store a golden run: %w", err)
	}
	return r, nil
}

// GoldenRuns gives a collection's newest runs, newest first.
func (db *DB) GoldenRuns(ctx context.Context, collection string, limit int) ([]GoldenRun, error) {
	list := []GoldenRun{}
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListGoldenRuns(ctx, sqlcgen.ListGoldenRunsParams{Collection: collection, Count: int64(limit)})
		for _, r := range rows {
			quotes, err := goldenQuotes(ctx, q, r.Num)
			if err != nil {
				return err
			}
			texts, err := q.ListGoldenTexts(ctx, r.Num)
			if err != nil {
				return err
			}
			var wrote []GoldenText
			for _, t := range texts {
				wrote = append(wrote, GoldenText{Question: t.Question, Text: t.Text})
			}
			list = append(list, GoldenRun{Quotes: quotes, Texts: wrote, ID: r.ID, Collection: r.Collection, Reason: r.Reason, Models: r.Models, Total: int(r.Total), Passed: int(r.Passed),
				Broken: int(r.Broken), Results: json.RawMessage(r.Results), StartedAt: fromMillis(r.StartedAt), EndedAt: fromMillis(r.EndedAt)})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read golden runs: %w", err)
	}
	return list, nil
}

func goldenQuotes(ctx context.Context, q *sqlcgen.Queries, run int64) (out []GoldenQuote, err error) {
	rows, err := q.ListGoldenQuotes(ctx, run)
	for _, r := range rows {
		out = append(out, GoldenQuote{Question: r.Question, DocumentID: r.DocumentID, Quote: r.Quote})
	}
	return out, err
}
