package local

import (
	"slices"

	"alcove/engine/models"
	"alcove/engine/plan"
)

// This file is what a header's numbers mean to llama.cpp; it has no state.

// slidingPeriods are the architectures with a sliding window of which the file
// need not say which layers slide it: all but each n-th one. Not phi3, whose
// window llama.cpp leaves out. Of an architecture that is not here all layers
// are taken to keep every cell, which is too much and never too little.
var slidingPeriods = map[string]int64{
	"gemma2": 2, "gemma3": 6, "gemma3n": 5, "gpt-oss": 2, "cohere2": 4, "olmo2": 4, "exaone4": 4, "plamo3": 8, "afmoe": 4,
}

// gemma3nOwnKV is how many layers of gemma3n have K and V of their own; the
// others use theirs again. llama.cpp has the number in its code.
const gemma3nOwnKV = 20

// keys are numbers of a header: one value for all layers, or one each.
type keys map[string][]int64

// at is the number of a layer, bounded so that products fit; otherwise is used
// where the header has none.
func (k keys) at(name string, layer int, otherwise int64) int {
	list := k[name]
	switch {
	case len(list) == 1:
		otherwise = list[0]
	case layer < len(list):
		otherwise = list[layer]
	}
	return int(max(-1, min(otherwise, 1<<21))) // beyond what plan takes
}

// widest is the largest of all layers, 0 when there is none.
func (k keys) widest(name string) int {
	n := 0
	for i := range k[name] {
		n = max(n, k.at(name, i, 0))
	}
	return n
}

// planModel makes of a model in the folder what engine/plan needs. It reports
// false when the header does not say enough: a file without layers, or with
// tensors of a type that is newer than this program.
func planModel(m models.Info) (plan.Model, bool) {
	s := m.Shape
	if s == nil || len(s.Layers) == 0 || s.Unsized > 0 {
		return plan.Model{}, false
	}
	k := keys(s.Numbers)
	out := plan.Model{Name: m.ID, Architecture: m.Architecture, Embedding: s.Embedding, Output: s.Output,
		Hidden: k.at("embedding_length", 0, 0), FeedForward: feedForward(k), Heads: k.widest("attention.head_count"),
		Vocab: s.Vocab, Window: k.at("attention.sliding_window", 0, 0), Trained: m.Context}
	if s.Tied {
		out.Output += s.TokenEmbd
	}
	if out.Vocab == 0 {
		out.Vocab = k.at("vocab_size", 0, 0)
	}
	own := len(s.Layers) - max(0, k.at("attention.shared_kv_layers", 0, 0))
	if m.Architecture == "gemma3n" {
		own = min(own, gemma3nOwnKV)
	}
	for i, t := range s.Layers {
		l := plan.Layer{Weights: t.Bytes, Largest: t.Largest, Sliding: out.Window > 0 && slides(m.Architecture, k, i, len(s.Layers))}
		if t.Attention && i < own {
			heads(&l, k, i, out)
		}
		if t.Recurrent {
			l.State, l.Inner = state(k, out), max(0, k.at("ssm.inner_size", 0, 0))
		}
		out.Layers = append(out.Layers, l)
	}
	return out, out.Hidden > 0 && out.Vocab > 0 && out.Trained > 0
}

// withAdapters adds so many bytes of LoRA files, which lie where the tensors lie
// that they belong to: as a rule in all layers.
func withAdapters(m plan.Model, bytes int64) plan.Model {
	if bytes == 0 {
		return m
	}
	m.Layers = slices.Clone(m.Layers)
	n := int64(len(m.Layers))
	for i := range m.Layers {
		m.Layers[i].Weights += bytes / n
	}
	m.Layers[0].Weights += bytes % n
	return m
}

// heads sets what the K and V of a layer are.
func heads(l *plan.Layer, k keys, i int, m plan.Model) {
	count := k.at("attention.head_count", i, 0)
	l.KVHeads = k.at("attention.head_count_kv", i, int64(count))
	each := 0
	if count > 0 {
		each = m.Hidden / count
	}
	l.KeyDim = k.at("attention.key_length", i, int64(each))
	l.ValueDim = k.at("attention.value_length", i, int64(each))
	if l.Sliding {
		l.KeyDim = k.at("attention.key_length_swa", i, int64(l.KeyDim))
		l.ValueDim = k.at("attention.value_length_swa", i, int64(l.ValueDim))
	}
}

// slides says whether a layer attends to the window alone.
func slides(architecture string, k keys, i, layers int) bool {
	pattern := k["attention.sliding_window_pattern"]
	if len(pattern) > 1 || len(pattern) == 1 && layers == 1 {
		return pattern[i%len(pattern)] != 0
	}
	period, known := slidingPeriods[architecture]
	if len(pattern) == 1 && pattern[0] >= 0 {
		period, known = pattern[0], true
	}
	return known && (period == 0 || int64(i)%period < period-1)
}

// feedForward is the widest product of a feed-forward layer: of all experts
// that a token uses, where there are some.
func feedForward(k keys) int {
	n := k.widest("feed_forward_length")
	if used := k.at("expert_used_count", 0, 0); used > 0 {
		if each := k.widest("expert_feed_forward_length"); each > 0 {
			return max(n, used*each)
		}
		return used * n
	}
	return n
}

// state is the recurrent state of one sequence in a layer, in bytes, as
// llama_hparams counts it: n_embd_r and n_embd_s in float32.
func state(k keys, m plan.Model) int64 {
	of := func(name string) int64 { return int64(max(0, k.at(name, 0, 0))) }
	hidden := int64(m.Hidden)
	if head := of("wkv.head_size"); head > 0 {
		return 4 * hidden * (int64(max(0, k.at("token_shift_count", 0, 2))) + head)
	}
	if cache := of("shortconv.l_cache"); cache > 0 {
		return 4 * hidden * (cache - 1)
	}
	inner, size := of("ssm.inner_size"), of("ssm.state_size")
	kernel := min(of("ssm.conv_kernel"), 256) // so that products fit
	return 4 * (max(0, kernel-1)*(inner+2*of("ssm.group_count")*size) + size*inner)
}
