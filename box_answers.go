package main

import (
	"context"
	"log/slog"

	"alcove/app/chat"
	docs "alcove/app/documents/answer"
	"alcove/app/documents/index"
	"alcove/storage"
)

// openAnswers opens the index and what answers from it.
func (b *box) openAnswers(ctx context.Context, log *slog.Logger) (err error) {
	if b.index, err = index.New(ctx, index.Options{Store: b.store, Embedder: b.embedder, Log: log}); err != nil {
		return err
	}
	b.answers = docs.New(docs.Deps{
		Finder: b.index, Collections: b.store, Approved: b.store, Context: b.contextOf, Count: b.embedder.CountTokens, Log: log,
	})
	return nil
}

// contextOf is how many tokens a conversation with a model may have; "" is the
// one that answers now.
func (b *box) contextOf(model string) int {
	if model == "" {
		model = b.engine.Status().Model
	}
	for _, m := range b.engine.Models() {
		if m.ID == model || model == "" && m.Default {
			return m.Context
		}
	}
	return 0
}

// grounder is the answers from documents in the chat's words.
type grounder struct{ answers *docs.Service }

// Readable says whether a person may ask a collection.
func (g grounder) Readable(ctx context.Context, person, collection string) error {
	_, err := g.answers.Collection(ctx, person, collection)
	return err
}

// Ground finds what the documents say about the last question of a path.
func (g grounder) Ground(ctx context.Context, a chat.GroundAsk) (chat.Grounded, error) {
	question := a.Path[len(a.Path)-1].Text
	p, err := g.answers.Prepare(ctx, docs.Ask{
		Collection: a.Collection, Person: a.Person, Question: question, History: turnsOf(a.Path[:len(a.Path)-1]), AsOf: a.AsOf, Model: a.Model, ByModel: a.ByModel,
	})
	if err != nil {
		return chat.Grounded{}, err
	}
	return chat.Grounded{
		Sources: p.Sources, Grounding: p.Grounding, Refusal: p.Refusal, Given: p.Given, System: p.System, Remind: p.Remind,
		LocalOnly: p.LocalOnly, MaxTokens: docs.MaxTokens, Filter: p.Stream(), Check: p.Check,
	}, nil
}

// turnsOf are the questions of a path with what came of them.
func turnsOf(path []storage.Message) []docs.Turn {
	var out []docs.Turn
	for _, m := range path {
		switch {
		case m.Role == storage.RoleUser:
			out = append(out, docs.Turn{Question: m.Text})
		case len(out) > 0:
			last := &out[len(out)-1]
			last.Answer, last.Refused = m.Text, m.Grounding != nil && m.Grounding.Decision == docs.Refused
			for _, s := range m.Sources {
				if s.Cited && !s.Removed {
					last.Headings = append(last.Headings, s.Heading)
				}
			}
		}
	}
	return out
}
