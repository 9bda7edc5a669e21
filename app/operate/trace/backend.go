package trace

import (
	"context"
	"errors"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	oteltrace "go.opentelemetry.io/otel/trace"

	"alcove/engine"
)

// Backend makes one span an answer. Without a Tracer it gives b itself.
func (t *Tracer) Backend(b engine.Backend) engine.Backend {
	if t == nil {
		return b
	}
	return &traced{b, t}
}

type traced struct {
	engine.Backend
	t *Tracer
}

// Generate passes a request on and tells how it went. Drafts, measurements of
// this box and proofs that a token can be made are no answers: they have no span.
func (b *traced) Generate(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
	if req.PrefillOnly || req.Route == engine.RouteReady || req.Route == engine.RouteCapacity {
		return b.Backend.Generate(ctx, req, emit)
	}
	ctx, span := b.t.tracer.Start(ctx, strings.TrimSpace("chat "+text(req.Model)), oteltrace.WithSpanKind(oteltrace.SpanKindInternal), oteltrace.WithAttributes(asked(req)...))
	a := answer{span: span, unnamed: req.Model == "", started: time.Now()}
	ended := false
	// Not by a deferred End: that would tell the words of a panic.
	defer func() {
		if !ended {
			fail(span, string(engine.CodeInternal))
		}
		span.End()
	}()
	usage, err := b.Backend.Generate(ctx, req, func(e engine.Event) error {
		a.event(e)
		return emit(e)
	})
	ended = true
	a.end(usage, err)
	return usage, err
}

// asked is what is known before the answer, in the words of OpenTelemetry's
// conventions for generative AI.
func asked(req engine.Request) []attribute.KeyValue {
	list := []attribute.KeyValue{
		attribute.String("gen_ai.operation.name", "chat"), attribute.String("gen_ai.provider.name", "alcove"),
		attribute.Float64("gen_ai.request.temperature", req.Sampling.Temperature),
		attribute.String("alcove.route", text(req.Route)), attribute.String("alcove.class", text(string(req.Class))),
	}
	if req.Model != "" {
		list = append(list, attribute.String("gen_ai.request.model", text(req.Model)))
	}
	if n := req.Sampling.MaxTokens; n > 0 {
		list = append(list, attribute.Int("gen_ai.request.max_tokens", n))
	}
	return list
}

// answer is one that is being written.
type answer struct {
	span    oteltrace.Span
	unnamed bool // the engine chooses the model
	started time.Time
	stage   engine.StageName
	waited  *float64 // seconds until the prompt was begun
	first   *float64 // seconds until the first token
}

// event notes stages as they are reached, and nothing of the text.
func (a *answer) event(e engine.Event) {
	passed := time.Since(a.started).Seconds()
	switch e := e.(type) {
	case engine.Stage:
		if e.Name == a.stage {
			return // the same one, further on
		}
		a.stage = e.Name
		a.span.AddEvent("alcove." + text(string(e.Name)))
		if e.Name == engine.StagePrefill || e.Name == engine.StageDecode {
			a.work(passed)
		}
	case engine.Token:
		if e.N > 0 && a.first == nil {
			a.first = &passed
			a.work(passed)
			a.span.AddEvent("alcove.first_token")
		}
	}
}

func (a *answer) work(passed float64) {
	if a.waited == nil {
		a.waited = &passed
	}
}

func (a *answer) end(u engine.Usage, err error) {
	finish := u.Finish
	if finish == "" {
		finish = engine.FinishFailed
	}
	list := []attribute.KeyValue{
		attribute.Int("gen_ai.usage.input_tokens", u.PromptTokens), attribute.Int("gen_ai.usage.output_tokens", u.OutputTokens),
		attribute.StringSlice("gen_ai.response.finish_reasons", []string{text(string(finish))}),
		attribute.Int("alcove.cached_tokens", u.CachedTokens), attribute.Int("alcove.restarts", u.Restarts),
	}
	if u.Model != "" {
		if a.unnamed {
			a.span.SetName("chat " + text(u.Model))
		}
		list = append(list, attribute.String("gen_ai.response.model", text(u.Model)))
	}
	if u.Device != "" {
		list = append(list, attribute.String("alcove.device", text(u.Device)))
	}
	if u.TokensPerSec > 0 {
		list = append(list, attribute.Float64("alcove.tokens_per_second", u.TokensPerSec))
	}
	if a.waited != nil {
		list = append(list, attribute.Float64("alcove.queue_seconds", *a.waited))
	}
	if a.first != nil {
		list = append(list, attribute.Float64("alcove.first_token_seconds", *a.first))
	}
	a.span.SetAttributes(list...)
	if finish == engine.FinishFailed {
		fail(a.span, code(err))
	}
}

// code is the word for a failure; its sentence may name a file and stays here.
func code(err error) string {
	var e *engine.Error
	if errors.As(err, &e) {
		return text(string(e.Code))
	}
	return string(engine.CodeInternal)
}

func fail(span oteltrace.Span, kind string) {
	span.SetAttributes(attribute.String("error.type", kind))
	span.SetStatus(codes.Error, "")
}

// text makes a name fit: those of files and devices may be any bytes, and the
// format takes UTF-8 alone.
func text(s string) string { return strings.ToValidUTF8(s, "\ufffd") }
