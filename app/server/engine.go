package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"alcove/engine"
)

// engineBody is what `alcove top` shows.
type engineBody struct {
	Status engine.Status `json:"status"`
	View   *engine.View  `json:"view,omitempty" doc:"Who is in the worker and what its cache holds, at most half a second old while it works. Absent while there is no worker."`
}

func (s *Server) registerEngine(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/engine", "getEngine", "What the engine does: its counters, its slots and the tree of shared prefixes"), s.getEngine)
}

func (s *Server) getEngine(context.Context, *struct{}) (*output[engineBody], error) {
	status := s.engine.Status()
	return &output[engineBody]{engineBody{status, status.View}}, nil
}
