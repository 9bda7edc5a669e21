package models

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
)

// gguf builds a header. Values are written with the types that the fields say,
// so that a test can lie about one thing at a time.
type gguf struct {
	keys    []kv
	tensors []tensor
}

type kv struct {
	key  string
	typ  uint32
	elem uint32 // of arrays
	vals []any
}

type tensor struct {
	name   string
	dims   []uint64
	typ    uint32
	offset uint64
}

func (g gguf) bytes() []byte {
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) }
	text := func(s string) { put(uint64(len(s))); b.WriteString(s) }
	value := func(v any) {
		if s, ok := v.(string); ok {
			text(s)
			return
		}
		put(v)
	}
	b.WriteString("GGUF")
	put(uint32(3))
	put(uint64(len(g.tensors)))
	put(uint64(len(g.keys)))
	for _, k := range g.keys {
		text(k.key)
		put(k.typ)
		if k.typ == typeArray {
			put(k.elem)
			put(uint64(len(k.vals)))
		}
		for _, v := range k.vals {
			value(v)
		}
	}
	for _, t := range g.tensors {
		text(t.name)
		put(uint32(len(t.dims)))
		put(t.dims)
		put(t.typ)
		put(t.offset)
	}
	for b.Len()%32 != 0 {
		b.WriteByte(0)
	}
	b.Write(make([]byte, 4096))
	return b.Bytes()
}

// good is a small header that is in order.
func good() gguf {
	tokens := make([]any, 300)
	scores := make([]any, 300)
	types := make([]any, 300)
	for i := range tokens {
		tokens[i], scores[i], types[i] = fmt.Sprintf("t%d", i), float32(0), int32(1)
	}
	return gguf{
		keys: []kv{
			{key: "general.architecture", typ: typeString, vals: []any{"llama"}},
			{key: "general.alignment", typ: typeUint32, vals: []any{uint32(32)}},
			{key: "llama.context_length", typ: typeUint32, vals: []any{uint32(2048)}},
			{key: "llama.block_count", typ: typeUint32, vals: []any{uint32(30)}},
			{key: "tokenizer.ggml.model", typ: typeString, vals: []any{"gpt2"}},
			{key: "tokenizer.ggml.tokens", typ: typeArray, elem: typeString, vals: tokens},
			{key: "tokenizer.ggml.scores", typ: typeArray, elem: typeFloat32, vals: scores},
			{key: "tokenizer.ggml.token_type", typ: typeArray, elem: typeInt32, vals: types},
			{key: "tokenizer.ggml.eos_token_id", typ: typeUint32, vals: []any{uint32(2)}},
		},
		tensors: []tensor{{name: "a", dims: []uint64{64}}},
	}
}

// set replaces the key of the same name, or adds it.
func (g gguf) set(k kv) gguf {
	for i := range g.keys {
		if g.keys[i].key == k.key {
			g.keys[i] = k
			return g
		}
	}
	g.keys = append(g.keys, k)
	return g
}

// TestReadHeader_LoaderBugs has a header for each loader bug of llama.cpp that
// docs/operations.md lists. The names are those of its table.
func TestReadHeader_LoaderBugs(t *testing.T) {
	plamo := good().set(kv{key: "tokenizer.ggml.model", typ: typeString, vals: []any{"plamo2"}})
	byteTokens := append([]any{"<0x-1>"}, good().keys[5].vals...)
	twice := append([]any{"t7"}, good().keys[5].vals...)
	bytesOf := func(n int) []any {
		vals := make([]any, n)
		for i := range vals {
			vals[i] = uint8(0)
		}
		return vals
	}
	pad := good()
	pad.tensors = []tensor{{name: "b", dims: []uint64{4, 1073741823, 1073741825, 1}}}
	dims := good()
	dims.tensors = []tensor{{name: "c", dims: []uint64{1<<63 - 1, 2, 1, 1}, typ: 24}}
	cases := map[string]gguf{
		"pad_wrap":        pad,
		"dims_overflow":   dims,
		"alignment_type":  good().set(kv{key: "general.alignment", typ: typeInt32, vals: []any{int32(32)}}),
		"alignment_huge":  good().set(kv{key: "general.alignment", typ: typeUint32, vals: []any{uint32(1 << 31)}}),
		"alignment_odd":   good().set(kv{key: "general.alignment", typ: typeUint32, vals: []any{uint32(24)}}),
		"alignment_zero":  good().set(kv{key: "general.alignment", typ: typeUint32, vals: []any{uint32(0)}}),
		"empty_key":       good().set(kv{key: "", typ: typeUint32, vals: []any{uint32(1)}}),
		"duplicate_token": good().set(kv{key: "tokenizer.ggml.tokens", typ: typeArray, elem: typeString, vals: twice}),
		"array_type":      good().set(kv{key: "tokenizer.ggml.scores", typ: typeArray, elem: typeUint8, vals: bytesOf(300)}),
		"array_type_2":    good().set(kv{key: "tokenizer.ggml.token_type", typ: typeArray, elem: typeUint8, vals: bytesOf(300)}),
		"byte_token":      plamo.set(kv{key: "tokenizer.ggml.tokens", typ: typeArray, elem: typeString, vals: byteTokens}),
		"block_count":     good().set(kv{key: "llama.block_count", typ: typeUint32, vals: []any{uint32(513)}}),
		"special_id":      good().set(kv{key: "tokenizer.ggml.eos_token_id", typ: typeUint32, vals: []any{uint32(300)}}),
		"tiny_vocab":      good().set(kv{key: "tokenizer.ggml.tokens", typ: typeArray, elem: typeString, vals: []any{"a"}}),
		"charsmap_short":  good().set(kv{key: "tokenizer.ggml.precompiled_charsmap", typ: typeArray, elem: typeUint8, vals: bytesOf(3)}),
	}
	for name, g := range cases {
		t.Run(name, func(t *testing.T) {
			b := g.bytes()
			if _, err := ReadHeader(bytes.NewReader(b), int64(len(b))); !errors.Is(err, ErrDamaged) {
				t.Fatalf("error %v, want ErrDamaged", err)
			}
		})
	}
	t.Run("OK", func(t *testing.T) {
		b := good().bytes()
		h, err := ReadHeader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		if h.Context != 2048 || h.Architecture != "llama" {
			t.Fatalf("header %+v", h)
		}
	})
}
