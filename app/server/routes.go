package server

import (
	"net/http"

	"alcove/app/access"
	"alcove/app/documents"
	"alcove/app/library"
)

// kind is the shape in which a route answers errors.
type kind int

const (
	kindPage  kind = iota // the page's files: sentences as plain problems
	kindAPI               // application/problem+json
	kindV1                // OpenAI's error object
	kindPlain             // health, metrics, version
)

// route is what is fixed about a pattern before its handler runs.
type route struct {
	pattern string
	who     access.Who
	kind    kind
	maxBody int64 // bytes; 0: the route takes no body
}

// putUpload is the one route whose body is no text.
const putUpload = "PUT /api/v1/uploads/{id}"

// sendDocument is the one route whose body goes to the disk as it comes and
// never lies in memory.
const sendDocument = "POST /api/v1/documents"

const (
	smallBody   = 64 << 10
	normalBody  = 1 << 20
	messageBody = 4 << 20
	importBody  = 64 << 20
)

// routes is the whole surface. The router refuses a pattern that is not here
// and New refuses a row that nothing handles, so the tests that walk the table
// walk every route.
var routes = []route{
	{"/", access.Nobody, kindPage, 0},
	{"GET /healthz", access.Nobody, kindPlain, 0},
	{"GET /readyz", access.Nobody, kindPlain, 0},
	{"GET /version", access.SessionOrKey, kindPlain, 0},
	{"GET /metrics", access.SessionOrKey, kindPlain, 0},
	{"GET /api/v1/openapi.yaml", access.SessionOrKey, kindAPI, 0},

	{"GET /api/v1/session", access.Nobody, kindAPI, 0},
	{"POST /api/v1/session", access.Nobody, kindAPI, smallBody},
	{"DELETE /api/v1/session", access.Session, kindAPI, 0},
	{"POST /api/v1/links", access.Session, kindAPI, smallBody},
	{"GET /api/v1/keys", access.Session, kindAPI, 0},
	{"POST /api/v1/keys", access.Session, kindAPI, smallBody},
	{"DELETE /api/v1/keys/{id}", access.Session, kindAPI, 0},

	{"GET /api/v1/events", access.Session, kindAPI, 0},
	{"GET /api/v1/search", access.Session, kindAPI, 0},
	{"GET /api/v1/conversations", access.Session, kindAPI, 0},
	{"POST /api/v1/conversations", access.Session, kindAPI, normalBody},
	{"GET /api/v1/conversations/{id}", access.Session, kindAPI, 0},
	{"PATCH /api/v1/conversations/{id}", access.Session, kindAPI, normalBody},
	{"DELETE /api/v1/conversations/{id}", access.Session, kindAPI, 0},
	{"GET /api/v1/conversations/{id}/export", access.Session, kindAPI, 0},
	{"GET /api/v1/conversations.export", access.Session, kindAPI, 0},
	{"POST /api/v1/conversations.import", access.Session, kindAPI, importBody},
	{"POST /api/v1/conversations/{id}/restore", access.Session, kindAPI, smallBody},
	{"POST /api/v1/conversations/{id}/messages", access.Session, kindAPI, messageBody},
	{"PUT /api/v1/conversations/{id}/draft", access.Session, kindAPI, messageBody},
	{"GET /api/v1/messages/{id}", access.Session, kindAPI, 0},
	{"POST /api/v1/messages/{id}/regenerate", access.Session, kindAPI, normalBody},
	{"POST /api/v1/turns/{id}/stop", access.Session, kindAPI, smallBody},

	{"GET /api/v1/models", access.Session, kindAPI, 0},
	{"GET /api/v1/models/folder", access.Session, kindAPI, 0},
	{"POST /api/v1/models/import", access.Session, kindAPI, smallBody},
	{"GET /api/v1/uploads", access.Session, kindAPI, 0},
	{"POST /api/v1/uploads", access.Session, kindAPI, smallBody},
	{"GET /api/v1/uploads/{id}", access.Session, kindAPI, 0},
	{putUpload, access.Session, kindAPI, library.UploadPiece},
	{"DELETE /api/v1/uploads/{id}", access.Session, kindAPI, 0},
	{"POST /api/v1/models/{id}/load", access.Session, kindAPI, smallBody},
	{"POST /api/v1/models/{id}/check", access.Session, kindAPI, smallBody},
	{"GET /api/v1/models/{id}/check", access.Session, kindAPI, 0},
	{"DELETE /api/v1/models/{id}/check", access.Session, kindAPI, 0},
	{"GET /api/v1/golden", access.Session, kindAPI, 0},
	{"PUT /api/v1/golden", access.Session, kindAPI, normalBody},
	{"DELETE /api/v1/golden", access.Session, kindAPI, 0},
	{"POST /api/v1/models/{id}/unload", access.Session, kindAPI, smallBody},
	{"GET /api/v1/models/{id}/settings", access.Session, kindAPI, 0},
	{"PATCH /api/v1/models/{id}/settings", access.Session, kindAPI, normalBody},
	{"GET /api/v1/catalogue", access.Session, kindAPI, 0},
	{"GET /api/v1/engine", access.Session, kindAPI, 0},
	{"GET /api/v1/settings", access.Session, kindAPI, 0},
	{"PATCH /api/v1/settings", access.Session, kindAPI, normalBody},
	{"GET /api/v1/hardware", access.Session, kindAPI, 0},
	{"GET /api/v1/monitor", access.Session, kindAPI, 0},
	{"GET /api/v1/monitor/machine", access.Session, kindAPI, 0},
	{"GET /api/v1/monitor/latency", access.Session, kindAPI, 0},
	{"GET /api/v1/monitor/marks", access.Session, kindAPI, 0},
	{"GET /api/v1/requests", access.Session, kindAPI, 0},
	{"GET /api/v1/requests.csv", access.Session, kindAPI, 0},
	{"GET /api/v1/usage", access.Session, kindAPI, 0},
	{"GET /api/v1/capacity", access.Session, kindAPI, 0},
	{"POST /api/v1/capacity", access.Session, kindAPI, smallBody},
	{"DELETE /api/v1/capacity", access.Session, kindAPI, 0},
	{"GET /api/v1/cost", access.Session, kindAPI, 0},
	{"GET /api/v1/prices", access.Session, kindAPI, 0},
	{"PUT /api/v1/prices", access.Session, kindAPI, normalBody},
	{"DELETE /api/v1/prices", access.Session, kindAPI, 0},
	{"GET /api/v1/attention", access.Session, kindAPI, 0},

	{"GET /api/v1/alerts", access.Session, kindAPI, 0},
	{"PUT /api/v1/alerts/rules", access.Session, kindAPI, normalBody},
	{"DELETE /api/v1/alerts/rules", access.Session, kindAPI, 0},
	{"GET /api/v1/alerts/channels", access.Session, kindAPI, 0},
	{"PUT /api/v1/alerts/channels", access.Session, kindAPI, smallBody},
	{"POST /api/v1/alerts/channels/{channel}/test", access.Session, kindAPI, smallBody},

	{"GET /api/v1/collections", access.Session, kindAPI, 0},
	{"POST /api/v1/collections", access.Session, kindAPI, smallBody},
	{"GET /api/v1/collections/{id}", access.Session, kindAPI, 0},
	{"PATCH /api/v1/collections/{id}", access.Session, kindAPI, smallBody},
	{"DELETE /api/v1/collections/{id}", access.Session, kindAPI, 0},
	{"POST /api/v1/collections/{id}/pause", access.Session, kindAPI, smallBody},
	{"POST /api/v1/collections/{id}/resume", access.Session, kindAPI, smallBody},
	{"GET /api/v1/collections/{id}/folders", access.Session, kindAPI, 0},
	{"POST /api/v1/collections/{id}/folders", access.Session, kindAPI, smallBody},
	{"DELETE /api/v1/collections/{id}/folders/{folder}", access.Session, kindAPI, 0},
	{"GET /api/v1/documents", access.Session, kindAPI, 0},
	{sendDocument, access.Session, kindAPI, documents.MaxFile},
	{"GET /api/v1/documents/{id}", access.Session, kindAPI, 0},
	{"PATCH /api/v1/documents/{id}", access.Session, kindAPI, smallBody},
	{"DELETE /api/v1/documents/{id}", access.Session, kindAPI, 0},
	{"POST /api/v1/documents/{id}/retry", access.Session, kindAPI, smallBody},
	{"POST /api/v1/documents/{id}/cancel", access.Session, kindAPI, smallBody},
	{"GET /api/v1/documents/{id}/text", access.Session, kindAPI, 0},
	{"GET /api/v1/documents/{id}/file", access.Session, kindAPI, 0},
	{"GET /api/v1/documents/{id}/diff", access.Session, kindAPI, 0},

	{"POST /api/v1/messages/{id}/rating", access.Session, kindAPI, smallBody},
	{"GET /api/v1/inbox", access.Session, kindAPI, 0},
	{"PATCH /api/v1/inbox", access.Session, kindAPI, smallBody},
	{"GET /api/v1/gaps", access.Session, kindAPI, 0},
	{"GET /api/v1/answers", access.Session, kindAPI, 0},
	{"POST /api/v1/answers", access.Session, kindAPI, normalBody},
	{"PATCH /api/v1/answers/{id}", access.Session, kindAPI, normalBody},
	{"DELETE /api/v1/answers/{id}", access.Session, kindAPI, 0},
	{"GET /api/v1/collections/{id}/golden", access.Session, kindAPI, 0},
	{"PUT /api/v1/collections/{id}/golden", access.Session, kindAPI, normalBody},
	{"PATCH /api/v1/collections/{id}/golden", access.Session, kindAPI, smallBody},
	{"DELETE /api/v1/collections/{id}/golden", access.Session, kindAPI, 0},
	{"POST /api/v1/collections/{id}/golden/run", access.Session, kindAPI, smallBody},
	{"GET /api/v1/collections/{id}/golden/runs", access.Session, kindAPI, 0},

	{"GET /v1/models", access.Key, kindV1, 0},
	{"GET /v1/models/{id}", access.Key, kindV1, 0},
	{"POST /v1/chat/completions", access.Key, kindV1, messageBody},
	{"POST /v1/embeddings", access.Key, kindV1, messageBody},
}

// router is an http.ServeMux that takes only patterns of the table. huma
// registers its operations through it too.
type router struct {
	mux    *http.ServeMux
	guard  func(route, http.Handler) http.Handler
	rows   map[string]route
	filled map[string]bool
}

func newRouter(guard func(route, http.Handler) http.Handler) *router {
	r := &router{mux: http.NewServeMux(), guard: guard, rows: map[string]route{}, filled: map[string]bool{}}
	for _, row := range routes {
		r.rows[row.pattern] = row
	}
	return r
}

// HandleFunc registers a handler behind its row's guard.
func (r *router) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	row, ok := r.rows[pattern]
	if !ok {
		panic("server: the route table has no row for " + pattern)
	}
	r.filled[pattern] = true
	r.mux.Handle(pattern, r.guard(row, http.HandlerFunc(h)))
}

// ServeHTTP sends a request to the handler of its pattern.
func (r *router) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.mux.ServeHTTP(w, req) }

// complete panics when a row of the table has no handler.
func (r *router) complete() {
	for _, row := range routes {
		if !r.filled[row.pattern] {
			panic("server: nothing handles " + row.pattern)
		}
	}
}

// methods lists what the path of a request could be called with.
func (r *router) methods(req *http.Request) []string {
	var out []string
	for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		probe := req.Clone(req.Context())
		probe.Method = m
		if _, pattern := r.mux.Handler(probe); pattern != "" && pattern != "/" {
			out = append(out, m)
		}
	}
	return out
}
