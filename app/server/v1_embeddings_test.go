package server

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"

	"alcove/app/operate/usage"
	"alcove/engine"
)

// numbers is an Embedder that gives each text its length, and remembers what it
// was asked.
type numbers struct {
	mu   sync.Mutex
	last engine.EmbedRequest
	fail error
}

func (n *numbers) Embedding() engine.EmbedInfo {
	return engine.EmbedInfo{Model: "finds", Dimensions: 3, Context: 512}
}

func (n *numbers) Embed(_ context.Context, req engine.EmbedRequest) (engine.Embedded, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last = req
	out := engine.Embedded{Model: "finds"}
	if n.fail != nil {
		return out, n.fail
	}
	if req.Model != "" && req.Model != "finds" {
		return out, engine.Errorf(engine.CodeModelNotFound, "There is no model %q.", req.Model)
	}
	for _, in := range req.Inputs {
		out.Vectors = append(out.Vectors, []float32{float32(len(in.Text)), float32(len(in.Tokens)), 0.25})
		out.Tokens = append(out.Tokens, 2+len(in.Tokens)+len(strings.Fields(in.Text)))
	}
	return out, nil
}

func (n *numbers) Rerank(context.Context, engine.RerankRequest) (engine.Reranked, error) {
	return engine.Reranked{}, nil
}

func (n *numbers) CountTokens(context.Context, string, []string) ([]int, error) { return nil, nil }

func newEmbedBox(t *testing.T) (*box, *numbers) {
	n := &numbers{}
	return newBox(t, func(d *Deps) { d.Embedder = d.Metrics.MeasureEmbedder(n) }), n
}

// OpenAI's client gets numbers in each of its ways to ask.
func TestOpenAIClientEmbeddings(t *testing.T) {
	b, n := newEmbedBox(t)
	client := b.openAI(b.key())
	for name, c := range map[string]struct {
		input openai.EmbeddingNewParamsInputUnion
		want  [][]float64
		used  int64
	}{
		"a text":         {openai.EmbeddingNewParamsInputUnion{OfString: openai.String("one two")}, [][]float64{{7, 0, 0.25}}, 4},
		"texts":          {openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"one", "three"}}, [][]float64{{3, 0, 0.25}, {5, 0, 0.25}}, 6},
		"tokens":         {openai.EmbeddingNewParamsInputUnion{OfArrayOfTokens: []int64{5, 6, 7}}, [][]float64{{0, 3, 0.25}}, 5},
		"lists of token": {openai.EmbeddingNewParamsInputUnion{OfArrayOfTokenArrays: [][]int64{{1}, {2, 3}}}, [][]float64{{0, 1, 0.25}, {0, 2, 0.25}}, 7},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := client.Embeddings.New(t.Context(), openai.EmbeddingNewParams{Model: "finds", Input: c.input, Dimensions: openai.Int(3)})
			if err != nil || len(got.Data) != len(c.want) || got.Usage.PromptTokens != c.used || got.Usage.TotalTokens != c.used || got.Model != "finds" {
				t.Fatalf("%+v %v", got, err)
			}
			for i, d := range got.Data {
				if int(d.Index) != i || len(d.Embedding) != 3 || d.Embedding[0] != c.want[i][0] || d.Embedding[1] != c.want[i][1] {
					t.Errorf("%+v, want %v", d, c.want[i])
				}
			}
		})
	}
	if n.last.Class != engine.ClassAPI || !strings.HasPrefix(n.last.User, "key:") {
		t.Errorf("%+v", n.last)
	}
	if _, err := client.Embeddings.New(t.Context(), openai.EmbeddingNewParams{Model: "gone", Input: openai.EmbeddingNewParamsInputUnion{OfString: openai.String("a")}}); err == nil {
		t.Error("there is no such model")
	} else if e := new(openai.Error); !errors.As(err, &e) || e.StatusCode != 404 || e.Param != "model" {
		t.Errorf("%+v", err)
	}
}

func TestEmbeddings_Base64(t *testing.T) {
	b, _ := newEmbedBox(t)
	got := b.v1(b.key(), "POST", "/v1/embeddings", map[string]any{"model": "finds", "input": "four", "encoding_format": "base64"})
	var out struct{ Data []struct{ Embedding string } }
	got.into(t, &out)
	raw, err := base64.StdEncoding.DecodeString(out.Data[0].Embedding)
	if err != nil || len(raw) != 12 || math.Float32frombits(binary.LittleEndian.Uint32(raw)) != 4 {
		t.Errorf("%v %v", raw, err)
	}
}

// What cannot be answered is a 400 that names the field, in OpenAI's shape.
func TestEmbeddings_Refusals(t *testing.T) {
	b, n := newEmbedBox(t)
	key := b.key()
	many := make([]string, maxInputs+1)
	for i := range many {
		many[i] = "a"
	}
	for name, c := range map[string]struct {
		body  any
		param string
	}{
		"no object":          {[]int{1}, ""},
		"no input":           {map[string]any{"model": "finds"}, "input"},
		"null":               {map[string]any{"input": nil}, "input"},
		"empty":              {map[string]any{"input": ""}, "input"},
		"empty list":         {map[string]any{"input": []string{}}, "input"},
		"an empty one":       {map[string]any{"input": []string{"a", ""}}, "input"},
		"a null in it":       {map[string]any{"input": []any{"a", nil}}, "input"},
		"parts of tokens":    {map[string]any{"input": []any{1.5}}, "input"},
		"text among tokens":  {map[string]any{"input": []any{1, "a"}}, "input"},
		"an object":          {map[string]any{"input": map[string]any{}}, "input"},
		"too many":           {map[string]any{"input": many}, "input"},
		"another format":     {map[string]any{"input": "a", "encoding_format": "int8"}, "encoding_format"},
		"other dimensions":   {map[string]any{"input": "a", "dimensions": 2}, "dimensions"},
		"no dimensions":      {map[string]any{"input": "a", "dimensions": 0}, "dimensions"},
		"model is no string": {map[string]any{"input": "a", "model": 3}, "model"},
	} {
		t.Run(name, func(t *testing.T) {
			got := b.v1(key, "POST", "/v1/embeddings", c.body)
			var e v1Error
			got.into(t, &e)
			param := ""
			if e.Error.Param != nil {
				param = *e.Error.Param
			}
			if got.status != 400 || param != c.param || e.Error.Message == "" || e.Error.Type != "invalid_request_error" {
				t.Errorf("%d %+v, param %q, want %q", got.status, e.Error, param, c.param)
			}
		})
	}
	n.fail = engine.Errorf(engine.CodeContextFull, "An input has 600 tokens, and this model reads 510 at most.")
	got := b.v1(key, "POST", "/v1/embeddings", map[string]any{"input": "a"})
	var e v1Error
	got.into(t, &e)
	if got.status != 400 || e.Error.Param == nil || *e.Error.Param != "input" || !strings.Contains(e.Error.Message, "600") {
		t.Errorf("%d %+v", got.status, e.Error)
	}
	if got := b.v1("ak-wrong", "POST", "/v1/embeddings", map[string]any{"input": "a"}); got.status != 401 {
		t.Errorf("%d without a key", got.status)
	}
}

// A request for vectors is in the log of requests and its tokens are counted,
// and it is no answer.
func TestEmbeddings_AreRecorded(t *testing.T) {
	b, _ := newEmbedBox(t)
	b.v1(b.key(), "POST", "/v1/embeddings", map[string]any{"input": []string{"one two", "three"}})
	deadline := time.Now().Add(20 * time.Second)
	for {
		rows, err := b.usage.Requests(t.Context(), usage.RequestFilter{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows.Requests) == 1 {
			if r := rows.Requests[0]; r.Route != engine.RouteEmbeddings || r.PromptTokens != 7 || r.Model != "finds" {
				t.Errorf("%+v", r)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it is not in the log of requests")
		}
		time.Sleep(10 * time.Millisecond)
	}
	text := string(b.v1(b.key(), "GET", "/metrics", nil).body)
	if !strings.Contains(text, `alcove_embedding_texts_total{class="api"} 2`) || !strings.Contains(text, `alcove_embedding_tokens_total{class="api"} 7`) {
		t.Error("the metrics do not count it")
	}
}
