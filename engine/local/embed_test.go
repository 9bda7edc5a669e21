package local_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"alcove/engine"
	"alcove/engine/local"
)

// Embedders that `make setup` converts; the second one is used where nobody
// chose another one.
const (
	realEmbedder = "all-MiniLM-L6-v2.Q8_0"
	multilingual = "multilingual-e5-small.Q4_0"
)

// with chooses the embedder.
func with(model string) func(*local.Config) { return func(c *local.Config) { c.Embedder = model } }

func texts(list ...string) (in []engine.EmbedInput) {
	for _, s := range list {
		in = append(in, engine.EmbedInput{Text: s})
	}
	return in
}

func cosine(a, b []float32) (dot float64) {
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
	}
	return dot
}

// Vectors of the real model find what a question means, and a worker of its own
// stands beside the one that answers.
func TestRealEmbed(t *testing.T) {
	b := newReal(t, with(realEmbedder))
	ctx := context.Background()
	got, err := b.Embed(ctx, engine.EmbedRequest{Inputs: texts("How many vacation days do I get?",
		"Employees are entitled to 25 days of paid leave.", "The GPU has 24 GB of memory."), Class: engine.ClassInteractive})
	if err != nil {
		t.Fatal(err)
	}
	if got.Model != realEmbedder || len(got.Vectors) != 3 || got.Tokens[0] != 10 {
		t.Fatalf("%s, %d vectors, tokens %v", got.Model, len(got.Vectors), got.Tokens)
	}
	for _, v := range got.Vectors {
		if l := cosine(v, v); len(v) != 384 || math.Abs(l-1) > 1e-5 {
			t.Errorf("%d numbers, length %v", len(v), l)
		}
	}
	if near, far := cosine(got.Vectors[0], got.Vectors[1]), cosine(got.Vectors[0], got.Vectors[2]); near < far+0.2 {
		t.Errorf("the passage that answers has %.2f, the other %.2f", near, far)
	}
	info := b.Embedding()
	if info.Model != realEmbedder || info.Dimensions != 384 || info.Context != 512 || info.Fingerprint != got.Fingerprint || len(info.Fingerprint) != 32 {
		t.Errorf("%+v", info)
	}
	st := b.Status()
	if st.Ready || len(st.Loaded) != 1 || st.Loaded[0].Role != "embed" {
		t.Errorf("%+v: no model answers, one finds passages", st)
	}
	if err := b.Load(ctx, ""); err != nil {
		t.Fatal(err)
	}
	if st = b.Status(); st.Model != realModel || len(st.Loaded) != 2 {
		t.Errorf("%+v: the one that answers is beside it", st)
	}
	n, err := b.CountTokens(ctx, realModel, []string{"Hello world", ""})
	if err != nil || n[0] != 2 || n[1] != 0 {
		t.Errorf("%v %v: the loaded chat model counts", n, err)
	}
}

// The one that is used where nobody chose finds across languages. What it reads
// before a text is the caller's to give.
func TestRealEmbed_AcrossLanguages(t *testing.T) {
	b := newReal(t, nil)
	got, err := b.Embed(context.Background(), engine.EmbedRequest{Inputs: texts("query: Wie viele Tage Urlaub habe ich?",
		"passage: Employees are entitled to 25 days\nof paid leave.", "passage: Der Drucker hat kein Papier mehr.", "passage: Employees are entitled to 25 days of paid\u00a0leave.")})
	if err != nil {
		t.Fatal(err)
	}
	v := got.Vectors
	if near, far := cosine(v[0], v[1]), cosine(v[0], v[2]); got.Model != multilingual || near < far+0.03 {
		t.Errorf("%s: the passage that answers has %.3f, the other %.3f", got.Model, near, far)
	}
	// Its replacements of characters came along: white space of each kind is a space.
	if c := cosine(v[1], v[3]); c < 0.99999 || got.Tokens[1] != got.Tokens[3] {
		t.Errorf("%.6f, tokens %v", c, got.Tokens)
	}
}

// Text is text: what looks like a mark of the model is letters, and a text that
// is too long is refused, or cut where that was asked for.
func TestRealEmbed_Inputs(t *testing.T) {
	b := newReal(t, with(realEmbedder))
	ctx := context.Background()
	n, err := b.CountTokens(ctx, "", []string{"[CLS]", "leave", "", strings.Repeat("word ", 1000)})
	if err != nil || n[0] != 4 || n[1] != 1 || n[2] != 0 || n[3] != 1000 {
		t.Fatalf("%v %v", n, err)
	}
	long := strings.Repeat("word ", 1000)
	var e *engine.Error
	if _, err = b.Embed(ctx, engine.EmbedRequest{Inputs: texts(long)}); !errors.As(err, &e) || e.Code != engine.CodeContextFull {
		t.Errorf("%v: it is too long", err)
	}
	got, err := b.Embed(ctx, engine.EmbedRequest{Inputs: append(texts(long, ""), engine.EmbedInput{Tokens: []int{2681}}, engine.EmbedInput{Text: "leave"}), Cut: true})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Tokens, []int{512, 2, 3, 3}) {
		t.Errorf("tokens %v", got.Tokens)
	}
	if c := cosine(got.Vectors[2], got.Vectors[3]); c < 0.9999 {
		t.Errorf("a text and its tokens agree to %v", c)
	}
	if _, err = b.Embed(ctx, engine.EmbedRequest{Inputs: []engine.EmbedInput{{Tokens: []int{99999}}}}); !errors.As(err, &e) || e.Code != engine.CodeInvalidRequest {
		t.Errorf("%v: there is no such token", err)
	}
	if _, err = b.Embed(ctx, engine.EmbedRequest{Model: realModel, Inputs: texts("a")}); !errors.As(err, &e) || e.Code != engine.CodeModelRefused {
		t.Errorf("%v: it gives no vectors", err)
	}
	if err := b.Load(ctx, realEmbedder); !errors.As(err, &e) || e.Code != engine.CodeModelRefused || !strings.Contains(e.Message, "writes no answers") {
		t.Errorf("%v: it is none for chat", err)
	}
	if _, err := b.Rerank(ctx, engine.RerankRequest{Query: "a", Passages: []string{"b"}}); !errors.As(err, &e) || e.Code != engine.CodeNoModel {
		t.Errorf("%v: there is no reranker", err)
	}
}

var _ engine.Embedder = (*local.Engine)(nil)
