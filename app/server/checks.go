package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app/library"
)

type goldenInput struct {
	Body struct {
		Questions []library.Question `json:"questions" maxItems:"100"`
	}
}

// checkChanged is the data of the event that tells how a check goes.
type checkChanged = library.CheckChanged

func (s *Server) registerChecks(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/golden", "getGolden", "The questions of the house check"), s.getGolden)
	huma.Register(api, operation(http.MethodPut, "/api/v1/golden", "setGolden", "Ask other questions in the house check"), s.setGolden)
	huma.Register(api, operation(http.MethodDelete, "/api/v1/golden", "resetGolden", "Go back to the shipped questions"), s.resetGolden)
	start := operation(http.MethodPost, "/api/v1/models/{id}/check", "startCheck", "Begin to check a model; check.changed tells how it goes")
	start.DefaultStatus = http.StatusAccepted
	huma.Register(api, start, s.startCheck)
	huma.Register(api, operation(http.MethodGet, "/api/v1/models/{id}/check", "getCheck", "A model's check beside the default model's"), s.getCheck)
	huma.Register(api, operation(http.MethodDelete, "/api/v1/models/{id}/check", "stopCheck", "Stop a model's check; what was asked is kept"), s.stopCheck)
}

func (s *Server) getGolden(ctx context.Context, _ *struct{}) (*output[library.Golden], error) {
	g, err := s.checks.Golden(ctx)
	return &output[library.Golden]{g}, err
}

func (s *Server) setGolden(ctx context.Context, in *goldenInput) (*output[library.Golden], error) {
	g, err := s.checks.SetGolden(ctx, in.Body.Questions)
	return &output[library.Golden]{g}, err
}

func (s *Server) resetGolden(ctx context.Context, _ *struct{}) (*output[library.Golden], error) {
	g, err := s.checks.ResetGolden(ctx)
	return &output[library.Golden]{g}, err
}

func (s *Server) startCheck(ctx context.Context, in *modelInput) (*output[library.Progress], error) {
	p, err := s.checks.Start(ctx, in.ID)
	return &output[library.Progress]{p}, err
}

func (s *Server) getCheck(ctx context.Context, in *modelInput) (*output[library.CheckView], error) {
	v, err := s.checks.View(ctx, in.ID)
	return &output[library.CheckView]{v}, err
}

func (s *Server) stopCheck(_ context.Context, in *modelInput) (*struct{}, error) {
	s.checks.Stop(in.ID)
	return nil, nil
}
