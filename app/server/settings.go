package server

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app"
	"alcove/app/chat"
)

// Settings are what a person can set; a field that is absent has its default.
type Settings struct {
	DefaultModel       *string  `json:"default_model,omitempty" maxLength:"255" doc:"Empty: the first one of the folder."`
	SystemPrompt       *string  `json:"system_prompt,omitempty" maxLength:"32768" doc:"Empty: the built-in one."`
	Temperature        *float64 `json:"temperature,omitempty" minimum:"0" maximum:"2"`
	TopP               *float64 `json:"top_p,omitempty" minimum:"0" maximum:"1"`
	TopK               *int     `json:"top_k,omitempty" minimum:"0" maximum:"1000"`
	MinP               *float64 `json:"min_p,omitempty" minimum:"0" maximum:"1"`
	MaxTokens          *int     `json:"max_tokens,omitempty" minimum:"0" maximum:"1000000" doc:"0: up to the context's end."`
	TurnOrphanSeconds  *int     `json:"turn_orphan_seconds,omitempty" minimum:"1" maximum:"86400" doc:"How long an answer goes on when nobody reads."`
	PrefillWhileTyping *bool    `json:"prefill_while_typing,omitempty" doc:"Read questions while they are typed, when nobody else waits and the machine is not on battery. Absent: true."`
	PromoteWhenPassed  *bool    `json:"promote_when_passed,omitempty" doc:"A model that passes the house check well enough becomes the default by itself. Absent: false."`
	UsagePerPerson     *bool    `json:"usage_per_person,omitempty" doc:"Say how much each person used, where their group is not too small. Absent: false."`
	UsageMinGroup      *int     `json:"usage_min_group,omitempty" minimum:"5" maximum:"1000" doc:"The smallest group whose people are told apart. Absent: 5."`
	Language           *string  `json:"language,omitempty" pattern:"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$" maxLength:"35" doc:"Of the page; empty: the browser's."`
	Theme              *string  `json:"theme,omitempty" enum:"system,light,dark"`
}

type settingsBody struct {
	Settings Settings `json:"settings"`
}

type settingsInput struct {
	Body Settings
}

func (s *Server) registerSettings(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/settings", "getSettings", "Read the settings"), s.getSettings)
	huma.Register(api, operation(http.MethodPatch, "/api/v1/settings", "setSettings", "Change some settings"), s.setSettings)
}

func (s *Server) getSettings(ctx context.Context, _ *struct{}) (*output[settingsBody], error) {
	stored, err := s.store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	// A value that a later version wrote in another shape counts as not set.
	var out settingsBody
	for key, value := range stored {
		one := out.Settings
		if json.Unmarshal(mustJSON(map[string]json.RawMessage{key: value}), &one) == nil {
			out.Settings = one
		}
	}
	return &output[settingsBody]{out}, nil
}

func (s *Server) setSettings(ctx context.Context, in *settingsInput) (*output[settingsBody], error) {
	if m := in.Body.DefaultModel; m != nil && *m != "" {
		if _, err := s.findModel(*m); err != nil {
			return nil, &app.Error{Code: app.CodeInvalid, Param: "default_model", Message: "There is no model with this name in the models folder. The setting was kept as it was."}
		}
	}
	var changes map[string]json.RawMessage
	if err := json.Unmarshal(mustJSON(in.Body), &changes); err != nil {
		return nil, err
	}
	if len(changes) > 0 {
		before, err := s.getSettings(ctx, nil)
		if err != nil {
			return nil, err
		}
		if err := s.store.SetSettings(ctx, changes); err != nil {
			return nil, err
		}
		s.forgetSystem(before.Body.Settings.SystemPrompt, in.Body.SystemPrompt)
	}
	return s.getSettings(ctx, nil)
}

// forgetSystem gives up what was computed of a system prompt that was replaced.
func (s *Server) forgetSystem(old, next *string) {
	if old == nil || next == nil || *old == *next {
		return
	}
	if share := chat.ShareOfSystem(*old); share != "" && s.forget != nil {
		s.forget(share)
	}
}
