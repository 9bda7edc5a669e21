package chat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

// EventSources tells the passages that an answer will stand on.
const EventSources = "turn.sources"

// TurnSources is the data of EventSources.
type TurnSources struct {
	TurnID         string             `json:"turn_id"`
	ConversationID string             `json:"conversation_id"`
	MessageID      string             `json:"message_id"`
	Sources        []storage.Source   `json:"sources"`
	Grounding      *storage.Grounding `json:"grounding"`
}

// Grounder finds what the documents of a collection say about a question.
type Grounder interface {
	// Readable is nil where the person may ask the collection; else its code is
	// CodeCollectionNotFound, whether there is such a collection or not.
	Readable(ctx context.Context, person, collection string) error
	Ground(ctx context.Context, a GroundAsk) (Grounded, error)
}

// GroundAsk is a question to documents.
type GroundAsk struct {
	Person     string
	Collection string
	AsOf       string            // day, "2026-01-31"; "": today
	Model      string            // that will write; "": not known yet
	Path       []storage.Message // from the root to the question
	ByModel    bool              // the model writes, also where HR has approved an answer
}

// Grounded is what was found. With a Refusal or a Given, that is the whole answer.
type Grounded struct {
	Sources   []storage.Source // best first
	Grounding storage.Grounding
	Refusal   string
	Given     string           // an answer in HR's own words, with the numbers of its sources
	System    []engine.Segment // instruction and documents
	Remind    []engine.Segment // ends the question; without a label: its conversation's
	LocalOnly bool
	MaxTokens int // of an answer, where nobody chose a bound
	Filter    Filter
	// Check holds a text against the sources: it marks those that are cited.
	Check func(text string) ([]storage.Source, storage.Grounding)
}

// said is the answer where no model is asked.
func (g Grounded) said() string { return cmp.Or(g.Refusal, g.Given) }

// Filter puts the numbers of sources right while an answer is written.
type Filter interface {
	Write(text string) string // what may be shown now
	Close() string            // and what was held back
	Over() bool               // the model repeats itself: it need not write on
}

// checkAsOf refuses what is no day.
func checkAsOf(day string) error {
	if day == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return invalid("as_of", "The field as_of must be a day, such as 2026-01-31. Nothing was saved.")
	}
	return nil
}

// collection is what a question is asked of: what it says, else what its
// conversation has. The person must be allowed to read it.
func (s *Service) collection(ctx context.Context, conversationID string, said *string) (string, error) {
	var name string
	if said != nil {
		name = *said
	} else {
		c, err := s.store.Conversation(ctx, conversationID)
		switch {
		case errors.Is(err, storage.ErrNotFound): // told where it matters: a draft may come before
			return "", nil
		case err != nil:
			return "", fmt.Errorf("read conversation: %w", err)
		}
		name = c.Collection
	}
	if name == "" {
		return "", nil
	}
	if s.grounder == nil {
		return "", &app.Error{Code: app.CodeCollectionNotFound, Param: "collection"}
	}
	return name, s.grounder.Readable(ctx, owner, name)
}

// SetCollection chooses what a conversation's next questions are asked of; ""
// is the model alone.
func (s *Service) SetCollection(ctx context.Context, conversationID, collection string) (storage.Conversation, error) {
	collection, err := s.collection(ctx, conversationID, &collection)
	if err != nil {
		return storage.Conversation{}, err
	}
	c, err := s.store.SetCollection(ctx, conversationID, collection)
	return c, named(err, app.CodeConversationNotFound)
}

// mostGrounds bounds how often a question is asked anew because documents are
// removed meanwhile.
const mostGrounds = 3

// ground finds what the documents say, saves it and tells the readers. It is
// done before a model is asked, and needs none. What is removed before it is
// saved is in no answer: the documents are asked again.
func (s *Service) ground(t *turn, path []storage.Message, j job) (Grounded, error) {
	for n := 1; ; n++ {
		g, err := s.grounder.Ground(t.ctx, GroundAsk{Person: owner, Collection: j.collection, AsOf: j.asOf, Model: j.model, Path: path, ByModel: j.byModel})
		if err != nil {
			return Grounded{}, err
		}
		lost, err := s.stand(t, g)
		if err != nil || !lost || n == mostGrounds {
			return g, named(err, app.CodeMessageNotFound)
		}
	}
}

// stand saves what an answer stands on and tells it. It holds the turn meanwhile:
// Forget comes before, and the store knows that the document is gone, or after.
// lost: a document was removed since it was found, and nothing was told.
func (s *Service) stand(t *turn, g Grounded) (lost bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	stored, err := s.store.SetSources(context.WithoutCancel(t.ctx), t.answer.ID, g.Sources, g.Grounding)
	if err != nil {
		return false, err
	}
	t.grounded, t.filter = &g, g.Filter
	t.answer.Sources, t.answer.Grounding = stored, &g.Grounding
	if slices.ContainsFunc(stored, func(s storage.Source) bool { return s.Removed }) {
		return true, nil
	}
	// The answer's number stays before this event: who reads it now and follows
	// from there gets the sources once more rather than never.
	s.events.Publish(EventSources, TurnSources{
		TurnID: t.id, ConversationID: t.answer.ConversationID, MessageID: t.answer.ID, Sources: notNil(stored), Grounding: &g.Grounding,
	})
	if g.Grounding.Inbox != "" {
		s.events.Publish(app.EventInbox, app.InboxChanged{Collection: g.Grounding.Collection})
	}
	return false, nil
}

// Forget takes the text of a document that was removed out of the answers that
// are being written. When it returns, no event with it comes any more.
func (s *Service) Forget(document string) {
	s.mu.Lock()
	turns := slices.Collect(maps.Values(s.turns))
	s.mu.Unlock()
	for _, t := range turns {
		t.mu.Lock()
		t.answer.Sources = slices.Clone(t.answer.Sources) // what was told is being read
		for i := range t.answer.Sources {
			if one := &t.answer.Sources[i]; one.DocumentID == document {
				one.Wipe()
			}
		}
		t.mu.Unlock()
	}
}

func notNil(list []storage.Source) []storage.Source {
	if list == nil {
		return []storage.Source{}
	}
	return list
}

// checked adds to an end how the written text stands on its sources.
func (t *turn) checked(end storage.End) storage.End {
	t.mu.Lock()
	defer t.mu.Unlock()
	if g := t.grounded; g != nil && g.said() == "" && g.Check != nil {
		sources, grounding := g.Check(t.text.String())
		end.Sources, end.Grounding = sources, &grounding
	}
	return end
}

// citation is a number of a source, with the space before it.
var citation = regexp.MustCompile(` ?\[\d{1,3}(?:, ?\d{1,3})*\]`)

// groundedPrompt is the prompt of a question to documents: instruction and
// documents, then what was said, then the question. Earlier questions that the
// documents did not answer are left out, and numbers of earlier sources: they
// would name passages of this prompt.
func groundedPrompt(path []storage.Message, g Grounded, zone *time.Location) []engine.Message {
	kept := make([]storage.Message, 0, len(path))
	for i, m := range path {
		if i+1 < len(path) && refusedAnswer(path[i+1]) || refusedAnswer(m) {
			continue
		}
		if m.Role == storage.RoleAssistant && m.Grounding != nil {
			m.Text = citation.ReplaceAllString(m.Text, "")
		}
		kept = append(kept, m)
	}
	out := buildPrompt(kept, "documents", zone)
	if len(out) == 0 {
		return nil
	}
	out[0].Segments = g.System
	last := &out[len(out)-1]
	for _, s := range g.Remind {
		s.Share = cmp.Or(s.Share, ShareOfConversation(path[len(path)-1].ConversationID))
		last.Segments = append(last.Segments, s)
	}
	return out
}

func refusedAnswer(m storage.Message) bool {
	return m.Role == storage.RoleAssistant && m.Grounding != nil && m.Grounding.Decision == "refused"
}
