package answer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"alcove/app/documents/index"
	"alcove/app/documents/recent"
	"alcove/storage"
)

// standing are the approved answers that a question reaches.
type standing []storage.Standing

// standing lists them; it looks with the same eyes as the search.
func (s *Service) standing(ctx context.Context, q index.Query) (standing, error) {
	if s.d.Approved == nil {
		return nil, nil
	}
	return s.d.Approved.ReachApproved(ctx, s.reach(q))
}

func (s *Service) reach(q index.Query) storage.Reach {
	day := q.AsOf
	if day == "" {
		day = s.d.Now().Format(time.DateOnly)
	}
	return storage.Reach{Collection: q.Collection, Person: q.Person, AsOf: day}
}

// drop takes passages of answers out that do not hold any more.
func (list standing) drop(passages []index.Passage) []index.Passage {
	return slices.DeleteFunc(passages, func(p index.Passage) bool {
		return slices.ContainsFunc(list, func(a storage.Standing) bool { return a.DocumentID == p.DocumentID && !a.Holds })
	})
}

// approved gives HR's answer where there is one to this very question. Nothing
// is searched for it, so it needs neither an embedder nor a model.
func (s *Service) approved(ctx context.Context, p *Prepared, a Ask, q index.Query, list standing) error {
	id := s.match(q.Text, list)
	if id == "" {
		return nil
	}
	kept, chunks, err := s.d.Approved.GiveApproved(ctx, s.reach(q), id)
	if errors.Is(err, storage.ErrNotFound) {
		return nil // it went meanwhile
	}
	if err != nil {
		return fmt.Errorf("approved answer: %w", err)
	}
	p.Grounding.Approved = &storage.ApprovedMark{ID: kept.ID, By: kept.By, On: kept.UpdatedAt.Format(time.DateOnly), Given: !a.ByModel}
	if a.ByModel {
		return nil
	}
	p.Grounding.Score = 1
	for i, c := range chunks {
		passage := index.Passage{Chunk: c.Chunk, Document: c.Document, Score: 1}
		quote := index.Sentence{}
		if i > 0 {
			quote.Text = kept.Sources[i-1].Quote
		}
		if i == 0 || !strings.Contains(c.Chunk.Text, quote.Text) || quote.Text == "" {
			quote = s.d.Finder.Best(ctx, q, passage)
		}
		source := sourceOf(i+1, passage, quote)
		source.Cited = true
		p.Sources = append(p.Sources, source)
	}
	p.Given = cited(kept.Answer, len(chunks))
	p.evidence, p.numbers = newEvidence(p.Sources), map[int]int{}
	return nil
}

// match finds the approved answer to a question, the newest of several; "": none.
func (s *Service) match(question string, list standing) string {
	if len(list) == 0 {
		return ""
	}
	asked := meaningOf(question)
	for _, a := range list {
		if a.Holds && asked.is(s.meaning(a.Question)) {
			return a.ID
		}
	}
	return ""
}

func (s *Service) meaning(question string) meaning {
	key := recent.Key(question)
	m, ok := s.meanings.Get(key)
	if !ok {
		m = meaningOf(question)
		s.meanings.Put(key, m)
	}
	return m
}

// cited puts the numbers of all n sources at the end of a text, before its last
// mark. What looks like numbers in the text itself becomes round brackets.
func cited(text string, n int) string {
	text = numbersIn.ReplaceAllStringFunc(strings.TrimSpace(text), func(s string) string { return "(" + s[1:len(s)-1] + ")" })
	marks := " "
	for i := range n {
		marks += "[" + strconv.Itoa(i+1) + "]"
	}
	line := text[strings.LastIndexByte(text, '\n')+1:]
	if strings.HasPrefix(line, "|") || strings.HasPrefix(line, "```") { // a table, or code
		return text + "\n\n" + marks[1:]
	}
	body := strings.TrimRight(text, ".!?…")
	return body + marks + text[len(body):]
}
