package models

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func put(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func list(t *testing.T, dir string) map[string]Info {
	t.Helper()
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	infos, err := f.List()
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]Info{}
	for _, m := range infos {
		byID[m.ID] = m
	}
	return byID
}

func TestFolder_List(t *testing.T) {
	dir := t.TempDir()
	named := good().set(kv{key: "general.name", typ: typeString, vals: []any{" A \xff Name "}}).bytes()
	path := put(t, dir, "a.gguf", named)
	put(t, dir, "sub/deep/b.GGUF", good().bytes())
	put(t, dir, "sub/a.gguf", good().bytes())
	put(t, dir, "readme.txt", []byte("not listed"))
	put(t, dir, "c.gguf.part", good().bytes())
	put(t, dir, "SmolLM2-135M-Instruct.Q4_1.gguf", good().set(kv{key: "general.size_label", typ: typeString, vals: []any{"135M"}}).bytes())
	got := list(t, dir)
	if len(got) != 4 {
		t.Fatalf("models %v", got)
	}
	if m := got["a"]; m.Path != path || m.Name != "A \uFFFD Name" || m.Context != 2048 || m.Architecture != "llama" ||
		m.Size != int64(len(named)) || m.Refused != "" || m.Test {
		t.Errorf("a: %+v", m)
	}
	if m := got["sub/a"]; m.Name != "sub/a" || m.Refused != "" {
		t.Errorf("the second a: %+v", m)
	}
	if m := got["b"]; m.Path != filepath.Join(dir, "sub", "deep", "b.GGUF") {
		t.Errorf("b: %+v", m)
	}
	if m := got["SmolLM2-135M-Instruct.Q4_1"]; !m.Test || m.Parameters != "135M" {
		t.Errorf("test model: %+v", m)
	}
}

func TestFolder_Missing(t *testing.T) {
	f, err := Open(filepath.Join(t.TempDir(), "nowhere"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.List(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
}

func TestFolder_Refuses(t *testing.T) {
	whole := good().bytes()
	short := good()
	short.tensors = []tensor{{name: "a", dims: []uint64{1 << 20}}}
	old := bytes.Clone(whole)
	old[4] = 1
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":           {nil, "not a GGUF"},
		"text":            {[]byte("This is a text."), "not a GGUF"},
		"only the magic":  {[]byte("GGUF"), "ends inside its header"},
		"cut header":      {whole[:100], "ends inside its header"},
		"cut weights":     {short.bytes(), " bytes are there"},
		"version 1":       {old, "version is not supported"},
		"a billion keys":  {append([]byte("GGUF\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), 0xff, 0xff, 0xff, 0x3f, 0, 0, 0, 0), "damaged"},
		"a huge text":     {append([]byte("GGUF\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"), bytes.Repeat([]byte{0xff}, 8)...), "damaged"},
		"tensor overflow": {func() []byte { g := good(); g.tensors[0].dims = []uint64{1 << 40, 1 << 40}; return g.bytes() }(), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "m.gguf", c.data)
			m, ok := list(t, dir)["m"]
			if !ok || !strings.Contains(m.Refused, c.want) {
				t.Errorf("%+v, want refused with %q", m, c.want)
			}
		})
	}
}

func TestFolder_SeesChanges(t *testing.T) {
	dir := t.TempDir()
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	state := func() string {
		infos, err := f.List()
		if err != nil {
			t.Fatal(err)
		}
		s := ""
		for _, m := range infos {
			s += fmt.Sprintf("%s:%v ", m.ID, m.Refused == "")
		}
		return s
	}
	whole := good().bytes()
	put(t, dir, "m.gguf", whole[:500])
	if got := state(); got != "m:false " {
		t.Errorf("half copied: %s", got)
	}
	path := put(t, dir, "m.gguf", whole)
	put(t, dir, "n.gguf", whole)
	if got := state(); got != "m:true n:true " {
		t.Errorf("copied: %s", got)
	}
	same := bytes.Repeat([]byte{1}, len(whole))
	put(t, dir, "m.gguf", same)
	if err := os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "n.gguf")); err != nil {
		t.Fatal(err)
	}
	if got := state(); got != "m:false " {
		t.Errorf("replaced and removed: %s", got)
	}
}

// seeded gives random numbers and tells how to get them again.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// A file cut anywhere is incomplete, never usable and never a panic (M02).
func TestSoak_CutFiles(t *testing.T) {
	n := 2000
	if os.Getenv("ALCOVE_SOAK") != "1" {
		n /= 20
	}
	random := seeded(t)
	g := good()
	g.tensors = []tensor{{name: "a", dims: []uint64{1024}}} // the 4096 bytes after the header
	whole := g.bytes()
	for range n {
		cut := random.IntN(len(whole))
		_, err := ReadHeader(bytes.NewReader(whole[:cut]), int64(cut))
		var incomplete *IncompleteError
		if cut < 4 && !errors.Is(err, ErrNotGGUF) || cut >= 4 && !errors.As(err, &incomplete) {
			t.Errorf("cut at %d of %d: %v", cut, len(whole), err)
		}
	}
	if _, err := ReadHeader(bytes.NewReader(whole), int64(len(whole))); err != nil {
		t.Errorf("the whole file: %v", err)
	}
}

// Whatever stands in a file: no panic, and no more memory than the file is worth.
func FuzzReadHeader(f *testing.F) {
	f.Add(good().bytes())
	f.Add([]byte("GGUF"))
	f.Add(shaped().bytes())
	f.Add(adapter("llama", 64, "blk.1.attn_q").bytes())
	for _, c := range badFiles() {
		if len(c.data) < 1<<14 {
			f.Add(c.data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := ReadHeader(bytes.NewReader(data), int64(len(data)))
		if err == nil && h.Need > int64(len(data)) {
			t.Errorf("a file of %d bytes that needs %d is in order", len(data), h.Need)
		}
	})
}

// The bundled model, where it has been fetched.
func TestFolder_RealModel(t *testing.T) {
	dir := "../../build/models"
	if _, err := os.Stat(filepath.Join(dir, "SmolLM2-135M-Instruct.Q4_1.gguf")); err != nil {
		t.Skip("the test model is not there: run `make setup`")
	}
	m := list(t, dir)["SmolLM2-135M-Instruct.Q4_1"]
	if m.Refused != "" || m.Parameters != "135M" || m.Context != 8192 || m.Architecture != "llama" || !m.Test {
		t.Errorf("%+v", m)
	}
	if want := (Facts{Quant: "Q4_1", License: "apache-2.0", Languages: []string{"en"}, Chat: true}); !reflect.DeepEqual(m.Facts, want) {
		t.Errorf("%+v, want %+v", m.Facts, want)
	}
}
