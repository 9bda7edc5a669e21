package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// CheckStatus is where a house check is.
type CheckStatus string

// The statuses of a check.
const (
	CheckRunning     CheckStatus = "running"
	CheckDone        CheckStatus = "done"        // every question was asked
	CheckStopped     CheckStatus = "stopped"     // by somebody
	CheckInterrupted CheckStatus = "interrupted" // the program ended
	CheckFailed      CheckStatus = "failed"      // ErrorMessage says why
)

// Check is one run of one model over one set of questions. EndedAt is zero
// while it runs, and where nobody knows.
type Check struct {
	ID           string
	Model        string
	File         string // tells the content of the model's file
	Questions    string // tells the set of questions
	Total        int    // questions
	Status       CheckStatus
	ErrorCode    string
	ErrorMessage string
	Device       string
	Promoted     bool   // it became the default because of this check
	Replaced     string // the check of the model that was the default until then
	StartedAt    time.Time
	EndedAt      time.Time
	Answers      []CheckAnswer // in the order of the questions; those that were asked
}

// CheckAnswer is what a model made of one question.
type CheckAnswer struct {
	QuestionID   string
	Question     string
	Answer       string
	Passed       bool
	Reason       string // why not passed, a sentence
	FirstTokenMS int
	OutputTokens int
	TokensPerSec float64
}

// keepChecks is how many checks of a model are kept.
const keepChecks = 5

// GoldenSet gives the questions that people have set, nil where they have not.
func (db *DB) GoldenSet(ctx context.Context) (set json.RawMessage, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		text, err := q.GetGoldenSet(ctx)
		set = json.RawMessage(text)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the golden questions: %w", err)
	}
	return set, nil
}

// SetGoldenSet keeps questions; nil forgets them.
func (db *DB) SetGoldenSet(ctx context.Context, set json.RawMessage) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		if set == nil {
			return q.DeleteGoldenSet(ctx)
		}
		return q.PutGoldenSet(ctx, string(set))
	})
	if err != nil {
		return fmt.Errorf("store the golden questions: %w", err)
	}
	return nil
}

// StartCheck makes a running check, without answers, and drops old ones of the
// same model. ID, StartedAt and Status are set here.
func (db *DB) StartCheck(ctx context.Context, c Check) (Check, error) {
	c.ID, c.Status, c.StartedAt, c.EndedAt, c.Answers = newID(), CheckRunning, db.now(), time.Time{}, nil
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		err := q.InsertCheck(ctx, sqlcgen.InsertCheckParams{
			ID: c.ID, Model: c.Model, File: c.File, Questions: c.Questions, Total: int64(c.Total), StartedAt: millis(c.StartedAt),
		})
		if err != nil {
			return err
		}
		return q.DropOldChecks(ctx, sqlcgen.DropOldChecksParams{Model: c.Model, Keep: keepChecks})
	})
	if err != nil {
		return Check{}, fmt.Errorf("start a check: %w", err)
	}
	return c, nil
}

// AddCheckAnswer keeps one answer of a check.
func (db *DB) AddCheckAnswer(ctx context.Context, check string, a CheckAnswer) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		return q.InsertCheckAnswer(ctx, sqlcgen.InsertCheckAnswerParams{
			CheckID: check, QuestionID: a.QuestionID, Question: a.Question, Answer: a.Answer, Passed: flag(a.Passed), Reason: a.Reason,
			FirstTokenMs: int64(a.FirstTokenMS), OutputTokens: int64(a.OutputTokens), TokensPerSec: a.TokensPerSec,
		})
	})
	if err != nil {
		return fmt.Errorf("store an answer of a check: %w", err)
	}
	return nil
}

// EndCheck ends a running check as c says: Status, error and Device of it count.
func (db *DB) EndCheck(ctx context.Context, c Check) error {
	now := millis(db.now())
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		n, err := q.EndCheck(ctx, sqlcgen.EndCheckParams{ID: c.ID, Status: string(c.Status), ErrorCode: c.ErrorCode,
			ErrorMessage: c.ErrorMessage, Device: c.Device, EndedAt: &now})
		if err == nil && n == 0 {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("end a check: %w", err)
	}
	return nil
}

// MarkPromoted notes that a check made its model the default, in the place of
// the model of another check.
func (db *DB) MarkPromoted(ctx context.Context, check, replaced string) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		_, err := q.PromoteCheck(ctx, sqlcgen.PromoteCheckParams{ID: check, Replaced: replaced})
		return err
	})
	if err != nil {
		return fmt.Errorf("mark a check: %w", err)
	}
	return nil
}

// InterruptChecks marks what the last run of the program left running.
func (db *DB) InterruptChecks(ctx context.Context) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		_, err := q.InterruptChecks(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("mark checks as interrupted: %w", err)
	}
	return nil
}

// LatestCheck gives a model's newest check with its answers.
func (db *DB) LatestCheck(ctx context.Context, model string) (Check, error) {
	return db.check(ctx, func(q *sqlcgen.Queries) (sqlcgen.Check, error) { return q.LatestCheck(ctx, model) })
}

// Check gives a check with its answers.
func (db *DB) Check(ctx context.Context, id string) (Check, error) {
	return db.check(ctx, func(q *sqlcgen.Queries) (sqlcgen.Check, error) { return q.GetCheck(ctx, id) })
}

// FinishedCheck gives the newest whole check of a file's content with a set of
// questions, whatever the model's name was.
func (db *DB) FinishedCheck(ctx context.Context, file, questions string) (Check, error) {
	return db.check(ctx, func(q *sqlcgen.Queries) (sqlcgen.Check, error) {
		return q.FinishedCheck(ctx, sqlcgen.FinishedCheckParams{File: file, Questions: questions})
	})
}

func (db *DB) check(ctx context.Context, find func(*sqlcgen.Queries) (sqlcgen.Check, error)) (c Check, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		row, err := find(q)
		if err != nil {
			return err
		}
		answers, err := q.ListCheckAnswers(ctx, row.ID)
		c = checkOf(row, answers)
		return err
	})
	if err != nil {
		return Check{}, fmt.Errorf("read a check: %w", err)
	}
	return c, nil
}

func checkOf(r sqlcgen.Check, answers []sqlcgen.CheckAnswer) Check {
	c := Check{ID: r.ID, Model: r.Model, File: r.File, Questions: r.Questions, Total: int(r.Total), Status: CheckStatus(r.Status),
		ErrorCode: r.ErrorCode, ErrorMessage: r.ErrorMessage, Device: r.Device, Promoted: r.Promoted == 1, Replaced: r.Replaced,
		StartedAt: fromMillis(r.StartedAt), EndedAt: fromMillisPtr(r.EndedAt)}
	for _, a := range answers {
		c.Answers = append(c.Answers, CheckAnswer{QuestionID: a.QuestionID, Question: a.Question, Answer: a.Answer, Passed: a.Passed == 1,
			Reason: a.Reason, FirstTokenMS: int(a.FirstTokenMs), OutputTokens: int(a.OutputTokens), TokensPerSec: a.TokensPerSec})
	}
	return c
}

// flag is a truth value as STRICT tables have it.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
