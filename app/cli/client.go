package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// client calls the API of a running server.
type client struct {
	base, token string
	http        *http.Client
}

func newClient(base, token string) *client {
	// No proxy: the server is on this machine, whatever HTTP_PROXY says.
	return &client{base, token, &http.Client{Transport: &http.Transport{Proxy: nil}}}
}

// apiError is an answer of the server that is not a success. Its text is the
// sentence for the user.
type apiError struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

func (e *apiError) Error() string { return e.Detail }

func (c *client) request(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("call %s: %w", path, err)
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", path, err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return c.answer(r)
}

// answer sends a request; an answer that is no success is an *apiError.
func (c *client) answer(r *http.Request) (*http.Response, error) {
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("the server at %s does not answer: %w", c.base, err)
	}
	if answer.StatusCode >= 400 {
		defer answer.Body.Close()
		e := &apiError{Status: answer.StatusCode}
		if json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(e) != nil || e.Detail == "" {
			e.Detail = fmt.Sprintf("The server answered %s.", answer.Status)
		}
		return nil, e
	}
	return answer, nil
}

// begin calls what begins work that outlives the command. A signal does not cut
// it off: the server may have begun already, and who does not know that would
// leave the work to itself. It ends within drainTime.
func (c *client) begin(ctx context.Context, path string, in, out any) error {
	whole, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	return c.call(whole, "POST", path, in, out)
}

// call sends in as JSON and reads the answer into out; both may be nil.
func (c *client) call(ctx context.Context, method, path string, in, out any) error {
	answer, err := c.request(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return fmt.Errorf("read the answer of %s: %w", path, err)
	}
	return nil
}

// sendText posts a text as it is, and reads the answer into out.
func (c *client) sendText(ctx context.Context, path string, text []byte, out any) error {
	r, err := http.NewRequestWithContext(ctx, "POST", c.base+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("call %s: %w", path, err)
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.answer(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return fmt.Errorf("read the answer of %s: %w", path, err)
	}
	return nil
}

// event is one event of the stream.
type event struct {
	id, name string
	data     []byte
}

// events follows the event stream and calls each for every event until it
// returns false or the stream ends.
func (c *client) events(ctx context.Context, after string, each func(event) bool) error {
	path := "/api/v1/events"
	if after != "" {
		path += "?after=" + after
	}
	answer, err := c.request(ctx, "GET", path, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return readEvents(answer.Body, each)
}

func readEvents(from io.Reader, each func(event) bool) error {
	reader := bufio.NewReader(from)
	var e event
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return fmt.Errorf("follow events: %w", err)
		}
		line = strings.TrimRight(line, "\r\n")
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if e.name != "" && !each(e) {
				return nil
			}
			e = event{}
		case field == "id":
			e.id = value
		case field == "event":
			e.name = value
		case field == "data":
			e.data = append(e.data, value...)
		}
	}
}
