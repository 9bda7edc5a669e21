package trace

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/slim/otlp/common/v1"
	wire "go.opentelemetry.io/proto/slim/otlp/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"alcove/engine"
)

// canary stands for what people write. It must be in no span.
const canary = "kanarienvogel"

// receiver is a collector.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	bodies  [][]byte
	headers []http.Header
	answer  func(w http.ResponseWriter, r *http.Request) // nil: 200
}

func newReceiver(t *testing.T, answer func(http.ResponseWriter, *http.Request)) *receiver {
	t.Helper()
	c := &receiver{answer: answer}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		c.mu.Lock()
		c.bodies, c.headers = append(c.bodies, body), append(c.headers, r.Header.Clone())
		c.mu.Unlock()
		if r.Method != http.MethodPost || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("%s %s of %s", r.Method, r.URL.Path, r.Header.Get("Content-Type"))
		}
		if c.answer != nil {
			c.answer(w, r)
		}
	}))
	t.Cleanup(c.Close)
	return c
}

// spans are all that came, and the attributes of their resource.
func (c *receiver) spans(t *testing.T) ([]*wire.Span, map[string]any) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []*wire.Span
	var resource map[string]any
	for _, body := range c.bodies {
		if bytes.Contains(body, []byte(canary)) {
			t.Errorf("what somebody wrote left this machine: %q", body)
		}
		var r collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(body, &r); err != nil {
			t.Fatal(err)
		}
		for _, rs := range r.ResourceSpans {
			resource = values(rs.Resource.Attributes)
			for _, ss := range rs.ScopeSpans {
				list = append(list, ss.Spans...)
			}
		}
	}
	return list, resource
}

func values(list []*common.KeyValue) map[string]any {
	out := map[string]any{}
	for _, kv := range list {
		switch v := kv.Value.Value.(type) {
		case *common.AnyValue_StringValue:
			out[kv.Key] = v.StringValue
		case *common.AnyValue_IntValue:
			out[kv.Key] = v.IntValue
		case *common.AnyValue_DoubleValue:
			out[kv.Key] = v.DoubleValue
		case *common.AnyValue_ArrayValue:
			var texts []string
			for _, e := range v.ArrayValue.Values {
				texts = append(texts, e.GetStringValue())
			}
			out[kv.Key] = texts
		}
	}
	return out
}

// scripted is a Backend that tells and ends as a test says.
type scripted struct {
	engine.Backend
	events []engine.Event
	usage  engine.Usage
	err    error
	panics any
}

func (s scripted) Generate(_ context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
	for _, e := range s.events {
		if err := emit(e); err != nil {
			return engine.Usage{Finish: engine.FinishCancelled}, err
		}
	}
	if s.panics != nil {
		panic(s.panics)
	}
	return s.usage, s.err
}

func start(t *testing.T, o Options) *Tracer {
	t.Helper()
	tracer, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tracer.Close(); err != nil {
			t.Error(err)
		}
	})
	return tracer
}

func flush(t *testing.T, tracer *Tracer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := tracer.flush(ctx); err != nil {
		t.Fatal(err)
	}
}

var question = engine.Request{
	ID: "r1", Model: "tiny", Class: engine.ClassAPI, Route: engine.RouteCompletions, User: "key:" + canary,
	Messages: []engine.Message{{Role: engine.RoleUser, Segments: []engine.Segment{{Text: canary, Share: canary}}}},
	Sampling: engine.Sampling{Temperature: .5, MaxTokens: 20, Stop: []string{canary}},
}

func ask(t *testing.T, b engine.Backend, ctx context.Context, req engine.Request) (engine.Usage, error) {
	t.Helper()
	return b.Generate(ctx, req, func(engine.Event) error { return nil })
}

func TestAnswerIsOneSpan(t *testing.T) {
	c := newReceiver(t, nil)
	tracer := start(t, Options{Endpoint: c.URL, Version: "1.2", Headers: map[string]string{"Authorization": "Bearer sesame"}})
	b := tracer.Backend(scripted{events: []engine.Event{
		engine.Stage{Name: engine.StageQueued}, engine.Stage{Name: engine.StagePrefill, Total: 9}, engine.Stage{Name: engine.StagePrefill, Done: 9, Total: 9},
		engine.Token{Text: canary, N: 1}, engine.Token{Text: canary, N: 1},
	}, usage: engine.Usage{Model: "tiny \xff", Device: "CPU", PromptTokens: 9, CachedTokens: 4, OutputTokens: 2, TokensPerSec: 7.5, Finish: engine.FinishStop, Restarts: 1}})
	// A caller's trace goes on; what it says beside its ids does not.
	header := http.Header{"Traceparent": {"00-0102030405060708090a0b0c0d0e0f10-0102030405060708-01"}, "Tracestate": {"a=" + canary}, "Baggage": {"b=" + canary}}
	ctx, done := tracer.Request(t.Context(), header)
	if _, err := ask(t, b, ctx, question); err != nil {
		t.Fatal(err)
	}
	done("POST", "POST /v1/chat/completions", 200)
	flush(t, tracer)
	spans, resource := c.spans(t)
	if len(spans) != 2 || resource["service.name"] != "alcove" || resource["service.version"] != "1.2" {
		t.Fatalf("%d spans of %v", len(spans), resource)
	}
	answer, call := spans[0], spans[1]
	if answer.Name != "chat tiny" || answer.Kind != wire.Span_SPAN_KIND_INTERNAL || answer.Status.Code != wire.Status_STATUS_CODE_UNSET {
		t.Errorf("the answer's span: %v", answer)
	}
	if call.Name != "POST /v1/chat/completions" || call.Kind != wire.Span_SPAN_KIND_SERVER || !bytes.Equal(call.ParentSpanId, []byte{1, 2, 3, 4, 5, 6, 7, 8}) {
		t.Errorf("the request's span: %v", call)
	}
	if !bytes.Equal(answer.ParentSpanId, call.SpanId) || !bytes.Equal(answer.TraceId, call.TraceId) || call.TraceId[0] != 1 || call.TraceId[15] != 16 {
		t.Errorf("they do not belong together: %v, %v", answer, call)
	}
	if diff := cmp.Diff(map[string]any{"http.request.method": "POST", "http.route": "/v1/chat/completions", "http.response.status_code": int64(200)}, values(call.Attributes)); diff != "" {
		t.Error(diff)
	}
	got := values(answer.Attributes)
	for _, timed := range []string{"alcove.queue_seconds", "alcove.first_token_seconds"} {
		if s, ok := got[timed].(float64); !ok || s < 0 {
			t.Errorf("%s is %v", timed, got[timed])
		}
		delete(got, timed)
	}
	if diff := cmp.Diff(map[string]any{
		"gen_ai.operation.name": "chat", "gen_ai.provider.name": "alcove", "gen_ai.request.model": "tiny", "gen_ai.response.model": "tiny \ufffd",
		"gen_ai.request.temperature": .5, "gen_ai.request.max_tokens": int64(20), "gen_ai.usage.input_tokens": int64(9), "gen_ai.usage.output_tokens": int64(2),
		"gen_ai.response.finish_reasons": []string{"stop"}, "alcove.route": "v1/chat/completions", "alcove.class": "api", "alcove.device": "CPU",
		"alcove.cached_tokens": int64(4), "alcove.restarts": int64(1), "alcove.tokens_per_second": 7.5,
	}, got); diff != "" {
		t.Error(diff)
	}
	var events []string
	for _, e := range answer.Events {
		events = append(events, e.Name)
	}
	if diff := cmp.Diff([]string{"alcove.queued", "alcove.prefill", "alcove.first_token"}, events); diff != "" {
		t.Error(diff)
	}
	if c.headers[0].Get("Authorization") != "Bearer sesame" {
		t.Errorf("headers %v", c.headers[0])
	}
}

// Failures have a word and no sentence; a panic goes on and leaves none either.
func TestFailuresHaveNoWords(t *testing.T) {
	c := newReceiver(t, nil)
	tracer := start(t, Options{Endpoint: c.URL + "/v1/traces"})
	for _, b := range []scripted{
		{err: &engine.Error{Code: engine.CodeContextFull, Message: canary, Err: errors.New(canary)}},
		{err: errors.New(canary), usage: engine.Usage{Finish: engine.FinishFailed}},
		{panics: canary},
	} {
		func() {
			defer func() {
				if p := recover(); p != b.panics {
					t.Errorf("panic %v", p)
				}
			}()
			if _, err := ask(t, tracer.Backend(b), t.Context(), question); err != b.err {
				t.Errorf("error %v", err)
			}
		}()
	}
	if u, err := ask(t, tracer.Backend(scripted{usage: engine.Usage{Finish: engine.FinishCancelled}}), t.Context(), question); err != nil || u.Finish != engine.FinishCancelled {
		t.Error(u, err)
	}
	unnamed := question
	unnamed.Model = ""
	if _, err := ask(t, tracer.Backend(scripted{usage: engine.Usage{Model: "chosen", Finish: engine.FinishLength}}), t.Context(), unnamed); err != nil {
		t.Error(err)
	}
	flush(t, tracer)
	spans, _ := c.spans(t)
	if last := spans[len(spans)-1]; last.Name != "chat chosen" || values(last.Attributes)["gen_ai.request.model"] != nil {
		t.Errorf("a model that nobody named: %v", last)
	}
	var got []any
	for _, s := range spans {
		if failed := s.Status.Code == wire.Status_STATUS_CODE_ERROR; failed != (values(s.Attributes)["error.type"] != nil) {
			t.Errorf("span %v", s)
		}
		got = append(got, values(s.Attributes)["error.type"])
	}
	if diff := cmp.Diff([]any{"context_full", "internal_error", "internal_error", nil, nil}, got); diff != "" {
		t.Error(diff)
	}
}

// What nobody asked for has no span.
func TestDraftsAndProofsHaveNoSpan(t *testing.T) {
	c := newReceiver(t, nil)
	tracer := start(t, Options{Endpoint: c.URL})
	b := tracer.Backend(scripted{usage: engine.Usage{Finish: engine.FinishStop}})
	for _, req := range []engine.Request{{Route: engine.RouteReady}, {Route: engine.RouteCapacity}, {PrefillOnly: true}} {
		if _, err := ask(t, b, t.Context(), req); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, tracer)
	if spans, _ := c.spans(t); len(spans) != 0 {
		t.Errorf("spans %v", spans)
	}
}

// OpenTelemetry's own variables switch nothing on.
func TestOffByDefault(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	c := newReceiver(t, nil)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.URL+"/v1/traces")
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp")
	tracer, err := Start(t.Context(), Options{})
	if tracer != nil || err != nil {
		t.Fatal(tracer, err)
	}
	inner := scripted{usage: engine.Usage{Finish: engine.FinishStop}}
	if _, wrapped := tracer.Backend(inner).(scripted); !wrapped {
		t.Error("an engine was wrapped for nothing")
	}
	if _, err := ask(t, tracer.Backend(inner), t.Context(), question); err != nil {
		t.Error(err)
	}
	if err := tracer.Close(); err != nil {
		t.Error(err)
	}
	if spans, _ := c.spans(t); len(spans) != 0 {
		t.Errorf("spans %v", spans)
	}
	c.Close()
}

// Where traces go is what the administrator said, whatever the environment says.
func TestVariablesChangeNothing(t *testing.T) {
	asked, other := newReceiver(t, nil), newReceiver(t, nil)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", other.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "x="+canary)
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	t.Setenv("OTEL_BSP_MAX_QUEUE_SIZE", "1")
	tracer := start(t, Options{Endpoint: asked.URL})
	b := tracer.Backend(scripted{usage: engine.Usage{Finish: engine.FinishStop}})
	for range 5 {
		if _, err := ask(t, b, t.Context(), question); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, tracer)
	if spans, _ := asked.spans(t); len(spans) != 5 || asked.headers[0].Get("x") != "" {
		t.Errorf("%d spans, headers %v", len(spans), asked.headers)
	}
	if spans, _ := other.spans(t); len(spans) != 0 {
		t.Errorf("%d spans went elsewhere", len(spans))
	}
}

func TestAddresses(t *testing.T) {
	for endpoint, want := range map[string]string{
		"http://127.0.0.1:4318": "http://127.0.0.1:4318/v1/traces", "https://c.example/": "https://c.example/v1/traces",
		"https://c.example/otlp": "https://c.example/otlp/v1/traces", "https://c.example/v1/traces": "https://c.example/v1/traces",
		"grpc://c.example": "", "c.example:4318": "", "http://": "", "http://me:" + canary + "@c.example": "", "http://c.example?token=" + canary: "", "http://[::1": "",
	} {
		u, err := tracesURL(endpoint)
		if err != nil && (want != "" || strings.Contains(err.Error(), canary)) || err == nil && u.String() != want {
			t.Errorf("%s: %v, %v", endpoint, u, err)
		}
	}
	if tracer, err := Start(t.Context(), Options{Endpoint: "nonsense"}); tracer != nil || err == nil {
		t.Error("nonsense was taken")
	}
}

// syncBuffer is a log that several goroutines write.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func logTo(b *syncBuffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
