package main

import (
	"context"
	"errors"
	"net/http"
	"time"

	"alcove/app/operate/load"
)

// answer is one request as its client saw it, of a server that counts tokens.
type answer struct{ load.Answer }

type (
	message = load.Message
	request = load.Request
)

// say is what somebody says, alone.
func say(content string) []message { return []message{load.Say("user", content)} }

// about is a question about a text that comes first.
func about(text, question string) []message {
	return []message{load.Say("system", text), load.Say("user", question)}
}

// between is how many of the tokens came from one moment to another. A piece may
// hold several tokens, so tokens are shared out by bytes.
func (a answer) between(from, to time.Time) float64 {
	in := 0
	for _, p := range a.Pieces {
		if !p.At.Before(from) && p.At.Before(to) {
			in += p.Bytes
		}
	}
	return float64(a.Tokens) * float64(in) / float64(max(len(a.Text), 1))
}

// worstGap is the longest silence inside the answer that touches the time from
// one moment to another.
func (a answer) worstGap(from, to time.Time) time.Duration {
	worst := time.Duration(0)
	for i := 1; i < len(a.Pieces); i++ {
		before, after := a.Pieces[i-1].At, a.Pieces[i].At
		if after.After(from) && before.Before(to) {
			worst = max(worst, after.Sub(before))
		}
	}
	return worst
}

// client opens a new connection for each request.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// ask sends a request to an OpenAI-compatible server and reads the stream.
func ask(ctx context.Context, base, key, model string, r request) (answer, error) {
	a, err := load.Server{Base: base, Key: key, Model: model, Client: client}.Ask(ctx, r)
	if err == nil && !a.Counted {
		err = errors.New("ask: the tokens of the answer were not counted")
	}
	return answer{a}, err
}
