package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app"
	"alcove/app/chat"
	"alcove/storage"
)

type askInput struct {
	IDPath
	Body struct {
		ID       string        `json:"id,omitempty" format:"uuid" doc:"The question's id, made by the client: a repeat gets the same answer."`
		ParentID nullable      `json:"parent_id,omitempty" doc:"The answer that this follows; absent: the newest leaf; null: a new root."`
		Text     string        `json:"text" minLength:"1"`
		Model    string        `json:"model,omitempty" maxLength:"200"`
		Sampling chat.Sampling `json:"sampling,omitempty"`

		Collection *string `json:"collection,omitempty" maxLength:"64" doc:"The documents that are asked, and from now on in this conversation; empty: none; absent: as before."`
		AsOf       string  `json:"as_of,omitempty" format:"date" doc:"The day whose documents hold; absent: today."`
		ByModel    bool    `json:"by_model,omitempty" doc:"The model writes, also where HR has approved an answer to exactly this question."`
	}
}

type draftInput struct {
	IDPath
	Body struct {
		ParentID nullable `json:"parent_id,omitempty" doc:"The answer that the question will follow; absent or null: none."`
		Text     string   `json:"text" doc:"As typed so far; empty: it was given up."`
		Model    string   `json:"model,omitempty" maxLength:"200"`

		Collection *string `json:"collection,omitempty" maxLength:"64" doc:"As in the question; absent: the conversation's."`
	}
}

type regenerateInput struct {
	IDPath
	Body *struct {
		Model    string        `json:"model,omitempty" maxLength:"200"`
		Sampling chat.Sampling `json:"sampling,omitempty"`
	}
}

type startedBody struct {
	TurnID   string  `json:"turn_id"`
	Question Message `json:"question"`
	Answer   Message `json:"answer"`
}

func (s *Server) registerMessages(api huma.API) {
	ask := operation(http.MethodPost, "/api/v1/conversations/{id}/messages", "ask", "Ask a question; the answer travels on the event stream")
	ask.DefaultStatus = http.StatusAccepted
	huma.Register(api, ask, s.ask)
	again := operation(http.MethodPost, "/api/v1/messages/{id}/regenerate", "regenerate", "Write another answer to the same question; after an approved answer the model writes")
	again.DefaultStatus = http.StatusAccepted
	huma.Register(api, again, s.regenerate)
	huma.Register(api, operation(http.MethodPut, "/api/v1/conversations/{id}/draft", "readDraft", "Read a question while it is typed; nothing is saved"), s.readDraft)
	huma.Register(api, operation(http.MethodGet, "/api/v1/messages/{id}", "getMessage", "Read a message, with its text so far"), s.getMessage)
	huma.Register(api, operation(http.MethodPost, "/api/v1/turns/{id}/stop", "stopTurn", "Stop an answer; what was written is kept"), s.stopTurn)
}

func (s *Server) ask(ctx context.Context, in *askInput) (*output[startedBody], error) {
	started, err := s.chat.Ask(ctx, chat.Question{
		ConversationID: in.IDPath.ID,
		ID:             in.Body.ID,
		ParentID:       in.Body.ParentID.Value,
		HasParent:      in.Body.ParentID.Present,
		Text:           in.Body.Text,
		Model:          in.Body.Model,
		Sampling:       in.Body.Sampling,
		Collection:     in.Body.Collection,
		AsOf:           in.Body.AsOf,
		ByModel:        in.Body.ByModel,
	})
	return s.started(ctx, started, notFound(err, app.CodeConversationNotFound))
}

func (s *Server) readDraft(ctx context.Context, in *draftInput) (*struct{}, error) {
	d := chat.Draft{ConversationID: in.IDPath.ID, Text: in.Body.Text, Model: in.Body.Model, Collection: in.Body.Collection}
	if p := in.Body.ParentID.Value; p != nil {
		d.ParentID = *p
	}
	return nil, notFound(s.chat.Read(ctx, d), app.CodeMessageNotFound)
}

func (s *Server) regenerate(ctx context.Context, in *regenerateInput) (*output[startedBody], error) {
	var model string
	var sampling chat.Sampling
	if in.Body != nil {
		model, sampling = in.Body.Model, in.Body.Sampling
	}
	started, err := s.chat.Regenerate(ctx, in.ID, model, sampling)
	return s.started(ctx, started, notFound(err, app.CodeMessageNotFound))
}

func (s *Server) started(ctx context.Context, started chat.Started, err error) (*output[startedBody], error) {
	if err != nil {
		return nil, err
	}
	answer, err := s.liveMessage(ctx, started.Answer)
	if err != nil {
		return nil, notFound(err, app.CodeMessageNotFound)
	}
	return &output[startedBody]{startedBody{TurnID: started.TurnID, Question: viewMessage(started.Question), Answer: answer}}, nil
}

func (s *Server) getMessage(ctx context.Context, in *IDPath) (*output[Message], error) {
	m, err := s.store.Message(ctx, in.ID)
	if err != nil {
		return nil, notFound(err, app.CodeMessageNotFound)
	}
	v, err := s.liveMessage(ctx, m)
	if err != nil {
		return nil, notFound(err, app.CodeMessageNotFound)
	}
	return &output[Message]{v}, nil
}

// liveMessage shows a message with its text so far. One that ended between
// the two looks is read again.
func (s *Server) liveMessage(ctx context.Context, m storage.Message) (Message, error) {
	if m.Status != storage.StatusWriting {
		return viewMessage(m), nil
	}
	if text, seq, ok := s.chat.Live(m.ID); ok {
		if m.Grounding == nil { // its sources may have been found between the two looks
			if again, err := s.store.Message(ctx, m.ID); err == nil {
				m.Sources, m.Grounding = again.Sources, again.Grounding
			}
		}
		v := viewMessage(m)
		v.Status, v.Text, v.Seq = string(storage.StatusWriting), text, seq
		return v, nil
	}
	m, err := s.store.Message(ctx, m.ID)
	if err != nil {
		return Message{}, err
	}
	return viewMessage(m), nil
}

func (s *Server) stopTurn(_ context.Context, in *IDPath) (*struct{}, error) {
	return nil, s.chat.Stop(in.ID)
}
