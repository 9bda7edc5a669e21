package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"alcove/engine"
)

// openAI is the official client, as people use it.
func (b *box) openAI(key string) *openai.Client {
	c := openai.NewClient(option.WithBaseURL(b.base+"/v1"), option.WithAPIKey(key), option.WithMaxRetries(0), option.WithHTTPClient(b.client))
	return &c
}

// v1 makes a request with a key.
func (b *box) v1(key, method, path string, body any) answer {
	b.t.Helper()
	r := b.request(method, path, body)
	r.Header.Set("Authorization", "Bearer "+key)
	return b.send(r)
}

func TestOpenAIClientModels(t *testing.T) {
	b := newBox(t)
	client := b.openAI(b.key())
	list, err := client.Models.List(t.Context())
	if err != nil || len(list.Data) != 1 || list.Data[0].ID != "tiny" || list.Data[0].OwnedBy != "alcove" {
		t.Errorf("models %+v: %v", list, err)
	}
	if m, err := client.Models.Get(t.Context(), "tiny"); err != nil || m.ID != "tiny" {
		t.Errorf("model %+v: %v", m, err)
	}
	for _, id := range []string{"none", "broken", "../../etc/passwd"} {
		_, err := client.Models.Get(t.Context(), id)
		var e *openai.Error
		if !errors.As(err, &e) || e.StatusCode != 404 {
			t.Errorf("model %q: %v", id, err)
		}
	}
}

func TestOpenAIClientChat(t *testing.T) {
	b := newBox(t)
	key := b.key()
	client := b.openAI(key)
	got, err := client.Chat.Completions.New(t.Context(), openai.ChatCompletionNewParams{
		Model: "tiny",
		Messages: []openai.ChatCompletionMessageParamUnion{
			openai.DeveloperMessage("Be short."),
			openai.UserMessage([]openai.ChatCompletionContentPartUnionParam{openai.TextContentPart("What is "), openai.TextContentPart("the capital?")}),
			openai.AssistantMessage("Of what?"),
			openai.UserMessage("France"),
		},
		Seed: openai.Int(42), Temperature: openai.Float(0.5), TopP: openai.Float(0.9), MaxCompletionTokens: openai.Int(99),
		Stop: openai.ChatCompletionNewParamsStopUnion{OfStringArray: []string{"\n\n", "END"}},
		User: openai.String("someone"), N: openai.Int(1),
	})
	if err != nil {
		t.Fatal(err)
	}
	c := got.Choices[0]
	if c.Message.Content != "Paris is it." || c.Message.Role != "assistant" || c.FinishReason != "stop" || got.Object != "chat.completion" || got.Model != "tiny" || got.Created == 0 {
		t.Errorf("answer %+v", got)
	}
	if u := got.Usage; u.PromptTokens != 10 || u.CompletionTokens != 3 || u.TotalTokens != 13 || u.PromptTokensDetails.CachedTokens != 4 {
		t.Errorf("usage %+v", u)
	}
	req := b.engine.last()
	if req.Class != engine.ClassAPI || req.ID == "" || !strings.HasPrefix(req.User, "key:") {
		t.Errorf("request %+v", req)
	}
	s := req.Sampling
	if s.Seed != 42 || s.Temperature != 0.5 || s.TopP != 0.9 || s.MaxTokens != 99 || len(s.Stop) != 2 {
		t.Errorf("sampling %+v", s)
	}
	if len(req.Messages) != 4 || req.Messages[0].Role != engine.RoleSystem || req.Messages[1].Text() != "What is the capital?" {
		t.Errorf("messages %+v", req.Messages)
	}
	// Only the key's own requests share computed text with it.
	share := req.Messages[0].Segments[0].Share
	b.openAI(b.key()).Chat.Completions.New(t.Context(), openai.ChatCompletionNewParams{Model: "tiny", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("x")}}) //nolint:errcheck // the request is looked at
	if other := b.engine.last().Messages[0].Segments[0].Share; share == "" || other == share || strings.Contains(share, key) {
		t.Errorf("labels %q and %q", share, other)
	}
}

func TestOpenAIClientStream(t *testing.T) {
	b := newBox(t)
	client := b.openAI(b.key())
	params := openai.ChatCompletionNewParams{Model: "tiny", MaxTokens: openai.Int(3), Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Capital?")}}
	for _, include := range []bool{false, true} {
		if include {
			params.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
		}
		stream := client.Chat.Completions.NewStreaming(t.Context(), params)
		acc := openai.ChatCompletionAccumulator{}
		var first openai.ChatCompletionChunk
		usages := 0
		for stream.Next() {
			chunk := stream.Current()
			if first.ID == "" {
				first = chunk
			}
			if chunk.JSON.Usage.Valid() {
				usages++
				if len(chunk.Choices) != 0 {
					t.Errorf("usage came with choices: %+v", chunk)
				}
			}
			if !acc.AddChunk(chunk) {
				t.Fatalf("chunk does not fit: %s", chunk.RawJSON())
			}
		}
		if err := stream.Err(); err != nil {
			t.Fatal(err)
		}
		if first.Choices[0].Delta.Role != "assistant" || first.Object != "chat.completion.chunk" {
			t.Errorf("first chunk %s", first.RawJSON())
		}
		if c := acc.Choices[0]; c.Message.Content != "Paris is it." || c.FinishReason != "length" {
			t.Errorf("streamed %+v", c)
		}
		if want := map[bool]int{true: 1}[include]; usages != want || include && acc.Usage.TotalTokens != 13 {
			t.Errorf("include_usage %v: %d chunks with usage, %+v", include, usages, acc.Usage)
		}
	}
}

func TestOpenAIClientErrors(t *testing.T) {
	b := newBox(t)
	ask := func(client *openai.Client, model string) *openai.Error {
		t.Helper()
		_, err := client.Chat.Completions.New(t.Context(), openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("x")}})
		var e *openai.Error
		if !errors.As(err, &e) {
			t.Fatalf("no API error: %v", err)
		}
		return e
	}
	if e := ask(b.openAI(b.key()), "none"); e.StatusCode != 404 || e.Code != "model_not_found" || e.Param != "model" || e.Type != "invalid_request_error" || !strings.Contains(e.Message, `"none"`) {
		t.Errorf("unknown model: %+v", e)
	}
	if e := ask(b.openAI("ak-none"), "tiny"); e.StatusCode != 401 || e.Code != "unauthorized" {
		t.Errorf("unknown key: %+v", e)
	}
	for _, c := range []struct {
		err    error
		status int
		code   string
		kind   string
	}{
		{engine.Errorf(engine.CodeContextFull, "9000 tokens, 8192 fit."), 400, "context_full", "invalid_request_error"},
		{engine.Errorf(engine.CodeBusy, ""), 429, "busy", "server_error"},
		{engine.Errorf(engine.CodeWorkerFailed, ""), 503, "worker_failed", "server_error"},
		{fmt.Errorf("read /home/anna/secret.gguf: SELECT * FROM keys"), 500, "internal_error", "server_error"},
	} {
		b.engine.set(func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) {
			return engine.Usage{}, c.err
		})
		e := ask(b.openAI(b.key()), "tiny")
		if e.StatusCode != c.status || e.Code != c.code || e.Type != c.kind || strings.Contains(e.Message, "anna") || e.Message == "" {
			t.Errorf("%v: %+v", c.err, e)
		}
		stream := b.openAI(b.key()).Chat.Completions.NewStreaming(t.Context(), openai.ChatCompletionNewParams{Model: "tiny", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("x")}})
		for stream.Next() {
			t.Errorf("a chunk before the error: %s", stream.Current().RawJSON())
		}
		if !errors.As(stream.Err(), &e) || e.StatusCode != c.status {
			t.Errorf("streamed %v: %v", c.err, stream.Err())
		}
		stream.Close()
	}
	b.engine.set(func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) { panic("a bug") })
	if e := ask(b.openAI(b.key()), "tiny"); e.StatusCode != 500 || e.Code != "internal_error" || strings.Contains(e.Message, "bug") {
		t.Errorf("panic: %+v", e)
	}
}

func TestErrorInMidStream(t *testing.T) {
	b := newBox(t)
	for name, script := range map[string]func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error){
		"worker_failed": func(_ context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
			if err := emit(engine.Token{Text: "half", N: 1}); err != nil {
				return engine.Usage{}, err
			}
			return engine.Usage{Finish: engine.FinishFailed}, engine.Errorf(engine.CodeWorkerFailed, "")
		},
		"internal_error": func(_ context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
			if err := emit(engine.Token{Text: "half", N: 1}); err != nil {
				return engine.Usage{}, err
			}
			panic("a bug")
		},
	} {
		b.engine.set(script)
		a := b.v1(b.key(), "POST", "/v1/chat/completions", `{"model":"tiny","stream":true,"messages":[{"role":"user","content":"x"}]}`)
		parts := strings.Split(strings.TrimSpace(string(a.body)), "\n\n")
		last := parts[len(parts)-1]
		if a.status != 200 || !strings.Contains(string(a.body), "half") || strings.Contains(string(a.body), "[DONE]") || !strings.HasPrefix(last, `data: {"error":{`) || !strings.Contains(last, name) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		stream := b.openAI(b.key()).Chat.Completions.NewStreaming(t.Context(), openai.ChatCompletionNewParams{Model: "tiny", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("x")}})
		for stream.Next() {
		}
		if stream.Err() == nil {
			t.Errorf("%s: the client saw no error", name)
		}
		stream.Close()
	}
}

func TestClientGoneIsCancelled(t *testing.T) {
	b := newBox(t)
	key := b.key()
	for _, stream := range []bool{true, false} {
		began, ended := make(chan struct{}), make(chan error, 1)
		b.engine.set(func(ctx context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
			err := emit(engine.Token{Text: "on and on", N: 1})
			close(began)
			<-ctx.Done()
			ended <- err
			return engine.Usage{Finish: engine.FinishCancelled}, ctx.Err()
		})
		ctx, cancel := context.WithCancel(t.Context())
		r := b.request("POST", "/v1/chat/completions", fmt.Sprintf(`{"stream":%v,"messages":[{"role":"user","content":"x"}]}`, stream)).WithContext(ctx)
		r.Header.Set("Authorization", "Bearer "+key)
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			res, err := b.client.Do(r)
			if err == nil {
				<-ctx.Done()
				res.Body.Close()
			}
		}()
		<-began
		cancel()
		if err := <-ended; err != nil { // hangs when nobody cancels
			t.Errorf("stream %v: emit failed: %v", stream, err)
		}
		<-gone
	}
}

func TestRevokedKeyEndsItsAnswer(t *testing.T) {
	limits := defaultLimits
	limits.recheck, limits.heartbeat = 20*time.Millisecond, 10*time.Millisecond
	b := newBox(t, func(d *Deps) { d.limits = &limits })
	b.engine.set(func(ctx context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		err := emit(engine.Token{Text: "on", N: 1})
		keys, _ := b.store.Keys(ctx)
		if err := b.store.RevokeKey(ctx, keys[len(keys)-1].ID); err != nil {
			t.Error(err)
		}
		<-ctx.Done()
		return engine.Usage{Finish: engine.FinishCancelled}, err
	})
	body := `{"stream":%v,"messages":[{"role":"user","content":"x"}]}`
	a := b.v1(b.key(), "POST", "/v1/chat/completions", fmt.Sprintf(body, true))
	if a.status != 200 || !strings.Contains(string(a.body), `"code":"unauthorized"`) || strings.Contains(string(a.body), "[DONE]") {
		t.Errorf("streamed: %d %s", a.status, a.body)
	}
	if !strings.Contains(string(a.body), ": alive") {
		t.Errorf("no sign of life while waiting: %s", a.body)
	}
	if a := b.v1(b.key(), "POST", "/v1/chat/completions", fmt.Sprintf(body, false)); a.status != 401 {
		t.Errorf("whole: %d %s", a.status, a.body)
	}
}

func TestShutdownEndsAnswers(t *testing.T) {
	b := newBox(t)
	s := steps{make(chan string)}
	b.engine.set(s.script)
	key := b.key()
	got := make(chan answer)
	for _, stream := range []bool{true, false} {
		go func() {
			got <- b.v1(key, "POST", "/v1/chat/completions", fmt.Sprintf(`{"stream":%v,"messages":[{"role":"user","content":"x"}]}`, stream))
		}()
	}
	wait(t, "both answers to begin", func() bool { b.engine.mu.Lock(); defer b.engine.mu.Unlock(); return len(b.engine.requests) == 2 })
	s.next <- "half"
	if err := b.server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	for range 2 {
		if a := <-got; !strings.Contains(string(a.body), `"code":"engine_closed"`) || strings.Contains(string(a.body), "[DONE]") {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}

// The engine never waits for a client: what it writes meanwhile is joined.
func TestSlowClientDoesNotStallTheEngine(t *testing.T) {
	b := newBox(t)
	const pieces = 200000
	finished := make(chan struct{})
	b.engine.set(func(_ context.Context, _ engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		defer close(finished)
		for range pieces {
			if err := emit(engine.Token{Text: "0123456789", N: 1}); err != nil {
				return engine.Usage{}, err
			}
		}
		return engine.Usage{OutputTokens: pieces, Finish: engine.FinishStop}, nil
	})
	r := b.request("POST", "/v1/chat/completions", `{"stream":true,"messages":[{"role":"user","content":"x"}]}`)
	r.Header.Set("Authorization", "Bearer "+b.key())
	res, err := b.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	<-finished // although nothing was read: hangs when the engine waits
	events := make(chan event, pieces)
	readEvents(res.Body, events)
	close(events)
	n, last := 0, ""
	for e := range events {
		var c v1Chunk
		if last = string(e.data); json.Unmarshal(e.data, &c) == nil && len(c.Choices) == 1 && c.Choices[0].Delta.Content != nil {
			n += len(*c.Choices[0].Delta.Content)
		}
	}
	if n != 10*pieces || last != "[DONE]" {
		t.Errorf("%d of %d letters, last %q", n, 10*pieces, last)
	}
}

func TestCompletionParameters(t *testing.T) {
	b := newBox(t)
	key := b.key()
	const message = `"messages":[{"role":"user","content":"x"}]`
	for _, c := range []struct{ field, param string }{
		// Accepted: honoured, neutral, or not OpenAI's.
		{`"temperature":0`, ""}, {`"temperature":2`, ""}, {`"temperature":null`, ""}, {`"top_p":0`, ""}, {`"min_p":0.1,"top_k":40`, ""},
		{`"seed":-9223372036854775808`, ""}, {`"stop":"a"`, ""}, {`"stop":["a","b"]`, ""}, {`"stop":[]`, ""}, {`"stop":null`, ""},
		{`"max_tokens":1,"max_completion_tokens":2`, ""}, {`"n":1`, ""}, {`"tools":[],"tool_choice":"none"`, ""}, {`"response_format":{"type": "text"}`, ""},
		{`"presence_penalty":0,"frequency_penalty":0.0`, ""}, {`"logprobs":false,"top_logprobs":0`, ""}, {`"logit_bias":{}`, ""}, {`"store":true`, ""},
		{`"metadata":{"a":"b"},"service_tier":"auto","parallel_tool_calls":true`, ""}, {`"mirostat":2,"repeat_penalty":1.1`, ""},
		{`"stream":false,"stream_options":null`, ""}, {`"modalities":["text"]`, ""},
		// Out of range or of another type.
		{`"temperature":-0.1`, "temperature"}, {`"temperature":1e308`, "temperature"}, {`"temperature":1e999`, "temperature"}, {`"temperature":"hot"`, "temperature"},
		{`"temperature":[1]`, "temperature"}, {`"top_p":1.01`, "top_p"}, {`"top_p":-1`, "top_p"}, {`"min_p":2`, "min_p"}, {`"top_k":-1`, "top_k"}, {`"top_k":1.5`, "top_k"},
		{`"top_k":9223372036854775808`, "top_k"}, {`"seed":9223372036854775808`, "seed"}, {`"seed":0.5`, "seed"}, {`"seed":"1"`, "seed"},
		{`"max_tokens":0`, "max_tokens"}, {`"max_tokens":-1`, "max_tokens"}, {`"max_tokens":9223372036854775808`, "max_tokens"}, {`"max_completion_tokens":true`, "max_completion_tokens"},
		{`"stop":""`, "stop"}, {`"stop":[""]`, "stop"}, {`"stop":5`, "stop"}, {`"stop":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17"]`, "stop"},
		{`"model":5`, "model"}, {`"stream":"yes"`, "stream"}, {`"stream_options":{"include_usage":true}`, "stream_options"}, {`"stream":true,"stream_options":{"include_usage":1}`, "stream_options.include_usage"},
		// Not there yet, and it would change the answer.
		{`"n":2`, "n"}, {`"tools":[{"type":"function"}]`, "tools"}, {`"tool_choice":"required"`, "tool_choice"}, {`"response_format":{"type":"json_object"}`, "response_format"},
		{`"logprobs":true`, "logprobs"}, {`"top_logprobs":5`, "top_logprobs"}, {`"logit_bias":{"50256":-100}`, "logit_bias"}, {`"presence_penalty":0.5`, "presence_penalty"},
		{`"frequency_penalty":-2`, "frequency_penalty"}, {`"modalities":["text","audio"]`, "modalities"}, {`"audio":{}`, "audio"}, {`"reasoning_effort":"high"`, "reasoning_effort"},
		{`"functions":[{}]`, "functions"}, {`"function_call":{"name":"x"}`, "function_call"}, {`"web_search_options":{}`, "web_search_options"}, {`"verbosity":"low"`, "verbosity"},
	} {
		a := b.v1(key, "POST", "/v1/chat/completions", "{"+message+","+c.field+"}")
		if c.param == "" {
			if a.status != 200 {
				t.Errorf("%s: %d %s", c.field, a.status, a.body)
			}
			continue
		}
		var e v1Error
		a.into(t, &e)
		if a.status != 400 || e.Error.Param == nil || *e.Error.Param != c.param || e.Error.Type != "invalid_request_error" || a.header.Get("X-Request-Id") == "" {
			t.Errorf("%s: %d %s", c.field, a.status, a.body)
		}
	}
}

func TestCompletionMessages(t *testing.T) {
	b := newBox(t)
	key := b.key()
	for _, c := range []struct{ messages, param string }{
		{`[{"role":"user","content":"x"}]`, ""},
		{`[{"role":"user","content":[{"type":"text","text":"x"}],"name":"anna"}]`, ""},
		{`[{"role":"user","content":"x"},{"role":"assistant","content":null,"tool_calls":[]},{"role":"user","content":""}]`, ""},
		{`null`, "messages"}, {`[]`, "messages"}, {`{}`, "messages"}, {`"x"`, "messages"}, {`[1]`, "messages"}, {`[null]`, "messages[0].role"},
		{`[{"content":"x"}]`, "messages[0].role"},
		{`[{"role":5,"content":"x"}]`, "messages[0].role"},
		{`[{"role":"wizard","content":"x"}]`, "messages[0].role"},
		{`[{"role":"user","content":"x"},{"role":"tool","content":"x","tool_call_id":"1"}]`, "messages[1].role"},
		{`[{"role":"user"}]`, "messages[0].content"},
		{`[{"role":"user","content":5}]`, "messages[0].content"},
		{`[{"role":"user","content":[]}]`, "messages[0].content"},
		{`[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://example.com/x.png"}}]}]`, "messages[0].content[0].type"},
		{`[{"role":"user","content":[{"text":"x"}]}]`, "messages[0].content[0].type"},
		{`[{"role":"user","content":[{"type":"text"}]}]`, "messages[0].content[0].text"},
		{`[{"role":"assistant","content":null,"tool_calls":[{"id":"1"}]}]`, "messages[0].tool_calls"},
	} {
		a := b.v1(key, "POST", "/v1/chat/completions", `{"model":"tiny","messages":`+c.messages+`}`)
		var e v1Error
		a.into(t, &e)
		if c.param == "" {
			if a.status != 200 {
				t.Errorf("%s: %d %s", c.messages, a.status, a.body)
			}
		} else if a.status != 400 || e.Error.Param == nil || *e.Error.Param != c.param {
			t.Errorf("%s: %d %s", c.messages, a.status, a.body)
		}
	}
	form := b.request("POST", "/v1/chat/completions", "messages=x")
	form.Header.Set("Authorization", "Bearer "+key)
	form.Header.Set("Content-Type", "text/plain")
	if a := b.send(form); a.status != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain: %d %s", a.status, a.body)
	}
	for _, body := range []string{"", "{", "[]", "null", "{\"messages\":\"\xff\"}"} {
		if a := b.v1(key, "POST", "/v1/chat/completions", body); a.status != 400 || !strings.Contains(string(a.body), `"error":{`) {
			t.Errorf("%q: %d %s", body, a.status, a.body)
		}
	}
	if a := b.v1(key, "POST", "/v1/chat/completions", `{"messages":"`+strings.Repeat("x", 10<<20)+`"}`); a.status != 413 || !strings.Contains(string(a.body), "too_large") {
		t.Errorf("10 MB: %d %s", a.status, a.body)
	}
}
