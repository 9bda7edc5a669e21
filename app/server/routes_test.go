package server

import (
	"net/http"
	"strings"
	"testing"

	"alcove/app"
	"alcove/app/access"
)

// example makes a request line of a route's pattern.
func (row route) example() (method, path string) {
	method, path, ok := strings.Cut(row.pattern, " ")
	if !ok {
		method, path = http.MethodGet, row.pattern
	}
	return method, strings.ReplaceAll(path, "{id}", "00000000-0000-7000-8000-000000000000")
}

// each runs f on a request for every route, with this machine's token, and
// for an address that has no route.
func (b *box) each(f func(row route, req *http.Request)) {
	for _, row := range append([]route{{"GET /api/none", access.Nobody, kindAPI, 0}, {"PUT /v1/models", access.Nobody, kindV1, 0}}, routes...) {
		method, path := row.example()
		f(row, b.request(method, path, nil))
	}
}

// code reads the code of an error answer in the shape of its route.
func code(t *testing.T, row route, a answer) string {
	t.Helper()
	if row.kind == kindV1 {
		var e v1Error
		a.into(t, &e)
		return e.Error.Code
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("%s: content type %q", row.pattern, got)
	}
	return a.problem(t).Code
}

func TestForgedHostIsRefusedOnEveryRoute(t *testing.T) {
	b := newBox(t)
	hosts := []string{
		"evil.example", "evil.example:8484", "127.0.0.1.evil.example", "localhost.evil.example", "0.0.0.0", "192.168.1.2:8484",
		"[::2]:8484", "127.0.0.1@evil.example", "localhost.", "2130706433", "127.0.0.1:x", "alcove",
	}
	b.each(func(row route, req *http.Request) {
		for _, host := range hosts {
			for _, origin := range []string{"", "http://" + host, "wails://wails"} {
				r := req.Clone(t.Context())
				r.Host = host
				if origin != "" {
					r.Header.Set("Origin", origin)
				}
				a := b.send(r)
				// A Host that is no host at all is refused by net/http.
				if a.status == http.StatusBadRequest && strings.Contains(string(a.body), "malformed Host") {
					continue
				}
				if a.status != http.StatusForbidden || code(t, row, a) != string(app.CodeHost) {
					t.Errorf("%s with Host %q: %d %s", row.pattern, host, a.status, a.body)
				}
			}
		}
	})
}

func TestForeignOriginIsRefusedOnEveryRoute(t *testing.T) {
	b := newBox(t)
	sites := []http.Header{
		{"Origin": {"https://evil.example"}},
		{"Origin": {"null"}},
		{"Origin": {"wails://wails.evil.example"}},
		{"Origin": {"http://wails.localhost.evil.example"}},
		{"Origin": {"http://wails.localhost:8080"}},
		{"Origin": {"http://127.0.0.1:1"}},
		{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"cross-site"}},
		{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"none"}},
		{"Origin": {"https://evil.example"}, "Sec-Fetch-Site": {"same-origin"}},
		{"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"no-cors"}},
		{"Sec-Fetch-Site": {"same-site"}, "Sec-Fetch-Mode": {"cors"}},
	}
	b.each(func(row route, req *http.Request) {
		for _, site := range sites {
			for _, method := range []string{req.Method, http.MethodOptions, http.MethodPost} {
				r := req.Clone(t.Context())
				r.Method = method
				for k, v := range site {
					r.Header[k] = v
				}
				a := b.send(r)
				if a.status != http.StatusForbidden || code(t, row, a) != string(app.CodeOrigin) {
					t.Errorf("%s as %s from %v: %d %s", row.pattern, method, site, a.status, a.body)
				}
				for _, h := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Credentials"} {
					if got := a.header.Get(h); got != "" {
						t.Errorf("%s from %v: %s: %s", row.pattern, site, h, got)
					}
				}
			}
		}
	})
}

func TestTheWindowMayCallEveryRoute(t *testing.T) {
	b := newBox(t)
	for _, origin := range windowOrigins {
		b.each(func(row route, req *http.Request) {
			req.Header.Set("Origin", origin)
			req.Header.Set("Sec-Fetch-Site", "cross-site")
			preflight := req.Clone(t.Context())
			preflight.Method = http.MethodOptions
			preflight.Header.Del("Authorization")
			preflight.Header.Set("Access-Control-Request-Method", req.Method)
			a := b.send(preflight)
			if a.status != http.StatusNoContent || a.header.Get("Access-Control-Allow-Origin") != origin {
				t.Errorf("preflight of %s: %d %v", row.pattern, a.status, a.header)
			}
			if got := a.header.Get("Access-Control-Allow-Credentials"); got != "" {
				t.Errorf("preflight of %s allows credentials", row.pattern)
			}
			a = b.send(req)
			if a.status == http.StatusForbidden || a.header.Get("Access-Control-Allow-Origin") != origin {
				t.Errorf("%s from the window: %d %v", row.pattern, a.status, a.header)
			}
		})
	}
}

func TestAllowedOriginsAreForV1Only(t *testing.T) {
	b := newBox(t)
	b.each(func(row route, req *http.Request) {
		req.Method = http.MethodOptions
		req.Header.Set("Origin", "https://app.example")
		a := b.send(req)
		if want := row.kind == kindV1; (a.status == http.StatusNoContent) != want {
			t.Errorf("%s: preflight from an allowed page: %d", row.pattern, a.status)
		}
	})
}

func TestWhoMayCallEveryRoute(t *testing.T) {
	b := newBox(t)
	key := b.key()
	revoked := b.key()
	keys, err := b.store.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys[1:] {
		if err := b.store.RevokeKey(t.Context(), k.ID); err != nil {
			t.Fatal(err)
		}
	}
	cookie := b.signIn()
	carriers := []struct {
		name  string
		kind  access.Kind
		wrong bool
		set   func(*http.Request)
	}{
		{"nothing", access.KindNobody, false, func(r *http.Request) {}},
		{"cookie", access.KindSession, false, func(r *http.Request) { r.AddCookie(cookie) }},
		{"local token", access.KindSession, false, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+localToken) }},
		{"key", access.KindKey, false, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+key) }},
		{"lower case scheme", access.KindKey, false, func(r *http.Request) { r.Header.Set("Authorization", "bearer "+key) }},
		{"revoked key", "", true, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+revoked) }},
		{"made-up key", "", true, func(r *http.Request) { r.Header.Set("Authorization", "Bearer ak-none") }},
		{"key as Basic", "", true, func(r *http.Request) { r.SetBasicAuth("x", key) }},
		{"key in the query", "", false, func(r *http.Request) { r.URL.RawQuery = "key=" + key + "&token=" + localToken }},
		{"key as x-api-key", "", false, func(r *http.Request) { r.Header.Set("X-Api-Key", key) }},
		{"key as cookie", "", true, func(r *http.Request) { r.AddCookie(&http.Cookie{Name: cookie.Name, Value: key}) }},
		{"cookie of another box", "", false, func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "alcove_other", Value: cookie.Value}) }},
		{"cookie as bearer", "", true, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+cookie.Value) }},
		{"two bearers", "", true, func(r *http.Request) { r.Header["Authorization"] = []string{"Bearer " + key, "Bearer " + localToken} }},
		{"wrong key beside a cookie", "", true, func(r *http.Request) { r.AddCookie(cookie); r.Header.Set("Authorization", "Bearer ak-none") }},
		{"two cookies", "", true, func(r *http.Request) { r.AddCookie(cookie); r.AddCookie(&http.Cookie{Name: cookie.Name, Value: "x"}) }},
	}
	allowed := map[access.Who]map[access.Kind]bool{
		access.Nobody:       {access.KindNobody: true, access.KindSession: true, access.KindKey: true},
		access.Session:      {access.KindSession: true},
		access.Key:          {access.KindKey: true},
		access.SessionOrKey: {access.KindSession: true, access.KindKey: true},
	}
	for _, row := range routes {
		for _, c := range carriers {
			method, path := row.example()
			if row.pattern == "DELETE /api/v1/session" {
				continue // would end the cookie for the others
			}
			r := b.request(method, path, nil)
			r.Header.Del("Authorization")
			c.set(r)
			a := b.send(r)
			refused := a.status == http.StatusUnauthorized || a.status == http.StatusTooManyRequests ||
				a.status == http.StatusForbidden && code(t, row, a) == string(app.CodeForbidden)
			may := row.who == access.Nobody || !c.wrong && allowed[row.who][c.kind]
			if refused == may {
				t.Errorf("%s with %s: %d %s", row.pattern, c.name, a.status, a.body)
			}
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	b := newBox(t)
	check := func(what string, a answer) {
		csp := a.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; ") || !strings.Contains(csp, "frame-ancestors 'none'") ||
			strings.Contains(csp, "http") || strings.Contains(csp, "unsafe-eval") || strings.Contains(csp, "*") ||
			len(a.header.Values("Content-Security-Policy")) != 1 {
			t.Errorf("%s: policy %q", what, csp)
		}
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-DNS-Prefetch-Control": "off",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s: %q", what, name, got)
			}
		}
		if a.header.Get("X-Request-Id") == "" || a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: headers %v", what, a.header)
		}
		html := a.status == 200 && strings.HasPrefix(a.header.Get("Content-Type"), "text/html")
		if html != strings.Contains(csp, "script-src 'self';") {
			t.Errorf("%s: the page, and nothing else, may run its own scripts: %q", what, csp)
		}
	}
	b.each(func(row route, req *http.Request) {
		check(row.pattern, b.send(req))
		nobody := req.Clone(t.Context())
		nobody.Header.Del("Authorization")
		check(row.pattern+" by nobody", b.send(nobody))
		forged := req.Clone(t.Context())
		forged.Host = "evil.example"
		check(row.pattern+" with a forged host", b.send(forged))
		wrong := req.Clone(t.Context())
		wrong.Method = "TRACE"
		check(row.pattern+" as TRACE", b.send(wrong))
	})
	check("a path to clean", b.do("GET", "//evil.example/../x", nil))
}

func TestGetChangesNothing(t *testing.T) {
	for _, row := range routes {
		method, _, ok := strings.Cut(row.pattern, " ")
		if ok && method == "GET" && row.maxBody != 0 {
			t.Errorf("%s takes a body", row.pattern)
		}
		if !ok && row.pattern != "/" {
			t.Errorf("%s takes every method", row.pattern)
		}
	}
}

func TestAPatternWithoutARowCannotBeRegistered(t *testing.T) {
	b := newBox(t)
	r := newRouter(b.server.guard)
	for name, f := range map[string]func(){
		"unknown":    func() { r.HandleFunc("GET /api/v1/everything", http.NotFound) },
		"incomplete": r.complete,
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	b := newBox(t)
	for _, c := range []struct {
		method, path string
		status       int
		code, allow  string
	}{
		{"GET", "/api/v1/none", 404, "not_found", ""},
		{"GET", "/api/", 404, "not_found", ""},
		{"PUT", "/api/v1/settings", 405, "method_not_allowed", "GET, PATCH"},
		{"GET", "/api/v1/links", 405, "method_not_allowed", "POST"},
		{"POST", "/healthz", 405, "method_not_allowed", "GET"},
		{"POST", "/", 405, "method_not_allowed", "GET, HEAD"},
		{"DELETE", "/assets/app-1234.js", 405, "method_not_allowed", "GET, HEAD"},
		{"GET", "/assets/none.js", 404, "not_found", ""},
	} {
		a := b.do(c.method, c.path, nil)
		if p := a.problem(t); a.status != c.status || p.Code != c.code || a.header.Get("Allow") != c.allow {
			t.Errorf("%s %s: %d %s, Allow %q", c.method, c.path, a.status, a.body, a.header.Get("Allow"))
		}
	}
	var e v1Error
	if a := b.do("GET", "/v1/none", nil); a.status != 404 {
		t.Errorf("/v1/none: %d", a.status)
	} else if a.into(t, &e); e.Error.Type != "invalid_request_error" {
		t.Errorf("/v1/none: %s", a.body)
	}
}
