package models

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

func text(key, value string) kv { return kv{key: key, typ: typeString, vals: []any{value}} }

func number(key string, value uint32) kv { return kv{key: key, typ: typeUint32, vals: []any{value}} }

func factsIn(t *testing.T, g gguf) Facts {
	t.Helper()
	b := g.bytes()
	h, err := ReadHeader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return h.Facts
}

func TestFacts(t *testing.T) {
	g := good().set(text("general.license", "apache-2.0")).set(text("tokenizer.chat_template", strings.Repeat("{{ messages }}", 10_000))).
		set(kv{key: "general.languages", typ: typeArray, elem: typeString, vals: []any{"en", "de", "en", ""}}).
		set(number("llama.pooling_type", 0)).set(number("general.file_type", 15))
	g.tensors = []tensor{{name: "a", dims: []uint64{256, 2}, typ: 14}, {name: "b", dims: []uint64{256, 1}, typ: 12, offset: 448}, {name: "c", dims: []uint64{999}}}
	want := Facts{Quant: "Q4_K_M", License: "apache-2.0", Languages: []string{"en", "de"}, Chat: true}
	if got := factsIn(t, g); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := factsIn(t, good()); !reflect.DeepEqual(got, Facts{}) {
		t.Errorf("of a file that says nothing: %+v", got)
	}
}

// What a file says of its tensors is compared with them.
func TestFacts_Quant(t *testing.T) {
	for name, c := range map[string]struct {
		said    int64
		tensors []tensor
		want    string
	}{
		"said and so":              {2, []tensor{{dims: []uint64{32, 2}, typ: 2}}, "Q4_0"},
		"a mixture":                {28, []tensor{{dims: []uint64{256, 2}, typ: 17}, {dims: []uint64{256, 9}, typ: 14, offset: 160}}, "IQ2_S"},
		"guessed by who converted": {1024 + 7, []tensor{{dims: []uint64{32, 2}, typ: 8}}, "Q8_0"},
		"said, and not so":         {15, []tensor{{dims: []uint64{32, 2}, typ: 8}}, "Q8_0"},
		"not said":                 {-1, []tensor{{dims: []uint64{32, 2}, typ: 8}, {dims: []uint64{32, 4}, typ: 2, offset: 96}}, "Q4_0"},
		"said without tensors":     {17, nil, "Q5_K_M"},
		"newer than this program":  {900, []tensor{{dims: []uint64{32, 2}, typ: 8}}, "Q8_0"},
		"newer in all":             {900, []tensor{{dims: []uint64{32, 2}, typ: 77}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := good()
			if g.tensors = c.tensors; c.said >= 0 {
				g = g.set(number("general.file_type", uint32(c.said)))
			}
			if got := factsIn(t, g).Quant; got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestFacts_Embeddings(t *testing.T) {
	for name, c := range map[string]struct {
		arch    string
		pooling int64
		want    bool
	}{
		"an encoder":                  {"nomic-bert", 1, true},
		"an encoder that says little": {"bert", -1, true},
		"a writer":                    {"llama", -1, false},
		"a writer that pools nothing": {"llama", 0, false},
		"a writer made to embed":      {"qwen3", 3, true},
		"it ranks":                    {"bert", 4, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := good().set(text("general.architecture", c.arch)).set(number("other.pooling_type", 3))
			if c.pooling >= 0 {
				g = g.set(number(c.arch+".pooling_type", uint32(c.pooling)))
			}
			f := factsIn(t, g)
			if f.Embeddings != c.want || f.Reranker != (c.pooling == 4) || f.Writes() == (f.Embeddings || f.Reranker) {
				t.Errorf("%+v, want embeddings %v", f, c.want)
			}
		})
	}
}

// Texts of strangers are short, printable and in one line.
func TestFacts_Hostile(t *testing.T) {
	many := make([]any, 1000)
	for i := range many {
		many[i] = strings.Repeat("x", i)
	}
	g := good().set(text("general.license", strings.Repeat("very long ", 20_000))).
		set(text("general.license.link", "javascript:alert(1)")).
		set(kv{key: "general.languages", typ: typeArray, elem: typeString, vals: many}).
		set(kv{key: "general.license.name", typ: typeUint32, vals: []any{uint32(3)}}).
		set(kv{key: "general.type", typ: typeArray, elem: typeUint8, vals: []any{uint8(3)}})
	f := factsIn(t, g)
	if n := len([]rune(f.License)); n > maxLicense || !strings.HasSuffix(f.License, "…") || strings.Contains(f.License, "javascript") {
		t.Errorf("%d characters: %s", n, f.License)
	}
	if len(f.Languages) > maxLanguages {
		t.Errorf("%d languages", len(f.Languages))
	}
	for in, want := range map[string]string{
		"  a\nb\t c\r": "a b c", "\u202Egpj.exe": "gpj.exe", "a\x00\x1b[31mb": "a[31mb", "\xff\xfe": "\uFFFD", "zero\u200Bwidth": "zerowidth",
		"emoji 🙂 stays": "emoji 🙂 stays", strings.Repeat("ä", 50): strings.Repeat("ä", 29) + "…",
	} {
		if got := clean(in, 30); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	for name, want := range map[string]string{"https://example.com/l": "gemma https://example.com/l", "https://a b": "gemma", "": "gemma"} {
		g := good().set(text("general.license", "other")).set(text("general.license.name", "gemma")).set(text("general.license.link", name))
		if got := factsIn(t, g).License; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
