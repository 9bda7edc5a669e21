package models

import (
	"sort"
	"strings"
)

// This file knows the GGUF files that are no models of their own.

// maxAdapters bounds the adapters that are listed for one model.
const maxAdapters = 64

// adapts is what a LoRA file was made for, as far as its tensors show.
type adapts struct {
	width  int64 // numbers of a token inside the model; 0: not shown
	layers int   // it has at least so many
}

// takesWidth are the matrices whose input is as wide as the model.
var takesWidth = map[string]bool{"attn_q": true, "attn_k": true, "attn_v": true, "attn_qkv": true, "ffn_gate": true, "ffn_up": true}

// saw notes a tensor of an adapter; first is its first dimension.
func (a *adapts) saw(name string, first uint64) {
	base, isA := strings.CutSuffix(name, ".weight.lora_a")
	no, rest, ok := inLayer(base)
	if !isA || !ok {
		return
	}
	a.layers = max(a.layers, no+1)
	if takesWidth[rest] && first < 1<<31 {
		a.width = int64(first)
	}
}

// fits says whether a model may be what the adapter was made for. llama.cpp
// compares every matrix when it loads both.
func (a adapts) fits(s *Shape) bool {
	is := func(key string, want func(int64) bool) bool {
		n := s.Numbers[key]
		return len(n) == 0 || want(n[0])
	}
	return is("embedding_length", func(n int64) bool { return a.width == 0 || n == a.width }) &&
		is("block_count", func(n int64) bool { return int64(a.layers) <= n })
}

// notModel is the state of a whole file that is no model, with its sentence.
// Everything that is not known to be something else is a model.
func notModel(h Header) (State, string) {
	switch {
	case h.Kind == "adapter" && h.Adapter == "lora":
		return StateAdapter, "This is an adapter (LoRA), no model of its own. It can be chosen in the settings of a model that it fits."
	case h.Kind == "adapter":
		return StateRefused, "This is an adapter of a kind that is not supported. LoRA adapters are."
	case h.Kind == "mmproj" || h.Architecture == "clip":
		return StateRefused, "This is the part of a model that looks at pictures (mmproj), and not used. Text works without it."
	case h.Kind == "imatrix" || h.Kind == "dataset" || h.Kind == "vocab":
		return StateRefused, "This GGUF file holds no model. Nothing is wrong with it, but it cannot answer."
	}
	return StateReady, ""
}

// match lists for each model the adapters that fit it.
func match(infos []Info) {
	of := map[string][]Info{}
	for _, m := range infos {
		if m.State == StateAdapter {
			of[m.Architecture] = append(of[m.Architecture], m)
		}
	}
	for i := range infos {
		m := &infos[i]
		if m.State != StateReady || m.Shape == nil {
			continue
		}
		m.Adapters = nil
		for _, a := range of[m.Architecture] {
			if a.adapts.fits(m.Shape) && len(m.Adapters) < maxAdapters {
				m.Adapters = append(m.Adapters, a.ID)
			}
		}
		sort.Strings(m.Adapters)
	}
}
