package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeAlcove is a server whose models are the files of a folder. All are ready
// at once; a loaded one is so a moment after it was asked for.
type fakeAlcove struct {
	folder string
	mu     sync.Mutex
	loaded map[string]time.Time
}

// flagOf is what stands behind a flag of this process.
func flagOf(name string) string { return os.Args[slices.Index(os.Args, name)+1] }

func serveFakeAlcove() error {
	l, err := net.Listen("tcp", flagOf("--listen"))
	if err != nil {
		return err
	}
	run := filepath.Join(flagOf("--data"), "run")
	if err := errors.Join(os.MkdirAll(run, 0o700), os.WriteFile(filepath.Join(run, "instance.json"), []byte(`{"token":"local"}`), 0o600)); err != nil {
		return err
	}
	f := &fakeAlcove{folder: flagOf("--models"), loaded: map[string]time.Time{}}
	f.handle()
	fmt.Println("listening on http://" + l.Addr().String())
	return http.Serve(l, nil)
}

func (f *fakeAlcove) handle() {
	http.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("POST /api/v1/keys", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"key":"k"}`) })
	http.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) { serveIDs(w, f.folder) })
	http.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) { chat(w, r, f.load) })
	http.HandleFunc("GET /api/v1/models", func(w http.ResponseWriter, _ *http.Request) { w.Write(f.list()) }) //nolint:errcheck // the client may go
	http.HandleFunc("POST /api/v1/models/{id}/load", func(_ http.ResponseWriter, r *http.Request) { f.load(r.PathValue("id")) })
	http.HandleFunc("POST /api/v1/models/{id}/unload", func(http.ResponseWriter, *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		clear(f.loaded)
	})
	http.HandleFunc("POST /api/v1/capacity", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) })
	http.HandleFunc("GET /api/v1/capacity", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"result":{"status":"done","steps":[{"people":1,"answers":4,"output_tokens":100},`)
		for i, people := range []int{2, 4, 8} {
			fmt.Fprintf(w, `{"people":%d,"answers":8,"output_tokens":100,"predicted":{"first_token_ratio":%g,"tokens_ratio":1.1}}`, people, .8+.1*float64(i))
			fmt.Fprint(w, []string{",", ",", "]}}"}[i])
		}
	})
	http.HandleFunc("GET /api/v1/events", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			fmt.Fprintf(w, "event: engine.changed\ndata: %s\n\n", f.list())
			http.NewResponseController(w).Flush() //nolint:errcheck // the client may go
			time.Sleep(5 * time.Millisecond)
		}
	})
}

func (f *fakeAlcove) load(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.loaded[id] = time.Now()
}

func (f *fakeAlcove) list() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	var l list
	for _, id := range idsIn(f.folder) {
		m := model{ID: id, State: "ready"}
		if at, ok := f.loaded[id]; ok && time.Since(at) > 5*time.Millisecond {
			m.State = "loaded"
			l.Status.Loaded = append(l.Status.Loaded, struct {
				Model string `json:"model"`
			}{id})
		}
		l.Models = append(l.Models, m)
	}
	data, _ := json.Marshal(l)
	return data
}

// idsIn are the models of a folder.
func idsIn(folder string) (ids []string) {
	files, _ := filepath.Glob(filepath.Join(folder, "*.gguf"))
	for _, f := range files {
		ids = append(ids, strings.TrimSuffix(filepath.Base(f), ".gguf"))
	}
	return ids
}

func serveIDs(w http.ResponseWriter, folder string) {
	var list struct {
		Data []model `json:"data"`
	}
	for _, id := range idsIn(folder) {
		list.Data = append(list.Data, model{ID: id})
	}
	json.NewEncoder(w).Encode(list) //nolint:errcheck // the client may go
}

// Each workload of models gives every sample of its rows, on every set-up.
func TestModelWorkloadsGiveTheirRows(t *testing.T) {
	r := fakeRunner(t)
	r.alcove = r.llama[0]
	r.model = filepath.Join(t.TempDir(), "m.gguf")
	if err := os.WriteFile(r.model, []byte("weights"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, w := range workloads {
		if w.page != modelsPage && w.page != capacityPage || w.run == nil {
			continue
		}
		for _, s := range w.setups {
			rec := r.segment(t.Context(), 1, 0, w, s)
			if rec.Error != "" {
				t.Errorf("%s on %s: %s", w.name, s.name, rec.Error)
			}
			for _, row := range rows {
				v, ok := rec.Samples[row.key]
				waits := !sums[row.key] && row.key != "swap_time" // the fake ends nothing for another model
				if row.workload == w.name && (!ok || v < 0 || v == 0 && waits) {
					t.Errorf("%s on %s gave no %s: %v", w.name, s.name, row.key, rec.Samples)
				}
			}
			if rec.Got != rec.Asked {
				t.Errorf("%s on %s: %d tokens of %d", w.name, s.name, rec.Got, rec.Asked)
			}
		}
	}
}

// A request that fails is counted, and the crowd goes on.
func TestCrowdCountsFailures(t *testing.T) {
	asked := 0
	var mu sync.Mutex
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked++
		fails := asked == 2
		mu.Unlock()
		if fails {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		}
		chat(w, r, func(string) {})
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: mux}
	go server.Serve(l) //nolint:errcheck // ends with the test
	defer server.Close()
	c := crowd{models: []string{"a", "b"}, questions: newQuestions(0)}
	c.run(t.Context(), &box{base: "http://" + l.Addr().String()})
	s := &segment{samples: map[string]float64{}}
	c.sum(s)
	if s.samples["swap_failed"] != 1 || s.samples["swap_longest"] <= 0 || s.samples["swap_rate"] <= 0 || len(c.errs) != 1 || len(c.answers) < people {
		t.Errorf("%v, %v, %d answers", s.samples, c.errs, len(c.answers))
	}
}

func TestFailuresAreAdded(t *testing.T) {
	got := rowOf(t, "swap_failed").evaluate(rounds("swap", "swap_failed", alcove.name, 0, 0, 2), 0)
	if got.Setups[alcove.name].Median != 2 || len(got.Verdicts) != 1 || got.Verdicts[0].Reached {
		t.Errorf("%+v", got)
	}
	got = rowOf(t, "swap_failed").evaluate(rounds("swap", "swap_failed", alcove.name, 0, 0, 0), 0)
	if !got.Verdicts[0].Reached {
		t.Errorf("%+v", got)
	}
	if got := rowOf(t, "header_model").evaluate(rounds("folder", "header_model", alcove.name, 9, 1200, 11), 0); !got.Verdicts[0].Reached || got.Verdicts[0].Ratio != 11 {
		t.Errorf("%+v", got)
	}
}

func TestParseTimes(t *testing.T) {
	got := parseTimes("cpu: x\nBenchmarkHeader/large-2         \t       8\t  57957582 ns/op\nBenchmarkHeader/model  \t 33\t 1.5e+07 ns/op\n" +
		"BenchmarkFolder/first-16 \t 1\t 731683842 ns/op\nBenchmarkOther/x-2 \t 1\t 5 ns/op\nPASS\n")
	if want := map[string]float64{"header_large": 0.057957582, "header_model": 0.015, "folder_first": 0.731683842}; !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestParseEstimates(t *testing.T) {
	got := parseEstimates(`=== RUN   TestReal_PlannedFamilies
=== RUN   TestReal_PlannedFamilies/gemma2
    real_families_test.go:38: weights  planned    0.900 MiB, taken    1.000 MiB: -10.00 %
    real_families_test.go:38: weights: planned 943718, ggml took 1048576: [{Device:CPU}]
    real_families_test.go:38: cache    planned   33.000 MiB, taken   33.000 MiB: +0.00 %
--- FAIL: TestReal_PlannedFamilies (7.02s)
=== RUN   TestReal_PlannedMemory
=== RUN   TestReal_PlannedMemory/0_tokens,_16_slots,_
    real_memory_test.go:54: buffers  planned   67.130 MiB, taken   67.130 MiB: +0.00 %
`)
	want := []estimate{{"gemma2", "weights", 0.9, 1}, {"gemma2", "cache", 33, 33}, {"gemma2", "all", 33.9, 34},
		{"the model, 0 tokens, 16 slots", "buffers", 67.13, 67.13}, {"the model, 0 tokens, 16 slots", "all", 67.13, 67.13}}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if off := got[0].off(); off > -9.99 || off < -10.01 {
		t.Errorf("error %v", off)
	}
	var b strings.Builder
	estimateTable(&b, got)
	if !strings.Contains(b.String(), "| gemma2 | 0.900 -> 1.00: -10.0 % | 33.0 -> 33.0: +0.0 % |  | 33.9 -> 34.0: -0.3 % |") {
		t.Error(b.String())
	}
}

func TestOnlyNamesPagesToo(t *testing.T) {
	dir := t.TempDir()
	model := filepath.Join(dir, "m.gguf")
	if err := os.WriteFile(model, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	args := func(only string) []string {
		return []string{"-model", model, "-alcove", model, "-worker", model, "-runtime", dir, "-work", dir, "-only", only}
	}
	for only, want := range map[string]string{"models": "drop load beside swap folder memory", "one, swap": "one swap", "": ""} {
		o, err := parse(args(only))
		if err != nil || strings.Join(o.only, " ") != want {
			t.Errorf("%q: %v, %v", only, o.only, err)
		}
	}
	if _, err := parse(args("nothing")); err == nil {
		t.Error("an unknown workload is taken")
	}
}

// A run of both kinds gives two pages, each with its own rows, and knows whether
// it is whole.
func TestPages(t *testing.T) {
	r := &runner{options: options{only: []string{"one", "drop", "load", "beside", "swap", "folder", "memory"}, rounds: 3}}
	r.records = slices.Concat(rounds("one", "one_pace", alcove.name, 90, 91, 92), rounds("load", "load", alcove.name, 3, 4, 5), rounds("load", "load", defaults.name, 2, 2, 2))
	r.records[3].Estimates = []estimate{{"gemma2", "all", 1, 1}}
	rep := &report{Rounds: 3, Versions: map[string]string{"llama-server": "0.7.0"}}
	pages := rep.pages(r)
	if len(pages) != 2 || pages[0].whole() || !pages[1].whole() || len(pages[0].Rows) != 1 || len(pages[1].Rows) != 1 || len(pages[1].Records) != 6 {
		t.Fatalf("%+v", pages)
	}
	page := pages[1].markdown()
	for _, want := range []string{"# Models in Alcove", "| **4.00** | 2.00 | defaults | 2.00x |", "| gemma2 |"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.Contains(page, bare) || strings.Contains(page, "costs elsewhere") {
		t.Errorf("parts of the other page in\n%s", page)
	}
}
