package models

import (
	"slices"
	"strings"
	"testing"
)

// adapter is a LoRA header for an architecture, of a width and a layer.
func adapter(arch string, width uint64, name string) gguf {
	g := gguf{keys: []kv{text("general.type", "adapter"), text("adapter.type", "lora"), text("general.architecture", arch),
		{key: "adapter.lora.alpha", typ: typeFloat32, vals: []any{float32(8)}}}}
	g.tensors = []tensor{{name: name + ".weight.lora_a", dims: []uint64{width, 4}}, {name: name + ".weight.lora_b", dims: []uint64{4, 32}, offset: 2048}}
	return g
}

// An adapter is listed, is no model, and is found by the models that it fits.
func TestAdapters(t *testing.T) {
	dir := t.TempDir()
	base := good().set(number("llama.embedding_length", 64)).set(number("llama.block_count", 2))
	put(t, dir, "base.gguf", base.bytes())
	put(t, dir, "wide.gguf", base.set(number("llama.embedding_length", 128)).bytes())
	base = base.set(number("llama.embedding_length", 64))
	put(t, dir, "silent.gguf", good().bytes())
	put(t, dir, "other.gguf", base.set(text("general.architecture", "qwen2")).bytes())
	put(t, dir, "lora/tone.gguf", adapter("llama", 64, "blk.1.attn_q").bytes())
	put(t, dir, "lora/deep.gguf", adapter("llama", 64, "blk.2.ffn_up").bytes())
	put(t, dir, "down.gguf", adapter("llama", 100, "blk.0.ffn_down").bytes())
	foreign := adapter("llama", 64, "blk.0.attn_q")
	foreign.keys[1].vals = []any{"control_vector"}
	put(t, dir, "vector.gguf", foreign.bytes())
	put(t, dir, "eye.gguf", good().set(text("general.type", "mmproj")).bytes())
	put(t, dir, "matrix.gguf", good().set(text("general.type", "imatrix")).bytes())
	put(t, dir, "named.gguf", good().set(text("general.type", "model")).bytes())
	got := list(t, dir)
	for id, want := range map[string][]string{"base": {"down", "tone"}, "wide": {"down"}, "silent": {"deep", "down", "tone"}, "other": nil, "named": {"deep", "down", "tone"}} {
		if m := got[id]; m.State != StateReady || !slices.Equal(m.Adapters, want) {
			t.Errorf("%s: %s, adapters %v, want %v", id, m.State, m.Adapters, want)
		}
	}
	for id, want := range map[string]struct {
		state State
		why   string
	}{
		"tone": {StateAdapter, "adapter (LoRA)"}, "deep": {StateAdapter, "no model of its own"}, "vector": {StateRefused, "not supported"},
		"eye": {StateRefused, "pictures"}, "matrix": {StateRefused, "no model"},
	} {
		if m := got[id]; m.State != want.state || !strings.Contains(m.Refused, want.why) || !m.Current() || m.Adapters != nil {
			t.Errorf("%s: %+v", id, m)
		}
	}
}
