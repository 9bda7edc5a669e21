package models

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Shape is what a header says of the memory that a model needs: the tensors'
// bytes by layer, and the numbers that the cache depends on. What the numbers
// mean is for whoever plans.
type Shape struct {
	// Numbers are integer keys of the architecture without its name, such as
	// "attention.head_count_kv": one value, or one a layer. true is 1.
	Numbers   map[string][]int64
	Vocab     int            // tokens of the tokeniser
	Layers    []LayerTensors // by their number, without gaps
	Embedding int64          // bytes of tensors that belong to no layer, without the output
	TokenEmbd int64          // bytes of token_embd.weight alone
	Output    int64          // bytes of the output matrix and norm
	Tied      bool           // no output matrix: token_embd is used again
	Unsized   int            // tensors of a type whose size is not known here
}

// LayerTensors sums the tensors of one layer.
type LayerTensors struct {
	Bytes     int64
	Largest   int64 // bytes of the largest
	Attention bool  // has K or V of its own
	Recurrent bool  // has a state
}

// maxNumbers bounds what is kept of a hostile header.
const maxNumbers = 64

// wanted are the keys of Shape.Numbers.
var wanted = []string{
	"block_count", "embedding_length", "feed_forward_length", "expert_feed_forward_length", "expert_used_count", "vocab_size",
	"attention.head_count", "attention.head_count_kv", "attention.key_length", "attention.value_length",
	"attention.key_length_swa", "attention.value_length_swa", "attention.sliding_window", "attention.sliding_window_pattern",
	"attention.shared_kv_layers", "ssm.conv_kernel", "ssm.inner_size", "ssm.state_size", "ssm.group_count",
	"shortconv.l_cache", "wkv.head_size", "token_shift_count",
}

func isWanted(key string) bool {
	_, rest, _ := strings.Cut(key, ".")
	return slices.Contains(wanted, rest)
}

// keep remembers the numbers of a key.
func (f *keyFacts) keep(key string, n []int64) {
	if len(n) > 0 && len(f.numbers) < maxNumbers {
		f.numbers[key] = n
	}
}

// shape begins a Shape with what the keys of an architecture say.
func (f *keyFacts) shape(architecture string) *Shape {
	s := &Shape{Numbers: map[string][]int64{}, Tied: true}
	if f.tokens != nil {
		s.Vocab = f.tokens.len()
	}
	for key, n := range f.numbers {
		if rest, ok := strings.CutPrefix(key, architecture+"."); ok {
			s.Numbers[rest] = n
		}
	}
	return s
}

// numbers reads a value, or an array of one a layer. What is no integer is
// passed over and gives none.
func (p *parser) numbers(typ uint32) []int64 {
	count := uint64(1)
	if typ == typeArray {
		typ, count = p.u32(), p.u64()
		if count > maxElems {
			p.fail("array of %d", count)
			return nil
		}
		if integerSize(typ) == 0 || count > maxLayers {
			p.skipElements(typ, count, 0)
			return nil
		}
	} else if integerSize(typ) == 0 {
		p.skipValue(typ, 0)
		return nil
	}
	var list []int64
	for i := uint64(0); i < count && p.err == nil; i++ {
		list = append(list, p.integer(typ))
	}
	return list
}

// integerSize is the size of an integer type in bytes, 0 for other types.
func integerSize(typ uint32) int {
	if typ == typeFloat32 || typ == typeFloat64 {
		return 0
	}
	return int(valueSize[typ])
}

// integer reads one; what is beyond an int64 becomes its largest.
func (p *parser) integer(typ uint32) int64 {
	b := p.bytes(integerSize(typ))
	switch typ {
	case typeInt8:
		return int64(int8(b[0]))
	case typeUint16:
		return int64(binary.LittleEndian.Uint16(b))
	case typeInt16:
		return int64(int16(binary.LittleEndian.Uint16(b)))
	case typeUint32:
		return int64(binary.LittleEndian.Uint32(b))
	case typeInt32:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case typeUint64:
		return int64(min(binary.LittleEndian.Uint64(b), math.MaxInt64))
	case typeInt64:
		return int64(binary.LittleEndian.Uint64(b))
	}
	return int64(b[0])
}

// plus adds bytes and stays below an absurd sum: extents may overlap.
func plus(sum *int64, n int64) { *sum += min(n, 1<<60-*sum) }

// add counts a tensor.
func (s *Shape) add(name string, bytes int64, known bool) {
	if !known {
		s.Unsized++
	}
	if no, rest, ok := inLayer(name); ok {
		for len(s.Layers) <= no {
			s.Layers = append(s.Layers, LayerTensors{})
		}
		l := &s.Layers[no]
		plus(&l.Bytes, bytes)
		l.Largest = max(l.Largest, bytes)
		part, _, _ := strings.Cut(rest, ".")
		l.Attention = l.Attention || part == "attn_k" || part == "attn_qkv" || part == "attn_kv_a_mqa"
		l.Recurrent = l.Recurrent || strings.HasPrefix(part, "ssm_") || strings.HasPrefix(part, "time_mix_") || part == "shortconv"
		return
	}
	switch {
	case strings.HasPrefix(name, "output.") || strings.HasPrefix(name, "output_"):
		plus(&s.Output, bytes)
		s.Tied = s.Tied && name != "output.weight"
	case name == "token_embd.weight":
		plus(&s.TokenEmbd, bytes)
		plus(&s.Embedding, bytes)
	default:
		plus(&s.Embedding, bytes)
	}
}

// inLayer takes a tensor's name apart: "blk.7.attn_k.weight".
func inLayer(name string) (no int, rest string, ok bool) {
	rest, ok = strings.CutPrefix(name, "blk.")
	if !ok {
		return 0, "", false
	}
	number, rest, ok := strings.Cut(rest, ".")
	no, err := strconv.Atoi(number)
	return no, rest, ok && err == nil && no >= 0 && no < maxLayers
}

// join is the shape of two parts of a split model: the first has the keys.
// Neither is changed.
func (s *Shape) join(o *Shape) *Shape {
	if s == nil || o == nil {
		if s == nil {
			return o
		}
		return s
	}
	sum := *s
	sum.Layers = slices.Clone(s.Layers)
	for i, l := range o.Layers {
		if i == len(sum.Layers) {
			sum.Layers = append(sum.Layers, LayerTensors{})
		}
		t := &sum.Layers[i]
		plus(&t.Bytes, l.Bytes)
		t.Largest = max(t.Largest, l.Largest)
		t.Attention, t.Recurrent = t.Attention || l.Attention, t.Recurrent || l.Recurrent
	}
	plus(&sum.Embedding, o.Embedding)
	plus(&sum.TokenEmbd, o.TokenEmbd)
	plus(&sum.Output, o.Output)
	sum.Tied = s.Tied && o.Tied
	sum.Unsized += o.Unsized
	return &sum
}
