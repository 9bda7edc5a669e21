package tiny

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
)

// spread is how far the scores of tokens lie apart: their standard deviation.
// The best of some hundred is then ahead of the second by about 2.
const spread = 8

// builder collects keys and tensors of one file.
type builder struct {
	file
	arch  string
	seed  uint64
	vocab *vocabulary
}

// hparam sets a key below the architecture's name.
func (b *builder) hparam(key string, value any) { b.set(b.arch+"."+key, value) }

// random gives a generator that depends on the seed and the name alone, so that
// a tensor more or less leaves the others as they are.
func (b *builder) random(name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return rand.New(rand.NewPCG(b.seed, h.Sum64()))
}

// tensor adds a tensor whose numbers come from f, called with their place.
func (b *builder) tensor(name string, f func(r *rand.Rand, i int) float64, dims ...int) {
	n := 1
	for _, d := range dims {
		n *= d
	}
	t, r := tensor{name: name, dims: dims, data: make([]float32, n)}, b.random(name)
	for i := range t.data {
		t.data[i] = float32(f(r, i))
	}
	b.tensors = append(b.tensors, t)
}

// matrix adds weights that turn numbers of size 1 into numbers of size gain.
// The first of dims is what goes in.
func (b *builder) matrix(name string, gain float64, dims ...int) {
	scale := gain / math.Sqrt(float64(dims[0]))
	b.tensor(name, func(r *rand.Rand, _ int) float64 { return scale * r.NormFloat64() }, dims...)
}

// norm adds the weights behind a normalisation: numbers about size.
func (b *builder) norm(name string, size float64, n int) {
	b.tensor(name, func(r *rand.Rand, _ int) float64 { return size * (1 + 0.1*r.NormFloat64()) }, n)
}

// bias adds small numbers.
func (b *builder) bias(name string, n int) {
	b.tensor(name, func(r *rand.Rand, _ int) float64 { return 0.2 * r.NormFloat64() }, n)
}

// words adds a row for each token: token_embd or output. Rows of tokens that
// are no text are small, so that these are seldom the best.
func (b *builder) words(name string, size float64, width int) {
	b.tensor(name, func(r *rand.Rand, i int) float64 {
		x := size * r.NormFloat64()
		if b.vocab.quiet[i/width] {
			x /= 8
		}
		return x
	}, width, len(b.vocab.tokens))
}

// layer names a tensor of a layer.
func layer(i int, name string) string { return fmt.Sprintf("blk.%d.%s", i, name) }

// shape is a transformer, as most architectures have it.
type shape struct {
	layers, width  int
	heads, kvHeads int
	head           int // numbers of a head
	inner          int // of the feed-forward network
	experts, used  int // 0: one network for all
	bias           bool
	headNorm       bool // of queries and keys
	postNorm       bool // of what a part gives
	fused          bool // queries, keys and values in one matrix, gate and up too
	tied           bool // output uses the embeddings
	embedding      float64
	score          float64 // by what the model divides scores; 0: 1
	gain           float64 // of what a part adds; 0: 1.5
	ropeFactors    bool    // a factor for each frequency
	kvHeadsOf      []int32 // by layer, 0 for one without attention; nil: all kvHeads
	convolution    int     // steps of the layers without attention
	outputNorm     string
	headFromWidth  bool // no key names the size of a head
}

// transformer adds keys and tensors of a transformer.
func (b *builder) transformer(s shape) {
	if s.gain == 0 {
		s.gain = 1.5
	}
	if s.score == 0 {
		s.score = 1
	}
	if s.outputNorm == "" {
		s.outputNorm = "output_norm.weight"
	}
	b.transformerKeys(s)
	b.words("token_embd.weight", s.embedding, s.width)
	b.norm(s.outputNorm, 1, s.width)
	if !s.tied {
		b.words("output.weight", spread*s.score/math.Sqrt(float64(s.width)), s.width)
	}
	if s.ropeFactors {
		b.tensor("rope_freqs.weight", func(_ *rand.Rand, i int) float64 { return 1 + float64(i/4) }, s.head/2)
	}
	for i := range s.layers {
		b.norm(layer(i, "attn_norm.weight"), 1, s.width)
		if s.kvHeadsOf != nil && s.kvHeadsOf[i] == 0 {
			b.shortConvolution(s, i)
		} else {
			b.attention(s, i)
		}
		b.norm(layer(i, "ffn_norm.weight"), 1, s.width)
		b.feedForward(s, i)
	}
}

func (b *builder) transformerKeys(s shape) {
	b.hparam("embedding_length", uint32(s.width))
	b.hparam("block_count", uint32(s.layers))
	b.hparam("feed_forward_length", uint32(s.inner))
	b.hparam("attention.head_count", uint32(s.heads))
	if s.kvHeadsOf != nil {
		b.hparam("attention.head_count_kv", s.kvHeadsOf)
	} else {
		b.hparam("attention.head_count_kv", uint32(s.kvHeads))
	}
	b.hparam("attention.layer_norm_rms_epsilon", float32(1e-5))
	b.hparam("rope.dimension_count", uint32(s.head))
	if !s.headFromWidth {
		b.hparam("attention.key_length", uint32(s.head))
		b.hparam("attention.value_length", uint32(s.head))
	}
	if s.experts > 0 {
		b.hparam("expert_count", uint32(s.experts))
		b.hparam("expert_used_count", uint32(s.used))
	}
	if s.convolution > 0 {
		b.hparam("shortconv.l_cache", uint32(s.convolution))
	}
}

// sharp is how large queries and keys are: attention then looks at few tokens,
// so that one that is wrong in the cache shows in the scores.
const sharp = 1.6

func (b *builder) attention(s shape, i int) {
	q, kv := s.heads*s.head, s.kvHeads*s.head
	if s.fused {
		b.matrix(layer(i, "attn_qkv.weight"), sharp, s.width, q+2*kv)
	} else {
		b.matrix(layer(i, "attn_q.weight"), sharp, s.width, q)
		b.matrix(layer(i, "attn_k.weight"), sharp, s.width, kv)
		b.matrix(layer(i, "attn_v.weight"), 1, s.width, kv)
	}
	if s.bias {
		b.bias(layer(i, "attn_q.bias"), q)
		b.bias(layer(i, "attn_k.bias"), kv)
		b.bias(layer(i, "attn_v.bias"), kv)
	}
	if s.headNorm {
		b.norm(layer(i, "attn_q_norm.weight"), sharp, s.head)
		b.norm(layer(i, "attn_k_norm.weight"), sharp, s.head)
	}
	b.matrix(layer(i, "attn_output.weight"), s.gain, q, s.width)
	if s.postNorm {
		b.norm(layer(i, "post_attention_norm.weight"), s.gain, s.width)
	}
}

func (b *builder) feedForward(s shape, i int) {
	switch {
	case s.experts > 0:
		// Far apart, so that rounding does not choose other experts.
		b.matrix(layer(i, "ffn_gate_inp.weight"), 6, s.width, s.experts)
		b.matrix(layer(i, "ffn_gate_exps.weight"), 1.5, s.width, s.inner, s.experts)
		b.matrix(layer(i, "ffn_up_exps.weight"), 1.5, s.width, s.inner, s.experts)
		b.matrix(layer(i, "ffn_down_exps.weight"), s.gain, s.inner, s.width, s.experts)
	case s.fused:
		b.matrix(layer(i, "ffn_up.weight"), 1.5, s.width, 2*s.inner)
		b.matrix(layer(i, "ffn_down.weight"), s.gain, s.inner, s.width)
	default:
		b.matrix(layer(i, "ffn_gate.weight"), 1.5, s.width, s.inner)
		b.matrix(layer(i, "ffn_up.weight"), 1.5, s.width, s.inner)
		b.matrix(layer(i, "ffn_down.weight"), s.gain, s.inner, s.width)
	}
	if s.postNorm {
		b.norm(layer(i, "post_ffw_norm.weight"), s.gain, s.width)
	}
}

// shortConvolution is what LFM2 has in place of attention in most layers: it
// remembers the last few tokens and nothing else.
func (b *builder) shortConvolution(s shape, i int) {
	b.tensor(layer(i, "shortconv.conv.weight"), func(r *rand.Rand, _ int) float64 { return 0.7 * r.NormFloat64() }, s.convolution, s.width)
	b.matrix(layer(i, "shortconv.in_proj.weight"), 1.2, s.width, 3*s.width)
	b.matrix(layer(i, "shortconv.out_proj.weight"), s.gain, s.width, s.width)
}

// mamba adds keys and tensors of a model that has a state in place of a cache.
func (b *builder) mamba(layers, width int) {
	const convolution, state = 4, 16
	inner, rank := 2*width, max(1, width/16)
	b.hparam("embedding_length", uint32(width))
	b.hparam("block_count", uint32(layers))
	b.hparam("feed_forward_length", uint32(0))
	b.hparam("attention.head_count", uint32(0))
	b.hparam("attention.layer_norm_rms_epsilon", float32(1e-5))
	b.hparam("ssm.conv_kernel", uint32(convolution))
	b.hparam("ssm.inner_size", uint32(inner))
	b.hparam("ssm.state_size", uint32(state))
	b.hparam("ssm.time_step_rank", uint32(rank))
	b.words("token_embd.weight", 1, width)
	b.norm("output_norm.weight", 1, width)
	b.words("output.weight", spread/math.Sqrt(float64(width)), width)
	for i := range layers {
		b.norm(layer(i, "attn_norm.weight"), 1, width)
		b.matrix(layer(i, "ssm_in.weight"), 1.5, width, 2*inner)
		b.tensor(layer(i, "ssm_conv1d.weight"), func(r *rand.Rand, _ int) float64 { return 0.7 * r.NormFloat64() }, convolution, inner)
		b.bias(layer(i, "ssm_conv1d.bias"), inner)
		b.matrix(layer(i, "ssm_x.weight"), 1.5, inner, rank+2*state)
		b.matrix(layer(i, "ssm_dt.weight"), 0.5, rank, inner)
		// About 0.05 after softplus: what was read long ago still counts.
		b.tensor(layer(i, "ssm_dt.bias"), func(r *rand.Rand, _ int) float64 { return -3 + 0.5*r.NormFloat64() }, inner)
		b.tensor(layer(i, "ssm_a"), func(_ *rand.Rand, i int) float64 { return -float64(1 + i%state) }, state, inner)
		b.tensor(layer(i, "ssm_d"), func(*rand.Rand, int) float64 { return 1 }, inner)
		b.matrix(layer(i, "ssm_out.weight"), 4, inner, width)
	}
}
