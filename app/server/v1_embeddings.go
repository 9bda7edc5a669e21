package server

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"time"

	"alcove/app"
	"alcove/app/operate/usage"
	"alcove/engine"
)

// maxInputs bounds the texts of one request, as OpenAI does.
const maxInputs = 2048

// embeddingRequest is a checked body of /v1/embeddings.
type embeddingRequest struct {
	engine.EmbedRequest
	Base64     bool
	Dimensions int // 0: the model's own
}

type (
	v1Embeddings struct {
		Object string        `json:"object"`
		Data   []v1Embedding `json:"data"`
		Model  string        `json:"model"`
		Usage  v1EmbedUsage  `json:"usage"`
	}
	v1Embedding struct {
		Object    string `json:"object"`
		Index     int    `json:"index"`
		Embedding any    `json:"embedding"` // numbers, or base64 of float32, little endian
	}
	v1EmbedUsage struct {
		PromptTokens int `json:"prompt_tokens"`
		TotalTokens  int `json:"total_tokens"`
	}
)

// embeddings answers POST /v1/embeddings.
func (s *Server) embeddings(w http.ResponseWriter, r *http.Request) {
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Header.Get("Content-Type") != "" && (err != nil || t != "application/json") {
		writeError(w, r, kindV1, &app.Error{Code: app.CodeMediaType})
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		writeError(w, r, kindV1, &app.Error{Code: app.CodeInvalid, Err: err})
		return
	}
	req, err := parseEmbedding(body)
	if err == nil && s.embedder == nil {
		err = &app.Error{Code: engine.CodeNoModel}
	}
	if err != nil {
		writeError(w, r, kindV1, err)
		return
	}
	req.Class, req.User = engine.ClassAPI, "key:"+caller(r.Context()).ID
	ctx, cancel := s.whileValid(r)
	defer cancel()
	// The whole-answer write limit of the server would cut a pile of texts.
	http.NewResponseController(w).SetWriteDeadline(time.Time{}) //nolint:errcheck // test recorders have none
	started := time.Now()
	got, err := s.embed(ctx, req)
	s.recordEmbedding(r, req, got, err, time.Since(started))
	if r.Context().Err() != nil {
		return // nobody is there
	}
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(s.limits.answer)) //nolint:errcheck // test recorders have none
	if err != nil {
		logFailure(r.Context(), err)
		writeError(w, r, kindV1, err)
		return
	}
	writeJSON(w, http.StatusOK, "application/json", v1EmbeddingsOf(got, req.Base64))
}

// embed asks for vectors; errors name the parameter that is at fault.
func (s *Server) embed(ctx context.Context, req embeddingRequest) (engine.Embedded, error) {
	info := s.embedder.Embedding()
	if known := req.Model == "" || req.Model == info.Model; known && req.Dimensions > 0 && info.Dimensions > 0 && req.Dimensions != info.Dimensions {
		return engine.Embedded{}, badDimensions(info.Dimensions)
	}
	got, err := s.embedder.Embed(ctx, req.EmbedRequest)
	var cut *app.Error // its key was revoked, or the server shuts down
	if errors.As(context.Cause(ctx), &cut) {
		return got, cut
	}
	var e *engine.Error
	switch {
	case errors.As(err, &e):
		param := map[engine.Code]string{engine.CodeModelNotFound: "model", engine.CodeModelRefused: "model",
			engine.CodeContextFull: "input", engine.CodeInvalidRequest: "input"}[e.Code]
		return got, &app.Error{Code: e.Code, Param: param, Message: e.Message, Err: err}
	case err != nil:
		return got, err
	}
	if n := len(got.Vectors[0]); req.Dimensions > 0 && req.Dimensions != n {
		return got, badDimensions(n)
	}
	return got, nil
}

func badDimensions(n int) error {
	return badParam("dimensions", "dimensions can only be %d, which is what this model gives. Leave it out.", n)
}

func parseEmbedding(body []byte) (req embeddingRequest, err error) {
	var p params
	if err := unmarshal(body, &p); err != nil || p == nil {
		return req, &app.Error{Code: app.CodeInvalid, Message: "The body is not a JSON object. Nothing was computed."}
	}
	model, err := get[string](p, "model", "a string")
	if err != nil {
		return req, err
	}
	if model != nil {
		req.Model = *model
	}
	format, err := get[string](p, "encoding_format", "float or base64")
	if err != nil {
		return req, err
	}
	if format != nil {
		if *format != "float" && *format != "base64" {
			return req, badParam("encoding_format", "encoding_format must be float or base64.")
		}
		req.Base64 = *format == "base64"
	}
	dimensions, err := within(p, "dimensions", "an integer", 1, 1<<20)
	if err != nil {
		return req, err
	}
	if dimensions != nil {
		req.Dimensions = *dimensions
	}
	req.Inputs, err = parseInputs(p["input"])
	return req, err
}

// parseInputs reads a text, texts, a list of tokens, or lists of tokens.
func parseInputs(raw json.RawMessage) ([]engine.EmbedInput, error) {
	bad := func() ([]engine.EmbedInput, error) {
		return nil, badParam("input", "input must be a text, a list of texts, a list of tokens, or a list of such lists, and none of them empty.")
	}
	var text string
	if json.Unmarshal(raw, &text) == nil && string(raw) != "null" {
		if text == "" {
			return bad()
		}
		return []engine.EmbedInput{{Text: text}}, nil
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return bad()
	}
	if first := bytes.TrimSpace(list[0]); len(first) > 0 && first[0] != '"' && first[0] != '[' {
		tokens, ok := parseTokens(raw)
		if !ok {
			return bad()
		}
		return []engine.EmbedInput{{Tokens: tokens}}, nil
	}
	if len(list) > maxInputs {
		return nil, badParam("input", "input has %d texts, and %d are the most in one request.", len(list), maxInputs)
	}
	out := make([]engine.EmbedInput, len(list))
	for i, one := range list {
		ok := json.Unmarshal(one, &out[i].Text) == nil && out[i].Text != "" && string(one) != "null"
		if !ok {
			out[i].Text = ""
			out[i].Tokens, ok = parseTokens(one)
		}
		if !ok {
			return bad()
		}
	}
	return out, nil
}

// parseTokens reads whole numbers; null and an empty list are none.
func parseTokens(raw json.RawMessage) (tokens []int, ok bool) {
	var list []*int
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return nil, false
	}
	for _, t := range list {
		if t == nil {
			return nil, false
		}
		tokens = append(tokens, *t)
	}
	return tokens, true
}

func v1EmbeddingsOf(got engine.Embedded, inBase64 bool) v1Embeddings {
	out := v1Embeddings{Object: "list", Data: make([]v1Embedding, len(got.Vectors)), Model: got.Model}
	for i, v := range got.Vectors {
		out.Data[i] = v1Embedding{Object: "embedding", Index: i, Embedding: v}
		if inBase64 {
			raw := make([]byte, 0, 4*len(v))
			for _, x := range v {
				raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
			}
			out.Data[i].Embedding = base64.StdEncoding.EncodeToString(raw)
		}
		out.Usage.PromptTokens += got.Tokens[i]
	}
	out.Usage.TotalTokens = out.Usage.PromptTokens
	return out
}

// recordEmbedding puts the request into the log of requests and the figures.
func (s *Server) recordEmbedding(r *http.Request, req embeddingRequest, got engine.Embedded, err error, took time.Duration) {
	if s.usage == nil {
		return
	}
	a := usage.Answer{ID: requestID(r.Context()), At: s.now(), Class: string(req.Class), Route: engine.RouteEmbeddings, Model: got.Model, User: req.User,
		Status: usage.StatusDone, Total: took}
	for _, n := range got.Tokens {
		a.PromptTokens += n
	}
	switch {
	case errors.Is(err, context.Canceled):
		a.Status = usage.StatusStopped
	case err != nil:
		code, _, _ := app.Describe(err)
		a.Status, a.Code = usage.StatusFailed, string(code)
	}
	s.usage.Answer(a)
}
