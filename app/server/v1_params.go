package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"alcove/app"
	"alcove/app/chat"
	docs "alcove/app/documents/answer"
	"alcove/app/library"
	"alcove/engine"
)

// maxMessages bounds the messages of one request.
const maxMessages = 4096

// apiSampling is what a request without sampling fields gets: the defaults of
// llama.cpp's own server.
var apiSampling = engine.Sampling{Temperature: 0.8, TopK: 40, TopP: 0.95, MinP: 0.05, MaxTokens: unbounded}

// unbounded is MaxTokens that nobody chose.
const unbounded = -1

// completionRequest is a checked body of /v1/chat/completions.
type completionRequest struct {
	Model        string
	Messages     []engine.Message
	Sampling     engine.Sampling
	Stream       bool
	IncludeUsage bool
	Collection   string // whose documents are asked; "": none
	AsOf         string // day; "": today
	ByModel      bool   // the model writes, also where HR has approved an answer
}

// params is a body, field by field: what is wrong can be named.
type params map[string]json.RawMessage

func paramOf(err error) string {
	var e *app.Error
	if errors.As(err, &e) {
		return e.Param
	}
	return ""
}

func badParam(name, format string, args ...any) error {
	return &app.Error{Code: app.CodeInvalid, Param: name, Message: fmt.Sprintf(format, args...)}
}

func unsupported(name string) error {
	return &app.Error{Code: app.CodeUnsupported, Param: name, Message: "Alcove does not support " + name + " yet, or not this value of it. Leave it out."}
}

// get reads a field; nil when it is absent or null.
func get[T any](p params, name, kind string) (*T, error) {
	raw, ok := p[name]
	if !ok || string(raw) == "null" {
		return nil, nil
	}
	var v T
	if json.Unmarshal(raw, &v) != nil {
		return nil, badParam(name, "%s must be %s.", name, kind)
	}
	return &v, nil
}

// within checks a field's range.
func within[T int | int64 | float64](p params, name, kind string, low, high T) (*T, error) {
	v, err := get[T](p, name, kind)
	if err == nil && v != nil && (*v < low || *v > high) {
		return nil, badParam(name, "%s must be between %v and %v.", name, low, high)
	}
	return v, err
}

// neutral lists OpenAI's fields that are not there yet, with the values that
// change nothing. null is always one of them.
var neutral = map[string][]string{
	"audio":              {},
	"frequency_penalty":  {"0", "0.0"},
	"presence_penalty":   {"0", "0.0"},
	"function_call":      {`"none"`, `"auto"`},
	"functions":          {"[]"},
	"logit_bias":         {"{}"},
	"logprobs":           {"false"},
	"top_logprobs":       {"0"},
	"modalities":         {`["text"]`},
	"n":                  {"1"},
	"reasoning_effort":   {`"none"`},
	"response_format":    {`{"type":"text"}`},
	"tool_choice":        {`"none"`, `"auto"`},
	"tools":              {"[]"},
	"verbosity":          {`"medium"`},
	"web_search_options": {},
}

func checkNeutral(p params) error {
	names := make([]string, 0, len(neutral))
	for name := range neutral {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		raw, ok := p[name]
		if !ok || string(raw) == "null" {
			continue
		}
		var b bytes.Buffer
		if json.Compact(&b, raw) != nil || !slices.Contains(neutral[name], b.String()) {
			return unsupported(name)
		}
	}
	return nil
}

// parseCompletion checks a body. share labels the text with its readers, and
// own gives what a person chose for the model that the body names.
func parseCompletion(body []byte, share string, own func(model string) (library.ModelSettings, error)) (completionRequest, error) {
	var p params
	if err := unmarshal(body, &p); err != nil || p == nil {
		return completionRequest{}, &app.Error{Code: app.CodeInvalid, Message: "The body is not a JSON object. Nothing was generated."}
	}
	if err := checkNeutral(p); err != nil {
		return completionRequest{}, err
	}
	var req completionRequest
	model, err := get[string](p, "model", "a string")
	if err != nil {
		return req, err
	}
	if model != nil {
		req.Model = *model
	}
	set, err := own(req.Model)
	if err != nil {
		return req, err
	}
	if req.Sampling, err = parseSampling(p, samplingOf(set)); err != nil {
		return req, err
	}
	if err := req.parseStream(p); err != nil {
		return req, err
	}
	if err := req.parseDocuments(p); err != nil {
		return req, err
	}
	if req.Sampling.MaxTokens == unbounded {
		req.Sampling.MaxTokens = 0
		if req.Collection != "" {
			req.Sampling.MaxTokens = docs.MaxTokens
		}
	}
	if req.Messages, err = parseMessages(p["messages"], share); err != nil {
		return req, err
	}
	if set.SystemPrompt != "" && !slices.ContainsFunc(req.Messages, func(m engine.Message) bool { return m.Role == engine.RoleSystem }) {
		preset := engine.Message{Role: engine.RoleSystem, Segments: []engine.Segment{{Text: set.SystemPrompt, Share: share}}}
		req.Messages = append([]engine.Message{preset}, req.Messages...)
	}
	return req, nil
}

// samplingOf is what a request without sampling fields gets from a model.
func samplingOf(set library.ModelSettings) engine.Sampling {
	return chat.Sampling{Temperature: set.Temperature, TopP: set.TopP, TopK: set.TopK, MinP: set.MinP, MaxTokens: set.MaxTokens}.Over(apiSampling)
}

func (req *completionRequest) parseStream(p params) error {
	stream, err := get[bool](p, "stream", "true or false")
	if err != nil {
		return err
	}
	req.Stream = stream != nil && *stream
	options, err := get[map[string]json.RawMessage](p, "stream_options", "an object")
	if err != nil || options == nil {
		return err
	}
	if !req.Stream {
		return badParam("stream_options", "stream_options is only for stream: true.")
	}
	usage, err := get[bool](params(*options), "include_usage", "true or false")
	if err != nil {
		return badParam("stream_options.include_usage", "include_usage must be true or false.")
	}
	req.IncludeUsage = usage != nil && *usage
	return nil
}

func parseSampling(p params, out engine.Sampling) (engine.Sampling, error) {
	out.Seed = uint64(rand.Uint32())
	for _, f := range []struct {
		name string
		high float64
		to   *float64
	}{
		{"temperature", chat.MaxTemperature, &out.Temperature},
		{"top_p", 1, &out.TopP},
		{"min_p", 1, &out.MinP},
	} {
		v, err := within(p, f.name, "a number", 0, f.high)
		if err != nil {
			return out, err
		}
		if v != nil {
			*f.to = *v
		}
	}
	if raw, ok := p["top_p"]; ok && string(raw) != "null" && out.TopP == 0 {
		out.TopP = 1e-9 // 0 is "off" to the engine; here it means the likeliest token alone
	}
	topK, err := within(p, "top_k", "an integer", 0, chat.MaxTopK)
	if err != nil {
		return out, err
	}
	if topK != nil {
		out.TopK = *topK
	}
	seed, err := get[int64](p, "seed", "a 64-bit integer")
	if err != nil {
		return out, err
	}
	if seed != nil {
		out.Seed = uint64(*seed)
	}
	for _, name := range []string{"max_tokens", "max_completion_tokens"} {
		v, err := within(p, name, "an integer", 1, 1<<31-1)
		if err != nil {
			return out, err
		}
		if v != nil {
			out.MaxTokens = *v
		}
	}
	out.Stop, err = parseStop(p)
	return out, err
}

// parseStop takes a string or a list of strings.
func parseStop(p params) ([]string, error) {
	if one, err := get[string](p, "stop", ""); err == nil {
		if one == nil {
			return nil, nil
		}
		return checkStops([]string{*one})
	}
	list, err := get[[]string](p, "stop", "a string or a list of strings")
	if err != nil {
		return nil, err
	}
	return checkStops(*list)
}

func checkStops(stops []string) ([]string, error) {
	if len(stops) > chat.MaxStops {
		return nil, badParam("stop", "stop takes at most %d strings.", chat.MaxStops)
	}
	for _, s := range stops {
		if s == "" || len(s) > chat.MaxStopBytes {
			return nil, badParam("stop", "Each string of stop must have between 1 and %d bytes.", chat.MaxStopBytes)
		}
	}
	return stops, nil
}

// roles maps OpenAI's roles to those of chat templates.
var roles = map[string]engine.Role{
	"system": engine.RoleSystem, "developer": engine.RoleSystem,
	"user": engine.RoleUser, "assistant": engine.RoleAssistant,
}

func parseMessages(raw json.RawMessage, share string) ([]engine.Message, error) {
	var list []params
	if json.Unmarshal(raw, &list) != nil {
		return nil, badParam("messages", "messages must be a list of objects.")
	}
	if len(list) == 0 {
		return nil, badParam("messages", "messages must hold at least one message.")
	}
	if len(list) > maxMessages {
		return nil, badParam("messages", "messages may hold at most %d messages.", maxMessages)
	}
	out := make([]engine.Message, 0, len(list))
	for i, m := range list {
		where := fmt.Sprintf("messages[%d]", i)
		msg, err := parseMessage(m, where, share)
		if err != nil {
			return nil, err
		}
		out = append(out, msg)
	}
	return out, nil
}

func parseMessage(m params, where, share string) (engine.Message, error) {
	name, err := get[string](m, "role", "")
	if err != nil || name == nil {
		return engine.Message{}, badParam(where+".role", "%s needs a role.", where)
	}
	role, ok := roles[*name]
	if !ok {
		if *name == "tool" || *name == "function" {
			return engine.Message{}, unsupported(where + ".role")
		}
		return engine.Message{}, badParam(where+".role", "%s.role must be system, developer, user or assistant.", where)
	}
	for _, field := range []string{"tool_calls", "function_call", "audio"} {
		if raw, ok := m[field]; ok && string(raw) != "null" && string(raw) != "[]" {
			return engine.Message{}, unsupported(where + "." + field)
		}
	}
	texts, err := parseContent(m["content"], where+".content", role)
	if err != nil {
		return engine.Message{}, err
	}
	msg := engine.Message{Role: role}
	for _, t := range texts {
		msg.Segments = append(msg.Segments, engine.Segment{Text: t, Share: share})
	}
	return msg, nil
}

// parseContent takes a string or a list of text parts.
func parseContent(raw json.RawMessage, where string, role engine.Role) ([]string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		if role == engine.RoleAssistant {
			return []string{""}, nil
		}
		return nil, badParam(where, "%s is missing.", where)
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return []string{text}, nil
	}
	var parts []params
	if json.Unmarshal(raw, &parts) != nil || len(parts) == 0 {
		return nil, badParam(where, "%s must be a string or a list of text parts.", where)
	}
	var out []string
	for i, part := range parts {
		kind, err := get[string](part, "type", "")
		at := fmt.Sprintf("%s[%d]", where, i)
		if err != nil || kind == nil {
			return nil, badParam(at+".type", "%s needs a type.", at)
		}
		if *kind != "text" {
			return nil, unsupported(at + ".type")
		}
		t, err := get[string](part, "text", "")
		if err != nil || t == nil {
			return nil, badParam(at+".text", "%s.text must be a string.", at)
		}
		out = append(out, *t)
	}
	return out, nil
}
