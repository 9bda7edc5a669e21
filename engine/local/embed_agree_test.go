package local_test

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"alcove/engine"
)

// The vectors of 200 sentences in English and German agree with those of an
// independent implementation on the weights before they were converted
// (testdata/*.py), also when they are computed one by one.
func TestRealEmbed_AgreesWithTheReference(t *testing.T) {
	for _, c := range []struct {
		model, vectors, before string
		tokens                 int // that the reference's tokeniser made
	}{
		{realEmbedder, "testdata/minilm.f32", "", 4344},
		{multilingual, "testdata/e5.f32", "passage: ", 4183},
	} {
		t.Run(c.model, func(t *testing.T) { agrees(t, c.model, c.vectors, c.before, c.tokens) })
	}
}

func agrees(t *testing.T, model, vectors, before string, wantTokens int) {
	b := newReal(t, with(model))
	text, err := os.ReadFile("testdata/minilm.txt")
	if err != nil {
		t.Fatal(err)
	}
	sentences := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	want := reference(t, vectors, len(sentences))
	for i := range sentences {
		sentences[i] = before + sentences[i]
	}
	ctx := context.Background()
	got, err := b.Embed(ctx, engine.EmbedRequest{Inputs: texts(sentences...), Class: engine.ClassBatch})
	if err != nil {
		t.Fatal(err)
	}
	tokens, sum, least := 0, 0.0, 1.0
	for i, v := range got.Vectors {
		c := cosine(v, want[i])
		if c <= 0.999 {
			t.Errorf("%.5f: %s", c, sentences[i])
		}
		tokens, sum, least = tokens+got.Tokens[i], sum+c, min(least, c)
	}
	t.Logf("cosine over %d sentences: mean %.6f, least %.6f", len(sentences), sum/float64(len(sentences)), least)
	if len(sentences) != 200 || tokens != wantTokens {
		t.Errorf("%d sentences, %d tokens: the reference's tokeniser made %d of 200", len(sentences), tokens, wantTokens)
	}
	other := newReal(t, with(model)) // without what the first has in its cache
	for i := 0; i < len(sentences); i += 20 {
		alone, err := other.Embed(ctx, engine.EmbedRequest{Inputs: texts(sentences[i])})
		if err != nil {
			t.Fatal(err)
		}
		if c := cosine(alone.Vectors[0], got.Vectors[i]); c < 0.999 {
			t.Errorf("alone and in a batch agree to %.6f: %s", c, sentences[i])
		}
	}
}

// reference reads vectors of float32, little endian.
func reference(t *testing.T, path string, n int) [][]float32 {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil || len(data) != 4*384*n {
		t.Fatal(len(data), err)
	}
	var list [][]float32
	for v := range slices.Chunk(data, 4*384) {
		vector := make([]float32, 384)
		for i := range vector {
			vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(v[4*i:]))
		}
		list = append(list, vector)
	}
	return list
}
