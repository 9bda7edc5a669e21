package answer

import (
	"cmp"
	"context"
	"fmt"

	"alcove/app/documents/index"
	"alcove/storage"
)

// Looked is what a collection has about a question, for people who try out
// what is found. Sources and Found.Passages are in the same order.
type Looked struct {
	Found     index.Found
	Sources   []storage.Source
	Grounding storage.Grounding
}

// Look finds passages and says how Prepare would decide, without a prompt.
// Limit is as in index.Query. Errors for users are *app.Error.
func (s *Service) Look(ctx context.Context, a Ask, limit int) (*Looked, error) {
	begin := s.d.Now()
	c, err := s.Collection(ctx, a.Person, a.Collection)
	if err != nil {
		return nil, err
	}
	q := index.Query{Collection: a.Collection, Person: a.Person, AsOf: a.AsOf, Limit: limit, Language: languageOf(a.Question), Text: a.Question}
	found, err := s.d.Finder.Search(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("search in documents: %w", err)
	}
	standing, err := s.standing(ctx, q)
	if err != nil {
		return nil, err
	}
	found.Passages = standing.drop(found.Passages)
	out := &Looked{Found: found, Sources: []storage.Source{}, Grounding: storage.Grounding{
		Collection: a.Collection, Decision: Answered, Score: round(scoreOf(q.Text, found)), Threshold: threshold, AsOf: a.AsOf,
	}}
	if c.Threshold != nil {
		out.Grounding.Threshold = *c.Threshold
	}
	if len(found.Passages) == 0 || out.Grounding.Score < out.Grounding.Threshold {
		out.Grounding.Decision = Refused
	}
	for i, passage := range found.Passages {
		quote := s.d.Finder.Best(ctx, q, passage)
		quote.Text = cmp.Or(quote.Text, passage.Text)
		out.Sources = append(out.Sources, sourceOf(i+1, passage, quote))
	}
	out.Grounding.TookMS = s.d.Now().Sub(begin).Milliseconds()
	return out, nil
}
