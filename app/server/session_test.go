package server

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// signIn makes a link and turns it into a cookie.
func (b *box) signIn() *http.Cookie {
	b.t.Helper()
	var link linkBody
	b.want(201, "POST", "/api/v1/links", map[string]any{}, &link)
	base, token, ok := strings.Cut(link.URL, "/#signin=")
	if !ok || base != b.base {
		b.t.Fatalf("link %q", link.URL)
	}
	a := b.tryToken(token)
	if a.status != http.StatusNoContent {
		b.t.Fatalf("sign in: %d %s", a.status, a.body)
	}
	res := http.Response{Header: a.header}
	if len(res.Cookies()) != 1 {
		b.t.Fatalf("cookies %v", a.header)
	}
	return res.Cookies()[0]
}

func (b *box) tryToken(token string) answer {
	b.t.Helper()
	r := b.request("POST", "/api/v1/session", map[string]string{"token": token})
	r.Header.Del("Authorization")
	return b.send(r)
}

// as makes a request with a cookie instead of the local token.
func (b *box) as(cookie *http.Cookie, method, path string, body any) answer {
	b.t.Helper()
	r := b.request(method, path, body)
	r.Header.Del("Authorization")
	if cookie != nil {
		r.AddCookie(cookie)
	}
	return b.send(r)
}

func TestSignInAndOut(t *testing.T) {
	b := newBox(t)
	var s sessionBody
	b.as(nil, "GET", "/api/v1/session", nil).into(t, &s)
	if s.SignedIn || s.User != "" || s.Version != "" || s.Instance != "test" {
		t.Errorf("session of nobody: %+v", s)
	}
	url, _ := b.server.SignInLink(b.base)
	_, token, _ := strings.Cut(url, "#signin=")
	a := b.tryToken(token)
	if a.status != http.StatusNoContent {
		t.Fatalf("sign in: %d %s", a.status, a.body)
	}
	cookie := (&http.Response{Header: a.header}).Cookies()[0]
	if cookie.Name != "alcove_test" || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/" || cookie.MaxAge <= 0 || cookie.Value == token {
		t.Errorf("cookie %+v", cookie)
	}
	b.as(cookie, "GET", "/api/v1/session", nil).into(t, &s)
	if !s.SignedIn || s.User != "owner" || s.Version != "test" {
		t.Errorf("session: %+v", s)
	}
	if again := b.tryToken(token); again.status != 401 || again.problem(t).Code != "signin_invalid" {
		t.Errorf("second use: %d %s", again.status, again.body)
	}
	out := b.as(cookie, "DELETE", "/api/v1/session", nil)
	if gone := (&http.Response{Header: out.header}).Cookies(); out.status != 204 || len(gone) != 1 || gone[0].MaxAge >= 0 {
		t.Errorf("sign out: %d %v", out.status, out.header)
	}
	if a := b.as(cookie, "GET", "/api/v1/models", nil); a.status != 401 {
		t.Errorf("after sign out: %d", a.status)
	}
	// A stale cookie must not keep anybody from signing in.
	if a := b.as(cookie, "GET", "/api/v1/session", nil); a.status != 200 {
		t.Errorf("session with a stale cookie: %d", a.status)
	}
}

func TestSignInLinkExpires(t *testing.T) {
	now := time.Now()
	b := newBox(t, func(d *Deps) { d.Now = func() time.Time { return now } })
	url, expires := b.server.SignInLink(b.base)
	_, token, _ := strings.Cut(url, "#signin=")
	if expires.Sub(now) != 10*time.Minute {
		t.Errorf("expires in %v", expires.Sub(now))
	}
	now = expires
	if a := b.tryToken(token); a.status != 401 {
		t.Errorf("old link: %d %s", a.status, a.body)
	}
}

func TestGuessesAreLimited(t *testing.T) {
	now := time.Now()
	b := newBox(t, func(d *Deps) { d.Now = func() time.Time { return now } })
	url, _ := b.server.SignInLink(b.base)
	limited := 0
	for range guessBurst + 5 {
		a := b.tryToken("wrong")
		switch {
		case a.status == http.StatusTooManyRequests && a.header.Get("Retry-After") != "" && a.problem(t).Code == "too_many_attempts":
			limited++
		case a.status != 401:
			t.Fatalf("guess: %d %s", a.status, a.body)
		}
	}
	if limited != 5 {
		t.Errorf("%d of %d guesses were limited", limited, guessBurst+5)
	}
	r := b.request("GET", "/v1/models", nil)
	r.Header.Set("Authorization", "Bearer ak-guess")
	if a := b.send(r); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
		t.Errorf("guessed key: %d %v", a.status, a.header)
	}
	// Nobody locks the owner out.
	_, token, _ := strings.Cut(url, "#signin=")
	if a := b.tryToken(token); a.status != http.StatusNoContent {
		t.Errorf("right link after guesses: %d %s", a.status, a.body)
	}
}

func TestKeys(t *testing.T) {
	b := newBox(t)
	var made newKeyBody
	b.want(201, "POST", "/api/v1/keys", map[string]string{"name": " reports "}, &made)
	if made.Name != "reports" || !strings.HasPrefix(made.Secret, "ak-") || !strings.HasPrefix(made.Secret, made.Prefix) {
		t.Errorf("key %+v", made)
	}
	use := func() int {
		r := b.request("GET", "/v1/models", nil)
		r.Header.Set("Authorization", "Bearer "+made.Secret)
		return b.send(r).status
	}
	if got := use(); got != 200 {
		t.Errorf("fresh key: %d", got)
	}
	var list keysBody
	a := b.want(200, "GET", "/api/v1/keys", nil, &list)
	if len(list.Keys) != 1 || list.Keys[0].ID != made.ID || list.Keys[0].RevokedAt != "" || strings.Contains(string(a.body), made.Secret) {
		t.Errorf("keys %s", a.body)
	}
	b.want(204, "DELETE", "/api/v1/keys/"+made.ID, nil, nil)
	if got := use(); got != 401 {
		t.Errorf("revoked key: %d", got)
	}
	b.want(200, "GET", "/api/v1/keys", nil, &list)
	if list.Keys[0].RevokedAt == "" {
		t.Error("the revoked key does not say so")
	}
	if p := b.want(404, "DELETE", "/api/v1/keys/none", nil, nil).problem(t); p.Code != "key_not_found" {
		t.Errorf("unknown key: %+v", p)
	}
	b.want(422, "POST", "/api/v1/keys", map[string]string{"name": "  "}, nil)
	b.want(422, "POST", "/api/v1/keys", map[string]string{}, nil)
}
