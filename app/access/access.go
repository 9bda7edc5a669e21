package access

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"alcove/app"
	"alcove/storage"
)

// SessionLife is how long a sign-in lasts.
const SessionLife = 30 * 24 * time.Hour

// Who says whom a route is for.
type Who int

// The values of the route table's column.
const (
	Nobody       Who = iota // everybody, signed in or not
	Session                 // a signed-in person, or this machine's own programs
	Key                     // an API key
	SessionOrKey            // either
)

// Kind is what a caller showed.
type Kind string

// Kinds of caller.
const (
	KindNobody  Kind = ""
	KindSession Kind = "session"
	KindKey     Kind = "key"
)

// Caller is who a request is from. ID is the session's or the key's.
type Caller struct {
	Kind Kind
	ID   string
	// Token is the session token of a browser, for signing out.
	Token string
}

// ErrWrong marks credentials that were sent and are not valid, as opposed to
// none at all. Only these count as guesses.
var ErrWrong = errors.New("credentials are not valid")

// Store is what access needs to keep.
type Store interface {
	CreateSession(ctx context.Context, expires time.Time) (token string, err error)
	SessionByToken(ctx context.Context, token string) (storage.Session, error)
	DeleteSession(ctx context.Context, token string) error
	KeyBySecret(ctx context.Context, secret string) (storage.Key, error)
}

// Guard answers who a request is from. It keeps nothing between requests, so
// a revoked key is refused at once.
type Guard struct {
	store  Store
	cookie string
	local  string
	links  *Links
	now    func() time.Time
}

// NewGuard makes a Guard. instance names the cookie, so that two boxes on one
// machine do not sign each other out; local is the bearer token of this
// machine's own programs, "" for none.
func NewGuard(store Store, instance, local string, now func() time.Time) *Guard {
	return &Guard{store: store, cookie: "alcove_" + instance, local: local, links: NewLinks(now), now: now}
}

// Identify says who a request is from. Wrong credentials are an error that
// wraps ErrWrong; no credentials are a Caller of kind nobody.
func (g *Guard) Identify(r *http.Request) (Caller, error) {
	switch auth := r.Header.Values("Authorization"); {
	case len(auth) > 1:
		return Caller{}, wrong()
	case len(auth) == 1:
		scheme, token, _ := strings.Cut(auth[0], " ")
		if !strings.EqualFold(scheme, "Bearer") || token == "" {
			return Caller{}, wrong()
		}
		return g.bearer(r.Context(), strings.TrimSpace(token))
	}
	var cookies []*http.Cookie
	for _, c := range r.Cookies() {
		if c.Name == g.cookie {
			cookies = append(cookies, c)
		}
	}
	if len(cookies) == 0 {
		return Caller{}, nil
	}
	if len(cookies) > 1 {
		return Caller{}, wrong()
	}
	return g.session(r.Context(), cookies[0].Value)
}

// Authorise says who a request is from and refuses it when the route is not
// for that caller.
func (g *Guard) Authorise(r *http.Request, who Who) (Caller, error) {
	c, err := g.Identify(r)
	if who == Nobody {
		// A stale cookie must not lock anybody out of the sign-in page.
		if errors.Is(err, ErrWrong) {
			return Caller{}, nil
		}
		return c, err
	}
	switch {
	case err != nil:
		return Caller{}, err
	case c.Kind == KindNobody, c.Kind == KindSession && who == Key:
		return Caller{}, &app.Error{Code: app.CodeUnauthorized}
	case c.Kind == KindKey && who == Session:
		return Caller{}, &app.Error{Code: app.CodeForbidden}
	}
	return c, nil
}

func (g *Guard) bearer(ctx context.Context, token string) (Caller, error) {
	if g.local != "" && subtle.ConstantTimeCompare([]byte(token), []byte(g.local)) == 1 {
		return Caller{Kind: KindSession, ID: "local"}, nil
	}
	key, err := g.store.KeyBySecret(ctx, token)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return Caller{}, wrong()
	case err != nil:
		return Caller{}, err
	}
	return Caller{Kind: KindKey, ID: key.ID}, nil
}

func (g *Guard) session(ctx context.Context, token string) (Caller, error) {
	s, err := g.store.SessionByToken(ctx, token)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return Caller{}, wrong()
	case err != nil:
		return Caller{}, err
	}
	return Caller{Kind: KindSession, ID: s.ID, Token: token}, nil
}

// Link makes a one-time sign-in token.
func (g *Guard) Link() (token string, expires time.Time) { return g.links.Create() }

// SignIn turns a one-time token into a session and its cookie.
func (g *Guard) SignIn(ctx context.Context, token string) (*http.Cookie, error) {
	if !g.links.Redeem(token) {
		return nil, &app.Error{Code: app.CodeSignInInvalid, Err: ErrWrong}
	}
	session, err := g.store.CreateSession(ctx, g.now().Add(SessionLife))
	if err != nil {
		return nil, err
	}
	return g.makeCookie(session, int(SessionLife/time.Second)), nil
}

// SignOut ends a session; the cookie returned clears the browser's.
func (g *Guard) SignOut(ctx context.Context, c Caller) (*http.Cookie, error) {
	if c.Token != "" {
		if err := g.store.DeleteSession(ctx, c.Token); err != nil && !errors.Is(err, storage.ErrNotFound) {
			return nil, err
		}
	}
	return g.makeCookie("", -1), nil
}

// makeCookie has no Secure flag: the server speaks plain HTTP on loopback.
func (g *Guard) makeCookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: g.cookie, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	}
}

func wrong() error { return &app.Error{Code: app.CodeUnauthorized, Err: ErrWrong} }
