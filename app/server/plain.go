package server

import (
	"net/http"
	"runtime"
	"strings"

	"alcove/app"
)

type healthBody struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
}

type versionBody struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Library string `json:"library,omitempty"` // llama.cpp
}

// registerPlain adds the routes that are neither API.
func (s *Server) registerPlain(r *router) {
	r.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, "application/json", healthBody{Status: "ok"})
	})
	r.HandleFunc("GET /readyz", s.ready)
	r.HandleFunc("GET /version", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, "application/json", versionBody{s.version, runtime.Version(), runtime.GOOS, runtime.GOARCH, s.engine.Status().Library})
	})
	r.HandleFunc("GET /metrics", s.metrics.handler.ServeHTTP)
	r.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) { s.fallback(r, w, req) })
}

// fallback answers what no other route takes: the page's files, an address
// that does not exist, or a method that it does not take.
func (s *Server) fallback(router *router, w http.ResponseWriter, r *http.Request) {
	k := kindOf(r.URL.Path)
	if allowed := router.methods(r); len(allowed) > 0 {
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeError(w, r, k, &app.Error{Code: app.CodeMethod})
		return
	}
	err := error(&app.Error{Code: app.CodeNotFound})
	if k == kindPage {
		err = &app.Error{Code: app.CodeMethod}
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			err = s.page.serve(w, r)
		} else {
			w.Header().Set("Allow", "GET, HEAD")
		}
	}
	if err != nil {
		writeError(w, r, k, err)
	}
}
