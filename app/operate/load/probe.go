package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Facts are what a server tells of itself.
type Facts struct {
	Header  string   `json:"header,omitempty"`  // Server:
	Version string   `json:"version,omitempty"` // of /version, /api/version or /props
	System  string   `json:"system_fingerprint,omitempty"`
	Models  []string `json:"models,omitempty"` // of /v1/models, at most 20
	// Without are fields of a request that it refused.
	Without []string `json:"without,omitempty"`
	// Usage says that it counts tokens; else pieces are counted.
	Usage bool `json:"counts_tokens"`
	// TokensPerWord is of our texts; 0: not known.
	TokensPerWord float64 `json:"tokens_per_word,omitempty"`
}

// factTime is how long a question about the server itself may take.
const factTime = 5 * time.Second

// look asks what the server says of itself. What it does not tell is absent.
func (s *Server) look(ctx context.Context) Facts {
	var f Facts
	var list struct{ Data []struct{ ID string } }
	f.Header = s.get(ctx, "/v1/models", &list)
	for _, m := range list.Data {
		if id := clip(m.ID, 100); id != "" && len(f.Models) < 20 {
			f.Models = append(f.Models, id)
		}
	}
	if s.Model == "" && len(list.Data) > 0 {
		s.Model = list.Data[0].ID
	}
	for _, path := range []string{"/version", "/api/version", "/props"} {
		var v struct {
			Version string `json:"version"`
			Build   string `json:"build_info"`
		}
		s.get(ctx, path, &v)
		if text := clip(v.Version+v.Build, 80); text != "" {
			f.Version = text
			break
		}
	}
	return f
}

// get reads a JSON answer and gives the Server header; what goes wrong gives
// nothing.
func (s *Server) get(ctx context.Context, path string, into any) (header string) {
	ctx, cancel := context.WithTimeout(ctx, factTime)
	defer cancel()
	req, err := s.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return ""
	}
	resp, err := s.Client.Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	header = clip(resp.Header.Get("Server"), 80)
	if resp.StatusCode == http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		if err != nil || json.Unmarshal(body, into) != nil {
			return header // not what we asked for
		}
	}
	return header
}

// optional are fields that some servers refuse, and that a run can do without.
var optional = []string{"stream_options", "temperature", "ignore_eos", "max_tokens"}

// try asks, and asks again without a field that the server's refusal names.
func (s *Server) try(ctx context.Context, r Request, c Config) (Answer, error) {
	for {
		one, cancel := c.within(ctx, c.Each)
		a, err := s.Ask(one, r)
		cancel()
		name := s.named(err)
		if name == "" {
			return a, err
		}
		if s.Without == nil {
			s.Without = map[string]bool{}
		}
		s.Without[name] = true
	}
}

// named is the optional field that a refusal is about, "" for none.
func (s *Server) named(err error) string {
	var f *Failure
	if !errors.As(err, &f) || f.Status != http.StatusBadRequest && f.Status != http.StatusUnprocessableEntity {
		return ""
	}
	for _, name := range optional {
		if strings.Contains(f.Message, name) && !s.Without[name] {
			return name
		}
	}
	return ""
}

// Probe finds out how the server wants to be asked and how many tokens a word
// of ours has, and warms it up by that: nothing of it counts. Its error says
// why the server cannot be measured.
func (s *Server) Probe(ctx context.Context, c Config) (Facts, error) {
	f := s.look(ctx)
	var prompts [2]int
	const few, more = 40, 200 // words
	for i, words := range []int{few, more} {
		a, err := s.try(ctx, Request{Messages: []Message{Say("user", Contract(c.Seed+uint64(i)+7, words)+"\n\nSay yes.")}, Tokens: 8, IgnoreEOS: c.Ignore}, c)
		var empty *Failure
		if errors.As(err, &empty) && empty.Kind == KindEmpty {
			err = nil // a model may have nothing to say to that
		}
		if err != nil {
			return f, fmt.Errorf("the server could not be asked: %w", err)
		}
		prompts[i], f.Usage = a.Prompt, a.Counted
		if a.System != "" {
			f.System = a.System
		}
	}
	// The difference leaves the template out, which every prompt has.
	if d := prompts[1] - prompts[0]; d > 0 {
		f.TokensPerWord = float64(d) / (more - few)
	}
	for _, name := range optional {
		if s.Without[name] {
			f.Without = append(f.Without, name)
		}
	}
	return f, nil
}
