package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"alcove/engine/local/fake"
)

// collector keeps what is sent to it.
type collector struct {
	*httptest.Server
	mu   sync.Mutex
	sent bytes.Buffer
	got  http.Header
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	c.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.sent.Write(body)
		c.got = r.Header.Clone()
	}))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent.String()
}

// Traces go where the administrator said, when he said it, and hold no text.
func TestTracesOfTheProgram(t *testing.T) {
	t.Parallel()
	const secret = "kanarienvogel"
	c := newCollector(t)
	p := fakePlace(t, fake.Script{})
	p.env = []string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + c.URL + "/v1/traces",
		"OTEL_TRACES_EXPORTER=otlp", "ALCOVE_OTLP_HEADERS=Authorization=Bearer sesame"}
	talk := func(flags ...string) string {
		a := p.serve(t, append(flags, "--log-level", "debug")...)
		a.ready()
		a.ask(a.newConversation(), secret)
		if code := a.stop(); code != 0 {
			t.Errorf("exit status %d\n%s", code, a.log)
		}
		return a.log.String()
	}
	if log := talk(); c.text() != "" || strings.Contains(log, "traces") {
		t.Errorf("traces went out unasked: %q\n%s", c.text(), log)
	}
	log := talk("--otlp", c.URL)
	sent := c.text() // at the end, what was waiting is sent
	for _, want := range []string{"chat fake", "gen_ai.usage.output_tokens", "/api/v1/conversations/{id}/messages", "alcove.first_token"} {
		if !strings.Contains(sent, want) {
			t.Errorf("the collector did not get %q: %q\n%s", want, sent, log)
		}
	}
	if strings.Contains(sent, secret) || c.got.Get("Authorization") != "Bearer sesame" || strings.Contains(log, "sesame") {
		t.Errorf("headers %v, sent %q\n%s", c.got, sent, log)
	}
	if doctor := p.command(t, "doctor", "--otlp", c.URL+"/path"); !strings.Contains(doctor.stdout, "go to "+strings.TrimPrefix(c.URL, "http://")+"\n") || strings.Contains(doctor.stdout, "sesame") {
		t.Errorf("doctor: %s", doctor.stdout)
	}
	if doctor := p.command(t, "doctor"); !strings.Contains(doctor.stdout, "off: nothing is sent\n") {
		t.Errorf("doctor: %s", doctor.stdout)
	}
}
