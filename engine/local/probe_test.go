package local_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"alcove/engine"
	"alcove/engine/local"
	"alcove/engine/local/fake"
	"alcove/engine/models"
	"alcove/engine/worker/tiny"
)

// probing tries a model of the fake worker.
func probing(t *testing.T, ctx context.Context, limit time.Duration, s fake.Script) error {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	fake.Model(t, dir, "m", s)
	return local.ProbeWithin(ctx, limit, exe, t.TempDir(), filepath.Join(dir, "m.gguf"))
}

// However a trial ends, there is a sentence, and it names the model.
func TestProbeModel_Fake(t *testing.T) {
	for name, c := range map[string]struct {
		probe fake.Act
		limit time.Duration
		code  engine.Code
		says  string
	}{
		"well":                {"", time.Minute, "", ""},
		"refused":             {fake.Refuse, time.Minute, engine.CodeModelLoad, "does not load"},
		"aborted":             {fake.Abort, time.Minute, engine.CodeModelRefused, "crashed on it"},
		"killed":              {fake.Kill, time.Minute, engine.CodeModelRefused, "crashed on it"},
		"without a word":      {fake.ExitZero, time.Minute, engine.CodeModelRefused, "without an answer"},
		"hangs without limit": {fake.Freeze, 300 * time.Millisecond, engine.CodeModelLoad, "in time"},
	} {
		t.Run(name, func(t *testing.T) {
			err := probing(t, t.Context(), c.limit, fake.Script{Probe: c.probe})
			if c.code == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var e *engine.Error
			if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Message, c.says) || !strings.HasSuffix(e.Message, ".") {
				t.Errorf("%v", err)
			}
		})
	}
}

// Whoever gives up is answered with that, and a worker that is no program is no
// fault of the model.
func TestProbeModel_Cancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := probing(t, ctx, time.Minute, fake.Script{Probe: fake.Freeze}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	var e *engine.Error
	if err := local.ProbeModel(t.Context(), "/nowhere/worker", t.TempDir(), "m.gguf"); !errors.As(err, &e) || e.Code != engine.CodeRuntimeMissing {
		t.Errorf("%v", err)
	}
}

// The true worker takes the true model, and a file that only looks like one
// costs a sentence.
func TestProbeModel_Real(t *testing.T) {
	r := needReal(t)
	if err := local.ProbeModel(t.Context(), r.worker, r.runtime, filepath.Join(r.models, realModel+".gguf")); err != nil {
		t.Error(err)
	}
	kinds := map[string]tiny.Model{}
	for _, k := range tiny.All() {
		kinds[k.Name] = k
	}
	dir, kind := t.TempDir(), kinds["llama"]
	write := func(name string, o tiny.Options) string {
		path := filepath.Join(dir, name+".gguf")
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
		if err := kind.Write(path, o); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good", tiny.Options{})
	adapter := filepath.Join(dir, "tone.gguf")
	if err := kind.WriteAdapter(adapter, tiny.Adapter{Strength: 1}); err != nil {
		t.Fatal(err)
	}
	if err := local.ProbeModel(t.Context(), r.worker, r.runtime, good, adapter); err != nil {
		t.Error(err)
	}
	kind = kinds["mixtral"]
	experts := write("experts", tiny.Options{Set: map[string]any{"llama.expert_used_count": uint32(9)}})
	kind = kinds["llama"]
	for what, err := range map[string]error{
		"cannot be used: it": local.ProbeModel(t.Context(), r.worker, r.runtime, good, good),
		"crashed on it":      local.ProbeModel(t.Context(), r.worker, r.runtime, experts),
		"was not loaded":     local.ProbeModel(t.Context(), r.worker, r.runtime, write("odd", tiny.Options{Set: map[string]any{"general.architecture": "nonsense"}})),
		"is damaged":         local.ProbeModel(t.Context(), r.worker, r.runtime, write("short", tiny.Options{Drop: "output_norm.weight"})),
		"cannot be used.":    local.ProbeModel(t.Context(), r.worker, r.runtime, write("template", tiny.Options{Template: "{% for"})),
	} {
		var e *engine.Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, what) {
			t.Errorf("%v, want %q", err, what)
		}
	}
	folder, err := models.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	infos, err := folder.List()
	if err != nil || len(infos) != 6 {
		t.Fatalf("%d models, %v", len(infos), err)
	}
	for _, m := range infos { // or a trial would not be needed
		if want := map[bool]models.State{true: models.StateAdapter, false: models.StateReady}[m.ID == "tone"]; m.State != want {
			t.Errorf("%s is %s: %s", m.ID, m.State, m.Refused)
		}
	}
}
