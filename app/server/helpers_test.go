package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"alcove/app/chat"
	"alcove/app/documents"
	docs "alcove/app/documents/answer"
	"alcove/app/documents/desk"
	"alcove/app/documents/index"
	"alcove/app/library"
	"alcove/app/operate/alerts"
	"alcove/app/operate/usage"
	"alcove/engine"
	"alcove/internal/testkit/emptydb"
	"alcove/storage"
)

const localToken = "local-token-of-the-test"

// scripted is a Backend that writes what a test tells it to.
type scripted struct {
	mu       sync.Mutex
	script   func(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error)
	requests []engine.Request
	models   []engine.Model
	status   engine.Status
	loaded   []string
	unloaded []string
	tuned    map[string]engine.Tuning
}

func newScripted() *scripted {
	return &scripted{
		script: say("Paris", " is", " it."),
		models: []engine.Model{
			{ID: "tiny", Name: "Tiny", State: engine.ModelLoaded, Default: true, Context: 2048},
			{ID: "broken", Name: "broken", State: engine.ModelRefused, Reason: "The file is not a GGUF file."},
		},
		status: engine.Status{Model: "tiny", Ready: true, Device: "CPU (test)", Library: "v0.5.0"},
	}
}

// say writes the given pieces and ends.
func say(pieces ...string) func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) {
	return func(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		if err := emit(engine.Stage{Name: engine.StagePrefill, Total: 10}); err != nil {
			return engine.Usage{}, err
		}
		for _, p := range pieces {
			if err := emit(engine.Token{Text: p, N: 1}); err != nil {
				return engine.Usage{}, err
			}
		}
		finish := engine.FinishStop
		if n := req.Sampling.MaxTokens; n > 0 && n <= len(pieces) {
			finish = engine.FinishLength
		}
		return engine.Usage{Model: "tiny", Device: "CPU (test)", PromptTokens: 10, CachedTokens: 4, OutputTokens: len(pieces), Finish: finish}, nil
	}
}

func (b *scripted) Generate(ctx context.Context, req engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
	b.mu.Lock()
	b.requests = append(b.requests, req)
	script := b.script
	b.mu.Unlock()
	return script(ctx, req, emit)
}

func (b *scripted) set(script func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error)) {
	b.mu.Lock()
	b.script = script
	b.mu.Unlock()
}

func (b *scripted) last() engine.Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.requests[len(b.requests)-1]
}

func (b *scripted) Models() []engine.Model {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]engine.Model(nil), b.models...)
}

func (b *scripted) Status() engine.Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.status
}

func (b *scripted) Load(_ context.Context, model string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.loaded = append(b.loaded, model)
	return nil
}

func (b *scripted) Unload(_ context.Context, model string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unloaded = append(b.unloaded, model)
	return nil
}

func (b *scripted) Tune(t map[string]engine.Tuning) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tuned = t
}

func (b *scripted) tuning() map[string]engine.Tuning {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tuned
}

func (b *scripted) Close() error { return nil }

// box is a whole server on a loopback port with a real database.
type box struct {
	t      *testing.T
	base   string
	server *Server
	store  *storage.DB
	chat   *chat.Service
	engine *scripted
	usage  *usage.Recorder
	client *http.Client
}

func newBox(t *testing.T, change ...func(*Deps)) *box {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Path: emptydb.Path(t)})
	if err != nil {
		t.Fatal(err)
	}
	backend := newScripted()
	metrics := NewMetrics("test")
	hub := NewHub(time.Now)
	record, err := usage.Open(t.Context(), usage.Deps{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	measured := metrics.Measure(record.Measure(backend))
	books, err := library.Open(t.Context(), library.Deps{Store: store, Shelf: measured})
	if err != nil {
		t.Fatal(err)
	}
	models := filepath.Join(t.TempDir(), "models")
	sent := library.NewUploads(library.UploadsDeps{Store: store, Dir: models})
	talk := chat.New(chat.Deps{Store: store, Engine: measured, Publisher: hub, Model: books.Choose})
	watched, err := alerts.Open(t.Context(), alerts.Deps{Store: store, Publish: func(name string, data any) { hub.Publish(name, data) }})
	if err != nil {
		t.Fatal(err)
	}
	ix, err := index.New(t.Context(), index.Options{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	files, err := documents.Open(t.Context(), documents.Deps{Store: store, Dir: filepath.Join(t.TempDir(), "documents"), Index: ix, Extract: plainFile,
		Publish: func(name string, data any) { hub.Publish(name, data) }})
	if err != nil {
		t.Fatal(err)
	}
	answers := docs.New(docs.Deps{Finder: ix, Collections: store})
	office, err := desk.Open(t.Context(), desk.Deps{
		Store: store, Answers: answers, Owned: files.Owned, Remove: files.Delete, Person: owner,
		Publish: func(name string, data any) { hub.Publish(name, data) },
		Put: func(ctx context.Context, person string, f desk.File) (string, bool, error) {
			return files.Write(ctx, person, documents.Sent{Collection: f.Collection, Name: f.Name, Title: &f.Title, Effective: &f.Effective}, f.Text)
		},
		Collections: func(context.Context) ([]string, error) { return nil, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	d := Deps{
		Documents: files, Index: ix, Answers: answers, Desk: office,
		Store: store, Engine: measured, Library: books, Uploads: sent, ModelDirs: []string{models}, Chat: talk, Hub: hub, Metrics: metrics, Usage: record, Alerts: watched,
		Page: fstest.MapFS{
			"index.html":         {Data: []byte("<!doctype html><title>Alcove</title>")},
			"assets/app-1234.js": {Data: []byte("console.log(1)")},
			"favicon.svg":        {Data: []byte("<svg/>")},
		},
		Instance: "test", LocalToken: localToken, Version: "test", AllowedOrigins: []string{"https://app.example"},
	}
	for _, c := range change {
		c(&d)
	}
	b := &box{t: t, store: store, chat: talk, engine: backend, usage: record, server: New(d), client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b.base = "http://" + ln.Addr().String()
	served := make(chan error, 1)
	go func() { served <- b.server.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		b.client.CloseIdleConnections()
		defer ix.Close()
		if err := errors.Join(b.server.Shutdown(ctx), <-served, talk.Shutdown(ctx), watched.Close(), sent.Close(), office.Close(), files.Close(), books.Close(), record.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	})
	return b
}

// answer is a read response.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) problem(t *testing.T) Problem {
	t.Helper()
	var p Problem
	a.into(t, &p)
	return p
}

func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("status %d, body %q: %v", a.status, a.body, err)
	}
}

// request makes a request with this machine's own token.
func (b *box) request(method, path string, body any) *http.Request {
	b.t.Helper()
	var r io.Reader
	switch v := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(v)
	case []byte:
		r = bytes.NewReader(v)
	default:
		r = bytes.NewReader(mustJSON(v))
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, r)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+localToken)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

func (b *box) send(req *http.Request) answer {
	b.t.Helper()
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	if req.URL.Path == "/api/v1/events" && res.StatusCode == http.StatusOK {
		return answer{res.StatusCode, res.Header, nil} // a stream without an end
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, body}
}

func (b *box) do(method, path string, body any) answer {
	b.t.Helper()
	return b.send(b.request(method, path, body))
}

// want does a request, checks its status and reads the body into v.
func (b *box) want(status int, method, path string, body, v any) answer {
	b.t.Helper()
	a := b.do(method, path, body)
	if a.status != status {
		b.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.status, status, a.body)
	}
	if v != nil {
		a.into(b.t, v)
	}
	return a
}

// key makes an API key.
func (b *box) key() string {
	b.t.Helper()
	_, secret, err := b.store.CreateKey(b.t.Context(), "test")
	if err != nil {
		b.t.Fatal(err)
	}
	return secret
}

// wait looks until ok holds; the limit only ends a test that hangs.
func wait(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("never happened: " + what)
}

// follow opens an event stream; the test reads events from the channel.
func (b *box) follow(query string) (<-chan event, func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	res, err := b.client.Do(b.request("GET", "/api/v1/events"+query, nil).WithContext(ctx))
	if err != nil {
		b.t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		b.t.Fatalf("events: status %d", res.StatusCode)
	}
	out := make(chan event, 1000)
	go func() {
		defer close(out)
		defer res.Body.Close()
		readEvents(res.Body, out)
	}()
	return out, cancel
}

// readEvents parses server-sent events.
func readEvents(r io.Reader, out chan<- event) {
	var e event
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSuffix(line, "\n")
		switch field, value, _ := strings.Cut(line, ": "); {
		case line == "":
			if e.name != "" || len(e.data) > 0 {
				out <- e
			}
			e = event{}
		case field == "id":
			fmt.Sscan(value, &e.seq)
		case field == "event":
			e.name = value
		case field == "data":
			e.data = []byte(value)
		}
	}
}
