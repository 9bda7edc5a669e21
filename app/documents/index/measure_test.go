package index

import (
	"context"
	"errors"
	"hash/fnv"
	"math"
	"strings"
	"testing"

	"alcove/engine"
)

// scholar is an embedder that knows one language: there it gives a question and
// its answer the same direction, elsewhere each text another one. All its vectors
// share a part, as those of some real embedders do.
type scholar struct {
	engine.Embedder
	knows string
	err   error
}

func (scholar) Embedding() engine.EmbedInfo {
	return engine.EmbedInfo{Model: "scholar", Fingerprint: "scholar"}
}

func (s scholar) Embed(_ context.Context, req engine.EmbedRequest) (engine.Embedded, error) {
	out := engine.Embedded{Fingerprint: "scholar"}
	for _, in := range req.Inputs {
		topic := in.Text
		for _, p := range known[s.knows] {
			if in.Text == p.question || in.Text == p.answer {
				topic = p.question
			}
		}
		v := make([]float32, 256)
		h := fnv.New64a()
		for i := range v[1:] {
			h.Write([]byte(topic))
			v[i+1] = float32(int64(h.Sum64())) / math.MaxInt64 / 16 // together of length about 0.57
		}
		v[0] = 0.8
		out.Vectors = append(out.Vectors, unit(v))
	}
	return out, s.err
}

func unit(v []float32) []float32 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

func TestMeasureSaysWhatAnEmbedderKnows(t *testing.T) {
	scale, of, err := MeasureEmbedder(t.Context(), scholar{knows: "de"})
	if err != nil || of != "scholar" {
		t.Fatal(of, err)
	}
	if m := scale.of("de"); m.Skill < 0.999 || m.Same < 0.99 || m.Apart < 0.5 || m.Apart > 0.8 {
		t.Errorf("de: %+v", m)
	}
	for _, l := range []string{"en", "fr"} {
		if m := scale.of(l); m.Skill > 0.5 || m.Same > 0.9 {
			t.Errorf("%s: %+v", l, m)
		}
	}
	if m := scale.of("nl"); m != scale[""] || m.Skill > 0.5 {
		t.Errorf("a language that is not measured: %+v", m)
	}
	if _, _, err := MeasureEmbedder(t.Context(), scholar{err: errors.New("gone")}); err == nil {
		t.Error("no error of the embedder")
	}
}

func TestNearIsComparable(t *testing.T) {
	wide, narrow := Measure{Apart: 0.1, Same: 0.5, Skill: 1}, Measure{Apart: 0.78, Same: 0.84, Skill: 1}
	for _, c := range []struct {
		m            Measure
		cosine, near float64
	}{
		{wide, 0.1, 0}, {wide, -0.4, 0}, {wide, 0.5, 0.5}, {wide, 0.9, 1}, {wide, 1, 1},
		{narrow, 0.78, 0}, {narrow, 0.84, 0.5}, {narrow, 0.9, 1},
		{Measure{Apart: 0.1, Same: 0.5, Skill: 0.5}, 0.5, 0.25},
		{Measure{Apart: 0.1, Same: 0.5}, 0.9, 0},
		{Measure{Apart: 0.4, Same: 0.4, Skill: 1}, 0.9, 0}, {Measure{}, 0.9, 0},
	} {
		if got := c.m.near(c.cosine); math.Abs(got-c.near) > 1e-9 {
			t.Errorf("%+v of %v is %v, want %v", c.m, c.cosine, got, c.near)
		}
	}
}

// TestKnownTexts: each language has the same matters, and no text is there twice.
func TestKnownTexts(t *testing.T) {
	seen := map[string]bool{}
	for l, list := range known {
		if len(list) != len(known["en"]) {
			t.Errorf("%s has %d", l, len(list))
		}
		for _, p := range list {
			for _, text := range []string{p.question, p.answer} {
				if seen[text] || strings.TrimSpace(text) == "" {
					t.Errorf("%s: %q", l, text)
				}
				seen[text] = true
			}
		}
	}
}
