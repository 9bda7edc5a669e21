package trace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	collector "go.opentelemetry.io/proto/slim/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"
)

// exporter sends batches as OTLP over HTTP. It is the batch processor's and
// called by one goroutine at a time.
type exporter struct {
	target  string
	host    string
	headers map[string]string
	client  *http.Client
	log     *slog.Logger
	ctx     context.Context // ends with the exporter, and with it what hangs
	end     context.CancelFunc
	failing bool
	lost    atomic.Uint64 // spans that were not taken
}

// How often one batch is sent at most, and how long to wait in between.
const (
	attempts  = 3
	retryWait = time.Second
	mostWait  = 5 * time.Second // of a collector that says when to come back
	maxReply  = 64 << 10
)

func newExporter(ctx context.Context, target *url.URL, headers map[string]string, log *slog.Logger) *exporter {
	e := &exporter{target: target.String(), host: target.Host, headers: headers, log: log}
	e.ctx, e.end = context.WithCancel(ctx)
	e.client = &http.Client{
		Transport: &http.Transport{
			// No proxy of the environment: what leaves goes where it was said.
			Proxy: nil, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: exportTime, MaxIdleConnsPerHost: 1, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
		},
		// Elsewhere is not where the administrator sent it.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return e
}

// ExportSpans sends one batch. It returns no error: the SDK would print it, and
// the log has said already what is wrong.
func (e *exporter) ExportSpans(ctx context.Context, spans []sdk.ReadOnlySpan) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.ctx, cancel)()
	body, err := proto.Marshal(request(spans))
	if err == nil {
		err = e.deliver(ctx, body)
	}
	switch {
	case err != nil:
		lost := e.lost.Add(uint64(len(spans)))
		if !e.failing {
			e.log.Warn("traces do not arrive; answers are not held up", "host", e.host, "err", err, "lost", lost)
		}
	case e.failing:
		e.log.Info("traces arrive again", "host", e.host, "lost", e.lost.Load())
	}
	e.failing = err != nil
	return nil
}

// Shutdown has nothing to wait for: the processor has sent what it had.
func (e *exporter) Shutdown(context.Context) error {
	e.client.CloseIdleConnections()
	return nil
}

// deliver sends until it is taken, refused for good, or ctx ends.
func (e *exporter) deliver(ctx context.Context, body []byte) error {
	for n := 1; ; n++ {
		wait, err := e.post(ctx, body)
		if err == nil || wait < 0 || n == attempts {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(max(wait, time.Duration(n)*retryWait)):
		}
	}
}

// post sends once. With an error, wait says how long to wait at least before
// the next time; below 0: there is none.
func (e *exporter) post(ctx context.Context, body []byte) (wait time.Duration, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.target, bytes.NewReader(body))
	if err != nil {
		return -1, errors.New("its address cannot be used")
	}
	r.Header.Set("Content-Type", "application/x-protobuf")
	r.Header.Set("User-Agent", "alcove")
	for name, value := range e.headers {
		r.Header.Set(name, value)
	}
	answer, err := e.client.Do(r)
	if err != nil {
		return 0, withoutURL(err)
	}
	defer answer.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(answer.Body, maxReply))
	switch answer.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		if err == nil {
			e.partly(reply)
		}
		return -1, nil
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := time.ParseDuration(answer.Header.Get("Retry-After") + "s")
		return min(max(0, seconds), mostWait), fmt.Errorf("status %d", answer.StatusCode)
	}
	return -1, fmt.Errorf("status %d", answer.StatusCode)
}

// partly counts spans that a collector took the rest of a batch without.
func (e *exporter) partly(reply []byte) {
	var r collector.ExportTraceServiceResponse
	if proto.Unmarshal(reply, &r) != nil {
		return // an answer in other words, of a collector that said yes
	}
	if n := r.GetPartialSuccess().GetRejectedSpans(); n > 0 {
		e.lost.Add(uint64(n))
		e.log.Debug("spans were refused", "host", e.host, "spans", n)
	}
}

// withoutURL is an error of the client without the address: the log has the host.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
