package server

import (
	"context"
	"net/http"
	"strings"
)

// Tracer makes spans of requests.
type Tracer interface {
	// Request begins a span, below the caller's where the headers name one. The
	// returned function ends it; route is the pattern, never the address.
	Request(ctx context.Context, h http.Header) (context.Context, func(method, route string, status int))
}

// traced begins the span of a request to an API. The page's files, health and
// metrics have none, nor has the stream of events, which lasts for days. Only
// /v1 takes a caller's trace: the page has none to go on with.
func (s *Server) traced(r *http.Request) (*http.Request, func(method, route string, status int)) {
	k := kindOf(r.URL.Path)
	if s.tracer == nil || k == kindPage || strings.HasPrefix(r.URL.Path, "/api/v1/events") {
		return r, func(string, string, int) {}
	}
	headers := r.Header
	if k != kindV1 {
		headers = nil
	}
	ctx, end := s.tracer.Request(r.Context(), headers)
	return r.WithContext(ctx), end
}
