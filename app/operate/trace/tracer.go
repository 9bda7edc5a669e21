package trace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// Bounds. What does not fit the queue is dropped, and counted in the log.
const (
	queueSpans   = 2048
	batchSpans   = 256
	batchEvery   = 5 * time.Second
	exportTime   = 10 * time.Second // one batch, with its retries
	closeTime    = 2 * time.Second  // what is queued at the end may take so long
	maxEvents    = 64               // of a span
	maxValue     = 256              // bytes of an attribute
	tracesPath   = "/v1/traces"
	scopeName    = "alcove"
	headerParent = "traceparent"
)

// Options say where traces go.
type Options struct {
	// Endpoint is the collector's URL, as http://127.0.0.1:4318; "" turns traces off.
	Endpoint string
	// Headers go with each export; they may hold a token and are never logged.
	Headers map[string]string
	Version string
	Log     *slog.Logger
}

// Tracer makes spans and sends them. A nil Tracer does nothing.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   oteltrace.Tracer
	exporter *exporter
}

// Start makes a Tracer, or nil where no collector is named. It asks nobody:
// a collector that is away costs its spans and nothing else.
func Start(ctx context.Context, o Options) (*Tracer, error) {
	if o.Endpoint == "" {
		return nil, nil
	}
	target, err := tracesURL(o.Endpoint)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	t := &Tracer{exporter: newExporter(context.WithoutCancel(ctx), target, o.Headers, o.Log)}
	// Every option is given, so that no OTEL_* variable decides about it; the
	// SDK adds OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME to the resource.
	t.provider = sdk.NewTracerProvider(
		sdk.WithSampler(sdk.ParentBased(sdk.AlwaysSample())),
		sdk.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "alcove"), attribute.String("service.version", o.Version), attribute.String("service.instance.id", uuid.NewString()))),
		sdk.WithRawSpanLimits(sdk.SpanLimits{AttributeValueLengthLimit: maxValue, AttributeCountLimit: 64, EventCountLimit: maxEvents,
			LinkCountLimit: 0, AttributePerEventCountLimit: 8, AttributePerLinkCountLimit: 0}),
		sdk.WithBatcher(t.exporter, sdk.WithMaxQueueSize(queueSpans), sdk.WithMaxExportBatchSize(batchSpans),
			sdk.WithBatchTimeout(batchEvery), sdk.WithExportTimeout(exportTime)),
	)
	t.tracer = t.provider.Tracer(scopeName, oteltrace.WithInstrumentationVersion(o.Version))
	o.Log.Info("traces are sent", "host", target.Host)
	return t, nil
}

// Close sends what is queued, for two seconds at most, and ends everything.
func (t *Tracer) Close() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTime)
	defer cancel()
	err := t.provider.Shutdown(ctx)
	t.exporter.end() // what hangs in an export is given up
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("end traces: %w", err)
	}
	return nil // spans that a collector did not take are no failure of ours
}

// flush sends what is queued, for tests.
func (t *Tracer) flush(ctx context.Context) error { return t.provider.ForceFlush(ctx) }

// Request begins the span of an HTTP request. Its parent is the caller's where
// it sent one, and only the ids of that: what else a caller sends is text. The
// returned function ends the span; route is the pattern, not the address.
func (t *Tracer) Request(ctx context.Context, h http.Header) (context.Context, func(method, route string, status int)) {
	parent := propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{headerParent: h.Get(headerParent)})
	ctx, span := t.tracer.Start(parent, "HTTP", oteltrace.WithSpanKind(oteltrace.SpanKindServer))
	return ctx, func(method, route string, status int) {
		name := route // patterns begin with their method
		if !strings.Contains(route, " ") {
			name = method + " " + route
		}
		_, path, _ := strings.Cut(name, " ")
		span.SetName(name)
		span.SetAttributes(attribute.String("http.request.method", method), attribute.String("http.route", path), attribute.Int("http.response.status_code", status))
		if status >= 500 {
			fail(span, fmt.Sprint(status))
		}
		span.End()
	}
}

// tracesURL is where spans are sent: /v1/traces of the endpoint. app/config has
// told in a sentence what an endpoint must be.
func tracesURL(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" {
		return nil, errors.New("the address of the collector cannot be used") // it may hold a secret
	}
	if !strings.HasSuffix(u.Path, tracesPath) {
		u = u.JoinPath(tracesPath)
	}
	return u, nil
}
