package models

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// The files are in memory already: what is measured is the reading, not the disk.
// `make bench` prints both beside what people see.
//
//	go test ./engine/models -run '^$' -bench 'Header|Folder'

// BenchmarkHeader reads and checks one file: a real one, and one with as many
// words as the largest vocabularies have.
func BenchmarkHeader(b *testing.B) {
	const words = 262_144
	tokens, merges := make([]any, words), make([]any, words)
	for i := range tokens {
		tokens[i], merges[i] = fmt.Sprintf("word%d", i), fmt.Sprintf("wo rd%d", i)
	}
	numbers := func(v any) []any {
		list := make([]any, words)
		for i := range list {
			list[i] = v
		}
		return list
	}
	g := good().set(kv{key: "tokenizer.ggml.tokens", typ: typeArray, elem: typeString, vals: tokens}).
		set(kv{key: "tokenizer.ggml.merges", typ: typeArray, elem: typeString, vals: merges}).
		set(kv{key: "tokenizer.ggml.scores", typ: typeArray, elem: typeFloat32, vals: numbers(float32(0))}).
		set(kv{key: "tokenizer.ggml.token_type", typ: typeArray, elem: typeInt32, vals: numbers(int32(1))})
	g.tensors = []tensor{{name: "a", dims: []uint64{1024}}}
	large := filepath.Join(b.TempDir(), "large.gguf")
	if err := os.WriteFile(large, g.bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	b.Run("large", func(b *testing.B) { benchHeader(b, large) })
	b.Run("model", func(b *testing.B) { benchHeader(b, "../../build/models/"+testModel+".Q4_1.gguf") })
}

func benchHeader(b *testing.B, path string) {
	for b.Loop() {
		f, err := os.Open(path)
		if err != nil {
			b.Skip("run `make setup`: ", err)
		}
		st, err := f.Stat()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := ReadHeader(f, st.Size()); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}

// BenchmarkFolder lists ten thousand models in a hundred folders: "first" knows
// none of them, "again" has seen them all.
func BenchmarkFolder(b *testing.B) {
	const files = 10_000
	dir, data := b.TempDir(), exact()
	for i := range files {
		path := filepath.Join(dir, fmt.Sprintf("d%d/m%d.gguf", i%100, i))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	look := func(b *testing.B, f *Folder) {
		b.Helper()
		if infos, err := f.List(); err != nil || len(infos) != files {
			b.Fatal(len(infos), err)
		}
	}
	open := func(b *testing.B) *Folder {
		b.Helper()
		f, err := Open(dir)
		if err != nil {
			b.Fatal(err)
		}
		return f
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			look(b, open(b))
		}
	})
	b.Run("again", func(b *testing.B) {
		f := open(b)
		look(b, f)
		for b.Loop() {
			look(b, f)
		}
	})
}
