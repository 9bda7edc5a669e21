package server

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"alcove/app"
	"alcove/app/access"
)

// owner is the one person of a box without accounts.
const owner = "owner"

type sessionBody struct {
	SignedIn bool   `json:"signed_in"`
	User     string `json:"user,omitempty"`
	Version  string `json:"version,omitempty"`
	Instance string `json:"instance"`
}

type signInInput struct {
	Body struct {
		Token string `json:"token" minLength:"1" maxLength:"200"`
	}
}

type cookieOutput struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

type linkBody struct {
	URL       string `json:"url"`
	ExpiresAt string `json:"expires_at" format:"date-time"`
}

type linkInput struct {
	host string
}

// Resolve keeps the name under which the caller reached us.
func (in *linkInput) Resolve(ctx huma.Context) []error {
	in.host = ctx.Host()
	return nil
}

type newKeyInput struct {
	Body struct {
		Name string `json:"name" minLength:"1" maxLength:"100"`
	}
}

type keysBody struct {
	Keys []Key `json:"keys" nullable:"false"`
}

type newKeyBody struct {
	Key
	Secret string `json:"key" doc:"Shown once."`
}

func (s *Server) registerSession(api huma.API) {
	huma.Register(api, operation(http.MethodGet, "/api/v1/session", "getSession", "Who is signed in"), s.getSession)
	signIn := operation(http.MethodPost, "/api/v1/session", "signIn", "Sign in with the token of a link")
	signIn.DefaultStatus = http.StatusNoContent
	huma.Register(api, signIn, s.signIn)
	signOut := operation(http.MethodDelete, "/api/v1/session", "signOut", "Sign out")
	signOut.DefaultStatus = http.StatusNoContent
	huma.Register(api, signOut, s.signOut)
	link := operation(http.MethodPost, "/api/v1/links", "createLink", "Make a sign-in link")
	link.DefaultStatus = http.StatusCreated
	huma.Register(api, link, s.createLink)
	huma.Register(api, operation(http.MethodGet, "/api/v1/keys", "listKeys", "List API keys"), s.listKeys)
	newKey := operation(http.MethodPost, "/api/v1/keys", "createKey", "Make an API key")
	newKey.DefaultStatus = http.StatusCreated
	huma.Register(api, newKey, s.createKey)
	huma.Register(api, operation(http.MethodDelete, "/api/v1/keys/{id}", "revokeKey", "Revoke an API key"), s.revokeKey)
}

func (s *Server) getSession(ctx context.Context, _ *struct{}) (*output[sessionBody], error) {
	b := sessionBody{Instance: s.instance}
	if caller(ctx).Kind == access.KindSession {
		b.SignedIn, b.User, b.Version = true, owner, s.version
	}
	return &output[sessionBody]{b}, nil
}

func (s *Server) signIn(ctx context.Context, in *signInInput) (*cookieOutput, error) {
	cookie, err := s.access.SignIn(ctx, in.Body.Token)
	if err != nil {
		return nil, s.countGuess(err)
	}
	return &cookieOutput{*cookie}, nil
}

// countGuess counts a wrong link, and asks to wait after too many.
func (s *Server) countGuess(err error) error {
	if errors.Is(err, access.ErrWrong) {
		if wait := s.guesses.Wrong(); wait > 0 {
			return &waitError{&app.Error{Code: app.CodeTooMany}, wait}
		}
	}
	return err
}

func (s *Server) signOut(ctx context.Context, _ *struct{}) (*cookieOutput, error) {
	cookie, err := s.access.SignOut(ctx, caller(ctx))
	if err != nil {
		return nil, err
	}
	return &cookieOutput{*cookie}, nil
}

func (s *Server) createLink(_ context.Context, in *linkInput) (*output[linkBody], error) {
	url, expires := s.SignInLink("http://" + in.host)
	return &output[linkBody]{linkBody{url, stamp(expires)}}, nil
}

func (s *Server) listKeys(ctx context.Context, _ *struct{}) (*output[keysBody], error) {
	keys, err := s.store.Keys(ctx)
	if err != nil {
		return nil, err
	}
	out := keysBody{Keys: make([]Key, 0, len(keys))}
	for _, k := range keys {
		out.Keys = append(out.Keys, viewKey(k))
	}
	return &output[keysBody]{out}, nil
}

func (s *Server) createKey(ctx context.Context, in *newKeyInput) (*output[newKeyBody], error) {
	name := strings.TrimSpace(in.Body.Name)
	if name == "" {
		return nil, &app.Error{Code: app.CodeInvalid, Param: "name", Message: "A key needs a name. Nothing was made."}
	}
	k, secret, err := s.store.CreateKey(ctx, name)
	if err != nil {
		return nil, err
	}
	return &output[newKeyBody]{newKeyBody{viewKey(k), secret}}, nil
}

func (s *Server) revokeKey(ctx context.Context, in *IDPath) (*struct{}, error) {
	err := s.store.RevokeKey(ctx, in.ID)
	if err == nil && s.forget != nil {
		s.forget(shareOf(in.ID))
	}
	return nil, notFound(err, app.CodeKeyNotFound)
}
