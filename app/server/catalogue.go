package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app/library"
)

func (s *Server) registerCatalogue(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/catalogue", "getCatalogue", "Models worth having, and which of them fits this box"), s.getCatalogue)
}

func (s *Server) getCatalogue(context.Context, *struct{}) (*output[library.CatalogueView], error) {
	var held []library.Held
	for _, m := range s.engine.Models() {
		held = append(held, library.Held{ID: m.ID})
	}
	return &output[library.CatalogueView]{library.ViewCatalogue(s.room(), held)}, nil
}
