package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"alcove/app"
	"alcove/app/documents/answer"
	"alcove/examples"
	"alcove/storage"
)

// GoldenQuestion is a golden question: what must be found, or refused.
type GoldenQuestion struct {
	ID       string   `json:"id" maxLength:"64"`
	Question string   `json:"question" maxLength:"500"`
	Context  []string `json:"context,omitempty" maxItems:"8" doc:"Questions asked before it in the same conversation."`
	AsOf     string   `json:"as_of,omitempty" maxLength:"10" doc:"The day whose documents hold; absent: today."`
	Expect   string   `json:"expect" enum:"answered,refused"`
	Sentence string   `json:"sentence,omitempty" maxLength:"2000" doc:"Must be in a passage that is found, literally; in a table the cells of a row, ' | ' between."`
	Document string   `json:"document,omitempty" maxLength:"255" doc:"The file that must say it; absent: any."`
	Page     int      `json:"page,omitempty" minimum:"0" doc:"Its page; absent: any."`
	Figures  []string `json:"figures,omitempty" maxItems:"8" doc:"What the model's answer must state, such as 28 days; 28 Tage and twenty-eight days are the same. Absent: one of the figures of the sentence, where it has any."`
}

// GoldenSet are a collection's golden questions.
type GoldenSet struct {
	Questions []GoldenQuestion `json:"questions" nullable:"false"`
	// Shipped says that they come with the sample handbook, and nobody changed them.
	Shipped bool `json:"shipped"`
	// Writes says that the model that answers is asked too, and its text checked.
	Writes bool `json:"writes"`
}

// GoldenResult is what became of one golden question.
type GoldenResult struct {
	ID       string   `json:"id"`
	Passed   bool     `json:"passed"`
	Broken   bool     `json:"broken" doc:"It fails now and passed before."`
	Flapping bool     `json:"flapping,omitempty" doc:"It passes and fails by turns with the same documents and models: that is no break."`
	Problems []string `json:"problems,omitempty" enum:"decision,sentence,citation,figures" doc:"Why it fails: answered or refused against what is expected; the sentence is not found; the model's answer does not cite it; a figure is not in it."`
	Decision string   `json:"decision"`
	Score    float64  `json:"score"`
	Rank     int      `json:"rank,omitempty" doc:"Place of the passage with the sentence, from 1; absent: it was not found."`
	Quote    string   `json:"quote,omitempty" doc:"The best sentence that was found; it goes with its document."`
	Document string   `json:"document,omitempty" doc:"Where that is."`
	Approved bool     `json:"approved,omitempty" doc:"HR's approved answer was given."`
	Written  bool     `json:"written,omitempty" doc:"The model was asked."`
	Text     string   `json:"text,omitempty" doc:"What it wrote; it goes with its documents."`
}

// kept is a result as it is stored: without its texts, which are stored apart so
// that they go with their documents.
type kept struct {
	GoldenResult
	Asked string `json:"asked"` // fingerprint of the question
}

// GoldenRun is a run of golden questions.
type GoldenRun struct {
	ID        string         `json:"id"`
	Reason    string         `json:"reason" enum:"manual,nightly,documents,models"`
	Total     int            `json:"total"`
	Passed    int            `json:"passed"`
	Broken    int            `json:"broken"`
	Results   []GoldenResult `json:"results" nullable:"false"`
	StartedAt time.Time      `json:"started_at"`
	EndedAt   time.Time      `json:"ended_at"`
}

// GoldenProgress is a run that goes on.
type GoldenProgress struct {
	Collection string `json:"collection"`
	Reason     string `json:"reason"`
	Done       int    `json:"done"`
	Total      int    `json:"total"`
}

// EventGolden tells how golden questions go; its data is a GoldenChanged.
const EventGolden = "golden.changed"

// GoldenChanged is the data of EventGolden. Without Running: GET the runs.
type GoldenChanged struct {
	Collection string          `json:"collection"`
	Running    *GoldenProgress `json:"running,omitempty"`
}

const (
	maxGolden   = 500
	shippedMost = 30
	runsShown   = 20
)

// Golden gives a collection's golden questions: what somebody chose, or those
// of the sample handbook where its files are in the collection.
func (k *Desk) Golden(ctx context.Context, person, collection string) (GoldenSet, error) {
	if err := k.d.Owned(ctx, person, collection); err != nil {
		return GoldenSet{}, err
	}
	return k.golden(ctx, collection)
}

func (k *Desk) golden(ctx context.Context, collection string) (GoldenSet, error) {
	writes, err := k.d.Store.GoldenWrites(ctx, collection)
	if err != nil {
		return GoldenSet{}, err
	}
	raw, err := k.d.Store.GoldenQuestions(ctx, collection)
	if err != nil {
		return GoldenSet{}, err
	}
	if raw == nil {
		g := GoldenSet{Questions: []GoldenQuestion{}, Shipped: true, Writes: writes}
		if k.d.Names != nil {
			g.Questions = shipped(k.d.Names(ctx, collection))
		}
		return g, nil
	}
	g := GoldenSet{Questions: []GoldenQuestion{}, Writes: writes}
	if err := json.Unmarshal(raw, &g.Questions); err != nil {
		return g, fmt.Errorf("golden questions of %s: %w", collection, err)
	}
	return g, nil
}

// shipped are questions of the sample handbook whose file is among names, and
// those that it does not answer.
func shipped(names []string) []GoldenQuestion {
	out := []GoldenQuestion{}
	all, err := examples.Questions()
	if err != nil {
		return out
	}
	have := map[string]bool{}
	for _, n := range names {
		have[n] = true
	}
	sample := false
	for _, q := range all[:min(examples.Tuning, len(all))] {
		sample = sample || have[q.File] && q.File != ""
		if len(out) == shippedMost || q.Answerable && !have[q.File] {
			continue
		}
		g := GoldenQuestion{ID: q.ID, Question: q.Question, Context: q.Context, AsOf: q.AsOf, Expect: answer.Refused}
		if q.Answerable {
			g.Expect, g.Sentence, g.Document, g.Page = answer.Answered, q.Gold, q.File, q.Page
		}
		out = append(out, g)
	}
	if !sample {
		return []GoldenQuestion{}
	}
	return out
}

// SetGolden chooses a collection's golden questions; nil goes back to the shipped ones.
func (k *Desk) SetGolden(ctx context.Context, person, collection string, questions []GoldenQuestion) (GoldenSet, error) {
	if err := k.d.Owned(ctx, person, collection); err != nil {
		return GoldenSet{}, err
	}
	var raw json.RawMessage
	if questions != nil {
		if err := checkGolden(questions); err != nil {
			return GoldenSet{}, err
		}
		var err error
		if raw, err = json.Marshal(questions); err != nil {
			return GoldenSet{}, fmt.Errorf("golden questions: %w", err)
		}
	}
	if err := k.d.Store.SetGoldenQuestions(ctx, collection, raw); err != nil {
		return GoldenSet{}, err
	}
	k.Changed(collection) // what broke may not be asked any more
	return k.golden(ctx, collection)
}

// SetWrites says whether the model that answers is asked a collection's golden
// questions too.
func (k *Desk) SetWrites(ctx context.Context, person, collection string, writes bool) (GoldenSet, error) {
	if err := k.d.Owned(ctx, person, collection); err != nil {
		return GoldenSet{}, err
	}
	if err := k.d.Store.SetGoldenWrites(ctx, collection, writes); err != nil {
		return GoldenSet{}, err
	}
	return k.golden(ctx, collection)
}

func checkGolden(questions []GoldenQuestion) error {
	if len(questions) > maxGolden {
		return invalid("questions", "There are more than 500 questions. Nothing was changed.")
	}
	seen := map[string]bool{}
	for i, q := range questions {
		where := fmt.Sprintf("questions[%d]", i)
		switch {
		case strings.TrimSpace(q.Question) == "" || !utf8.ValidString(q.Question):
			return invalid(where+".question", "A question is empty. Nothing was changed.")
		case q.ID == "" || seen[q.ID]:
			return invalid(where+".id", "Each question needs an id of its own. Nothing was changed.")
		case q.Expect != answer.Answered && q.Expect != answer.Refused:
			return invalid(where+".expect", "A question is expected to be answered or refused. Nothing was changed.")
		case q.Expect == answer.Answered && strings.TrimSpace(q.Sentence) == "":
			return invalid(where+".sentence", "A question that is answered needs the sentence that answers it. Nothing was changed.")
		}
		if slices.ContainsFunc(q.Figures, func(f string) bool { return strings.TrimSpace(f) == "" || utf8.RuneCountInString(f) > 100 }) {
			return invalid(where+".figures", "What an answer must state is empty or too long. Nothing was changed.")
		}
		if q.AsOf != "" {
			if _, err := time.Parse(time.DateOnly, q.AsOf); err != nil {
				return invalid(where+".as_of", "The day must be one such as 2026-01-31. Nothing was changed.")
			}
		}
		seen[q.ID] = true
	}
	return nil
}

// Runs gives a collection's newest runs, and the one that goes on, if one does.
func (k *Desk) Runs(ctx context.Context, person, collection string) ([]GoldenRun, *GoldenProgress, error) {
	if err := k.d.Owned(ctx, person, collection); err != nil {
		return nil, nil, err
	}
	rows, err := k.d.Store.GoldenRuns(ctx, collection, runsShown)
	if err != nil {
		return nil, nil, err
	}
	out := []GoldenRun{}
	for _, r := range rows {
		out = append(out, runOf(r))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.current != nil && k.current.Collection == collection {
		p := *k.current
		return out, &p, nil
	}
	return out, nil, nil
}

func runOf(r storage.GoldenRun) GoldenRun {
	run := GoldenRun{ID: r.ID, Reason: r.Reason, Total: r.Total, Passed: r.Passed, Broken: r.Broken, Results: []GoldenResult{}, StartedAt: r.StartedAt, EndedAt: r.EndedAt}
	quotes, texts := map[string]string{}, map[string]string{}
	for _, q := range r.Quotes {
		quotes[q.Question] = q.Quote
	}
	for _, t := range r.Texts {
		texts[t.Question] = t.Text
	}
	for _, k := range keptOf(r) {
		k.Quote, k.Text = quotes[k.ID], texts[k.ID]
		run.Results = append(run.Results, k.GoldenResult)
	}
	return run
}

func keptOf(r storage.GoldenRun) (list []kept) {
	if json.Unmarshal(r.Results, &list) != nil {
		return nil // a later version's
	}
	return list
}

// StartGolden asks a collection's golden questions soon, and does not wait.
func (k *Desk) StartGolden(ctx context.Context, person, collection string) error {
	g, err := k.Golden(ctx, person, collection)
	if err != nil {
		return err
	}
	if len(g.Questions) == 0 {
		return invalid("questions", "There are no golden questions yet. Write some first.")
	}
	k.mu.Lock()
	k.plan.wanted[collection] = true
	k.mu.Unlock()
	k.poke()
	return nil
}

// notThere says that a collection is not there any more.
func notThere(err error) bool {
	var coded *app.Error
	return errors.As(err, &coded) && coded.Code == app.CodeCollectionNotFound
}
