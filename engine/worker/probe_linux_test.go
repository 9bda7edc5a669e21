package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"alcove/engine/wire"
	"alcove/engine/worker/tiny"
)

// probed is what a probe said, or how it ended.
type probed struct {
	wire.Probed
	ended string
	log   string
}

// runProbe tries a model in a process of its own, as the app does.
func runProbe(t testing.TB, path string, adapters ...string) probed {
	t.Helper()
	if _, err := os.Stat(runtimeDir); err != nil {
		t.Skip("no libraries here; run: make setup")
	}
	args := []string{"--runtime", runtimeDir, "--model", path, "--probe"}
	for _, a := range adapters {
		args = append(args, "--lora", a)
	}
	cmd := exec.CommandContext(t.Context(), workerBin, args...)
	cmd.Env = []string{"LD_LIBRARY_PATH=" + runtimeDir, "GOTRACEBACK=single"}
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	p := probed{log: log.String()}
	if err != nil {
		p.ended = err.Error()
		return p
	}
	out = bytes.TrimSpace(out)
	if err := json.Unmarshal(out[bytes.LastIndexByte(out, '\n')+1:], &p.Probed); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	return p
}

// What loads passes the probe, with its adapters.
func TestProbe_Good(t *testing.T) {
	for _, kind := range tiny.All() {
		path := tinyFile(t, kind, tiny.Options{Seed: 1})
		if p := runProbe(t, path); !p.OK {
			t.Errorf("%s: %+v", kind.Name, p)
		}
	}
	kind := kindOf(t, "llama")
	path := tinyFile(t, kind, tiny.Options{Seed: 1})
	if p := runProbe(t, path, adapterFile(t, kind, tiny.Adapter{Seed: 1, Strength: 1}), adapterFile(t, kind, tiny.Adapter{Seed: 2, Strength: 1})); !p.OK {
		t.Errorf("with adapters: %+v", p)
	}
	for name, adapter := range badAdapters(t, kind) {
		if p := runProbe(t, path, adapter); p.OK || p.Code != "model_load_failed" || !strings.Contains(p.Message, filepath.Base(adapter)) {
			t.Errorf("with an adapter that is %s: %+v", name, p)
		}
	}
	if _, err := os.Stat(modelPath); err != nil {
		t.Skip("no real model here; run: make setup")
	}
	if p := runProbe(t, modelPath); !p.OK {
		t.Errorf("the real model: %+v", p)
	}
}

// spoilt are files with a sound header that llama.cpp does not take: it refuses
// them, or aborts.
var spoilt = map[string]struct {
	kind string
	tiny.Options
}{
	"of an unknown architecture":         {"llama", tiny.Options{Set: map[string]any{"general.architecture": "nonsense"}}},
	"of another architecture":            {"llama", tiny.Options{Set: map[string]any{"general.architecture": "qwen2"}}},
	"without a tensor":                   {"llama", tiny.Options{Drop: "blk.1.ffn_down.weight"}},
	"without words":                      {"llama", tiny.Options{Drop: "token_embd.weight"}},
	"wider than its tensors":             {"llama", tiny.Options{Set: map[string]any{"llama.embedding_length": uint32(65)}}},
	"with more layers than it has":       {"llama", tiny.Options{Set: map[string]any{"llama.block_count": uint32(3)}}},
	"with more words than rows":          {"llama", tiny.Options{Set: map[string]any{"llama.vocab_size": uint32(1 << 20)}}},
	"with three heads":                   {"llama", tiny.Options{Set: map[string]any{"llama.attention.head_count": uint32(3)}}},
	"with no heads":                      {"llama", tiny.Options{Set: map[string]any{"llama.attention.head_count": uint32(0)}}},
	"with a billion heads":               {"llama", tiny.Options{Set: map[string]any{"llama.attention.head_count": uint32(1 << 30)}}},
	"with no heads of keys":              {"llama", tiny.Options{Set: map[string]any{"llama.attention.head_count_kv": uint32(0)}}},
	"with three heads of keys":           {"llama", tiny.Options{Set: map[string]any{"llama.attention.head_count_kv": uint32(3)}}},
	"that turns an odd number":           {"llama", tiny.Options{Set: map[string]any{"llama.rope.dimension_count": uint32(7)}}},
	"that turns more than it has":        {"llama", tiny.Options{Set: map[string]any{"llama.rope.dimension_count": uint32(1 << 20)}}},
	"without an epsilon":                 {"llama", tiny.Options{Set: map[string]any{"llama.attention.layer_norm_rms_epsilon": nil}}},
	"trained on no tokens":               {"llama", tiny.Options{Set: map[string]any{"llama.context_length": uint32(0)}}},
	"whose context is a text":            {"llama", tiny.Options{Set: map[string]any{"llama.context_length": "long"}}},
	"without a tokeniser":                {"llama", tiny.Options{Set: map[string]any{"tokenizer.ggml.model": nil}}},
	"with an unknown tokeniser":          {"llama", tiny.Options{Set: map[string]any{"tokenizer.ggml.model": "nonsense"}}},
	"without tokens":                     {"llama", tiny.Options{Set: map[string]any{"tokenizer.ggml.tokens": nil}}},
	"with few scores":                    {"llama", tiny.Options{Set: map[string]any{"tokenizer.ggml.scores": []float32{1, 2}}}},
	"with few kinds of tokens":           {"llama", tiny.Options{Set: map[string]any{"tokenizer.ggml.token_type": []int32{1}}}},
	"with an unknown way to cut":         {"qwen2", tiny.Options{Set: map[string]any{"tokenizer.ggml.pre": "nonsense"}}},
	"with a merge that is none":          {"qwen2", tiny.Options{Set: map[string]any{"tokenizer.ggml.merges": []string{"x"}}}},
	"with merges that are numbers":       {"qwen2", tiny.Options{Set: map[string]any{"tokenizer.ggml.merges": []int32{1, 2}}}},
	"without merges":                     {"qwen2", tiny.Options{Set: map[string]any{"tokenizer.ggml.merges": nil}}},
	"that asks more experts than it has": {"mixtral", tiny.Options{Set: map[string]any{"llama.expert_used_count": uint32(9)}}},
	"with a million experts":             {"mixtral", tiny.Options{Set: map[string]any{"llama.expert_count": uint32(1 << 20)}}},
	"with no state":                      {"mamba", tiny.Options{Set: map[string]any{"mamba.ssm.state_size": uint32(0)}}},
	"without a convolution":              {"mamba", tiny.Options{Set: map[string]any{"mamba.ssm.conv_kernel": uint32(0)}}},
	"whose template is broken":           {"llama", tiny.Options{Template: "{% for x in %}"}},
	"whose template refuses":             {"llama", tiny.Options{Template: "{{ raise_exception('no') }}"}},
}

// harmless are those of spoilt that llama.cpp takes nevertheless.
var harmless = map[string]bool{"with a merge that is none": true, "with more words than rows": true, "trained on no tokens": true}

// A file that llama.cpp refuses or aborts on costs a process that nobody waits
// for, and a worker comes to the same verdict.
func TestProbe_Bad(t *testing.T) {
	crashed := 0
	defer func() {
		if t.Logf("%d of %d crashed", crashed, len(spoilt)); crashed == 0 {
			t.Error("none crashed: what a crash costs is not tested")
		}
	}()
	for name, c := range spoilt {
		t.Run(name, func(t *testing.T) {
			path := tinyFile(t, kindOf(t, c.kind), c.Options)
			p := runProbe(t, path)
			t.Logf("%+v %s", p.Probed, p.ended)
			if p.ended != "" {
				crashed++
			}
			if got := loads(t, path); got != p.OK {
				t.Errorf("a worker loads it: %v, the probe says %v", got, p.OK)
			}
			if p.OK != harmless[name] || p.ended == "" && !p.OK && (p.Code == "" || !strings.HasSuffix(p.Message, ".")) {
				t.Errorf("%+v %s", p.Probed, p.ended)
			}
		})
	}
}

// loads says whether a worker becomes ready with a model. It may die of it.
func loads(t *testing.T, path string) bool {
	t.Helper()
	w := spawn(t, runtimeDir, path)
	w.write(wire.ToWorker{Load: tinyLoad(path)})
	for {
		var m wire.FromWorker
		if _, err := wire.Read(w.conn, &m); err != nil || m.LoadFailed != nil {
			return false
		}
		if m.Ready != nil {
			return true
		}
	}
}

// What is no file, or not there, is told; nothing waits for it.
func TestProbe_NoFile(t *testing.T) {
	if p := runProbe(t, filepath.Join(t.TempDir(), "nothing.gguf")); p.OK || p.Code != "model_load_failed" {
		t.Errorf("a file that is not there: %+v", p)
	}
	began := time.Now()
	pipe := filepath.Join(t.TempDir(), "pipe.gguf")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if p := runProbe(t, pipe); p.OK || p.Code != "model_refused" {
		t.Errorf("a pipe, after %s: %+v", time.Since(began), p)
	}
	cmd := exec.Command(workerBin, "--runtime", t.TempDir(), "--model", pipe, "--probe")
	out, err := cmd.Output()
	var got wire.Probed
	if err := errors.Join(err, json.Unmarshal(out, &got)); err != nil || got.Code != "runtime_missing" {
		t.Errorf("without libraries: %s, %v", out, err)
	}
}
