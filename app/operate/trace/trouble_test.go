package trace

import (
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"

	"alcove/engine"
)

// A collector that hangs holds up neither answers nor the end, and what does
// not fit the queue is dropped.
func TestHangingCollector(t *testing.T) {
	defer noLeak(t, goleak.IgnoreCurrent())
	let, came := make(chan struct{}), make(chan struct{}, 100)
	c := newReceiver(t, func(_ http.ResponseWriter, r *http.Request) {
		came <- struct{}{}
		select {
		case <-let:
		case <-r.Context().Done():
		}
	})
	defer c.Close()
	defer close(let)
	var log syncBuffer
	tracer, err := Start(t.Context(), Options{Endpoint: c.URL, Log: logTo(&log), Headers: map[string]string{"Authorization": canary}})
	if err != nil {
		t.Fatal(err)
	}
	b := tracer.Backend(scripted{events: []engine.Event{engine.Token{Text: "a", N: 1}}, usage: engine.Usage{Finish: engine.FinishStop}})
	for range 3 * queueSpans { // returns only if nobody waits for the collector
		if _, err := ask(t, b, t.Context(), question); err != nil {
			t.Fatal(err)
		}
	}
	<-came
	closed := make(chan error, 1)
	go func() { closed <- tracer.Close() }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(time.Minute): // closeTime, on a machine with much to do
		t.Error("Close waits for the collector")
	}
	if _, err := ask(t, b, t.Context(), question); err != nil { // after the end: no span, no harm
		t.Error(err)
	}
	if strings.Contains(log.String(), canary) || strings.Contains(log.String(), "/v1/traces") {
		t.Errorf("the log tells too much:\n%s", log.String())
	}
}

// A collector that comes back gets what is new; the log says both once.
func TestCollectorComesBack(t *testing.T) {
	var refuse atomic.Bool
	refuse.Store(true)
	c := newReceiver(t, func(w http.ResponseWriter, _ *http.Request) {
		if refuse.Load() {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		reply, err := proto.Marshal(&collector.ExportTraceServiceResponse{PartialSuccess: &collector.ExportTracePartialSuccess{RejectedSpans: 1, ErrorMessage: canary}})
		if err == nil {
			w.Write(reply) //nolint:errcheck // a test
		}
	})
	var log syncBuffer
	tracer := start(t, Options{Endpoint: c.URL, Log: logTo(&log)})
	b := tracer.Backend(scripted{usage: engine.Usage{Finish: engine.FinishStop}})
	for range 3 {
		if _, err := ask(t, b, t.Context(), question); err != nil {
			t.Fatal(err)
		}
		flush(t, tracer)
	}
	refuse.Store(false)
	if _, err := ask(t, b, t.Context(), question); err != nil {
		t.Fatal(err)
	}
	flush(t, tracer)
	if n := tracer.exporter.lost.Load(); n != 4 {
		t.Errorf("%d spans lost", n)
	}
	text := log.String()
	if strings.Count(text, "traces do not arrive") != 1 || strings.Count(text, "traces arrive again") != 1 || strings.Contains(text, canary) {
		t.Errorf("log:\n%s", text)
	}
}

// Busy collectors are asked again; they cannot send spans elsewhere.
func TestRetriesAndRedirects(t *testing.T) {
	elsewhere := newReceiver(t, nil)
	var n atomic.Int32
	c := newReceiver(t, func(w http.ResponseWriter, r *http.Request) {
		switch n.Add(1) {
		case 1:
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
		case 3:
			http.Redirect(w, r, elsewhere.URL+"/v1/traces", http.StatusTemporaryRedirect)
		}
	})
	tracer := start(t, Options{Endpoint: c.URL})
	b := tracer.Backend(scripted{usage: engine.Usage{Finish: engine.FinishStop}})
	for _, want := range []uint64{0, 1} { // lost
		if _, err := ask(t, b, t.Context(), question); err != nil {
			t.Fatal(err)
		}
		flush(t, tracer)
		if got := tracer.exporter.lost.Load(); got != want {
			t.Errorf("%d spans lost, want %d", got, want)
		}
	}
	if n.Load() != 3 {
		t.Errorf("asked %d times", n.Load())
	}
	if spans, _ := elsewhere.spans(t); len(spans) != 0 {
		t.Error("spans went where a redirect pointed")
	}
}

// Spans and the token go to the collector, whatever HTTP_PROXY says.
func TestNoProxyOfTheEnvironment(t *testing.T) {
	e := newExporter(t.Context(), &url.URL{Scheme: "http", Host: "collector.example.com:4318"}, nil, slog.New(slog.DiscardHandler))
	defer e.end()
	if e.client.Transport.(*http.Transport).Proxy != nil {
		t.Error("a proxy is asked for")
	}
}

// noLeak waits for the last goroutines: an export that was given up still ends
// its work, which takes a while on a machine with much to do.
func noLeak(t *testing.T, before goleak.Option) {
	t.Helper()
	err := goleak.Find(before)
	for late := time.Now().Add(time.Minute); err != nil && time.Now().Before(late); time.Sleep(50 * time.Millisecond) {
		err = goleak.Find(before)
	}
	if err != nil {
		t.Error(err)
	}
}
