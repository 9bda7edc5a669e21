package server

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app/library"
)

type modelSettingsBody struct {
	Settings library.ModelSettings `json:"settings"`
}

type modelSettingsInput struct {
	ID   string `path:"id" maxLength:"255"`
	Body settingsChange
}

// settingsChange are fields of library.ModelSettings as they came: a field that
// is null is another wish than one that is absent.
type settingsChange map[string]json.RawMessage

// Schema tells huma what the fields are.
func (settingsChange) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[library.ModelSettings](), true, "")
}

func (s *Server) registerModelSettings(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/models/{id}/settings", "getModelSettings", "Read what was chosen for one model"), s.getModelSettings)
	huma.Register(api, operation(http.MethodPatch, "/api/v1/models/{id}/settings", "setModelSettings", "Change some of it; null gives a field its default back"), s.setModelSettings)
}

func (s *Server) getModelSettings(_ context.Context, in *modelInput) (*output[modelSettingsBody], error) {
	if _, err := s.findModel(in.ID); err != nil {
		return nil, err
	}
	return &output[modelSettingsBody]{modelSettingsBody{s.library.SettingsOf(in.ID)}}, nil
}

func (s *Server) setModelSettings(ctx context.Context, in *modelSettingsInput) (*output[modelSettingsBody], error) {
	before, after, err := s.library.ChangeSettings(ctx, in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	s.forgetSystem(&before.SystemPrompt, &after.SystemPrompt)
	return &output[modelSettingsBody]{modelSettingsBody{after}}, nil
}
