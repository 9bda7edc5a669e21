package models

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
)

// shaped is a small header with two layers and numbers of several types.
func shaped() gguf {
	g := good().
		set(kv{key: "llama.embedding_length", typ: typeUint32, vals: []any{uint32(64)}}).
		set(kv{key: "llama.attention.head_count_kv", typ: typeArray, elem: typeInt32, vals: []any{int32(2), int32(0)}}).
		set(kv{key: "llama.attention.sliding_window_pattern", typ: typeArray, elem: typeBool, vals: []any{uint8(1), uint8(0)}}).
		set(kv{key: "llama.attention.key_length", typ: typeUint64, vals: []any{uint64(1 << 63)}}).
		set(kv{key: "llama.ssm.inner_size", typ: typeFloat32, vals: []any{float32(3)}}).
		set(kv{key: "other.ssm.state_size", typ: typeUint32, vals: []any{uint32(7)}}).
		set(kv{key: "llama.unasked", typ: typeUint32, vals: []any{uint32(7)}})
	const f32, i8 = 0, 24
	g.tensors = []tensor{
		{name: "token_embd.weight", dims: []uint64{100}, typ: i8}, {name: "rope_freqs.weight", dims: []uint64{5}, typ: f32},
		{name: "blk.0.attn_k.weight", dims: []uint64{10, 3}, typ: i8}, {name: "blk.0.ffn_up.weight", dims: []uint64{50}, typ: i8},
		{name: "blk.1.ssm_in.weight", dims: []uint64{40}, typ: i8}, {name: "blk.x.attn_k.weight", dims: []uint64{2}, typ: i8},
		{name: "blk.600.attn_k.weight", dims: []uint64{2}, typ: i8}, {name: "output_norm.weight", dims: []uint64{8}, typ: f32},
	}
	return g
}

func mustShape(t *testing.T, g gguf) *Shape {
	t.Helper()
	b := g.bytes()
	h, err := ReadHeader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return h.Shape
}

func TestShape(t *testing.T) {
	s := mustShape(t, shaped())
	want := &Shape{
		Numbers: map[string][]int64{"block_count": {30}, "embedding_length": {64}, "attention.head_count_kv": {2, 0},
			"attention.sliding_window_pattern": {1, 0}, "attention.key_length": {1<<63 - 1}},
		Vocab: 300, Embedding: 124, TokenEmbd: 100, Output: 32, Tied: true,
		Layers: []LayerTensors{{Bytes: 80, Largest: 50, Attention: true}, {Bytes: 40, Largest: 40, Recurrent: true}},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("%+v\nwant %+v", s, want)
	}
	g := shaped()
	g.tensors = append(g.tensors, tensor{name: "output.weight", dims: []uint64{9}, typ: 24}, tensor{name: "blk.0.new.weight", dims: []uint64{9}, typ: 99})
	if s := mustShape(t, g); s.Tied || s.Output != 41 || s.Unsized != 1 {
		t.Errorf("%+v", s)
	}
}

// TestShape_Hostile: a header that is long for nothing costs little.
func TestShape_Hostile(t *testing.T) {
	g := shaped()
	many := make([]any, maxLayers+1)
	for i := range many {
		many[i] = int32(i)
	}
	g = g.set(kv{key: "llama.feed_forward_length", typ: typeArray, elem: typeInt32, vals: many})
	for i := range 200 {
		g.keys = append(g.keys, kv{key: string(rune('a'+i%26)) + string(rune('a'+i/26)) + ".block_count", typ: typeUint32, vals: []any{uint32(1)}})
	}
	g.tensors = append(g.tensors, tensor{name: string(make([]byte, 1000)), dims: []uint64{3}, typ: 24})
	s := mustShape(t, g)
	if s.Numbers["feed_forward_length"] != nil || len(s.Layers) != 2 || s.Embedding != 127 {
		t.Errorf("%+v", s)
	}
	sum := Shape{}
	for range 40 {
		sum.add("blk.0.a", 1<<62, true)
		sum.add("output.weight", 1<<62, true)
	}
	if sum.Layers[0].Bytes != 1<<60 || sum.Output != 1<<60 {
		t.Errorf("sums wrap: %+v", sum)
	}
}

// TestShape_Join: the parts of a split model are one.
func TestShape_Join(t *testing.T) {
	a, b := mustShape(t, shaped()), &Shape{Layers: []LayerTensors{{}, {Bytes: 5, Largest: 5}, {Bytes: 7, Largest: 7, Attention: true}}, Output: 3}
	was := slices.Clone(a.Layers)
	s := a.join(b)
	if len(s.Layers) != 3 || s.Layers[1].Bytes != 45 || !s.Layers[1].Recurrent || !s.Layers[2].Attention || s.Output != 35 || s.Tied || s.Vocab != 300 {
		t.Errorf("%+v", s)
	}
	if !slices.Equal(a.Layers, was) || (*Shape)(nil).join(a) != a || a.join(nil) != a {
		t.Error("a part was changed")
	}
}
