package server

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app/operate"
)

func (s *Server) registerAttention(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/attention", "getAttention", "What needs attention on this box, worst first; the event attention.changed brings changes"), s.getAttention)
}

func (s *Server) getAttention(context.Context, *struct{}) (*output[operate.Attention], error) {
	return &output[operate.Attention]{s.attention()}, nil
}
