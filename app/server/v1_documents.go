package server

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"alcove/app"
	docs "alcove/app/documents/answer"
	"alcove/engine"
	"alcove/storage"
)

// Answers is what the server asks of the answers from documents.
type Answers interface {
	Prepare(ctx context.Context, a docs.Ask) (*docs.Prepared, error)
	Look(ctx context.Context, a docs.Ask, limit int) (*docs.Looked, error)
}

// parseDocuments reads what is Alcove's own: the collection that is asked, and
// the day whose documents hold.
func (req *completionRequest) parseDocuments(p params) error {
	collection, err := get[string](p, "collection", "a string")
	if err != nil {
		return err
	}
	if collection != nil {
		req.Collection = *collection
	}
	byModel, err := get[bool](p, "by_model", "true or false")
	if err != nil {
		return err
	}
	req.ByModel = byModel != nil && *byModel
	day, err := get[string](p, "as_of", "a day, such as 2026-01-31")
	if err != nil || day == nil || *day == "" {
		return err
	}
	if _, err := time.Parse(time.DateOnly, *day); err != nil {
		return badParam("as_of", "as_of must be a day, such as 2026-01-31.")
	}
	if req.Collection == "" {
		return badParam("as_of", "as_of is only for questions to a collection.")
	}
	req.AsOf = *day
	return nil
}

// documents finds what a collection says about the last question of a request,
// and makes it the prompt's beginning. share labels what the client sent.
func (c *completion) documents(share string) error {
	if c.s.answers == nil {
		return &app.Error{Code: app.CodeCollectionNotFound, Param: "collection"}
	}
	system, talk, turns := splitTalk(c.request.Messages)
	if len(turns) == 0 {
		return badParam("messages", "messages must hold a question of the user.")
	}
	question := turns[len(turns)-1].Question
	p, err := c.prepare(docs.Ask{
		Collection: c.req.Collection, Person: c.request.User, Question: question, History: turns[:len(turns)-1],
		AsOf: c.req.AsOf, Model: c.model, ByModel: c.req.ByModel,
	})
	if err != nil {
		return err
	}
	c.found, c.filter = p, p.Stream()
	last := &talk[len(talk)-1]
	for _, r := range p.Remind {
		r.Share = cmp.Or(r.Share, share)
		last.Segments = append(last.Segments, r)
	}
	c.request.Messages = append([]engine.Message{{Role: engine.RoleSystem, Segments: append(p.System, system...)}}, talk...)
	c.request.LocalOnly = p.LocalOnly
	return nil
}

// prepare asks the documents, anew where one of them is removed meanwhile.
func (c *completion) prepare(a docs.Ask) (*docs.Prepared, error) {
	for n := 1; ; n++ {
		p, err := c.s.answers.Prepare(c.ctx, a)
		if err != nil {
			return nil, err
		}
		if p.Sources, err = c.s.store.WithoutRemoved(c.ctx, p.Sources); err != nil {
			return nil, err
		}
		if n == mostPrepares || !slices.ContainsFunc(p.Sources, func(s storage.Source) bool { return s.Removed }) {
			return p, nil
		}
	}
}

const mostPrepares = 3

// splitTalk parts what a client says to the model from questions and answers.
// The talk ends with a question.
func splitTalk(messages []engine.Message) (system []engine.Segment, talk []engine.Message, turns []docs.Turn) {
	for _, m := range messages {
		switch {
		case m.Role == engine.RoleSystem:
			for _, s := range m.Segments {
				s.Text = "\n\n" + s.Text
				system = append(system, s)
			}
			continue
		case m.Role == engine.RoleUser:
			turns = append(turns, docs.Turn{Question: m.Text()})
		case len(turns) > 0:
			turns[len(turns)-1].Answer = m.Text()
		}
		if m.Role == engine.RoleAssistant {
			m.Segments = slices.Clone(m.Segments)
			for i := range m.Segments {
				m.Segments[i].Text = docs.WithoutNumbers(m.Segments[i].Text)
			}
		}
		talk = append(talk, m)
	}
	for len(talk) > 0 && talk[len(talk)-1].Role != engine.RoleUser {
		talk = talk[:len(talk)-1]
	}
	return system, talk, turns
}

// generate writes the answer, or says the documents' refusal or HR's approved answer. What emit gets has
// the numbers of sources.
func (c *completion) generate(emit func(engine.Event) error) (engine.Usage, error) {
	if c.found == nil {
		return c.s.engine.Generate(c.ctx, c.request, emit)
	}
	if said := cmp.Or(c.found.Refusal, c.found.Given); said != "" {
		return engine.Usage{Finish: engine.FinishStop}, emit(engine.Token{Text: said})
	}
	if c.noModel != nil {
		return engine.Usage{}, c.noModel
	}
	var whole strings.Builder
	show := func(text string, n int) error {
		if text == "" {
			return nil
		}
		whole.WriteString(text)
		return emit(engine.Token{Text: text, N: n})
	}
	usage, err := c.s.engine.Generate(c.ctx, c.request, func(e engine.Event) error {
		if t, ok := e.(engine.Token); ok {
			if err := show(c.filter.Write(t.Text), t.N); err != nil || !c.filter.Over() {
				return err
			}
			return errRepeats
		}
		return emit(e)
	})
	if errors.Is(err, errRepeats) {
		usage.Finish, err = engine.FinishStop, nil
	}
	if err == nil {
		err = show(c.filter.Close(), 0)
	}
	c.found.Sources, c.found.Grounding = c.found.Check(whole.String())
	if err == nil { // what was removed while the model wrote is not sent once more
		c.found.Sources, err = c.s.store.WithoutRemoved(c.ctx, c.found.Sources)
	}
	return usage, err
}

// errRepeats ends a model that says the same again and again.
var errRepeats = errors.New("the model repeats itself")

// v1Documents are Alcove's fields beside choices; nothing where no documents
// were asked.
type v1Documents struct {
	Sources   []storage.Source   `json:"sources,omitempty"`
	Grounding *storage.Grounding `json:"grounding,omitempty"`
}

func (c *completion) sources() v1Documents {
	if c.found == nil {
		return v1Documents{}
	}
	g := c.found.Grounding
	return v1Documents{c.found.Sources, &g}
}
