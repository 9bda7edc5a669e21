package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"alcove/app/operate/load"
)

// serve answers each request with these lines of a stream.
func serve(t *testing.T, got *map[string]any, lines ...string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(got); err != nil {
			t.Error(err)
		}
		if r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		for _, l := range lines {
			fmt.Fprint(w, l, "\n\n")
			http.NewResponseController(w).Flush() //nolint:errcheck // a test server can
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

const usageLine = `data: {"choices":[],"usage":{"prompt_tokens":900,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":870}}}`

func TestAsk(t *testing.T) {
	var sent map[string]any
	base := serve(t, &sent,
		`data: {"choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}`, ": alive",
		`data: {"choices":[{"delta":{"content":"one "},"finish_reason":null}]}`,
		`data: {"choices":[{"delta":{"content":"two three four"},"finish_reason":null}]}`,
		`data: {"choices":[{"delta":{},"finish_reason":"length"}]}`, usageLine, "data: [DONE]")
	firsts := 0
	a, err := ask(t.Context(), base, "secret", "m", request{Messages: say("hi"), Tokens: 4, IgnoreEOS: true, OnFirst: func(time.Time) { firsts++ }})
	if err != nil {
		t.Fatal(err)
	}
	if a.Text != "one two three four" || len(a.Pieces) != 2 || a.Tokens != 4 || a.Prompt != 900 || a.Cached != 870 || a.Finish != "length" || firsts != 1 {
		t.Errorf("%+v, %d firsts", a, firsts)
	}
	if a.Wait() <= 0 || a.Last().Before(a.First()) {
		t.Errorf("times: %v, %v", a.Wait(), a.Last().Sub(a.First()))
	}
	for key, want := range map[string]any{"model": "m", "temperature": 0.0, "stream": true, "max_tokens": 4.0, "ignore_eos": true} {
		if sent[key] != want {
			t.Errorf("sent %s: %v, want %v", key, sent[key], want)
		}
	}
}

func TestAskFails(t *testing.T) {
	text := `data: {"choices":[{"delta":{"content":"one"}}]}`
	for name, c := range map[string]struct {
		key   string
		lines []string
		want  string
	}{
		"refused":     {"wrong", nil, "401"},
		"broken off":  {"secret", []string{text}, "broke off"},
		"error":       {"secret", []string{text, `data: {"error":{"message":"out of memory"}}`}, "out of memory"},
		"nothing":     {"secret", []string{usageLine, "data: [DONE]"}, "no text"},
		"not counted": {"secret", []string{text, "data: [DONE]"}, "not counted"},
		"not JSON":    {"secret", []string{"data: {"}, "JSON"},
	} {
		var sent map[string]any
		_, err := ask(t.Context(), serve(t, &sent, c.lines...), c.key, "", request{Messages: say("hi"), Tokens: 4})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnswerFigures(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(int64(ms)) }
	a := answer{load.Answer{Sent: at(0), Text: strings.Repeat("x", 100), Tokens: 10,
		Pieces: []load.Piece{{At: at(100), Bytes: 10}, {At: at(200), Bytes: 40}, {At: at(900), Bytes: 10}, {At: at(1000), Bytes: 40}}}}
	if a.Wait() != 100*time.Millisecond || a.Pace() != 10 {
		t.Errorf("wait %v, pace %v", a.Wait(), a.Pace())
	}
	if n := a.between(at(200), at(1000)); n != 5 {
		t.Errorf("%v tokens from 200 to before 1000", n)
	}
	for _, c := range []struct {
		from, to, gap int
	}{{0, 2000, 700}, {0, 150, 100}, {950, 2000, 100}, {300, 400, 700}, {1100, 2000, 0}} {
		if g := a.worstGap(at(c.from), at(c.to)); g != time.Duration(c.gap)*time.Millisecond {
			t.Errorf("worst gap from %d to %d: %v, want %d ms", c.from, c.to, g, c.gap)
		}
	}
}
