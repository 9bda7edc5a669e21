package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"alcove/app"
	"alcove/engine"
)

func TestHealthAndVersion(t *testing.T) {
	b := newBox(t)
	nobody := func(path string) answer {
		r := b.request("GET", path, nil)
		r.Header.Del("Authorization")
		return b.send(r)
	}
	if a := nobody("/healthz"); a.status != 200 || strings.TrimSpace(string(a.body)) != `{"status":"ok"}` {
		t.Errorf("healthz: %d %s", a.status, a.body)
	}
	if a := nobody("/readyz"); a.status != 200 || strings.TrimSpace(string(a.body)) != `{"status":"ready"}` {
		t.Errorf("readyz: %d %s", a.status, a.body)
	}
	b.engine.mu.Lock()
	b.engine.status = engine.Status{Reason: "The model is being loaded."}
	b.engine.mu.Unlock()
	if a := nobody("/readyz"); a.status != 503 || strings.TrimSpace(string(a.body)) != `{"status":"not_ready"}` {
		t.Errorf("readyz of nobody: %d %s", a.status, a.body)
	}
	if a := b.do("GET", "/readyz", nil); a.status != 503 || !strings.Contains(string(a.body), "being loaded") {
		t.Errorf("readyz: %d %s", a.status, a.body)
	}
	var v versionBody
	b.want(200, "GET", "/version", nil, &v)
	if v.Version != "test" || v.OS == "" {
		t.Errorf("version %+v", v)
	}
}

// canary stands for what people write. It must be in no log and no metric.
const canary = "kanarienvogel"

func TestNoUserTextInLogsAndMetrics(t *testing.T) {
	var log syncBuffer
	b := newBox(t, whole, func(d *Deps) {
		d.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	key := b.key()
	id := b.conversation()
	b.engine.set(say(canary, " ", canary))
	b.ended(b.ask(id, canary).Answer.ID)
	b.want(200, "PATCH", "/api/v1/conversations/"+id, map[string]string{"title": canary}, nil)
	b.want(200, "GET", "/api/v1/search?q="+canary, nil, nil)
	b.do("GET", "/"+canary, nil)
	b.do(canary, "/"+canary, nil)
	b.do("GET", "/api/v1/"+canary, nil)
	b.do("POST", "/api/v1/conversations/"+canary+"/messages", `{"text":"`+canary+`","sampling":{"`+canary+`":1}}`)
	b.do("POST", "/api/v1/conversations", `{"`+canary)
	b.v1(key, "POST", "/v1/chat/completions", `{"messages":[{"role":"user","content":"`+canary+`"}],"user":"`+canary+`"}`)
	b.v1(key, "POST", "/v1/chat/completions", `{"model":"`+canary+`","messages":[{"role":"`+canary+`","content":"`+canary+`"}]}`)
	b.engine.set(func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) {
		return engine.Usage{}, errors.New("engine broke")
	})
	b.v1(key, "POST", "/v1/chat/completions", `{"messages":[{"role":"user","content":"`+canary+`"}]}`)
	a := b.want(200, "GET", "/metrics", nil, nil)
	for _, want := range []string{
		`alcove_build_info{version="test"} 1`, `alcove_http_requests_total{method="POST",route="POST /api/v1/conversations/{id}/messages",status="202"} 1`,
		`alcove_answers_total{class="interactive",finish="stop"} 1`, `alcove_answers_total{class="api",finish="failed"} 1`, `alcove_tokens_total{class="interactive",kind="cached"} 4`,
		`alcove_tokens_total{class="api",kind="output"} 3`, `alcove_first_token_seconds_count{class="interactive"} 1`, `alcove_inter_token_seconds_count{class="api"} 2`,
		`alcove_answers_active{class="api"} 0`, `alcove_queue_seconds_count{class="interactive",route="chat"} 1`, `alcove_answer_seconds_count{class="api",route="v1/chat/completions"} 1`,
		"alcove_cpu_utilization_ratio 0.25", `alcove_attention_items{severity="warning"} 1`, `alcove_alerts_firing{severity="critical"} 1`, "process_resident_memory_bytes", "go_goroutines",
	} {
		if !strings.Contains(string(a.body), want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	for what, text := range map[string]string{"metrics": string(a.body), "log": log.String()} {
		for _, secret := range []string{canary, key, localToken} {
			if strings.Contains(text, secret) {
				t.Errorf("%s hold %q:\n%s", what, secret, text)
			}
		}
	}
	if !strings.Contains(log.String(), "engine broke") || !strings.Contains(log.String(), "request=") {
		t.Errorf("the log lacks the failure:\n%s", log.String())
	}
}

func TestModelsSettingsHardware(t *testing.T) {
	b := newBox(t, func(d *Deps) { d.Hardware = func() any { return map[string]int{"cores": 2} } })
	var m engineChanged
	b.want(200, "GET", "/api/v1/models", nil, &m)
	if len(m.Models) != 2 || !m.Models[0].Default || m.Status.Model != "tiny" {
		t.Errorf("models %+v", m)
	}
	b.want(202, "POST", "/api/v1/models/tiny/load", nil, nil)
	wait(t, "the model to load", func() bool { b.engine.mu.Lock(); defer b.engine.mu.Unlock(); return len(b.engine.loaded) == 1 })
	if p := b.want(404, "POST", "/api/v1/models/none/load", nil, nil).problem(t); p.Code != "model_not_found" {
		t.Errorf("unknown model: %+v", p)
	}
	b.engine.mu.Lock()
	b.engine.models = append(b.engine.models, engine.Model{ID: "large", State: engine.ModelReady,
		Fit: &engine.Fit{Verdict: engine.VerdictWont, Need: 41e9, Usable: 20e9, Free: 22e9, Devices: []engine.FitDevice{}}})
	b.engine.mu.Unlock()
	if p := b.want(503, "POST", "/api/v1/models/large/load", nil, nil).problem(t); p.Code != "model_too_large" || !strings.Contains(p.Detail, "41.0 GB") || !strings.Contains(p.Detail, "20.0 GB") {
		t.Errorf("too large: %+v", p)
	}
	if p := b.want(400, "POST", "/api/v1/models/broken/load", nil, nil).problem(t); p.Detail != "The file is not a GGUF file." {
		t.Errorf("refused model: %+v", p)
	}
	a := b.want(200, "GET", "/api/v1/hardware", nil, nil)
	if !strings.Contains(string(a.body), `"facts":{"cores":2}`) || !strings.Contains(string(a.body), `"seal":{`) {
		t.Errorf("hardware %s", a.body)
	}

	var s settingsBody
	if a := b.want(200, "GET", "/api/v1/settings", nil, &s); strings.TrimSpace(string(a.body)) != `{"settings":{}}` {
		t.Errorf("fresh settings %s", a.body)
	}
	b.want(200, "PATCH", "/api/v1/settings", `{"temperature":0,"theme":"dark","default_model":"tiny","language":"de-AT"}`, nil)
	b.want(200, "PATCH", "/api/v1/settings", `{"theme":"light"}`, nil)
	if a := b.want(200, "GET", "/api/v1/settings", nil, nil); strings.TrimSpace(string(a.body)) != `{"settings":{"default_model":"tiny","temperature":0,"language":"de-AT","theme":"light"}}` {
		t.Errorf("settings %s", a.body)
	}
	for body, field := range map[string]string{
		`{"theme":"pink"}`: "theme", `{"temperature":3}`: "temperature", `{"default_model":"none"}`: "default_model", `{"colour":1}`: "colour",
		`{"turn_orphan_seconds":0}`: "turn_orphan_seconds", `{"language":"<b>"}`: "language", `{"top_k":"x"}`: "top_k", `{"theme":"dark","max_tokens":-1}`: "max_tokens",
	} {
		if p := b.want(422, "PATCH", "/api/v1/settings", body, nil).problem(t); len(p.Errors) == 0 || p.Errors[0].Field != field {
			t.Errorf("%s: %+v", body, p)
		}
	}
	b.want(200, "GET", "/api/v1/settings", nil, &s)
	if *s.Settings.Theme != "light" {
		t.Error("a refused change was kept")
	}
}

func TestEngineChangesAreTold(t *testing.T) {
	b := newBox(t)
	events, stop := b.follow("")
	defer stop()
	<-events // hello: the server looks at the engine only while somebody reads
	b.engine.mu.Lock()
	b.engine.status.Restarts = 7
	b.engine.mu.Unlock()
	for e := range events {
		if e.name == eventEngine && strings.Contains(string(e.data), `"restarts":7`) {
			return
		}
	}
	t.Error("the stream ended")
}

func TestPanicIsAnAnswer(t *testing.T) {
	var log syncBuffer
	b := newBox(t, func(d *Deps) {
		d.Log = slog.New(slog.NewTextHandler(&log, nil))
		d.Hardware = func() any { panic("at the disco") }
	})
	a := b.do("GET", "/api/v1/hardware", nil)
	if p := a.problem(t); a.status != 500 || p.Code != "internal_error" || strings.Contains(string(a.body), "disco") || p.RequestID == "" {
		t.Errorf("%d %s", a.status, a.body)
	} else if !strings.Contains(log.String(), p.RequestID) || !strings.Contains(log.String(), "disco") {
		t.Errorf("log %s", log.String())
	}
	b.want(200, "GET", "/healthz", nil, nil)
}

// A client that never finishes its request is dropped.
func TestSlowRequestsAreDropped(t *testing.T) {
	limits := defaultLimits
	limits.header, limits.body = 50*time.Millisecond, 50*time.Millisecond
	b := newBox(t, func(d *Deps) { d.limits = &limits })
	host := strings.TrimPrefix(b.base, "http://")
	head := "POST /api/v1/links HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer " + localToken + "\r\nContent-Type: application/json\r\n"
	for name, sent := range map[string]string{
		"head":    head,
		"body":    head + "Content-Length: 100\r\n\r\n{",
		"refused": strings.Replace(head, localToken, "wrong", 1) + "Content-Length: 100\r\n\r\n{",
		"forged":  strings.Replace(head, host, "evil.example", 1) + "Content-Length: 100\r\n\r\n{",
		"chunked": head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
	} {
		c, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := io.WriteString(c, sent); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(c) // returns when the server closes
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if status := map[string]string{"body": " 408 ", "chunked": " 408 ", "refused": " 401 ", "forged": " 403 "}[name]; !strings.Contains(string(got), status) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestListenAddresses(t *testing.T) {
	b := newBox(t)
	ln, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Skip("this machine has no such address:", err)
	}
	defer ln.Close()
	var e *app.Error
	if err := b.server.Serve(ln); !errors.As(err, &e) || e.Code != app.CodeListen {
		t.Errorf("served on all interfaces: %v", err)
	}
}

func TestShutdownEndsStreams(t *testing.T) {
	b := newBox(t)
	events, stop := b.follow("")
	defer stop()
	<-events
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := b.server.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	for range events { // closed by the server
	}
	if _, err := http.Get(b.base + "/healthz"); err == nil {
		t.Error("the server still answers")
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
