package server

import (
	"io/fs"
	"net/http"
	"strings"
)

// WindowPage serves the built page to the desktop window. There it comes from
// wails://wails and not from this server, so the one address that it may call
// is named: base, "http://127.0.0.1:8484". blob: is how the page reads back a
// file that it made for saving.
func WindowPage(files fs.FS, base string) http.Handler {
	p := newPage(files)
	p.policy = strings.Replace(pagePolicy, "connect-src 'self'", "connect-src "+base+" blob:", 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "Only the page's files are here.", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Security-Policy", dataPolicy)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		if err := p.serve(w, r); err != nil {
			http.NotFound(w, r)
		}
	})
}
