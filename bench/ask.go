package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// message is one turn, in OpenAI's shape.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// arrival is a piece of an answer.
type arrival struct {
	at    time.Time
	bytes int
}

// answer is one request as its client saw it.
type answer struct {
	sent     time.Time
	arrivals []arrival // pieces with text, in order; never empty
	text     string
	tokens   int // of the answer, by the server's count
	prompt   int // tokens of the prompt
	cached   int // of these, not computed again
	finish   string
}

func (a answer) first() time.Time { return a.arrivals[0].at }
func (a answer) last() time.Time  { return a.arrivals[len(a.arrivals)-1].at }

// wait is the time to the first token.
func (a answer) wait() time.Duration { return a.first().Sub(a.sent) }

// pace is tokens a second from the first token to the last.
func (a answer) pace() float64 {
	d := a.last().Sub(a.first()).Seconds()
	if a.tokens < 2 || d <= 0 {
		return 0
	}
	return float64(a.tokens-1) / d
}

// between is how many of the tokens came from one moment to another. A piece may
// hold several tokens, so tokens are shared out by bytes.
func (a answer) between(from, to time.Time) float64 {
	in := 0
	for _, p := range a.arrivals {
		if !p.at.Before(from) && p.at.Before(to) {
			in += p.bytes
		}
	}
	return float64(a.tokens) * float64(in) / float64(max(len(a.text), 1))
}

// worstGap is the longest silence inside the answer that touches the time from
// one moment to another.
func (a answer) worstGap(from, to time.Time) time.Duration {
	worst := time.Duration(0)
	for i := 1; i < len(a.arrivals); i++ {
		before, after := a.arrivals[i-1].at, a.arrivals[i].at
		if after.After(from) && before.Before(to) {
			worst = max(worst, after.Sub(before))
		}
	}
	return worst
}

// request is what is asked of a box.
type request struct {
	messages  []message
	tokens    int // of the answer, at most
	ignoreEOS bool
	onFirst   func(time.Time) // called once, may be nil
}

// client opens a new connection for each request.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// ask sends a request to an OpenAI-compatible server and reads the stream.
func ask(ctx context.Context, base, key, model string, r request) (answer, error) {
	fields := map[string]any{
		"messages": r.messages, "max_tokens": r.tokens, "temperature": 0,
		"stream": true, "stream_options": map[string]bool{"include_usage": true},
	}
	if model != "" {
		fields["model"] = model
	}
	if r.ignoreEOS {
		fields["ignore_eos"] = true
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v1/chat/completions", bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	a := answer{sent: time.Now()}
	resp, err := client.Do(req)
	if err != nil {
		return a, fmt.Errorf("ask: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, 500))
		return a, fmt.Errorf("ask: %s: %s", resp.Status, said)
	}
	if err := a.read(resp.Body, r.onFirst); err != nil {
		return a, fmt.Errorf("ask: %w", err)
	}
	return a, nil
}

// chunk is an event of the stream.
type chunk struct {
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		PromptTokens     int `json:"prompt_tokens"`
		CompletionTokens int `json:"completion_tokens"`
		Details          struct {
			CachedTokens int `json:"cached_tokens"`
		} `json:"prompt_tokens_details"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

// read reads server-sent events to their end and notes when text came.
func (a *answer) read(stream io.Reader, onFirst func(time.Time)) error {
	var text strings.Builder
	lines := bufio.NewReader(stream)
	ended := false
	for !ended {
		line, err := lines.ReadBytes('\n')
		now := time.Now()
		data, isData := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data: "))
		switch {
		case isData && string(data) == "[DONE]":
			ended = true
		case isData:
			if err := a.take(data, now, &text, onFirst); err != nil {
				return err
			}
		case err != nil:
			return fmt.Errorf("the stream broke off: %w", err)
		}
	}
	a.text = text.String()
	if len(a.arrivals) == 0 || a.tokens == 0 {
		return errors.New("the answer is empty, or its tokens were not counted")
	}
	return nil
}

func (a *answer) take(data []byte, now time.Time, text *strings.Builder, onFirst func(time.Time)) error {
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("%w in %.200s", err, data)
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		return fmt.Errorf("the server says %s", c.Error)
	}
	if c.Usage != nil {
		a.tokens, a.prompt, a.cached = c.Usage.CompletionTokens, c.Usage.PromptTokens, c.Usage.Details.CachedTokens
	}
	for _, choice := range c.Choices {
		if choice.FinishReason != "" {
			a.finish = choice.FinishReason
		}
		if n := len(choice.Delta.Content); n > 0 {
			if len(a.arrivals) == 0 && onFirst != nil {
				onFirst(now)
			}
			a.arrivals = append(a.arrivals, arrival{now, n})
			text.WriteString(choice.Delta.Content)
		}
	}
	return nil
}
