package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"alcove/app"
	"alcove/app/documents/answer"
	"alcove/engine"
	"alcove/examples"
	"alcove/storage"
)

// Problems of golden questions.
const (
	wrongDecision = "decision"
	noSentence    = "sentence"
	noCitation    = "citation"
	noFigures     = "figures"
)

// remembered is how many runs tell a question that flaps from one that broke.
const remembered = 6

// past is what a question was in the runs before, newest first.
type past []outcome

type outcome struct {
	GoldenResult
	models, reason string
}

// last gives the newest result, of those where the model was asked if written.
func (p past) last(written bool) GoldenResult {
	for _, o := range p {
		if o.Written || !written {
			return o.GoldenResult
		}
	}
	return GoldenResult{}
}

// flaps says whether a question turned more than once with the same models and
// documents, the result now included: passed, failed, passed.
func (p past) flaps(now outcome) bool {
	turns, passed, reason := 0, now.Passed, now.reason
	for _, o := range p {
		if reason == reasonDocuments || o.models != now.models || o.Written != now.Written {
			break // before that there was something else to answer from, or with
		}
		if o.Passed != passed {
			turns, passed = turns+1, o.Passed
		}
		reason = o.reason
	}
	return turns > 1
}

// before gives the results of the last runs of the questions as they are now:
// one that is worded anew has not passed yet.
func (k *Desk) before(ctx context.Context, collection string, questions []GoldenQuestion) (map[string]past, error) {
	runs, err := k.d.Store.GoldenRuns(ctx, collection, remembered)
	if err != nil {
		return nil, err
	}
	out := map[string]past{}
	asked := map[string]string{}
	for _, q := range questions {
		asked[q.ID] = fingerprint(q)
	}
	for _, run := range runs {
		for _, r := range keptOf(run) {
			if asked[r.ID] == r.Asked {
				out[r.ID] = append(out[r.ID], outcome{r.GoldenResult, run.Models, run.Reason})
			}
		}
	}
	return out, nil
}

// fingerprint is of all that a question asks and expects.
func fingerprint(q GoldenQuestion) string {
	text, err := json.Marshal(q)
	if err != nil {
		panic(err) // strings
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// run asks a collection's golden questions. A run that is ended before its last
// question is not kept: half of the answers say nothing of the other half.
func (k *Desk) run(ctx context.Context, collection, reason string) error {
	g, err := k.golden(ctx, collection)
	if err != nil {
		return err
	}
	if len(g.Questions) == 0 {
		k.setBroken(collection, Broken{})
		return nil
	}
	was, err := k.before(ctx, collection, g.Questions)
	if err != nil {
		return err
	}
	run := storage.GoldenRun{Collection: collection, Reason: reason, Models: k.d.Models(), Total: len(g.Questions), StartedAt: k.d.Now()}
	results := make([]kept, 0, len(g.Questions))
	pen := k.newPen(ctx, g.Writes)
	for i, q := range g.Questions {
		k.tell(&GoldenProgress{Collection: collection, Reason: reason, Done: i, Total: len(g.Questions)})
		r, err := k.askGolden(ctx, q, collection, pen)
		if err != nil {
			return err
		}
		r.compare(was[q.ID], run.Models, reason)
		r.into(&run)
		results = append(results, kept{GoldenResult: r.GoldenResult, Asked: fingerprint(q)})
	}
	if run.Results, err = json.Marshal(results); err != nil {
		return fmt.Errorf("results of golden questions: %w", err)
	}
	run.EndedAt = k.d.Now()
	if _, err = k.d.Store.AddGoldenRun(ctx, run); err != nil {
		return err
	}
	k.setBroken(collection, Broken{run.Broken, run.Total})
	return nil
}

func (k *Desk) setBroken(collection string, b Broken) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.broken[collection] = b
}

func askOf(q GoldenQuestion, collection, person, model string) answer.Ask {
	a := answer.Ask{Collection: collection, Person: person, Question: q.Question, AsOf: q.AsOf, Model: model}
	for _, before := range q.Context {
		a.History = append(a.History, answer.Turn{Question: before})
	}
	return a
}

// result is a GoldenResult with its texts apart, and what they stand on.
type result struct {
	GoldenResult
	quote     string
	source    string // document of the quote
	text      string
	documents []string
	unasked   bool // the model was to be asked, and could not be
}

// askGolden asks one question, and the model where there is one to ask.
func (k *Desk) askGolden(ctx context.Context, q GoldenQuestion, collection string, pen *pen) (*result, error) {
	p, err := k.d.Answers.Prepare(ctx, askOf(q, collection, k.d.Person, pen.model))
	if nobodyAnswered(err) {
		return &result{GoldenResult: GoldenResult{ID: q.ID, Decision: answer.Refused, Problems: []string{wrongDecision}}}, nil
	}
	if err != nil {
		return nil, err
	}
	r := judge(q, p.Sources, p.Grounding)
	if q.Expect == answer.Refused || p.Refusal != "" || p.Given != "" || !pen.wanted {
		return r, nil
	}
	text, written := pen.write(ctx, q, p)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if r.unasked = !written; written {
		sources, _ := p.Check(text)
		r.judgeText(q, text, sources)
	}
	return r, nil
}

// nobodyAnswered says that whoever asks gets this error, until somebody changes
// the collection: documents that are always read whole became too long.
func nobodyAnswered(err error) bool {
	var e *app.Error
	return errors.As(err, &e) && e.Code == engine.CodeContextFull
}

// judge says whether what was found is what is expected.
func judge(q GoldenQuestion, sources []storage.Source, g storage.Grounding) *result {
	r := &result{GoldenResult: GoldenResult{ID: q.ID, Decision: g.Decision, Score: g.Score, Approved: g.Approved != nil && g.Approved.Given}}
	if len(sources) > 0 {
		r.quote, r.source, r.Document = sources[0].Quote, sources[0].DocumentID, sources[0].Document
	}
	for i, s := range sources {
		if q.proves(s) {
			r.Rank = i + 1
			break
		}
	}
	if g.Decision != q.Expect {
		r.Problems = append(r.Problems, wrongDecision)
	}
	if q.Expect == answer.Answered && r.Rank == 0 && !r.Approved {
		r.Problems = append(r.Problems, noSentence)
	}
	return r
}

// proves says whether a source holds the sentence in the document and on the page
// that are expected.
func (q GoldenQuestion) proves(s storage.Source) bool {
	return q.Sentence != "" && (q.Document == "" || q.Document == s.Document) && examples.Holds(s.Text, q.Sentence) &&
		(q.Page == 0 || s.Page == 0 || s.Page <= q.Page && q.Page <= max(s.Page, s.PageEnd))
}

// judgeText holds what the model wrote against what is expected.
func (r *result) judgeText(q GoldenQuestion, text string, sources []storage.Source) {
	r.Written, r.text = true, text
	cited := false
	for _, s := range sources {
		r.documents = append(r.documents, s.DocumentID)
		cited = cited || s.Cited && q.proves(s)
	}
	if r.Rank > 0 && !cited {
		r.Problems = append(r.Problems, noCitation)
	}
	missing := answer.Missing(text, q.Figures)
	if len(q.Figures) == 0 {
		// A sentence may state more than was asked for: one of its figures will do.
		if any := answer.Quantities(q.Sentence); len(any) > 0 && len(answer.Missing(text, any)) == len(any) {
			missing = any
		}
	}
	if len(missing) > 0 {
		r.Problems = append(r.Problems, noFigures)
	}
}

// found says that the documents answered as expected, whatever the model wrote.
func (r GoldenResult) found() bool {
	for _, p := range r.Problems {
		if p == wrongDecision || p == noSentence {
			return false
		}
	}
	return r.Passed || len(r.Problems) > 0 // results of an earlier version have no problems
}

// compare says what a result is beside those before: an answer breaks only if it
// passed before, stays broken until it passes again, and one that turns to and
// fro while nothing changed flaps.
func (r *result) compare(was past, models, reason string) {
	r.Passed = len(r.Problems) == 0
	if last := was.last(true); r.unasked && r.found() && !last.Passed && last.found() {
		r.Passed, r.Problems = false, last.Problems // as it was when the model was asked
	}
	r.Flapping = was.flaps(outcome{r.GoldenResult, models, reason})
	if r.Passed || r.Flapping {
		return
	}
	for i, o := range was {
		good := o.Passed && (o.Written || !r.Written)
		if !r.found() {
			good = o.found()
		}
		r.Broken = r.Broken || good || i == 0 && o.Broken
	}
}

// into adds a result to its run.
func (r *result) into(run *storage.GoldenRun) {
	if r.quote != "" {
		run.Quotes = append(run.Quotes, storage.GoldenQuote{Question: r.ID, DocumentID: r.source, Quote: r.quote})
	}
	if r.Written {
		run.Texts = append(run.Texts, storage.GoldenText{Question: r.ID, Text: r.text, Documents: r.documents})
	}
	if r.Passed {
		run.Passed++
	}
	if r.Broken {
		run.Broken++
	}
}
