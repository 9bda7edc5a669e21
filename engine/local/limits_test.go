package local_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
)

// A cancelled answer returns at once, also when the worker does not answer.
func TestEngine_Cancel(t *testing.T) {
	cases := map[string]fake.Script{
		"in decode":     {Endless: true},
		"in prefill":    {Prefill: 1 << 30},
		"worker frozen": {Endless: true, Faults: []fake.Fault{{Do: fake.Freeze, At: fake.AtDecode, Step: 5}}},
		"worker stalls": {Endless: true, Faults: []fake.Fault{{Do: fake.Stall, At: fake.AtDecode, Step: 5}}},
		"while loading": {Faults: []fake.Fault{{Do: fake.Slow, At: fake.AtLoad}}},
	}
	for name, script := range cases {
		t.Run(name, func(t *testing.T) {
			b := newFake(t, nil) // hangs are found after 10 s; a cancel does not wait for that
			fake.Model(t, b.dir, "m", script)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r := b.generate(ctx, ask("one two"), func(ev engine.Event) {
				switch ev := ev.(type) {
				case engine.Token:
					cancel()
				case engine.Stage:
					if ev.Name == engine.StagePrefill || name == "while loading" {
						cancel()
					}
				}
			})
			if r.err != nil || r.usage.Finish != engine.FinishCancelled {
				t.Fatalf("finish %s, error %v", r.usage.Finish, r.err)
			}
			if name == "in decode" {
				b.await(t, "a free worker", func() bool { st := b.Status(); return st.Active+st.Queued == 0 })
			}
		})
	}
}

// An error of emit stops the answer and comes back as it is.
func TestEngine_EmitFails(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "m", fake.Script{Endless: true})
	gone := errors.New("reader has gone")
	n := 0
	u, err := b.Generate(t.Context(), ask("hello"), func(engine.Event) error {
		if n++; n > 3 {
			return gone
		}
		return nil
	})
	if err != gone || u.Finish != engine.FinishCancelled || u.OutputTokens == 0 {
		t.Errorf("usage %+v, error %v", u, err)
	}
}

// A reader that does not read stalls nobody, and gets everything later.
func TestEngine_SlowReader(t *testing.T) {
	b := newFake(t, nil)
	long := strings.Repeat(story, 50)
	fake.Model(t, b.dir, "m", fake.Script{Text: long, Pause: time.Microsecond})
	stuck, release := make(chan struct{}), make(chan struct{})
	slow := make(chan result)
	go func() {
		first := true
		slow <- b.generate(t.Context(), ask("slow"), func(engine.Event) {
			if first {
				first = false
				close(stuck)
				<-release
			}
		})
	}()
	<-stuck
	for range 3 {
		if r := b.generate(t.Context(), ask("quick"), nil); r.err != nil || r.text != long {
			t.Errorf("beside a slow reader: %d bytes, error %v", len(r.text), r.err)
		}
	}
	close(release)
	if r := <-slow; r.err != nil || r.text != long || r.tokens != r.usage.OutputTokens {
		t.Errorf("the slow reader: %d of %d bytes, %d of %d tokens, error %v", len(r.text), len(long), r.tokens, r.usage.OutputTokens, r.err)
	}
}

// Characters are whole at every joint, however the tokens cut them.
func TestEngine_WholeCharacters(t *testing.T) {
	for cut := 1; cut <= 8; cut++ {
		b := newFake(t, nil)
		fake.Model(t, b.dir, "m", fake.Script{Text: "a😀é東👩‍🚀", Cut: cut, Faults: []fake.Fault{{Do: fake.Kill, At: fake.AtDecode, Step: cut % 3}}})
		r := b.generate(t.Context(), ask("hello"), func(ev engine.Event) {
			if tok, ok := ev.(engine.Token); ok && strings.ContainsRune(tok.Text, '\uFFFD') {
				t.Errorf("cut %d: a broken character in %q", cut, tok.Text)
			}
		})
		if r.err != nil || r.text != "a😀é東👩‍🚀" {
			t.Errorf("cut %d: text %q, error %v", cut, r.text, r.err)
		}
	}
}

// The supervisor keeps the token limit when the worker does not.
func TestEngine_LimitIsKept(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "m", fake.Script{Endless: true, IgnoreLimit: true, Context: 50})
	r := b.generate(t.Context(), ask("hello"), nil)
	if r.err != nil || r.usage.Finish != engine.FinishLength || r.usage.OutputTokens < 50 {
		t.Errorf("usage %+v, error %v", r.usage, r.err)
	}
}

func TestEngine_Refuses(t *testing.T) {
	nan := func(change func(*engine.Sampling)) engine.Request {
		r := ask("hello")
		change(&r.Sampling)
		return r
	}
	cases := map[string]struct {
		req  engine.Request
		code engine.Code
	}{
		"unknown model":       {engine.Request{Model: "nobody", Messages: ask("x").Messages}, engine.CodeModelNotFound},
		"a path":              {engine.Request{Model: "../m", Messages: ask("x").Messages}, engine.CodeModelNotFound},
		"a refused file":      {engine.Request{Model: "text", Messages: ask("x").Messages}, engine.CodeModelRefused},
		"no message":          {engine.Request{}, engine.CodeInvalidRequest},
		"temperature NaN":     {nan(func(s *engine.Sampling) { s.Temperature = math.NaN() }), engine.CodeInvalidRequest},
		"temperature inf":     {nan(func(s *engine.Sampling) { s.Temperature = math.Inf(1) }), engine.CodeInvalidRequest},
		"top_p negative":      {nan(func(s *engine.Sampling) { s.TopP = -0.1 }), engine.CodeInvalidRequest},
		"top_p above 1":       {nan(func(s *engine.Sampling) { s.TopP = 1.1 }), engine.CodeInvalidRequest},
		"min_p above 1":       {nan(func(s *engine.Sampling) { s.MinP = 2 }), engine.CodeInvalidRequest},
		"top_k negative":      {nan(func(s *engine.Sampling) { s.TopK = -1 }), engine.CodeInvalidRequest},
		"max_tokens negative": {nan(func(s *engine.Sampling) { s.MaxTokens = -1 }), engine.CodeInvalidRequest},
		"context full":        {ask(strings.Repeat("word ", 5000)), engine.CodeContextFull},
		"more than a frame":   {ask(strings.Repeat("x", 17<<20)), engine.CodeContextFull},
		"escapes fill it":     {ask(strings.Repeat("\x00", 4<<20)), engine.CodeContextFull},
	}
	b := newFake(t, nil)
	fake.Model(t, b.dir, "m", fake.Script{Text: story})
	if err := os.WriteFile(filepath.Join(b.dir, "text.gguf"), []byte("not a model at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := b.generate(t.Context(), c.req, nil)
			if code(r.err) != c.code || r.usage.Finish != engine.FinishFailed || r.text != "" {
				t.Errorf("finish %s, text %q, error %v", r.usage.Finish, r.text, r.err)
			}
		})
	}
	if r := b.generate(t.Context(), ask("hello"), nil); r.err != nil || r.text != story || fake.Starts(t, b.dir, "m") != 1 {
		t.Errorf("afterwards: text %q, %d starts, error %v", r.text, fake.Starts(t, b.dir, "m"), r.err)
	}
}

func TestEngine_NothingThere(t *testing.T) {
	cases := map[string]struct {
		change func(*local.Config)
		code   engine.Code
	}{
		"no model folder":   {func(c *local.Config) { c.ModelsDir += "/nowhere" }, engine.CodeNoModel},
		"empty folder":      {func(c *local.Config) { c.ModelsDir = t.TempDir() }, engine.CodeNoModel},
		"no libraries":      {func(c *local.Config) { c.RuntimeDir += "/nowhere" }, engine.CodeRuntimeMissing},
		"library changed":   {func(c *local.Config) { spoil(t, c.RuntimeDir) }, engine.CodeRuntimeChanged},
		"no worker":         {func(c *local.Config) { c.WorkerPath += "-nowhere" }, engine.CodeRuntimeMissing},
		"default not there": {func(c *local.Config) { c.DefaultModel = "gone" }, engine.CodeModelNotFound},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newFake(t, func(cfg *local.Config) {
				fake.Model(t, cfg.ModelsDir, "m", fake.Script{})
				c.change(cfg)
			})
			r := b.generate(t.Context(), ask("hello"), nil)
			if code(r.err) != c.code {
				t.Errorf("generate: %v", r.err)
			}
			if err := b.Load(t.Context(), ""); code(err) != c.code {
				t.Errorf("load: %v", err)
			}
		})
	}
}

func TestNew_Refuses(t *testing.T) {
	if _, err := local.New(local.Config{}); err == nil {
		t.Error("an empty configuration was accepted")
	}
	if _, err := local.New(local.Config{WorkerPath: "w", RuntimeDir: "r", ModelsDir: "m", Threads: -1}); err == nil {
		t.Error("negative threads were accepted")
	}
}

func TestEngine_Busy(t *testing.T) {
	b := newFake(t, func(c *local.Config) { c.MaxAnswers = 2 })
	fake.Model(t, b.dir, "m", fake.Script{Endless: true})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan result)
	for range 2 {
		go func() { ended <- b.generate(ctx, ask("hello"), nil) }()
	}
	b.await(t, "two answers", func() bool { st := b.Status(); return st.Active+st.Queued == 2 })
	if r := b.generate(t.Context(), ask("hello"), nil); code(r.err) != engine.CodeBusy {
		t.Errorf("the third: %v", r.err)
	}
	cancel()
	<-ended
	<-ended
}

// Close ends every wait with its reason and leaves no process.
func TestEngine_Close(t *testing.T) {
	cases := map[string]fake.Script{
		"in decode":      {Endless: true},
		"while loading":  {Always: &fake.Fault{Do: fake.Slow, At: fake.AtLoad}},
		"before hello":   {Always: &fake.Fault{Do: fake.Freeze, At: fake.AtStart}},
		"worker frozen":  {Always: &fake.Fault{Do: fake.Freeze, At: fake.AtDecode, Step: 3}},
		"before restart": {Always: &fake.Fault{Do: fake.Kill, At: fake.AtDecode, Step: 3}},
	}
	for name, script := range cases {
		t.Run(name, func(t *testing.T) {
			b := newFake(t, func(c *local.Config) { c.BackoffMin, c.BackoffMax = time.Hour, time.Hour })
			fake.Model(t, b.dir, "m", script)
			fake.Model(t, b.dir, "other", fake.Script{})
			ended, loaded := make(chan result), make(chan error)
			go func() { ended <- b.generate(t.Context(), ask("hello"), nil) }()
			b.await(t, "a worker", func() bool {
				st := b.Status()
				return fake.Starts(t, b.dir, "m") == 1 && (name != "before restart" || st.WorkerPID == 0) &&
					(name != "in decode" || st.Active == 1)
			})
			go func() { loaded <- b.Load(t.Context(), "other") }()
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			if r := <-ended; code(r.err) != engine.CodeClosed || r.usage.Finish != engine.FinishFailed {
				t.Errorf("the answer: finish %s, error %v", r.usage.Finish, r.err)
			}
			if err := <-loaded; code(err) != engine.CodeClosed {
				t.Errorf("the load: %v", err)
			}
			if st := b.Status(); st.WorkerPID != 0 || st.Ready {
				t.Errorf("status %+v", st)
			}
			if r := b.generate(t.Context(), ask("hello"), nil); code(r.err) != engine.CodeClosed {
				t.Errorf("afterwards: %v", r.err)
			}
		})
	}
}

func TestEngine_LoadCancelled(t *testing.T) {
	b := newFake(t, nil)
	fake.Model(t, b.dir, "m", fake.Script{Faults: []fake.Fault{{Do: fake.Slow, At: fake.AtLoad}}})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.Load(ctx, "m") }()
	b.await(t, "loading", func() bool { return b.model("m").State == engine.ModelLoading })
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// spoil changes one byte of a library.
func spoil(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "libllama.so.0")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[0] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
