package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets this program be the busy process, as bench itself is, and
// servers that answer as Alcove and llama-server do.
func TestMain(m *testing.M) {
	var err error
	switch {
	case len(os.Args) > 1 && (os.Args[1] == "busy" || os.Args[1] == "sensors"):
		busyProcess()
	case slices.Contains(os.Args, "--port"):
		err = fakeServer()
	case slices.Contains(os.Args, "--data"):
		err = serveFakeAlcove()
	default:
		settle, window, crowdTime, watchTime = 20*time.Millisecond, 100*time.Millisecond, 100*time.Millisecond, 300*time.Millisecond
		os.Exit(m.Run())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// fakeServer is llama-server, also as a router.
func fakeServer() error {
	http.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) { serveIDs(w, flagOf("--models-dir")) })
	http.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) { chat(w, r, func(string) {}) })
	l, err := net.Listen("tcp", "127.0.0.1:"+flagOf("--port"))
	if err != nil {
		return err
	}
	return http.Serve(l, nil)
}

// chat says one word a millisecond, and knows what it was told before.
func chat(w http.ResponseWriter, r *http.Request, load func(model string)) {
	var body struct {
		Model     string
		Messages  []message
		MaxTokens int `json:"max_tokens"`
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	load(body.Model)
	words := 0
	for _, m := range body.Messages {
		words += len(strings.Fields(m.Content))
	}
	for range body.MaxTokens {
		time.Sleep(time.Millisecond)
		fmt.Fprint(w, `data: {"choices":[{"delta":{"content":"word "}}]}`, "\n\n")
		http.NewResponseController(w).Flush() //nolint:errcheck // the client may go
	}
	fmt.Fprintf(w, "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d}}\n\ndata: [DONE]\n\n", words, body.MaxTokens)
}

// fakeRunner measures this program in llama-server's place.
func fakeRunner(t *testing.T) *runner {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &runner{options: options{paths: paths{llama: []string{self}, work: t.TempDir(), model: "none.gguf"}}}
}

// Each workload gives every sample that the report has a row for.
func TestWorkloadsGiveTheirRows(t *testing.T) {
	for _, w := range workloads {
		if w.page != answersPage {
			continue
		}
		rec := fakeRunner(t).segment(t.Context(), 1, 0, w, defaults)
		if rec.Error != "" {
			t.Errorf("%s: %s", w.name, rec.Error)
		}
		for _, row := range rows {
			if v := rec.Samples[row.key]; row.workload == w.name && v <= 0 {
				t.Errorf("%s gave no %s: %v", w.name, row.key, rec.Samples)
			}
		}
		if rec.Asked == 0 || rec.Got != rec.Asked {
			t.Errorf("%s: %d tokens of %d", w.name, rec.Got, rec.Asked)
		}
	}
}

func TestFailureIsAResult(t *testing.T) {
	r := fakeRunner(t)
	broken := setup{name: "broken", args: []string{"--port", "no"}}
	r.llama = []string{"false"}
	rec := r.segment(t.Context(), 0, 0, workloads[0], broken)
	if !strings.Contains(rec.Error, "ended before it was ready") || len(rec.Samples) != 0 {
		t.Errorf("%+v", rec)
	}
	r.llama = []string{"peer.sh", "/home/me/peer"}
	if got := r.places().Replace("in /home/me/peer/lib and " + r.work + "/box"); got != "in PEER/lib and WORK/box" {
		t.Errorf("a folder of this machine is told: %s", got)
	}
	if n := children(t); n != 0 {
		t.Errorf("%d children are left", n)
	}
}
