package load

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"
)

// maxLine bounds one line of a stream, in bytes.
const maxLine = 1 << 20

// maxAnswer bounds the text of one answer, in bytes.
const maxAnswer = 8 << 20

// Piece is a part of an answer as it came.
type Piece struct {
	At    time.Time
	Bytes int // of text
}

// Answer is one request as its client saw it.
type Answer struct {
	Sent   time.Time
	Pieces []Piece // with text, in order; not empty when Ask gave no error
	Text   string  // what is to be read, without what a model thinks first
	Tokens int     // of the answer: the server's count, or the pieces
	Prompt int     // tokens of the prompt, 0: the server does not say
	Cached int     // of these, not computed again
	Finish string
	// Counted says that Tokens is the server's own count.
	Counted bool
	// System is the server's fingerprint of itself, "" for none.
	System string
}

// First is when the first text came.
func (a Answer) First() time.Time { return a.Pieces[0].At }

// Last is when the last text came.
func (a Answer) Last() time.Time { return a.Pieces[len(a.Pieces)-1].At }

// Wait is the time to the first token.
func (a Answer) Wait() time.Duration { return a.First().Sub(a.Sent) }

// Pace is tokens a second from the first piece to the last; 0 where that cannot
// be told: of one piece, or when all came at once.
func (a Answer) Pace() float64 {
	d := a.Last().Sub(a.First()).Seconds()
	if a.Tokens < 2 || d <= 0 {
		return 0
	}
	return float64(a.Tokens-1) / d
}

// Gaps are the silences between pieces.
func (a Answer) Gaps() []time.Duration {
	var out []time.Duration
	for i := 1; i < len(a.Pieces); i++ {
		out = append(out, a.Pieces[i].At.Sub(a.Pieces[i-1].At))
	}
	return out
}

// chunk is an event of the stream.
type chunk struct {
	Choices []struct {
		Delta struct {
			Content   string `json:"content"`
			Reasoning string `json:"reasoning"`
			Thinking  string `json:"reasoning_content"`
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
	System string          `json:"system_fingerprint"`
	Error  json.RawMessage `json:"error"`
}

// reading is a stream that is being read.
type reading struct {
	answer  *Answer
	text    strings.Builder
	size    int
	onFirst func(time.Time)
	now     func() time.Time
}

// read reads server-sent events to their end and notes when text came.
func (a *Answer) read(stream io.Reader, onFirst func(time.Time), now func() time.Time) error {
	r := &reading{answer: a, onFirst: onFirst, now: now}
	err := r.lines(bufio.NewReader(stream))
	a.Text = r.text.String()
	if err != nil {
		return err
	}
	if len(a.Pieces) == 0 {
		return &Failure{Kind: KindEmpty, Message: "the answer has no text"}
	}
	if a.Tokens <= 0 {
		a.Tokens, a.Counted = len(a.Pieces), false
	}
	return nil
}

func (r *reading) lines(from *bufio.Reader) error {
	for {
		line, err := readLine(from)
		at := r.now()
		// The space after the colon is optional, and some leave it out.
		data, isData := bytes.CutPrefix(bytes.TrimSpace(line), []byte("data:"))
		data = bytes.TrimSpace(data)
		switch {
		case isData && string(data) == "[DONE]":
			return nil
		case isData && len(data) > 0:
			if err := r.take(data, at); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) && r.answer.Finish != "" {
			return nil // whole, from a server that does not say [DONE]
		}
		if err != nil {
			return err
		}
	}
}

func readLine(from *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := from.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxLine {
			return nil, &Failure{Kind: KindStream, Message: "a line of the stream is longer than 1 MiB"}
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

func (r *reading) take(data []byte, at time.Time) error {
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil {
		return &Failure{Kind: KindStream, Message: "an event of the stream is no JSON object"}
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		return &Failure{Kind: KindServer, Message: "the server said in its stream: " + said(data)}
	}
	a := r.answer
	if c.System != "" {
		a.System = clip(c.System, 80)
	}
	if u := c.Usage; u != nil && u.CompletionTokens > 0 {
		a.Tokens, a.Prompt, a.Cached, a.Counted = u.CompletionTokens, max(0, u.PromptTokens), max(0, u.Details.CachedTokens), true
	}
	n := 0
	for _, choice := range c.Choices {
		if choice.FinishReason != "" {
			a.Finish = choice.FinishReason
		}
		n += len(choice.Delta.Content) + len(choice.Delta.Reasoning) + len(choice.Delta.Thinking)
		r.text.WriteString(choice.Delta.Content)
	}
	if n == 0 {
		return nil
	}
	if r.size += n; r.size > maxAnswer {
		return &Failure{Kind: KindStream, Message: "the answer is longer than 8 MiB"}
	}
	if len(a.Pieces) == 0 && r.onFirst != nil {
		r.onFirst(at)
	}
	a.Pieces = append(a.Pieces, Piece{at, n})
	return nil
}
