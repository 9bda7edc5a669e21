// Package server is the only transport: it serves the page, the page's API
// (/api/v1, described by openapi.yaml), the OpenAI-compatible API (/v1),
// health and metrics.
//
// Vocabulary: the chain is what every request passes (request id, panics,
// Host, Origin, security headers). A route is a row of the table in routes.go:
// a pattern, who may call it and how large its body may be; a pattern without
// a row cannot be registered. The hub keeps the last minute of events, each
// with a sequence number; a reader is one open event stream.
package server
