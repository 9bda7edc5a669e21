package server

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"alcove/app"
	"alcove/engine"
)

// helloEvent is the first event of each connection.
type helloEvent struct {
	Seq      uint64 `json:"seq" doc:"The number from which the stream goes on."`
	Instance string `json:"instance"`
}

// resetEvent says that events were missed: GET again what is shown.
type resetEvent struct {
	Seq uint64 `json:"seq"`
}

type eventsInput struct {
	After       string `query:"after" doc:"The last event number seen; without it only what comes is sent." pattern:"^[0-9]{1,16}$"`
	LastEventID string `header:"Last-Event-ID" doc:"The same, as browsers send it."`
}

// after is where the stream is to go on; a Last-Event-ID, which a reconnecting
// browser sends, is newer than the query it started with.
func (in *eventsInput) after() (*uint64, error) {
	for _, v := range []string{in.LastEventID, in.After} {
		if v == "" {
			continue
		}
		n, err := strconv.ParseUint(v, 10, 64)
		if err != nil {
			return nil, &app.Error{Code: app.CodeInvalid, Param: "after", Message: "The event number is not a number."}
		}
		return &n, nil
	}
	return nil, nil
}

func (s *Server) registerEvents(api huma.API) {
	op := operation(http.MethodGet, "/api/v1/events", "events", "Follow what happens")
	op.Responses = map[string]*huma.Response{"200": {
		Description: "A stream of server-sent events.",
		Content:     map[string]*huma.MediaType{"text/event-stream": {Schema: eventSchema(api)}},
	}}
	huma.Register(api, op, func(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
		after, err := in.after()
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hctx huma.Context) {
			r, w := humago.Unwrap(hctx)
			if r.Method == http.MethodHead {
				return
			}
			s.follow(w, r, after)
		}}, nil
	})
}

// follow writes events until the client goes, the server closes, or the
// caller's session ends.
func (s *Server) follow(w http.ResponseWriter, r *http.Request, after *uint64) {
	ctx, cancel := s.whileValid(r)
	defer cancel()
	out := newStream(w, s.limits.write)
	reader := s.hub.join(after)
	defer s.hub.leave()
	hello := helloEvent{Seq: reader.last, Instance: s.instance}
	if out.event(event{seq: reader.last, name: eventHello, data: mustJSON(hello)}) != nil {
		return
	}
	beat := time.NewTicker(s.limits.heartbeat)
	defer beat.Stop()
	for {
		events, more, ok := reader.next()
		if reader.lost {
			reader.lost = false
			seq := reader.last
			if out.event(event{seq: seq, name: eventReset, data: mustJSON(resetEvent{seq})}) != nil {
				return
			}
		}
		for _, e := range events {
			if out.event(e) != nil {
				return
			}
		}
		if !ok {
			return
		}
		select {
		case <-more:
		case <-beat.C:
			if out.comment("alive") != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// whileValid gives a context that ends when the request does, when its
// caller's credentials are no longer valid, or when the server shuts down. In
// the last two cases its cause is an *app.Error.
func (s *Server) whileValid(r *http.Request) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(r.Context())
	who := caller(ctx)
	go func() {
		tick := time.NewTicker(s.limits.recheck)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-s.running.Done():
				cancel(&app.Error{Code: engine.CodeClosed})
				return
			case <-tick.C:
				if c, err := s.access.Identify(r); isRefusal(err) || err == nil && c.ID != who.ID {
					cancel(&app.Error{Code: app.CodeUnauthorized})
					return
				}
			}
		}
	}()
	return ctx, func() { cancel(nil) }
}

// isRefusal tells invalid credentials from a store that cannot be read now.
func isRefusal(err error) bool {
	code, _, _ := app.Describe(err)
	return err != nil && code == app.CodeUnauthorized
}

// stream writes server-sent events, each within limit.
type stream struct {
	w     http.ResponseWriter
	rc    *http.ResponseController
	limit time.Duration
}

func newStream(w http.ResponseWriter, limit time.Duration) *stream {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	return &stream{w: w, rc: http.NewResponseController(w), limit: limit}
}

func (s *stream) event(e event) error {
	return s.write(fmt.Appendf(nil, "id: %d\nevent: %s\ndata: %s\n\n", e.seq, e.name, e.data))
}

func (s *stream) comment(text string) error { return s.write([]byte(": " + text + "\n\n")) }

func (s *stream) write(b []byte) error {
	s.rc.SetWriteDeadline(time.Now().Add(s.limit)) //nolint:errcheck // test recorders have none
	if _, err := s.w.Write(b); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	if err := s.rc.Flush(); err != nil {
		return fmt.Errorf("flush event: %w", err)
	}
	return nil
}
