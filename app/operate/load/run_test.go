package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const secret = "sk-very-secret"

// server answers chats as a script says; everything else is what a plain
// OpenAI-compatible server has.
func server(t *testing.T, chat func(w http.ResponseWriter, r *http.Request, body map[string]any)) Config {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "scripted|<b>")
		switch r.URL.Path {
		case "/v1/models":
			fmt.Fprint(w, `{"data":[{"id":"tiny"},{"id":"other"}]}`)
		case "/version":
			fmt.Fprint(w, `{"version":"1.2.3"}`)
		case "/v1/chat/completions":
			var body map[string]any
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			chat(w, r, body)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	c := Default()
	c.Base, c.Key, c.Seed, c.People, c.Rounds, c.Asks, c.Version = s.URL, secret, 7, []int{1, 3}, 2, 2, "test"
	return c
}

// words counts a prompt as a server would: one token a word.
func words(body map[string]any) (n int) {
	list, _ := body["messages"].([]any)
	for _, m := range list {
		text, _ := m.(map[string]any)["content"].(string)
		n += len(strings.Fields(text))
	}
	return n
}

func write(w http.ResponseWriter, lines ...string) {
	for _, l := range lines {
		fmt.Fprint(w, l+"\n\n")
		http.NewResponseController(w).Flush() //nolint:errcheck // a test server can
	}
}

const piece = `data: {"choices":[{"delta":{"content":"one "}}],"system_fingerprint":"fp_1"}`

// good is a whole answer of two pieces and four tokens.
func good(w http.ResponseWriter, body map[string]any) {
	write(w, ": hello", piece, piece, `data: {"choices":[{"delta":{},"finish_reason":"length"}]}`,
		fmt.Sprintf(`data: {"choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":5}}}`, words(body)), "data: [DONE]")
}

func mustRun(t *testing.T, c Config) Report {
	t.Helper()
	rep, err := Run(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := rep.Markdown()
	raw, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, secret) || strings.Contains(string(raw), secret) {
		t.Errorf("the key is in the report:\n%s", text)
	}
	return rep
}

func TestRun(t *testing.T) {
	asked := map[string]int{}
	lock := make(chan struct{}, 1)
	c := server(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
		if r.Header.Get("Authorization") != "Bearer "+secret || body["model"] != "tiny" {
			t.Errorf("%v %v", r.Header, body["model"])
		}
		lock <- struct{}{}
		asked[fmt.Sprint(body["messages"])]++
		<-lock
		good(w, body)
	})
	rep := mustRun(t, c)
	if len(rep.Rows) != 2 || rep.Rows[0].Answers != 4 || rep.Rows[1].Answers != 12 || rep.Rows[1].Output != 4 || rep.Rows[1].Cached != 5 || len(rep.Rows[1].Rounds) != 2 {
		t.Fatalf("%+v", rep.Rows)
	}
	for _, row := range rep.Rows {
		if row.FirstP95 < row.FirstP50 || row.FirstP50 <= 0 || row.Together <= 0 || row.PerMinute <= 0 || len(row.Failures) > 0 {
			t.Errorf("%+v", row)
		}
		// One token a word: what was asked for is what is sent, but for rounding.
		if row.Prompt < 900 || row.Prompt > 1000 {
			t.Errorf("%d people had prompts of %v tokens", row.People, row.Prompt)
		}
	}
	for text, n := range asked {
		if n > 1 {
			t.Errorf("asked %d times: %.80s", n, text)
		}
	}
	text := rep.Markdown()
	for _, want := range []string{"Seed: 7", "scripted\\|&lt;b>", "version 1.2.3", "fp\\_1", "tiny, other", "counted by the server", "warm: before each step", "at most 120 tokens", "[1 3] at once, 2 rounds", "of this machine's processor time", "opens are in its times"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q:\n%s", want, text)
		}
	}
}

func TestRunWithoutUsage(t *testing.T) {
	c := server(t, func(w http.ResponseWriter, _ *http.Request, body map[string]any) {
		if _, there := body["stream_options"]; there {
			http.Error(w, `{"error":{"message":"unknown field stream_options"}}`, http.StatusBadRequest)
			return
		}
		if _, there := body["max_tokens"]; there {
			http.Error(w, `{"error":"use max_completion_tokens instead of max_tokens"}`, http.StatusBadRequest)
			return
		}
		if body["max_completion_tokens"] == nil {
			t.Error("no limit was sent")
		}
		// It does not say [DONE] either.
		write(w, piece, `data:{"choices":[{"delta":{"reasoning_content":"hm"}}]}`, piece, `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}`)
	})
	c.Cold = true
	rep := mustRun(t, c)
	if f := rep.Rows[0].Figures; f.Output != 3 || f.Prompt != 0 || f.Answers != 4 || rep.Facts.Usage {
		t.Errorf("%+v", f)
	}
	if text := rep.Markdown(); !strings.Contains(text, "does not count") || !strings.Contains(text, "stream_options, max_tokens") || !strings.Contains(text, "cold:") {
		t.Error(text)
	}
}

// What goes wrong is counted by its kind, and the rest is measured.
func TestFailuresByKind(t *testing.T) {
	for name, c := range map[string]struct {
		chat func(w http.ResponseWriter, r *http.Request)
		want string
	}{
		"busy": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "slow down, "+secret, http.StatusTooManyRequests)
		}, "429 busy"},
		"failing":    {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "oh", http.StatusServiceUnavailable) }, "status 503"},
		"moved":      {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) }, "status 302"},
		"broken off": {func(w http.ResponseWriter, _ *http.Request) { write(w, piece); panic(http.ErrAbortHandler) }, "stream broke off"},
		"ended":      {func(w http.ResponseWriter, _ *http.Request) { write(w, piece) }, "stream broke off"},
		"said": {func(w http.ResponseWriter, _ *http.Request) {
			write(w, piece, `data: {"error":{"message":"out of memory"}}`)
		}, "error in the stream"},
		"garbage": {func(w http.ResponseWriter, _ *http.Request) { write(w, "data: {{{", "\x00\xff") }, "bad stream"},
		"long":    {func(w http.ResponseWriter, _ *http.Request) { write(w, "data: "+strings.Repeat("x", maxLine+10)) }, "bad stream"},
		"empty":   {func(w http.ResponseWriter, _ *http.Request) { write(w, "data: [DONE]") }, "empty answer"},
	} {
		t.Run(name, func(t *testing.T) {
			var n atomic.Int64
			conf := server(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
				// The probe asks twice, the step's warm-up once.
				if n.Add(1) == 4 {
					c.chat(w, r)
					return
				}
				good(w, body)
			})
			conf.People, conf.Rounds = []int{1}, 1
			rep := mustRun(t, conf)
			if f := rep.Rows[0].Figures; f.Failures[c.want] != 1 || f.Answers != 1 || total(f.Failures) != 1 {
				t.Errorf("%+v", f)
			}
			if text := rep.Markdown(); !strings.Contains(text, "1 x "+c.want) || !strings.Contains(text, "at least half") {
				t.Error(text)
			}
		})
	}
}

// hang writes a beginning and no more until the client goes.
func hang(w http.ResponseWriter, r *http.Request) {
	write(w, piece)
	<-r.Context().Done()
}

// due is a context whose time is up when a channel says so, not a clock.
type due struct {
	context.Context
	up <-chan struct{}
}

func (d due) Done() <-chan struct{} { return d.up }

func (d due) Err() error {
	select {
	case <-d.up:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// dueWhen makes a Config's limit: of d, the time is up when hung says so to
// whoever is waited for then; every other limit is far away.
func dueWhen(hung <-chan struct{}, d time.Duration) func(context.Context, time.Duration) (context.Context, context.CancelFunc) {
	return func(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		if limit != d {
			return ctx, cancel
		}
		up := make(chan struct{})
		go func() {
			defer close(up)
			select {
			case <-hung:
			case <-ctx.Done():
			}
		}()
		return due{context.WithoutCancel(ctx), up}, func() { cancel(); <-up } // who is done hears nothing any more
	}
}

func TestHangingServer(t *testing.T) {
	hung := make(chan struct{})
	var n atomic.Int64
	c := server(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
		if n.Add(1) == 4 {
			write(w, piece)
			hung <- struct{}{} // it is this request that is waited for
			<-r.Context().Done()
			return
		}
		good(w, body)
	})
	c.People, c.Rounds, c.limit = []int{1}, 1, dueWhen(hung, c.Each)
	rep := mustRun(t, c)
	if f := rep.Rows[0].Figures; f.Failures["timeout"] != 1 || f.Answers != 1 {
		t.Errorf("%+v", f)
	}
}

func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	var n atomic.Int64
	c := server(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
		if n.Add(1) == 5 { // the second question of the first step
			stop()
			hang(w, r)
			return
		}
		good(w, body)
	})
	rep, err := Run(ctx, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Ended == "" || rep.Rows[0].Answers != 1 || len(rep.Rows[0].Failures) > 0 || rep.Rows[1].Answers != 0 {
		t.Errorf("%+v", rep)
	}
	if text := rep.Markdown(); !strings.Contains(text, "interrupted") {
		t.Error(text)
	}
}

func TestTimeIsUp(t *testing.T) {
	hung := make(chan struct{})
	var once sync.Once
	var n atomic.Int64
	c := server(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
		if n.Add(1) > 3 {
			once.Do(func() { close(hung) })
			hang(w, r)
			return
		}
		good(w, body)
	})
	c.limit = dueWhen(hung, c.MaxTime)
	if rep := mustRun(t, c); !strings.Contains(rep.Ended, "time of 15m0s was up") {
		t.Errorf("%+v", rep)
	}
}

func TestServerThatCannotBeMeasured(t *testing.T) {
	c := server(t, func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		http.Error(w, `{"error":{"message":"Incorrect API key: `+secret+`"}}`, http.StatusUnauthorized)
	})
	_, err := Run(t.Context(), c, nil)
	if err == nil || !strings.Contains(err.Error(), "401") || strings.Contains(err.Error(), secret) {
		t.Error(err)
	}
	c.Base = "http://127.0.0.1:1"
	var f *Failure
	if _, err := Run(t.Context(), c, nil); !errors.As(err, &f) || f.Kind != KindConnect {
		t.Error(err)
	}
}

func TestBase(t *testing.T) {
	for raw, want := range map[string]string{
		"http://127.0.0.1:8484": "http://127.0.0.1:8484", " http://box/v1/ ": "http://box", "https://box/openai/v1": "https://box/openai",
		"": "", "box:80": "", "ftp://box": "", "http://a:b@box": "", "http://box?key=1": "", "http://": "",
	} {
		got, err := Base(raw)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", raw, got, err)
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	good := Default()
	good.Base = "http://x"
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, wrong := range map[string]func(*Config){
		"nobody": func(c *Config) { c.People = nil }, "too many": func(c *Config) { c.People = []int{1, MaxPeople + 1} }, "zero": func(c *Config) { c.People = []int{0} },
		"rounds": func(c *Config) { c.Rounds = 0 }, "tokens": func(c *Config) { c.Output = 0 }, "time": func(c *Config) { c.Each = 0 },
	} {
		c := good
		wrong(&c)
		if _, err := Run(t.Context(), c, nil); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// What is written for programs has every setting too.
func TestSettingsAreWritten(t *testing.T) {
	c := Default()
	c.Base, c.Key, c.Each, c.MaxTime = "http://x", secret, 90*time.Second, 10*time.Minute
	raw, err := json.Marshal(Report{Config: c})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"timeout_seconds":90`, `"max_time_seconds":600`, `"rounds":3`, `"server":"http://x"`} {
		if !strings.Contains(string(raw), want) || strings.Contains(string(raw), secret) {
			t.Errorf("without %s: %s", want, raw)
		}
	}
}

func TestQuantiles(t *testing.T) {
	v := []float64{5, 1, 4, 2, 3}
	for _, c := range []struct{ q, want float64 }{{0, 1}, {.2, 1}, {.5, 3}, {.95, 5}, {1, 5}} {
		if got := Quantile(v, c.q); got != c.want {
			t.Errorf("quantile %v is %v, want %v", c.q, got, c.want)
		}
	}
	if Quantile(nil, .5) != 0 || Median(nil) != 0 || Median([]float64{1, 2}) != 1.5 || v[0] != 5 {
		t.Error("of nothing, of two, or the values were moved")
	}
}
