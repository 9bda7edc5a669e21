package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"alcove/app"
	"alcove/app/access"
	"alcove/engine"
)

// windowOrigins are the origins of the desktop window. They call over CORS
// with a bearer token; cookies do not reach us from there.
var windowOrigins = []string{"wails://wails", "http://wails.localhost"}

const (
	// drainMax bytes of a body that is too large are read and dropped, so that
	// a client that is still sending sees the answer.
	drainMax = 64 << 20
	// strayBody is taken and dropped where no body is expected.
	strayBody = 4 << 10
)

type ctxKey int

const (
	keyRequest ctxKey = iota
	keyCaller
)

// requestInfo travels with a request through the chain.
type requestInfo struct {
	id      string
	pattern string
	log     *slog.Logger
}

func info(ctx context.Context) *requestInfo {
	if i, ok := ctx.Value(keyRequest).(*requestInfo); ok {
		return i
	}
	return &requestInfo{log: slog.New(slog.DiscardHandler)}
}

func requestID(ctx context.Context) string { return info(ctx).id }

// caller says who a guarded request is from.
func caller(ctx context.Context) access.Caller {
	c, _ := ctx.Value(keyCaller).(access.Caller)
	return c
}

// logFailure writes errors that are ours, not the caller's, to the log.
func logFailure(ctx context.Context, err error) {
	if _, row, _ := app.Describe(err); row.Status >= 500 && !errors.Is(err, context.Canceled) {
		i := info(ctx)
		i.log.Error("request failed", "request", i.id, "route", i.pattern, "err", err)
	}
}

// chain is what every request passes, whatever its path.
func (s *Server) chain(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		i := &requestInfo{id: uuid.NewString(), pattern: "none", log: s.log}
		r = r.WithContext(context.WithValue(r.Context(), keyRequest, i))
		r, endSpan := s.traced(r)
		rec := &recorder{ResponseWriter: w}
		h := rec.Header()
		h.Set("X-Request-Id", i.id)
		securityHeaders(h)
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				s.log.Error("panic in a request", "request", i.id, "route", i.pattern, "panic", p, "stack", string(debug.Stack()))
				if rec.status == 0 {
					writeError(rec, r, kindOf(r.URL.Path), &app.Error{Code: engine.CodeInternal})
				}
			}
			method := methodLabel(r.Method)
			s.metrics.request(i.pattern, method, rec.status, time.Since(started))
			endSpan(method, i.pattern, rec.status)
			// The path and query may hold what somebody typed: the pattern does not.
			s.log.Debug("request", "request", i.id, "method", method, "route", i.pattern, "status", rec.status, "ms", time.Since(started).Milliseconds())
		}()
		if r.Body != nil && r.Body != http.NoBody {
			// Until the body is read, also when it is refused unread: net/http
			// drains it then, and would wait for ever.
			http.NewResponseController(w).SetReadDeadline(started.Add(s.limits.body)) //nolint:errcheck // test recorders have none
		}
		if !s.hosts.Allow(r.Host) {
			writeError(rec, r, kindOf(r.URL.Path), &app.Error{Code: app.CodeHost})
			return
		}
		if !s.checkOrigin(rec, r) {
			return
		}
		next.ServeHTTP(rec, r)
	})
}

// kindOf is the error shape of a path, for requests that reach no route.
func kindOf(path string) kind {
	switch {
	case strings.HasPrefix(path, "/v1/"):
		return kindV1
	case strings.HasPrefix(path, "/api/"):
		return kindAPI
	}
	return kindPage
}

// checkOrigin lets through what a page of ours, the window or a program sent.
// It answers preflights and refusals itself and then returns false.
func (s *Server) checkOrigin(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	k := kindOf(r.URL.Path)
	trusted := slices.Contains(windowOrigins, origin) ||
		k == kindV1 && slices.Contains(s.allowedOrigins, origin)
	if trusted {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", "X-Request-Id, Retry-After")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	if r.Method == http.MethodOptions {
		if !trusted {
			writeError(w, r, k, &app.Error{Code: app.CodeOrigin})
			return false
		}
		// Before authorisation: a preflight carries none.
		h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
		headers := "Authorization, Content-Type, Last-Event-ID"
		if k == kindV1 {
			headers += ", *" // OpenAI's own client sends a dozen about itself
		}
		h.Set("Access-Control-Allow-Headers", headers)
		h.Set("Access-Control-Max-Age", "600")
		w.WriteHeader(http.StatusNoContent)
		return false
	}
	if trusted || s.ownOrigin(r, origin) {
		return true
	}
	writeError(w, r, k, &app.Error{Code: app.CodeOrigin})
	return false
}

// ownOrigin says whether a request comes from our page or from no page at all.
func (s *Server) ownOrigin(r *http.Request, origin string) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	if origin != "" {
		o, err := url.Parse(origin)
		// The development server passes the browser's own Origin on.
		dev := site == "same-origin" && access.LoopbackOrigin(origin)
		if err != nil || (o.Host != r.Host && !dev) {
			return false
		}
	}
	// A link on another page may open ours: a navigation that changes nothing.
	if kindOf(r.URL.Path) == kindPage && r.Header.Get("Sec-Fetch-Mode") == "navigate" && origin == "" &&
		(r.Method == http.MethodGet || r.Method == http.MethodHead) {
		return true
	}
	// The library lets safe methods pass; here reading is protected as well.
	probe := &http.Request{Method: http.MethodPost, Header: r.Header, Host: r.Host, URL: r.URL}
	return s.crossOrigin.Check(probe) == nil
}

// guard wraps a route's handler in its row: who, size and time limits.
func (s *Server) guard(row route, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := info(r.Context())
		i.pattern = row.pattern
		if row.kind != kindPage {
			w.Header().Set("Cache-Control", "no-store")
		}
		c, err := s.access.Authorise(r, row.who)
		if err != nil {
			s.refuse(w, r, row.kind, err)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), keyCaller, c))
		if row.pattern == sendDocument {
			body := &slowBody{ReadCloser: r.Body, rc: http.NewResponseController(w), patience: s.limits.body, answer: s.limits.answer}
			r.Body = body
			next.ServeHTTP(w, r)
			return
		}
		if err := readBody(w, r, row.maxBody, row.pattern != putUpload); err != nil {
			writeError(w, r, row.kind, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// refuse answers a request without the right credentials; wrong ones count as
// guesses.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, k kind, err error) {
	err = s.countGuess(err)
	if code, _, _ := app.Describe(err); code == app.CodeUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="alcove"`)
	}
	logFailure(r.Context(), err)
	writeError(w, r, k, err)
}

// readBody reads the whole body before the handler runs, bounded in bytes and
// valid UTF-8 where it is text, and puts it back as memory. Then the connection has no read deadline any
// more: one that passes during an answer would cancel it.
func readBody(w http.ResponseWriter, r *http.Request, limit int64, text bool) error {
	limit = max(limit, strayBody)
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return &app.Error{Code: app.CodeMediaType}
	}
	if r.ContentLength > limit && r.Header.Get("Expect") != "" {
		return &app.Error{Code: app.CodeTooLarge}
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 && r.ContentLength <= limit {
		buf.Grow(int(r.ContentLength))
	}
	n, err := io.Copy(&buf, io.LimitReader(r.Body, limit+1))
	if err == nil && n > limit {
		io.Copy(io.Discard, io.LimitReader(r.Body, drainMax)) //nolint:errcheck // the answer is the same
		w.Header().Set("Connection", "close")
		return &app.Error{Code: app.CodeTooLarge}
	}
	var late net.Error
	switch {
	case errors.As(err, &late) && late.Timeout():
		w.Header().Set("Connection", "close")
		return &app.Error{Code: app.CodeTooSlow}
	case err != nil:
		return &app.Error{Code: app.CodeInvalid, Err: err}
	case text && !utf8.Valid(buf.Bytes()):
		return &app.Error{Code: app.CodeInvalid, Message: "The request is not valid UTF-8. Nothing was changed."}
	}
	http.NewResponseController(w).SetReadDeadline(time.Time{}) //nolint:errcheck // test recorders have none
	r.Body = io.NopCloser(bytes.NewReader(buf.Bytes()))
	return nil
}

// slowBody is a body that is read as it comes, however long that takes, as long
// as something comes.
type slowBody struct {
	io.ReadCloser
	rc               *http.ResponseController
	patience, answer time.Duration
}

// Read moves the deadlines on: of the next piece, and of the answer after it.
func (b *slowBody) Read(p []byte) (int, error) {
	now := time.Now()
	b.rc.SetReadDeadline(now.Add(b.patience))             //nolint:errcheck // test recorders have none
	b.rc.SetWriteDeadline(now.Add(b.patience + b.answer)) //nolint:errcheck // as above
	n, err := b.ReadCloser.Read(p)
	var late net.Error
	switch {
	case err == nil:
	case errors.Is(err, io.EOF):
		// One that passes during the answer would cancel it.
		b.rc.SetReadDeadline(time.Time{}) //nolint:errcheck // as above
	case errors.As(err, &late) && late.Timeout():
		err = &app.Error{Code: app.CodeTooSlow, Err: err}
	default:
		err = &app.Error{Code: app.CodeInvalid, Message: "The file did not arrive whole. Nothing of it was kept. Send it again.", Err: err}
	}
	return n, err
}
