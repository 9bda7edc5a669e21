package chat

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

// MaxQuestionBytes bounds a question. What a model can take is less, and only
// the worker knows it: a longer conversation comes back as context_full.
const MaxQuestionBytes = 1 << 20

// Question is what a person asks.
type Question struct {
	ConversationID string
	// ID is the question's id; asking again with it is harmless. "": a new one.
	ID string
	// ParentID is the answer that the question follows, nil a new root. Both
	// count only when HasParent; else the question follows the newest leaf.
	ParentID  *string
	HasParent bool
	Text      string
	Model     string // "": the default model
	Sampling  Sampling
	// Collection is what is asked, "" the model alone; nil: as the conversation
	// was asked before. AsOf is the day whose documents hold; "": today.
	Collection *string
	AsOf       string
	ByModel    bool // the model writes, also where HR has approved an answer
}

// job is how an answer is to be written.
type job struct {
	model    string
	sampling Sampling
	set      settings

	collection, asOf string
	byModel          bool
	noModel          error // why no model can write; told when one is needed
}

// Started is a turn that was saved; its answer is being written.
type Started struct {
	TurnID           string
	Question, Answer storage.Message
}

// Ask saves a question with its empty answer, and starts to write the answer.
// A question with an id that was asked already changes nothing and returns
// the same turn. Errors for users are *app.Error or *engine.Error; with one,
// nothing was saved.
func (s *Service) Ask(ctx context.Context, q Question) (Started, error) {
	if err := checkQuestion(q); err != nil {
		return Started{}, err
	}
	collection, err := s.collection(ctx, q.ConversationID, q.Collection)
	if err != nil {
		return Started{}, err
	}
	j, err := s.job(ctx, q.Model, collection, q.AsOf)
	if err != nil {
		return Started{}, err
	}
	j.sampling, j.byModel = q.Sampling, q.ByModel
	if q.ID == "" {
		q.ID = newID()
	}
	s.dropDraft(q.ConversationID) // this is it
	s.asking.Lock()
	defer s.asking.Unlock()
	parent, err := s.parent(ctx, q)
	if err != nil {
		return Started{}, err
	}
	if q.Collection != nil {
		if err := s.keepCollection(ctx, q.ConversationID, collection); err != nil {
			return Started{}, err
		}
	}
	return s.start(ctx, storage.Turn{
		ID: newID(), ConversationID: q.ConversationID,
		Question: &storage.Message{ID: q.ID, ParentID: parent, Text: q.Text},
		Answer:   storage.Message{ID: newID()},
	}, j)
}

// keepCollection makes a collection the one that the next questions are asked of.
func (s *Service) keepCollection(ctx context.Context, conversationID, collection string) error {
	c, err := s.store.Conversation(ctx, conversationID)
	if err == nil && c.Collection != collection {
		_, err = s.store.SetCollection(ctx, conversationID, collection)
	}
	return named(err, app.CodeConversationNotFound)
}

// Regenerate starts to write another answer to the question of an answer. Who
// wants another one than HR's approved answer wants the model's.
func (s *Service) Regenerate(ctx context.Context, answerID, model string, sampling Sampling) (Started, error) {
	if err := sampling.Check(); err != nil {
		return Started{}, err
	}
	old, err := s.store.Message(ctx, answerID)
	if err != nil {
		return Started{}, named(err, app.CodeMessageNotFound)
	}
	if old.Role != storage.RoleAssistant {
		return Started{}, invalid("id", "Only an answer can be written again. Nothing was changed.")
	}
	collection, asOf, byModel := "", "", false
	if g := old.Grounding; g != nil { // the documents are asked again, as of the same day
		if collection, err = s.collection(ctx, old.ConversationID, &g.Collection); err != nil {
			return Started{}, err
		}
		asOf, byModel = g.AsOf, g.Approved != nil
	}
	j, err := s.job(ctx, model, collection, asOf)
	if err != nil {
		return Started{}, err
	}
	j.sampling, j.byModel = sampling, byModel
	return s.start(ctx, storage.Turn{
		ID: newID(), ConversationID: old.ConversationID,
		Answer: storage.Message{ID: newID(), ParentID: old.ParentID},
	}, j)
}

func checkQuestion(q Question) error {
	switch {
	case len(q.Text) > MaxQuestionBytes:
		return &app.Error{Code: app.CodeTooLarge, Param: "text"}
	case !utf8.ValidString(q.Text):
		return invalid("text", "The text is not valid UTF-8. Nothing was saved.")
	case strings.TrimSpace(q.Text) == "":
		return invalid("text", "The question is empty. Nothing was saved.")
	}
	if err := checkAsOf(q.AsOf); err != nil {
		return err
	}
	return q.Sampling.Check()
}

// job prepares an answer. Documents may refuse, and show their sentence, where
// there is no model at all: then that is only told when one is needed.
func (s *Service) job(ctx context.Context, wanted, collection, asOf string) (job, error) {
	model, set, err := s.prepare(ctx, wanted)
	j := job{model: model, set: set, collection: collection, asOf: asOf}
	if err != nil && collection != "" && wanted == "" {
		j.noModel, err = err, nil
	}
	return j, err
}

// prepare chooses the model and reads the settings, before anything is saved.
func (s *Service) prepare(ctx context.Context, wanted string) (string, settings, error) {
	model, err := s.model(ctx, wanted)
	if err != nil {
		return "", settings{}, err
	}
	set, err := s.settings(ctx)
	return model, set.under(s.preset(model)), err
}

// parent finds what a question follows, "" for a root.
func (s *Service) parent(ctx context.Context, q Question) (string, error) {
	_, err := s.store.Message(ctx, q.ID)
	if err == nil {
		return "", nil // asked already: StartTurn gives the stored turn, whatever the parent
	}
	if !errors.Is(err, storage.ErrNotFound) {
		return "", fmt.Errorf("look for the question: %w", err)
	}
	if q.HasParent && q.ParentID == nil {
		return "", nil
	}
	var id string
	if q.HasParent {
		id = *q.ParentID
	} else if id, err = s.store.NewestLeaf(ctx, q.ConversationID); err != nil {
		return "", named(err, app.CodeConversationNotFound)
	}
	if id == "" {
		return "", nil
	}
	m, err := s.store.Message(ctx, id)
	if err != nil {
		return "", named(err, app.CodeMessageNotFound)
	}
	switch {
	case m.ConversationID != q.ConversationID:
		return "", &app.Error{Code: app.CodeMessageNotFound, Param: "parent_id"}
	case m.Role != storage.RoleAssistant:
		return "", invalid("parent_id", "A question can only follow an answer. Nothing was saved.")
	case m.Status == storage.StatusWriting:
		return "", &app.Error{Code: app.CodeConflict, Param: "parent_id",
			Message: "The answer before is still being written. Wait for it or stop it, then ask again. Nothing was saved."}
	}
	return id, nil
}

// start saves a turn and begins to write its answer.
func (s *Service) start(ctx context.Context, asked storage.Turn, j job) (Started, error) {
	t := &turn{id: asked.ID, answer: storage.Message{ID: asked.Answer.ID}, started: s.now()}
	t.ctx, t.cancel = context.WithCancelCause(context.Background())
	// Live before it is saved and locked until the readers were told: who finds
	// the answer in the database finds it here too, with a number to follow from.
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := s.add(t); err != nil {
		return Started{}, err
	}
	// From here on it does not matter whether the asker is still there: a
	// question that has arrived is saved, and what is saved is answered.
	ctx = context.WithoutCancel(ctx)
	saved, created, err := s.store.StartTurn(ctx, asked)
	if err != nil {
		s.remove(t)
		return Started{}, named(err, app.CodeConversationNotFound)
	}
	if !created {
		s.remove(t)
		return Started{saved.ID, *saved.Question, saved.Answer}, nil
	}
	t.answer = saved.Answer
	path, err := s.store.Path(ctx, saved.Answer.ParentID)
	out := Started{TurnID: saved.ID, Answer: saved.Answer}
	if err == nil {
		out.Question = path[len(path)-1]
	} else if saved.Question != nil {
		out.Question = *saved.Question
	}
	t.seq = s.events.Publish(EventStarted, TurnStarted{
		TurnID: t.id, ConversationID: saved.ConversationID,
		Question: viewMessage(out.Question), Answer: viewMessage(saved.Answer),
	})
	s.touched(saved.ConversationID)
	if err != nil {
		go func() {
			defer s.remove(t)
			s.finish(t, endOf(engine.Usage{}, err, nil))
		}()
		return out, nil
	}
	go s.run(t, path, j)
	return out, nil
}

func (s *Service) request(t *turn, path []storage.Message, j job) engine.Request {
	below := j.set.sampling
	below.Seed = newSeed()
	return engine.Request{
		ID: t.id, Model: j.model, Messages: buildPrompt(path, j.set.system, time.Local),
		Sampling: j.sampling.Over(below), Class: engine.ClassInteractive, User: owner, Route: engine.RouteChat,
	}
}

// named gives errors of the database codes that users know.
func named(err error, notFound engine.Code) error {
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return &app.Error{Code: notFound, Err: err}
	case errors.Is(err, storage.ErrReadOnly):
		return &app.Error{Code: app.CodeReadOnly, Err: err}
	case errors.Is(err, storage.ErrConflict):
		return &app.Error{Code: app.CodeConflict, Err: err,
			Message: "This question's id is already used for something else. Nothing was saved."}
	case errors.Is(err, storage.ErrInvalid):
		return &app.Error{Code: app.CodeInvalid, Err: err}
	}
	return err
}

func newID() string {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.NewString()
	}
	return id.String()
}
