package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"alcove/app/operate/load"
)

// rounds are records of one sample, one a round.
func rounds(workload, key, setup string, values ...float64) []record {
	var out []record
	for i, v := range values {
		out = append(out, record{Workload: workload, Round: i + 1, Setup: setup, Samples: map[string]float64{key: v}, Asked: 100, Got: 100})
	}
	return out
}

func rowOf(t *testing.T, key string) row {
	t.Helper()
	i := slices.IndexFunc(rows, func(r row) bool { return r.key == key })
	if i < 0 {
		t.Fatalf("no row %s", key)
	}
	return rows[i]
}

func TestEvaluateTimes(t *testing.T) {
	records := slices.Concat(rounds("w1", "w1_cold", alcove.name, 4, 9, 4.2), rounds("w1", "w1_cold", np1.name, 6, 6, 6),
		rounds("w1", "w1_cold", defaults.name, 16, 16, 16), rounds("w1", "w1_cold", np8.name, 28, 27, 29))
	records = append(records, record{Workload: "w1", Setup: np1.name, Samples: map[string]float64{"w1_cold": 0.1}, Discarded: true})
	got := rowOf(t, "w1_cold").evaluate(records, 3.8)
	if got.Setups[alcove.name].Median != 4.2 || got.Best != np1.name || got.Setups[np1.name].Median != 6 {
		t.Errorf("%+v", got)
	}
	for i, want := range []verdict{{np8.name, 0.25, 4.2 / 28, true}, {defaults.name, 1.0 / 3, 4.2 / 16, true}, {best, 0.75, 0.7, true}} {
		if v := got.Verdicts[i]; v.Against != want.Against || v.Reached != want.Reached || v.Ratio-want.Ratio > 1e-9 || want.Ratio-v.Ratio > 1e-9 {
			t.Errorf("verdict %+v, want %+v", v, want)
		}
	}
}

func TestEvaluateRates(t *testing.T) {
	records := slices.Concat(rounds("one", "one_pace", alcove.name, 90), rounds("one", "one_pace", np1.name, 95), rounds("one", "one_pace", np2.name, 100))
	got := rowOf(t, "one_pace").evaluate(records, 91)
	if got.Best != np2.name || len(got.Verdicts) != 2 || got.Verdicts[0].Reached || !got.Verdicts[1].Reached {
		t.Errorf("%+v", got)
	}
	alone := rowOf(t, "one_pace").evaluate(rounds("one", "one_pace", alcove.name, 90), 0)
	if alone.Best != "" || len(alone.Verdicts) != 0 {
		t.Errorf("judged without anybody to compare with: %+v", alone)
	}
}

func TestNotesWarn(t *testing.T) {
	records := slices.Concat(rounds("one", "one_pace", alcove.name, 90), rounds("one", "one_pace", np1.name, 95))
	if n := notes(rowOf(t, "one_pace"), records); len(n) != 0 {
		t.Errorf("notes on a clean row: %v", n)
	}
	records[0].Got, records[0].Steal, records[0].Others = 80, 5, 90
	records[1].Error = "gone"
	n := strings.Join(notes(rowOf(t, "one_pace"), append(records, rounds("one", "one_pace", np2.name, 95)...)), "\n")
	for _, want := range []string{"failed", "steal up to 5.0", "20 % shorter", "other programs"} {
		if !strings.Contains(n, want) {
			t.Errorf("no %q in %s", want, n)
		}
	}
}

func TestEveryRowIsMeasured(t *testing.T) {
	for _, r := range rows {
		i := slices.IndexFunc(workloads, func(w workload) bool { return w.name == r.workload })
		if i < 0 {
			t.Errorf("%s: no workload %s", r.key, r.workload)
			continue
		}
		for _, target := range r.targets {
			if target.against == best || target.against == bare || target.against == fixed {
				continue
			}
			if !slices.ContainsFunc(workloads[i].setups, func(s setup) bool { return s.name == target.against }) {
				t.Errorf("%s is compared with %s, which %s does not run", r.key, target.against, r.workload)
			}
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		of   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{9, 1, 2}, 2}, {[]float64{4, 1, 2, 3}, 2.5}} {
		if got := load.Median(c.of); got != c.want {
			t.Errorf("median of %v is %v", c.of, got)
		}
	}
}

func TestTurnedOrder(t *testing.T) {
	r := &runner{options: options{paths: paths{llama: []string{"x"}}}}
	there, back := r.order(0, workloads[0]), r.order(1, workloads[0])
	slices.Reverse(back)
	if len(there) != 5 || !slices.EqualFunc(there, back, func(a, b setup) bool { return a.name == b.name }) {
		t.Errorf("%v, %v", there, back)
	}
	alone := &runner{}
	if got := alone.order(0, workloads[0]); len(got) != 1 || !got[0].ours {
		t.Errorf("without a peer: %v", got)
	}
}

func TestParseTicks(t *testing.T) {
	then, now := parseTicks("cpu  100 0 100 700 50 0 0 50 0 0\ncpu0 1\n"), parseTicks("cpu  150 0 100 740 50 0 0 60 9 9\n")
	if s := now.stealSince(then); s != 10 {
		t.Errorf("steal %v", s)
	}
	if u := now.usedSince(then); u != 50 {
		t.Errorf("used %v", u)
	}
}

// Of two attempts the calmer one counts, whoever was disturbed.
func TestDisturbance(t *testing.T) {
	for _, c := range []struct {
		steal, others float64
		calm          bool
	}{{0, 0, true}, {2, 5, true}, {2.1, 0, false}, {0, 5.1, false}} {
		try := []record{{}, {Steal: c.steal, Others: c.others}}
		if (disturbance(try) <= 1) != c.calm {
			t.Errorf("steal %v, others %v: %v", c.steal, c.others, disturbance(try))
		}
	}
}

func TestParseBounds(t *testing.T) {
	b := parseBounds("cpu: x\nBenchmarkDecode/rows1/threads1-2  \t 9\t  35691224 ns/op\t        28.02 tok/s\n" +
		"BenchmarkDecode/rows1/threads2-2  \t 3\t 218081881 ns/op\t 140.5 tok/s\nBenchmarkDecode/prompt1024/threads1 \t 1\t 6847693103 ns/op\t 149.5 tok/s\nPASS\n")
	if b["rows1"] != 140.5 || b["prompt1024"] != 149.5 || len(b) != 2 {
		t.Errorf("%v", b)
	}
	if got := b.of("w1_cold", 900, 40); got < 7.8 || got > 8 {
		t.Errorf("bound of a cold burst: %v", got)
	}
	if got := b.of("w1_cold", 900, 0); got != 0 {
		t.Errorf("a bound without the own part: %v", got)
	}
}

func TestBusyProcessesEnd(t *testing.T) {
	if readFile("/proc/self/stat") == "" {
		t.Skip("no /proc here")
	}
	end, err := startBusy(2)
	if err != nil {
		t.Fatal(err)
	}
	before := children(t)
	end()
	if after := children(t); before != 2 || after != 0 {
		t.Errorf("%d children, then %d", before, after)
	}
}

// children counts the child processes of this program.
func children(t *testing.T) int {
	t.Helper()
	files, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil || len(files) == 0 {
		t.Skip("this kernel does not list children")
	}
	n := 0
	for _, f := range files {
		n += len(strings.Fields(readFile(f)))
	}
	return n
}

func TestMarkdown(t *testing.T) {
	r := &runner{}
	for key, w := range map[string]string{"w1_cold": "w1", "busy_1": "busy"} {
		r.records = append(r.records, rounds(w, key, alcove.name, 4)...)
		r.records = append(r.records, rounds(w, key, defaults.name, 2)...)
	}
	rep := &report{Versions: map[string]string{"llama-server": "0.7.0"}}
	rep.fill(r)
	page := rep.markdown()
	for _, want := range []string{"| **4.00** | 2.00 |", "2.00x, missed", ">= 1.50x of `defaults`: 2.00x, reached", "What a setting costs elsewhere"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	for l := range strings.Lines(page) {
		if strings.HasPrefix(l, "|") && !strings.HasSuffix(l, "|\n") {
			t.Errorf("broken table line: %q", l)
		}
	}
}
