//go:build desktop

package window

import (
	"html"
	"net/http"
)

// Size of the window that shows a problem.
const (
	problemWidth  = 620
	problemHeight = 420
)

// problemPage shows a sentence where the page cannot be: there is no server to
// bring it to life.
func problemPage(sentence string) http.Handler {
	text := `<!doctype html><html lang="en"><meta charset="utf-8"><title>` + title + `</title><style>
:root{color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-items:center;font:16px/1.55 system-ui,sans-serif;background:#f5f7f4;color:#17211e}
main{max-width:30rem;padding:2rem}h1{font-size:1.4rem;margin:0 0 .75rem}p{margin:0;overflow-wrap:anywhere}
@media (prefers-color-scheme:dark){body{background:#111614;color:#e7ece9}}
</style><body><main><h1>` + html.EscapeString(problemTitle) + `</h1><p>` + html.EscapeString(sentence) + `</p></main></html>`
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'")
		w.Write([]byte(text)) //nolint:errcheck // the window may be gone
	})
}
