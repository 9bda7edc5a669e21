package answer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"alcove/app"
	"alcove/app/documents/index"
	"alcove/app/documents/recent"
	"alcove/engine"
	"alcove/storage"
)

// Decisions of a Grounding.
const (
	Answered = "answered"
	Refused  = "refused"
)

// Finder finds passages; app/documents/index does.
type Finder interface {
	Search(ctx context.Context, q index.Query) (index.Found, error)
	// Best is the sentence of a passage that answers a query best.
	Best(ctx context.Context, q index.Query, p index.Passage) index.Sentence
	// Whole gives all passages that hold on a day; nil where they are more than most.
	Whole(ctx context.Context, person, collection, asOf string, most int) ([]index.Passage, error)
}

// Collections gives a collection that a person may read, else
// storage.ErrNotFound.
type Collections interface {
	Collection(ctx context.Context, person, id string) (storage.Collection, error)
}

// Approved gives the answers that HR wrote; storage does. A Reach that does not
// reach one does not get it.
type Approved interface {
	ReachApproved(ctx context.Context, r storage.Reach) ([]storage.Standing, error)
	GiveApproved(ctx context.Context, r storage.Reach, id string) (storage.Approved, []storage.FoundChunk, error)
}

// Deps is what New needs. Log gets no text of users or documents.
type Deps struct {
	Finder      Finder
	Collections Collections
	Approved    Approved // nil: there are none
	// Count gives the lengths of texts in tokens of a model; nil: they are guessed.
	Count func(ctx context.Context, model string, texts []string) ([]int, error)
	// Context is how many tokens a model can take, 0 where nobody knows.
	Context func(model string) int
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil: none
}

// Service answers from documents. It is safe for concurrent use.
type Service struct {
	d        Deps
	whole    wholes
	meanings recent.Cache[meaning] // of the questions of approved answers
}

// New makes a Service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Context == nil {
		d.Context = func(string) int { return 0 }
	}
	return &Service{d: d}
}

// Ask is a question to a collection.
type Ask struct {
	Collection string
	Person     string
	Question   string
	History    []Turn // before it, oldest first
	AsOf       string // day whose documents hold; "": today
	Model      string // that will write; "": not known
	ByModel    bool   // the model writes, also where there is an approved answer
}

// Prepared is what is known before a model is asked. With a Refusal or a Given,
// that is the whole answer.
type Prepared struct {
	Sources   []storage.Source // best first
	Grounding storage.Grounding
	Refusal   string
	Given     string           // HR's approved answer, with the numbers of its sources
	System    []engine.Segment // instruction and passages
	Remind    []engine.Segment // ends the question: the passage that fits best, and what is wanted
	LocalOnly bool

	numbers  map[int]int // of the prompt -> of the source
	evidence *evidence
}

// Stream is a new filter for the text of an answer.
func (p *Prepared) Stream() *Stream { return &Stream{evidence: p.evidence, numbers: p.numbers} }

// Check holds the text of an answer against its sources, and marks those that
// it names.
func (p *Prepared) Check(text string) ([]storage.Source, storage.Grounding) {
	sources := append([]storage.Source(nil), p.Sources...)
	named := map[int]bool{}
	for _, n := range namedIn(text) {
		named[n] = true
	}
	for i := range sources {
		sources[i].Cited = named[sources[i].N]
	}
	g := p.Grounding
	g.Checks = p.evidence.checkText(text)
	return sources, g
}

// Collection gives a collection that a person may ask. One that is not there
// and one that the person may not read are the same: CodeCollectionNotFound.
func (s *Service) Collection(ctx context.Context, person, id string) (storage.Collection, error) {
	c, err := s.d.Collections.Collection(ctx, person, id)
	if errors.Is(err, storage.ErrNotFound) {
		return c, &app.Error{Code: app.CodeCollectionNotFound, Param: "collection"}
	}
	return c, err
}

// Prepare finds what a collection says about a question, decides whether that
// answers it, and lays out the prompt. Errors for users are *app.Error.
func (s *Service) Prepare(ctx context.Context, a Ask) (*Prepared, error) {
	begin := s.d.Now()
	c, err := s.Collection(ctx, a.Person, a.Collection)
	if err != nil {
		return nil, err
	}
	q := index.Query{Collection: a.Collection, Person: a.Person, AsOf: a.AsOf, Limit: mostFound, Language: languageOf(a.Question)}
	resolved := false
	q.Text, resolved = Resolve(a.Question, a.History)
	p := &Prepared{LocalOnly: c.LocalOnly, Grounding: storage.Grounding{Collection: a.Collection, Decision: Answered, Threshold: threshold, AsOf: a.AsOf}}
	if c.Threshold != nil {
		p.Grounding.Threshold = *c.Threshold
	}
	if resolved {
		p.Grounding.Query = q.Text
	}
	standing, err := s.standing(ctx, q)
	if err == nil && !resolved { // what was guessed is looked for and cited; HR's words answer what was asked
		err = s.approved(ctx, p, a, q, standing)
	}
	if err != nil || p.Given != "" {
		p.Grounding.TookMS = s.d.Now().Sub(begin).Milliseconds()
		return p, err
	}
	found, err := s.d.Finder.Search(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("search in documents: %w", err)
	}
	found.Passages = standing.drop(found.Passages)
	p.Grounding.Score = round(scoreOf(q.Text, found))
	if len(found.Passages) == 0 || p.Grounding.Score < p.Grounding.Threshold {
		p.Grounding.Decision = Refused
		p.Refusal = cmp.Or(strings.TrimSpace(c.Refusal), spokenIn(a, c, found.Passages).refusal)
		p.numbers = map[int]int{}
		s.take(ctx, p, q, found.Passages[:min(mostGiven, len(found.Passages))])
	} else if err := s.give(ctx, p, a, c, q, found, standing); err != nil {
		return nil, err
	}
	p.Grounding.Inbox = inboxOf(p.Grounding)
	p.Grounding.TookMS = s.d.Now().Sub(begin).Milliseconds()
	return p, nil
}

// hardly is how far above the threshold a score is low: HR should look at it.
const hardly = 0.1

// inboxOf says why HR should look at an answer, "" where it need not.
func inboxOf(g storage.Grounding) string {
	switch {
	case g.Decision == Refused:
		return storage.InboxUnanswered
	case g.Score < g.Threshold+hardly:
		return storage.InboxLowScore
	}
	return ""
}

// take makes sources of passages, best first, with their quotes.
func (s *Service) take(ctx context.Context, p *Prepared, q index.Query, passages []index.Passage) {
	for i, passage := range passages {
		p.Sources = append(p.Sources, sourceOf(i+1, passage, s.d.Finder.Best(ctx, q, passage)))
	}
	p.evidence = newEvidence(p.Sources)
}

// round keeps three places of a score: what is shown is what was compared.
func round(v float64) float64 { return math.Round(v*1000) / 1000 }
