package chat

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

// Draft is a question that is still being typed.
type Draft struct {
	ConversationID string // it may not exist yet
	ParentID       string // the answer that the question will follow, "" for none
	Text           string
	Model          string // "": the default model
	Collection     *string
}

// Read lets the engine read a draft, so that only its last words are left to
// read when it is asked. It replaces the conversation's draft before; an empty
// one only ends that. Nothing is saved, and nothing waits for it: a draft is
// left out while the model is not loaded, while others wait, on battery, and
// when the setting prefill_while_typing is off. Errors are *app.Error.
func (s *Service) Read(ctx context.Context, d Draft) error {
	if len(d.Text) > MaxQuestionBytes {
		return &app.Error{Code: app.CodeTooLarge, Param: "text"}
	}
	if !utf8.ValidString(d.Text) {
		return invalid("text", "The text is not valid UTF-8. Nothing was saved.")
	}
	text := strings.TrimSpace(d.Text)
	if text == "" {
		s.dropDraft(d.ConversationID)
		return nil
	}
	collection, err := s.collection(ctx, d.ConversationID, d.Collection)
	if err != nil {
		return err
	}
	model, set, err := s.prepare(ctx, d.Model)
	if err != nil {
		return err
	}
	path, err := s.before(ctx, d)
	if err != nil {
		return err
	}
	now := s.engine.Status()
	if model == "" { // the engine's choice: nearly always the loaded one
		model = now.Model
	}
	if !set.typing || s.onBattery() || !free(now, model) {
		s.dropDraft(d.ConversationID)
		return nil
	}
	path = append(path, storage.Message{ConversationID: d.ConversationID, Role: storage.RoleUser, Text: text})
	request := engine.Request{
		ID: newID(), Model: model, Messages: buildPrompt(path, set.system, time.Local),
		Class: engine.ClassBatch, User: owner, Route: engine.RouteDraft, PrefillOnly: true,
	}
	if collection != "" {
		g, err := s.grounder.Ground(ctx, GroundAsk{Person: owner, Collection: collection, Model: model, Path: path})
		if err != nil || g.said() != "" { // half a question often finds nothing
			s.dropDraft(d.ConversationID)
			return err
		}
		request.Messages, request.LocalOnly = groundedPrompt(path, g, time.Local), g.LocalOnly
	}
	s.readDraft(d.ConversationID, request)
	return nil
}

// free says whether the engine has time for a draft without keeping anybody
// waiting or swapping the model.
func free(s engine.Status, model string) bool {
	return s.Ready && s.Model == model && s.Queued == 0
}

// before is the path that a draft will follow.
func (s *Service) before(ctx context.Context, d Draft) ([]storage.Message, error) {
	if d.ParentID == "" {
		return nil, nil
	}
	parent, err := s.parent(ctx, Question{ConversationID: d.ConversationID, ParentID: &d.ParentID, HasParent: true})
	if err != nil {
		return nil, err
	}
	path, err := s.store.Path(ctx, parent)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, &app.Error{Code: app.CodeMessageNotFound, Param: "parent_id", Err: err}
	}
	return path, err
}

// reading is a draft that the engine reads.
type reading struct{ cancel context.CancelFunc }

// readDraft starts to read a draft in place of the conversation's one before.
func (s *Service) readDraft(conversation string, request engine.Request) {
	ctx, cancel := context.WithCancel(context.Background())
	r := &reading{cancel}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		cancel()
		return
	}
	// In one step, or a draft between the two would be read on unseen.
	if old := s.drafts[conversation]; old != nil {
		old.cancel()
	}
	s.drafts[conversation] = r
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		defer cancel()
		// A draft that cannot be read, because it is too long or the engine
		// died, is told when it is asked.
		_, err := s.engine.Generate(ctx, request, func(engine.Event) error { return nil })
		s.log.Debug("draft read", "err", err)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.drafts[conversation] == r {
			delete(s.drafts, conversation)
		}
	}()
}

// dropDraft ends the reading of a draft; what was read stays in the cache.
func (s *Service) dropDraft(conversation string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.drafts[conversation]; r != nil {
		r.cancel()
	}
}
