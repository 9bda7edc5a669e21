package server

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"alcove/app"
	"alcove/app/chat"
	"alcove/storage"
)

// maxHits is the most that a search answers.
const maxHits = 50

type conversationsInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Before string `query:"before" maxLength:"200" doc:"The cursor of the page before: its next."`
}

type conversationsBody struct {
	Conversations []Conversation `json:"conversations" nullable:"false"`
	Next          string         `json:"next" doc:"Cursor of the next page; empty on the last."`
}

type newConversation struct {
	Body struct {
		ID    string `json:"id,omitempty" format:"uuid" doc:"Made by the client, so that a repeat is harmless."`
		Title string `json:"title,omitempty" maxLength:"200"`
	}
}

type renameInput struct {
	IDPath
	Body struct {
		Title      *string `json:"title,omitempty" minLength:"1" maxLength:"200"`
		Collection *string `json:"collection,omitempty" maxLength:"64" doc:"The documents that its next questions are asked of; empty: none."`
	}
}

type conversationBody struct {
	Conversation Conversation `json:"conversation"`
	Messages     []Message    `json:"messages" nullable:"false"`
}

func (s *Server) registerConversations(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/conversations", "listConversations", "List conversations, newest change first"), s.listConversations)
	huma.Register(api, operation(http.MethodPost, "/api/v1/conversations", "createConversation", "Begin a conversation"), s.createConversation)
	huma.Register(api, operation(http.MethodGet, "/api/v1/conversations/{id}", "getConversation", "Read a conversation with all its messages"), s.getConversation)
	huma.Register(api, operation(http.MethodPatch, "/api/v1/conversations/{id}", "renameConversation", "Rename a conversation, or choose the documents that it asks"), s.renameConversation)
	huma.Register(api, operation(http.MethodDelete, "/api/v1/conversations/{id}", "deleteConversation", "Delete a conversation"), s.deleteConversation)
	huma.Register(api, operation(http.MethodPost, "/api/v1/conversations/{id}/restore", "restoreConversation", "Bring a deleted conversation back, within 30 seconds"), s.restoreConversation)
}

func (s *Server) listConversations(ctx context.Context, in *conversationsInput) (*output[conversationsBody], error) {
	list, next, err := s.store.Conversations(ctx, storage.Cursor(in.Before), in.Limit)
	if errors.Is(err, storage.ErrInvalid) {
		return nil, &app.Error{Code: app.CodeInvalid, Param: "before", Message: "This is not a cursor of an earlier answer."}
	}
	if err != nil {
		return nil, err
	}
	out := conversationsBody{Conversations: make([]Conversation, 0, len(list)), Next: string(next)}
	for _, c := range list {
		out.Conversations = append(out.Conversations, viewConversation(c))
	}
	return &output[conversationsBody]{out}, nil
}

func (s *Server) createConversation(ctx context.Context, in *newConversation) (*created[Conversation], error) {
	id := in.Body.ID
	if id == "" {
		id = newID()
	}
	c, isNew, err := s.store.CreateConversation(ctx, storage.Conversation{ID: id, Title: strings.TrimSpace(in.Body.Title)})
	if err != nil {
		return nil, err
	}
	out := &created[Conversation]{Status: http.StatusOK, Body: viewConversation(c)}
	if isNew {
		out.Status = http.StatusCreated
		s.hub.Publish(eventChanged, conversationChanged{out.Body})
	}
	return out, nil
}

func (s *Server) getConversation(ctx context.Context, in *IDPath) (*output[conversationBody], error) {
	c, err := s.store.Conversation(ctx, in.ID)
	if err != nil {
		return nil, notFound(err, app.CodeConversationNotFound)
	}
	messages, err := s.store.Messages(ctx, in.ID)
	if err != nil {
		return nil, notFound(err, app.CodeConversationNotFound)
	}
	out := conversationBody{Conversation: viewConversation(c), Messages: make([]Message, 0, len(messages))}
	for _, m := range messages {
		v, err := s.liveMessage(ctx, m)
		if err != nil {
			return nil, notFound(err, app.CodeConversationNotFound)
		}
		out.Messages = append(out.Messages, v)
	}
	return &output[conversationBody]{out}, nil
}

func (s *Server) renameConversation(ctx context.Context, in *renameInput) (*output[Conversation], error) {
	if in.Body.Title == nil && in.Body.Collection == nil {
		return nil, &app.Error{Code: app.CodeInvalid, Param: "title", Message: "Nothing was named that shall change."}
	}
	title := ""
	if in.Body.Title != nil {
		if title = strings.TrimSpace(*in.Body.Title); title == "" {
			return nil, &app.Error{Code: app.CodeInvalid, Param: "title", Message: "A title needs at least one letter. The old one was kept."}
		}
	}
	var c storage.Conversation
	var err error
	if in.Body.Collection != nil {
		c, err = s.chat.SetCollection(ctx, in.ID, *in.Body.Collection)
	}
	if err == nil && title != "" {
		c, err = s.store.RenameConversation(ctx, in.ID, title)
	}
	return s.changed(c, err)
}

func (s *Server) restoreConversation(ctx context.Context, in *IDPath) (*output[Conversation], error) {
	c, err := s.store.RestoreConversation(ctx, in.ID)
	if err == nil {
		if messages, err := s.store.Messages(ctx, in.ID); err == nil {
			s.inboxChanged(messages)
		}
	}
	return s.changed(c, err)
}

// inboxChanged tells of the inboxes that messages may be in: their questions
// leave with them, and come back.
func (s *Server) inboxChanged(messages []storage.Message) {
	told := map[string]bool{}
	for _, m := range messages {
		if m.Grounding != nil && !told[m.Grounding.Collection] {
			told[m.Grounding.Collection] = true
			s.hub.Publish(app.EventInbox, app.InboxChanged{Collection: m.Grounding.Collection})
		}
	}
}

// changed tells the readers about a conversation and answers with it.
func (s *Server) changed(c storage.Conversation, err error) (*output[Conversation], error) {
	if err != nil {
		return nil, notFound(err, app.CodeConversationNotFound)
	}
	v := viewConversation(c)
	s.hub.Publish(eventChanged, conversationChanged{v})
	return &output[Conversation]{v}, nil
}

// deleteConversation stops what is being written in it first: nobody will
// read that, and it would go on computing.
func (s *Server) deleteConversation(ctx context.Context, in *IDPath) (*struct{}, error) {
	messages, err := s.store.Messages(ctx, in.ID)
	if err != nil {
		return nil, notFound(err, app.CodeConversationNotFound)
	}
	if err := s.store.DeleteConversation(ctx, in.ID); err != nil {
		return nil, notFound(err, app.CodeConversationNotFound)
	}
	for _, m := range messages {
		if m.Status == storage.StatusWriting {
			if err := s.chat.Stop(m.TurnID); err != nil {
				s.log.Debug("stop a turn of a deleted conversation", "err", err)
			}
		}
	}
	if s.forget != nil { // brought back, it is computed again
		s.forget(chat.ShareOfConversation(in.ID))
	}
	s.hub.Publish(eventDeleted, conversationDeleted{in.ID})
	s.inboxChanged(messages)
	return nil, nil
}

func newID() string {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.NewString()
	}
	return id.String()
}
