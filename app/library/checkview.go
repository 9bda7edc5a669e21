package library

import (
	"context"
	"errors"
	"slices"
	"time"

	"alcove/engine"
	"alcove/storage"
)

// CheckResult is one model's result as pages show it. Speeds are the median of
// the answers, 0 without one.
type CheckResult struct {
	ID           string              `json:"id"`
	Model        string              `json:"model"`
	Status       storage.CheckStatus `json:"status" enum:"running,done,stopped,interrupted,failed"`
	Error        *CheckError         `json:"error,omitempty"`
	Device       string              `json:"device"`
	Tally                            // of those that were asked
	Asked        int                 `json:"asked"`
	FirstTokenMS int                 `json:"first_token_ms"`
	TokensPerSec float64             `json:"tokens_per_sec"`
	Promoted     bool                `json:"promoted"`
	// Fresh says that file and questions are still those of the result.
	Fresh     bool          `json:"fresh"`
	StartedAt time.Time     `json:"started_at"`
	EndedAt   *time.Time    `json:"ended_at,omitempty"`
	Answers   []CheckAnswer `json:"answers" nullable:"false"`
}

// CheckError says why a check failed.
type CheckError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// CheckAnswer is what a model made of one question.
type CheckAnswer struct {
	ID           string  `json:"id"`
	Question     string  `json:"question"`
	Answer       string  `json:"answer"`
	Passed       bool    `json:"passed"`
	Reason       string  `json:"reason" doc:"Why not passed, a sentence"`
	FirstTokenMS int     `json:"first_token_ms"`
	OutputTokens int     `json:"output_tokens"`
	TokensPerSec float64 `json:"tokens_per_sec"`
}

// CheckView is all about the check of one model.
type CheckView struct {
	Running   *Progress    `json:"running,omitempty" doc:"The check that runs, of whichever model"`
	Result    *CheckResult `json:"result,omitempty" doc:"The newest of this model"`
	Beside    *CheckResult `json:"beside,omitempty" doc:"The default model's, with the same questions as the result; of a model that has become the default by its check, that of the model before it"`
	IsCurrent bool         `json:"is_current" doc:"This model is the default"`
	Questions int          `json:"questions" doc:"How many a check asks now"`
	// Passes says that the result is good enough to become the default by itself.
	Passes bool `json:"passes"`
}

// View gives all about the check of a model of the folder.
func (c *Checks) View(ctx context.Context, model string) (CheckView, error) {
	i := slices.IndexFunc(c.Engine.Models(), func(m engine.Model) bool { return m.ID == model })
	if i < 0 {
		return CheckView{}, &engine.Error{Code: engine.CodeModelNotFound}
	}
	golden, err := c.Golden(ctx)
	if err != nil {
		return CheckView{}, err
	}
	v := CheckView{Running: c.Progress(), Questions: len(golden.Questions)}
	current, err := c.current(ctx)
	if err != nil {
		return CheckView{}, err
	}
	v.IsCurrent = current != nil && current.ID == model
	check, err := c.Store.LatestCheck(ctx, model)
	if errors.Is(err, storage.ErrNotFound) {
		return v, nil
	}
	if err != nil {
		return CheckView{}, err
	}
	v.Result = c.result(check, golden)
	compared, err := c.beside(ctx, check, current, v.IsCurrent)
	if err != nil {
		return CheckView{}, err
	}
	if compared != nil {
		v.Beside = c.result(*compared, golden)
	}
	v.Passes = check.Status == storage.CheckDone && ShouldPromote(tallyOf(check), tallyOrNil(compared))
	return v, nil
}

// beside is the result to show beside a check: the default model's with the
// same questions, and of a model that has become the default by its check, that
// of the model before it. nil where there is none.
func (c *Checks) beside(ctx context.Context, check storage.Check, current *engine.Model, isCurrent bool) (*storage.Check, error) {
	switch {
	case current == nil || isCurrent && check.Replaced == "":
		return nil, nil
	case !isCurrent:
		return c.known(ctx, c.contentOf(*current), check.Questions)
	}
	before, err := c.Store.Check(ctx, check.Replaced)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil // dropped meanwhile
	}
	return &before, err
}

// result is a check for pages.
func (c *Checks) result(check storage.Check, golden Golden) *CheckResult {
	r := &CheckResult{ID: check.ID, Model: check.Model, Status: check.Status, Device: check.Device, Tally: tallyOf(check), Asked: len(check.Answers),
		Promoted: check.Promoted, Fresh: check.Questions == golden.Hash, StartedAt: check.StartedAt, Answers: []CheckAnswer{}}
	for _, m := range c.Engine.Models() {
		if m.ID == check.Model {
			r.Fresh = r.Fresh && c.contentOf(m) == check.File
		}
	}
	if check.ErrorCode != "" {
		r.Error = &CheckError{Code: check.ErrorCode, Message: check.ErrorMessage}
	}
	if !check.EndedAt.IsZero() {
		r.EndedAt = &check.EndedAt
	}
	var first, speed []float64
	for _, a := range check.Answers {
		r.Answers = append(r.Answers, CheckAnswer{ID: a.QuestionID, Question: a.Question, Answer: a.Answer, Passed: a.Passed, Reason: a.Reason,
			FirstTokenMS: a.FirstTokenMS, OutputTokens: a.OutputTokens, TokensPerSec: a.TokensPerSec})
		if a.OutputTokens > 0 {
			first = append(first, float64(a.FirstTokenMS))
		}
		if a.TokensPerSec > 0 {
			speed = append(speed, a.TokensPerSec)
		}
	}
	r.FirstTokenMS, r.TokensPerSec = int(median(first)), median(speed)
	return r
}

func tallyOf(c storage.Check) Tally {
	t := Tally{Total: c.Total}
	for _, a := range c.Answers {
		if a.Passed {
			t.Passed++
		}
	}
	return t
}

func tallyOrNil(c *storage.Check) *Tally {
	if c == nil {
		return nil
	}
	t := tallyOf(*c)
	return &t
}

// median is the middle of a list, 0 of an empty one.
func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[len(list)/2]
}
