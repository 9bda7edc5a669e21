package tiny

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// Adapter says what a LoRA adapter changes. It is for the queries and the way
// out of each layer's feed-forward network.
type Adapter struct {
	Seed     uint64
	Rank     int     // 0: 4
	Strength float64 // of what it adds, beside the weights themselves; 0: it adds nothing
}

// adapted are the matrices that an Adapter changes.
var adapted = []string{"attn_q.weight", "attn_qkv.weight", "ffn_down.weight"}

// WriteAdapter makes a LoRA file for models of this kind at path, which must not
// exist.
func (m Model) WriteAdapter(path string, a Adapter) error {
	b := &builder{arch: m.Architecture, vocab: m.vocab()}
	m.build(b)
	out := file{}
	out.set("general.type", "adapter")
	out.set("general.architecture", m.Architecture)
	out.set("general.name", "tiny adapter")
	out.set("adapter.type", "lora")
	out.set("adapter.lora.alpha", float32(a.rank())) // so that its scale is 1
	for _, t := range b.tensors {
		if down, up, ok := a.of(t); ok {
			out.tensors = append(out.tensors, down, up)
		}
	}
	return out.write(path)
}

func (a Adapter) rank() int {
	if a.Rank == 0 {
		return 4
	}
	return a.Rank
}

// of are the two matrices that stand for what is added to a tensor.
func (a Adapter) of(t tensor) (down, up tensor, ok bool) {
	_, rest, found := strings.Cut(strings.TrimPrefix(t.name, "blk."), ".")
	if !found || !slices.Contains(adapted, rest) || len(t.dims) != 2 {
		return down, up, false
	}
	in, out, rank := t.dims[0], t.dims[1], a.rank()
	b := &builder{seed: a.Seed}
	b.tensor(t.name+".lora_a", func(r *rand.Rand, _ int) float64 { return r.NormFloat64() / math.Sqrt(float64(in)) }, in, rank)
	b.tensor(t.name+".lora_b", func(r *rand.Rand, _ int) float64 { return a.Strength * r.NormFloat64() / math.Sqrt(float64(rank)) }, rank, out)
	return b.tensors[0], b.tensors[1], true
}

// merge adds what the adapter adds to the weights themselves.
func (a Adapter) merge(tensors []tensor) {
	for _, t := range tensors {
		down, up, ok := a.of(t)
		if !ok {
			continue
		}
		in, rank := t.dims[0], a.rank()
		for o := range t.dims[1] {
			for i := range in {
				sum := 0.0
				for r := range rank {
					sum += float64(up.data[o*rank+r]) * float64(down.data[r*in+i])
				}
				t.data[o*in+i] += float32(sum)
			}
		}
	}
}
