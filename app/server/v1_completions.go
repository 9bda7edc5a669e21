package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"alcove/app"
	docs "alcove/app/documents/answer"
	"alcove/app/library"
	"alcove/engine"
)

// completions answers POST /v1/chat/completions. The answer belongs to the
// connection: when the client goes, it is cancelled.
func (s *Server) completions(w http.ResponseWriter, r *http.Request) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Header.Get("Content-Type") != "" && (err != nil || t != "application/json") {
		writeError(w, r, kindV1, &app.Error{Code: app.CodeMediaType})
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		writeError(w, r, kindV1, &app.Error{Code: app.CodeInvalid, Err: err})
		return
	}
	who := caller(r.Context())
	var model string
	var noModel error // told when one is needed: documents may answer without
	req, err := parseCompletion(body, shareOf(who.ID), func(wanted string) (library.ModelSettings, error) {
		var err error
		if model, err = s.library.Choose(r.Context(), wanted); err != nil && wanted == "" {
			noModel, err = err, nil
		}
		if err != nil || noModel != nil {
			return library.ModelSettings{}, err
		}
		return s.library.SettingsOf(model), nil
	})
	if err == nil && req.Collection == "" {
		err = noModel
	}
	if err != nil {
		writeError(w, r, kindV1, err)
		return
	}
	req.Model = model
	ctx, cancel := s.whileValid(r)
	defer cancel()
	c := &completion{
		s: s, w: w, r: r, req: req, ctx: ctx, cancel: cancel,
		id: "chatcmpl-" + uuid.NewString(), model: req.Model, created: s.now().Unix(),
		request: engine.Request{
			ID: requestID(r.Context()), Model: req.Model, Messages: req.Messages, Sampling: req.Sampling,
			Class: engine.ClassAPI, User: "key:" + who.ID, Route: engine.RouteCompletions,
		},
	}
	if c.model == "" {
		c.model = s.engine.Status().Model
	}
	if req.Collection != "" {
		c.noModel = noModel
		if err := c.documents(shareOf(who.ID)); err != nil {
			logFailure(r.Context(), err)
			writeError(w, r, kindV1, err)
			return
		}
	}
	// The whole-answer write limit of the server would cut a long generation.
	http.NewResponseController(w).SetWriteDeadline(time.Time{}) //nolint:errcheck // test recorders have none
	if req.Stream {
		c.stream()
		return
	}
	c.whole()
}

// shareOf labels text as readable by one key alone.
func shareOf(key string) string {
	h := sha256.Sum256([]byte("key:" + key))
	return hex.EncodeToString(h[:16])
}

// completion is one request on its way.
type completion struct {
	s       *Server
	w       http.ResponseWriter
	r       *http.Request
	req     completionRequest
	request engine.Request
	ctx     context.Context
	cancel  context.CancelFunc

	id      string
	model   string
	created int64

	found   *docs.Prepared // what documents say; nil: they were not asked
	filter  *docs.Stream
	noModel error // why no model can write
}

// whole answers when all is written.
func (c *completion) whole() {
	var text strings.Builder
	usage, err := c.generate(func(e engine.Event) error {
		if t, ok := e.(engine.Token); ok {
			text.WriteString(t.Text)
		}
		return nil
	})
	if c.r.Context().Err() != nil {
		return // nobody is there
	}
	http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(c.s.limits.answer)) //nolint:errcheck // test recorders have none
	if err = c.failure(usage, err); err != nil {
		logFailure(c.r.Context(), err)
		writeError(c.w, c.r, kindV1, err)
		return
	}
	writeJSON(c.w, http.StatusOK, "application/json", v1Completion{
		ID: c.id, Object: "chat.completion", Created: c.created, Model: c.modelOf(usage), Usage: v1UsageOf(usage), v1Documents: c.sources(),
		Choices: []v1Choice{{Message: v1Message{Role: "assistant", Content: text.String()}, FinishReason: finishReason(usage.Finish)}},
	})
}

func (c *completion) modelOf(u engine.Usage) string {
	if u.Model != "" {
		return u.Model
	}
	return c.model
}

// failure says why an answer is not whole.
func (c *completion) failure(u engine.Usage, err error) error {
	var cut *app.Error // its key was revoked, or the server shuts down
	if errors.As(context.Cause(c.ctx), &cut) {
		return cut
	}
	if err == nil && u.Finish == engine.FinishCancelled {
		return &app.Error{Code: engine.CodeClosed}
	}
	return err
}

// growing is text that the engine has written and the client has not got. The
// engine never waits for the client: what it writes meanwhile is joined.
type growing struct {
	mu   sync.Mutex
	text strings.Builder
	more chan struct{}
}

func (g *growing) emit(e engine.Event) error {
	if t, ok := e.(engine.Token); ok && t.Text != "" {
		g.mu.Lock()
		g.text.WriteString(t.Text)
		g.mu.Unlock()
		select {
		case g.more <- struct{}{}:
		default:
		}
	}
	return nil
}

func (g *growing) take() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.text.String()
	g.text.Reset()
	return t
}

// stream answers in chunks. The status is sent with the first text, so that a
// failure before it has its own status; a long wait is broken by comments.
func (c *completion) stream() {
	g := &growing{more: make(chan struct{}, 1)}
	out := &chunks{c: c, first: c.sources()} // before they are checked
	var usage engine.Usage
	var genErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				c.s.log.Error("panic while generating", "request", c.request.ID, "panic", p, "stack", string(debug.Stack()))
				genErr = &app.Error{Code: engine.CodeInternal}
			}
		}()
		usage, genErr = c.generate(g.emit)
	}()
	defer func() { c.cancel(); <-done }()
	if c.found != nil { // the best passage is there long before the model has read it
		if out.begin() != nil {
			return
		}
	}
	beat := time.NewTicker(c.s.limits.heartbeat)
	defer beat.Stop()
	for ended := false; !ended; {
		var err error
		select {
		case <-g.more:
			err = out.text(g.take())
		case <-beat.C:
			err = out.comment()
		case <-c.r.Context().Done():
			return
		case <-done:
			ended = true
			err = out.text(g.take())
		}
		if err != nil {
			return
		}
	}
	if c.r.Context().Err() != nil {
		return
	}
	out.end(usage, c.failure(usage, genErr))
}

// chunks writes the parts of a streamed answer.
type chunks struct {
	c     *completion
	out   *stream     // nil until the first part
	first v1Documents // what was found, as the first part tells it
}

func (k *chunks) begin() error {
	if k.out != nil {
		return nil
	}
	k.out = newStream(k.c.w, k.c.s.limits.write)
	empty := ""
	first := k.chunk([]v1Delta{{Delta: v1Part{Role: "assistant", Content: &empty}}})
	first.v1Documents = k.first
	return k.data(first)
}

func (k *chunks) text(t string) error {
	if t == "" {
		return nil
	}
	if err := k.begin(); err != nil {
		return err
	}
	return k.send(v1Part{Content: &t}, nil)
}

func (k *chunks) comment() error {
	if err := k.begin(); err != nil {
		return err
	}
	return k.out.comment("alive")
}

func (k *chunks) send(part v1Part, finish *string) error {
	return k.data(k.chunk([]v1Delta{{Delta: part, FinishReason: finish}}))
}

func (k *chunks) chunk(choices []v1Delta) v1Chunk {
	c := v1Chunk{ID: k.c.id, Object: "chat.completion.chunk", Created: k.c.created, Model: k.c.model, Choices: choices}
	if k.c.req.IncludeUsage {
		c.Usage = json.RawMessage("null")
	}
	return c
}

func (k *chunks) data(v any) error {
	return k.out.write(fmt.Appendf(nil, "data: %s\n\n", mustJSON(v)))
}

// end writes the last parts, or the error. Write failures mean that the
// client has gone, and then there is nobody to tell.
func (k *chunks) end(u engine.Usage, err error) {
	if err != nil {
		logFailure(k.c.r.Context(), err)
		if k.out == nil {
			writeError(k.c.w, k.c.r, kindV1, err)
			return
		}
		k.data(openAIError(err)) //nolint:errcheck // see above
		return
	}
	if k.begin() != nil {
		return
	}
	reason := finishReason(u.Finish)
	last := k.chunk([]v1Delta{{FinishReason: &reason}})
	last.v1Documents = k.c.sources()
	if k.data(last) != nil {
		return
	}
	if k.c.req.IncludeUsage {
		last = k.chunk([]v1Delta{})
		last.Usage = mustJSON(v1UsageOf(u))
		if k.data(last) != nil {
			return
		}
	}
	k.out.write([]byte("data: [DONE]\n\n")) //nolint:errcheck // see above
}
