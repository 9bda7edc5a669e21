//go:build desktop

package window

import "sync"

// Endpoint is what the page must know to find its server.
type Endpoint struct {
	Base  string `json:"base"`
	Token string `json:"token"`
	// Open is the fragment to go to, in the first answer only: a reload stays where it is.
	Open  string `json:"open,omitempty"`
	Kiosk *kiosk `json:"kiosk,omitempty"`
}

// App is all that the page may call in this process: one method. Everything
// else goes to the server over HTTP, like a browser's.
type App struct {
	mu       sync.Mutex
	endpoint Endpoint
}

// Endpoint tells the page where its server is and who it is there.
func (a *App) Endpoint() Endpoint {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.endpoint
	a.endpoint.Open = ""
	return e
}
