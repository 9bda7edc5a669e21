package tiny

import "math"

// Model is one tiny model.
type Model struct {
	Name         string // for tests: "llama3"
	Architecture string // general.architecture
	// Template names the chat template of this kind among those that
	// engine/worker/prompt compares with Jinja's own output; empty: it has none.
	Template string
	// Ends are the tokens by which an answer of this kind may end, Marks other
	// control tokens.
	Ends, Marks []string
	// Rewinds says that sequences can share a part of another and be cut. Models
	// with a sliding window or with a state in place of a cache cannot.
	Rewinds bool
	// Routes says that each token goes to some of several experts: where two are
	// nearly equal rounding chooses, and the scores jump.
	Routes bool

	vocab func() *vocabulary
	build func(*builder)
}

// Options change what a file says. Merged is an adapter that is in the weights.
// Set has keys that are other than they should be, nil for one that is missing;
// Drop is the name of a tensor that is missing.
type Options struct {
	Seed     uint64
	Template string // Jinja
	Context  int    // tokens it was trained for; 0: 2048
	EOS      int32  // the token that ends an answer; 0: the vocabulary's own
	Merged   *Adapter
	Set      map[string]any
	Drop     string
}

// Write makes the model's file at path, which must not exist. The same options
// give the same bytes.
func (m Model) Write(path string, o Options) error {
	b := &builder{arch: m.Architecture, seed: o.Seed, vocab: m.vocab()}
	b.set("general.architecture", m.Architecture)
	b.set("general.name", "tiny "+m.Name)
	b.set("general.file_type", uint32(0))
	if o.Context == 0 {
		o.Context = 2048
	}
	b.hparam("context_length", uint32(o.Context))
	if o.EOS > 0 {
		b.vocab.eos = b.vocab.tokens[o.EOS]
	}
	m.build(b)
	if o.Merged != nil {
		o.Merged.merge(b.tensors)
	}
	b.vocab.put(&b.file)
	if o.Template != "" {
		b.set("tokenizer.chat_template", o.Template)
	}
	b.spoil(o)
	return b.write(path)
}

// Window is the sliding window of those models that have one, in tokens.
const Window = 32

// All are the models, one for each kind.
func All() []Model {
	return []Model{
		{Name: "llama", Architecture: "llama", Template: "inst", Rewinds: true, Ends: []string{"</s>"}, Marks: []string{"[INST]", "[/INST]"},
			vocab: func() *vocabulary {
				return sentencePiece("<s>", "</s>", true, "<s>", "</s>", "[INST]", "[/INST]")
			}, build: func(b *builder) { b.transformer(plain()) }},
		{Name: "llama3", Architecture: "llama", Template: "headers", Rewinds: true, Ends: []string{"<|eot_id|>"}, Marks: []string{"<|start_header_id|>", "<|end_header_id|>", "<|begin_of_text|>"},
			vocab: func() *vocabulary {
				return bytePair("llama-bpe", "<|begin_of_text|>", "<|eot_id|>", "<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
			}, build: func(b *builder) {
				s := plain()
				s.ropeFactors = true
				b.hparam("rope.freq_base", float32(500000))
				b.transformer(s)
			}},
		{Name: "mixtral", Architecture: "llama", Template: "inst", Rewinds: true, Routes: true, Ends: []string{"</s>"}, Marks: []string{"[INST]", "[/INST]"},
			vocab: func() *vocabulary {
				return sentencePiece("<s>", "</s>", true, "<s>", "</s>", "[INST]", "[/INST]")
			}, build: func(b *builder) {
				s := plain()
				s.experts, s.used = 4, 2
				b.transformer(s)
			}},
		{Name: "qwen2", Architecture: "qwen2", Template: "chatml", Rewinds: true, Ends: []string{"<|im_end|>", "<|endoftext|>"}, Marks: []string{"<|im_start|>"},
			vocab: chatML("qwen2"), build: func(b *builder) {
				s := plain()
				s.bias = true
				b.hparam("rope.freq_base", float32(1e6))
				b.transformer(s)
			}},
		{Name: "qwen3", Architecture: "qwen3", Template: "thinking", Rewinds: true, Ends: []string{"<|im_end|>", "<|endoftext|>"}, Marks: []string{"<|im_start|>"},
			vocab: chatML("qwen2"), build: func(b *builder) {
				s := plain()
				s.headNorm, s.head = true, 32 // heads are wider than the model
				b.hparam("rope.freq_base", float32(1e6))
				b.transformer(s)
			}},
		{Name: "gemma2", Architecture: "gemma2", Template: "turns", Ends: []string{"<eos>", "<end_of_turn>"}, Marks: []string{"<start_of_turn>"},
			vocab: gemmaWords, build: func(b *builder) {
				b.hparam("attention.sliding_window", uint32(Window))
				b.hparam("attn_logit_softcapping", float32(50))
				b.hparam("final_logit_softcapping", float32(30))
				s := gemma()
				s.layers, s.embedding, s.gain = 4, 5/math.Sqrt(float64(s.width)), 10
				b.transformer(s)
			}},
		{Name: "gemma3", Architecture: "gemma3", Template: "turns", Ends: []string{"<eos>", "<end_of_turn>"}, Marks: []string{"<start_of_turn>"},
			vocab: gemmaWords, build: func(b *builder) {
				b.hparam("attention.sliding_window", uint32(Window))
				b.hparam("rope.freq_base", float32(1e6))
				s := gemma()
				s.headNorm, s.layers = true, 6 // every sixth layer sees all
				b.transformer(s)
			}},
		{Name: "phi3", Architecture: "phi3", Template: "phi", Rewinds: true, Ends: []string{"<|end|>", "<|endoftext|>"}, Marks: []string{"<|user|>", "<|assistant|>"},
			vocab: func() *vocabulary {
				return sentencePiece("<s>", "<|end|>", false, "<s>", "</s>", "<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>")
			}, build: func(b *builder) {
				s := plain()
				s.fused, s.headFromWidth = true, true
				b.hparam("rope.scaling.original_context_length", uint32(2048))
				b.transformer(s)
			}},
		{Name: "granite", Architecture: "granite", Template: "roles", Rewinds: true, Ends: []string{"<|end_of_text|>"}, Marks: []string{"<|start_of_role|>", "<|end_of_role|>"},
			vocab: func() *vocabulary {
				return bytePair("refact", "<|end_of_text|>", "<|end_of_text|>", "<|end_of_text|>", "<|start_of_role|>", "<|end_of_role|>")
			}, build: func(b *builder) {
				b.hparam("embedding_scale", float32(6))
				b.hparam("residual_scale", float32(0.5))
				b.hparam("attention.scale", float32(0.25))
				b.hparam("logit_scale", float32(4))
				s := plain()
				s.embedding, s.score, s.gain = 1.0/6, 4, 3
				b.transformer(s)
			}},
		{Name: "mamba", Architecture: "mamba", Ends: []string{"<|endoftext|>"},
			vocab: func() *vocabulary {
				return bytePair("gpt-2", "<|endoftext|>", "<|endoftext|>", "<|endoftext|>")
			}, build: func(b *builder) { b.mamba(2, 64) }},
		{Name: "lfm2", Architecture: "lfm2", Template: "chatml", Ends: []string{"<|im_end|>", "<|endoftext|>"}, Marks: []string{"<|im_start|>"},
			vocab: chatML("lfm2"), build: func(b *builder) {
				s := plain()
				s.layers, s.kvHeadsOf, s.convolution = 4, []int32{0, 2, 0, 2}, 3
				s.headNorm, s.tied, s.gain = true, true, 4
				s.embedding = spread / math.Sqrt(float64(s.width))
				s.outputNorm, s.headFromWidth = "token_embd_norm.weight", true
				b.hparam("rope.freq_base", float32(1e6))
				b.hparam("vocab_size", uint32(len(b.vocab.tokens)))
				b.transformer(s)
			}},
	}
}

// plain is the transformer that most kinds are a variant of.
func plain() shape {
	return shape{layers: 2, width: 64, heads: 4, kvHeads: 2, head: 16, inner: 128, embedding: 1}
}

// gemma has normalised parts and embeddings that are the output too. The parts
// are larger than the embedding, or each token would be followed by itself.
func gemma() shape {
	s := plain()
	s.head, s.postNorm, s.tied, s.gain = 32, true, true, spread
	s.embedding = spread / math.Sqrt(float64(s.width))
	return s
}

func gemmaWords() *vocabulary {
	return sentencePiece("<bos>", "<eos>", true, "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>")
}

// chatML are the words of models that are asked in ChatML, cut as pre says.
func chatML(pre string) func() *vocabulary {
	return func() *vocabulary {
		return bytePair(pre, "", "<|im_end|>", "<|endoftext|>", "<|im_start|>", "<|im_end|>", "+<think>", "+</think>")
	}
}
