package local_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
)

// patience ends a test that would hang. No result depends on it.
const patience = 3 * time.Minute

// bench is an engine with a model folder.
type bench struct {
	*local.Engine
	dir string
}

// newFake makes an engine of fake workers; each test puts its models into dir.
func newFake(t *testing.T, change func(*local.Config)) bench {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := local.Config{
		WorkerPath: exe, RuntimeDir: fake.Runtime(t, local.LibraryVersion, local.BindingVersion), ModelsDir: t.TempDir(),
		Threads: 1, BackoffMin: time.Millisecond, Log: testLog(t),
	}
	if change != nil {
		change(&c)
	}
	return open(t, c)
}

func open(t *testing.T, c local.Config) bench {
	t.Helper()
	e, err := local.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return bench{e, c.ModelsDir}
}

// testLog writes to the test's own log with ALCOVE_TEST_LOG set.
func testLog(t *testing.T) *slog.Logger {
	if os.Getenv("ALCOVE_TEST_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// result is what one Generate brought.
type result struct {
	text   string
	tokens int
	stages []engine.StageName
	usage  engine.Usage
	err    error
}

func ask(text string) engine.Request {
	return engine.Request{ID: "r", Class: engine.ClassInteractive, User: "owner",
		Messages: []engine.Message{{Role: engine.RoleUser, Segments: []engine.Segment{{Text: text}}}}}
}

// generate runs one request to its end. on, if set, sees each event.
func (b bench) generate(ctx context.Context, req engine.Request, on func(engine.Event)) result {
	ctx, stop := context.WithTimeoutCause(ctx, patience, errors.New("the test has lost its patience"))
	defer stop()
	var r result
	var text strings.Builder
	r.usage, r.err = b.Generate(ctx, req, func(ev engine.Event) error {
		switch ev := ev.(type) {
		case engine.Stage:
			r.stages = append(r.stages, ev.Name)
		case engine.Token:
			text.WriteString(ev.Text)
			r.tokens += ev.N
		}
		if on != nil {
			on(ev)
		}
		return nil
	})
	r.text = text.String()
	return r
}

func code(err error) engine.Code {
	var e *engine.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestEngine_Generate(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "m", fake.Script{Text: "Größe 東京 👩‍🚀 ok", Cut: 3, Prefill: 3})
	r := b.generate(t.Context(), ask("one two three"), nil)
	if r.err != nil || r.text != "Größe 東京 👩‍🚀 ok" {
		t.Fatalf("text %q, error %v", r.text, r.err)
	}
	u := r.usage
	if u.Finish != engine.FinishStop || u.PromptTokens != 3 || u.OutputTokens != 10 || u.Model != "m" ||
		u.Device != "CPU (fake)" || u.FirstToken <= 0 || u.Prefill <= 0 || u.Prefill > u.FirstToken || u.Total < u.FirstToken || u.TokensPerSec <= 0 || u.Restarts != 0 {
		t.Errorf("usage %+v", u)
	}
	if r.stages[0] != engine.StageQueued && r.stages[0] != engine.StageLoading {
		t.Errorf("stages %v", r.stages)
	}
}
