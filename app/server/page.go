package server

import (
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"alcove/app"
)

// notBuilt is shown when the page was not built into this program.
const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Alcove</title>
<h1>Alcove is running</h1>
<p>The page is not part of this build. Run <code>make build</code> and start it again.
The API and <code>alcove chat</code> work.</p></html>
`

// page serves the built page. Files under assets/ have their content's hash in
// their name, so they never change.
type page struct {
	files  fs.FS
	policy string // of its documents
}

func newPage(files fs.FS) *page { return &page{files: files, policy: pagePolicy} }

// serve answers GET of a file, and index.html for the page's own addresses.
func (p *page) serve(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name != "" && fs.ValidPath(name) && !hidden(name) {
		if b, err := fs.ReadFile(p.files, name); err == nil {
			cache := "no-cache"
			if strings.HasPrefix(name, "assets/") {
				cache = "public, max-age=31536000, immutable"
			}
			p.send(w, r, path.Ext(name), cache, b)
			return nil
		}
	}
	// An address of the page has no extension; a file that is missing does.
	if path.Ext(name) != "" && name != "index.html" || strings.HasPrefix(name, "assets/") || !wantsHTML(r) {
		return &app.Error{Code: app.CodeNotFound}
	}
	b, err := fs.ReadFile(p.files, "index.html")
	if err != nil {
		b = []byte(notBuilt)
	}
	p.send(w, r, ".html", "no-cache", b)
	return nil
}

// hidden says whether a part of the name begins with a dot.
func hidden(name string) bool {
	return strings.HasPrefix(name, ".") || strings.Contains(name, "/.")
}

func wantsHTML(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return accept == "" || strings.Contains(accept, "text/html") || strings.Contains(accept, "*/*")
}

// types holds the content types of the page's files. The machine's own list
// is not asked: it differs, and a wrong type of a script stops the page.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon",
	".woff2": "font/woff2", ".woff": "font/woff", ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
	".wasm": "application/wasm", ".map": "application/json",
}

func (p *page) send(w http.ResponseWriter, r *http.Request, ext, cache string, b []byte) {
	h := w.Header()
	if ext == ".html" {
		h.Set("Content-Security-Policy", p.policy)
	}
	t, ok := types[ext]
	if !ok {
		if t = mime.TypeByExtension(ext); t == "" {
			t = "application/octet-stream"
		}
	}
	h.Set("Content-Type", t)
	h.Set("Cache-Control", cache)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	if r.Method != http.MethodHead {
		w.Write(b) //nolint:errcheck // the client may be gone
	}
}
