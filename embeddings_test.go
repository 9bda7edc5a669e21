package main

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
)

// OpenAI's client asks the whole program, with the model that comes with it.
func TestEmbeddings_OfTheRealModel(t *testing.T) {
	t.Parallel()
	p, ok := realPlace(t)
	if !ok {
		t.Skip("no model or no libraries: make setup")
	}
	if _, err := os.Stat(p.models + "/all-MiniLM-L6-v2.Q8_0.gguf"); err != nil {
		t.Skip("no model that finds passages: make setup")
	}
	a := p.serve(t)
	key := strings.TrimSpace(p.command(t, "key", "create", "--name", "embed").stdout)
	client := openai.NewClient(option.WithBaseURL(a.base+"/v1"), option.WithAPIKey(key), option.WithMaxRetries(0))
	ask := func(in openai.EmbeddingNewParamsInputUnion) *openai.CreateEmbeddingResponse {
		t.Helper()
		got, err := client.Embeddings.New(t.Context(), openai.EmbeddingNewParams{Model: "all-MiniLM-L6-v2.Q8_0", Input: in})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := ask(openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"Wie viele Urlaubstage habe ich?", "How many vacation days do I get?", "How long is my annual leave?"}})
	if len(got.Data) != 3 || len(got.Data[0].Embedding) != 384 || got.Usage.PromptTokens < 20 {
		t.Fatalf("%d vectors, %+v", len(got.Data), got.Usage)
	}
	dot := func(a, b []float64) (sum float64) {
		for i := range a {
			sum += a[i] * b[i]
		}
		return sum
	}
	v := got.Data
	if near, far := dot(v[1].Embedding, v[2].Embedding), dot(v[1].Embedding, v[0].Embedding); near < 0.5 || near < far || math.Abs(dot(v[0].Embedding, v[0].Embedding)-1) > 1e-4 {
		t.Errorf("near %.2f, far %.2f", near, far)
	}
	tokens := ask(openai.EmbeddingNewParamsInputUnion{OfArrayOfTokens: []int64{2681}}) // "leave"
	word := ask(openai.EmbeddingNewParamsInputUnion{OfString: openai.String("leave")})
	if c := dot(tokens.Data[0].Embedding, word.Data[0].Embedding); c < 0.999 || word.Usage.PromptTokens != 3 {
		t.Errorf("a word and its token: %.4f, %+v", c, word.Usage)
	}
	list, err := client.Models.List(t.Context())
	if err != nil || len(list.Data) < 2 {
		t.Errorf("%+v %v: the models that find passages are listed too", list, err)
	}
	var e *openai.Error
	if _, err := client.Chat.Completions.New(t.Context(), openai.ChatCompletionNewParams{Model: "all-MiniLM-L6-v2.Q8_0",
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Hi")}}); !errors.As(err, &e) || e.StatusCode != 400 || !strings.Contains(e.Message, "writes no answers") {
		t.Errorf("%v: it is no model for chat", err)
	}
}
