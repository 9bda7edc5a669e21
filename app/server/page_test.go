package server

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestPage(t *testing.T) {
	b := newBox(t)
	for _, c := range []struct {
		path, accept, contentType, cache, holds string
		status                                  int
	}{
		{"/", "text/html", "text/html; charset=utf-8", "no-cache", "<title>Alcove", 200},
		{"/index.html", "", "text/html; charset=utf-8", "no-cache", "<title>Alcove", 200},
		{"/c/0190-some-conversation", "text/html,*/*", "text/html; charset=utf-8", "no-cache", "<title>Alcove", 200},
		{"/assets/app-1234.js", "*/*", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "console", 200},
		{"/favicon.svg", "image/*", "image/svg+xml", "no-cache", "<svg", 200},
		{"/assets/none-1234.js", "*/*", "application/problem+json", "no-store", "not_found", 404},
		{"/none.png", "*/*", "application/problem+json", "no-store", "not_found", 404},
		{"/c/x", "application/json", "application/problem+json", "no-store", "not_found", 404},
		{"/.keep", "*/*", "application/problem+json", "no-store", "not_found", 404},
		{"/assets/%2e%2e/index.html", "", "application/problem+json", "no-store", "not_found", 404},
		{"/..%2f..%2fetc%2fpasswd.txt", "", "application/problem+json", "no-store", "not_found", 404},
		{"/assets/..%5c..%5cx.js", "", "application/problem+json", "no-store", "not_found", 404},
		{"/C:/x.js%00", "text/html", "application/problem+json", "no-store", "not_found", 404},
	} {
		r := b.request("GET", c.path, nil)
		r.Header.Del("Authorization")
		if c.accept != "" {
			r.Header.Set("Accept", c.accept)
		}
		a := b.send(r)
		if a.status != c.status || a.header.Get("Content-Type") != c.contentType || a.header.Get("Cache-Control") != c.cache || !strings.Contains(string(a.body), c.holds) {
			t.Errorf("%s: %d %q %q %s", c.path, a.status, a.header.Get("Content-Type"), a.header.Get("Cache-Control"), a.body)
		}
	}
	if a := b.do("HEAD", "/", nil); a.status != 200 || len(a.body) != 0 || a.header.Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d %v", a.status, a.header)
	}
}

func TestPageThatWasNotBuilt(t *testing.T) {
	b := newBox(t, func(d *Deps) { d.Page = fstest.MapFS{".keep": {}} })
	if a := b.do("GET", "/", nil); a.status != 200 || !strings.Contains(string(a.body), "make build") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestALinkOnAnotherPageMayOpenOurs(t *testing.T) {
	b := newBox(t)
	r := b.request("GET", "/c/x", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	if a := b.send(r); a.status != 200 {
		t.Errorf("page: %d", a.status)
	}
	r = b.request("GET", "/api/v1/models", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	if a := b.send(r); a.status != 403 {
		t.Errorf("data: %d", a.status)
	}
	// The development server passes on what the browser sent to it.
	r = b.request("POST", "/api/v1/links", map[string]any{})
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Origin", "http://localhost:5173")
	if a := b.send(r); a.status != 201 {
		t.Errorf("development server: %d %s", a.status, a.body)
	}
}
