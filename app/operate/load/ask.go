package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Message is one turn, in OpenAI's shape.
type Message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Say is a message.
func Say(role, content string) Message { return Message{role, content} }

// Request is what is asked of a server.
type Request struct {
	Messages  []Message
	Tokens    int // of the answer, at most
	IgnoreEOS bool
	OnFirst   func(time.Time) // called once with the first text, may be nil
}

// Server is where requests go.
type Server struct {
	Base   string // as Base gives it
	Key    string // "" for none; it is in no error
	Model  string // "" where the server has one only
	Client *http.Client
	// Without are fields of a request that this server refuses; Probe finds out.
	Without map[string]bool
}

// Kind says how a request failed.
type Kind string

// The kinds of failure.
const (
	KindConnect Kind = "no connection"
	KindTimeout Kind = "timeout"
	KindBusy    Kind = "429 busy"
	KindStatus  Kind = "refused" // another status than 200
	KindBroken  Kind = "stream broke off"
	KindStream  Kind = "bad stream"
	KindServer  Kind = "error in the stream"
	KindEmpty   Kind = "empty answer"
)

// Failure is a request that gave no whole answer.
type Failure struct {
	Kind    Kind
	Status  int           // HTTP's, 0 for none
	After   time.Duration // of Retry-After, 0 for none
	Message string
}

// Error is a sentence without its full stop.
func (f *Failure) Error() string { return f.Message }

// name is the kind as it is counted.
func (f *Failure) name() string {
	if f.Kind == KindStatus {
		return fmt.Sprintf("status %d", f.Status)
	}
	return string(f.Kind)
}

// Base makes of what a person wrote the address that /v1 is below.
func Base(raw string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", errors.New("the server is named by an address such as http://127.0.0.1:8484")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("the address may have no name, password, query or fragment: a key goes into --key or ALCOVE_BENCH_KEY")
	}
	u.Path = strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/v1")
	return strings.TrimRight(u.String(), "/"), nil
}

// fields is a request's body.
func (s Server) fields(r Request) map[string]any {
	fields := map[string]any{
		"messages": r.Messages, "max_tokens": r.Tokens, "temperature": 0,
		"stream": true, "stream_options": map[string]bool{"include_usage": true},
	}
	if s.Model != "" {
		fields["model"] = s.Model
	}
	if r.IgnoreEOS {
		fields["ignore_eos"] = true
	}
	for name := range s.Without {
		if name == "max_tokens" {
			fields["max_completion_tokens"] = r.Tokens
		}
		delete(fields, name)
	}
	return fields
}

// Ask sends a request and reads the stream to its end. Its errors are *Failure,
// but for ctx's own when that was cancelled.
func (s Server) Ask(ctx context.Context, r Request) (Answer, error) {
	body, err := json.Marshal(s.fields(r))
	if err != nil {
		return Answer{}, fmt.Errorf("ask: %w", err)
	}
	req, err := s.request(ctx, http.MethodPost, "/v1/chat/completions", body)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Sent: time.Now()}
	resp, err := s.Client.Do(req)
	if err != nil {
		return a, s.failure(ctx, err, KindConnect)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return a, s.refused(resp)
	}
	if err := a.read(resp.Body, r.OnFirst, time.Now); err != nil {
		return a, s.failure(ctx, err, KindBroken)
	}
	return a, nil
}

func (s Server) request(ctx context.Context, method, path string, body []byte) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.Base+path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if s.Key != "" {
		req.Header.Set("Authorization", "Bearer "+s.Key)
	}
	return req, nil
}

// refused is an answer that is no success.
func (s Server) refused(resp *http.Response) *Failure {
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096)) // what there is of it
	f := &Failure{Kind: KindStatus, Status: resp.StatusCode, Message: fmt.Sprintf("the server answered %d: %s", resp.StatusCode, s.hide(said(text)))}
	if resp.StatusCode == http.StatusTooManyRequests {
		f.Kind = KindBusy
		if n, err := strconv.Atoi(strings.TrimSpace(resp.Header.Get("Retry-After"))); err == nil && n > 0 {
			f.After = time.Duration(min(n, 3600)) * time.Second
		}
	}
	return f
}

// failure sorts an error; kind is what it is if nothing better is known.
func (s Server) failure(ctx context.Context, err error, kind Kind) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	var f *Failure
	if errors.As(err, &f) {
		f.Message = s.hide(f.Message)
		return f
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return &Failure{Kind: KindTimeout, Message: "the answer took longer than it may"}
	}
	return &Failure{Kind: kind, Message: string(kind) + ": " + s.hide(clip(err.Error(), 300))}
}

// hide takes the key out of a text: some servers say it back.
func (s Server) hide(text string) string {
	if s.Key == "" {
		return text
	}
	return strings.ReplaceAll(text, s.Key, "(the key)")
}

// said is what a server wrote of an error: its sentence where it has one.
func said(body []byte) string {
	var v struct {
		Error  json.RawMessage `json:"error"`
		Detail string          `json:"detail"`
	}
	text := string(body)
	if json.Unmarshal(body, &v) == nil {
		var inner struct{ Message string }
		var plain string
		switch {
		case json.Unmarshal(v.Error, &inner) == nil && inner.Message != "":
			text = inner.Message
		case json.Unmarshal(v.Error, &plain) == nil && plain != "":
			text = plain
		case v.Detail != "":
			text = v.Detail
		}
	}
	return clip(text, 300)
}

// clip makes a stranger's text fit for one line of at most n characters.
func clip(text string, n int) string {
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "?"))), " ")
	if r := []rune(text); len(r) > n {
		return string(r[:n]) + "..."
	}
	return text
}
