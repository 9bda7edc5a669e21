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

func (s *Server) getCatalogue(ctx context.Context, _ *struct{}) (*output[library.CatalogueView], error) {
	models, err := s.library.Models(ctx)
	if err != nil {
		s.log.Warn("read what is known of the models", "err", err) // the list is there all the same
	}
	var held []library.Held
	for _, m := range models {
		h := library.Held{ID: m.ID}
		if len(m.SHA256) == 1 { // the catalogue's models are of one file
			h.SHA256 = m.SHA256[0]
		}
		held = append(held, h)
	}
	return &output[library.CatalogueView]{library.ViewCatalogue(s.room(), held)}, nil
}
