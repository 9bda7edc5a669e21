package server

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"alcove/engine"
)

// wholeBox is a box in which every metric has a figure.
func wholeBox(t *testing.T, change ...func(*Deps)) *box {
	t.Helper()
	b := newBox(t, append([]func(*Deps){whole}, change...)...)
	b.engine.load(engine.Loaded{Model: "tiny", Ready: true, Device: "CPU (test)"})
	b.want(200, "GET", "/healthz", nil, nil)
	if a := b.v1(b.key(), "POST", "/v1/chat/completions", `{"messages":[{"role":"user","content":"Hi"}]}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	n := &numbers{}
	found := b.server.metrics.MeasureEmbedder(n)
	for range 2 {
		found.Embed(t.Context(), engine.EmbedRequest{Class: engine.ClassAPI, Inputs: []engine.EmbedInput{{Text: "a"}}}) //nolint:errcheck // the second is to fail
		n.fail = errors.New("it fails")
	}
	return b
}

// promlint, Prometheus' own judge of names, units and help texts, has nothing to say.
func TestMetricsLint(t *testing.T) {
	text := wholeBox(t).want(200, "GET", "/metrics", nil, nil).body
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// metricRow is one of our metrics, as docs/metrics.md has it.
type metricRow struct {
	name, kind, help string
	labels           []string
}

// unit reads the unit off the name, as Prometheus' names have it.
func (r metricRow) unit() string {
	name := strings.TrimSuffix(r.name, "_total")
	for _, u := range []string{"bytes_per_second", "seconds", "bytes", "ratio", "celsius", "watts", "hertz"} {
		if strings.HasSuffix(name, "_"+u) {
			return strings.ReplaceAll(u, "_", " ")
		}
	}
	return "1"
}

// metricRows gathers the metrics of a box, ours alone, and fails for one that
// is described and has no figure in this test.
func metricRows(t *testing.T) []metricRow {
	t.Helper()
	b := wholeBox(t)
	families, err := b.server.metrics.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var rows []metricRow
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "alcove_") {
			continue
		}
		row := metricRow{name: f.GetName(), kind: strings.ToLower(f.GetType().String()), help: f.GetHelp()}
		for _, l := range f.GetMetric()[0].GetLabel() {
			row.labels = append(row.labels, l.GetName())
		}
		rows = append(rows, row)
	}
	described := make(chan *prometheus.Desc)
	go func() {
		defer close(described)
		b.server.metrics.registry.Describe(described)
	}()
	name := regexp.MustCompile(`fqName: "(alcove_\w+)"`)
	for d := range described {
		if m := name.FindStringSubmatch(d.String()); m != nil && !slices.ContainsFunc(rows, func(r metricRow) bool { return r.name == m[1] }) {
			t.Errorf("%s has no figure in a box that should have them all: give it one in this test", m[1])
		}
	}
	return rows
}

// docs/metrics.md lists the metrics that there are, and no other.
func TestMetricsDocument(t *testing.T) {
	const file, begin, end = "../../docs/metrics.md", "<!-- begin: made by TestMetricsDocument -->\n", "<!-- end -->\n"
	var table strings.Builder
	table.WriteString("| metric | type | unit | labels | is |\n| --- | --- | --- | --- | --- |\n")
	for _, r := range metricRows(t) {
		labels := "`" + strings.Join(r.labels, "`, `") + "`"
		if len(r.labels) == 0 {
			labels = ""
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s | %s |\n", r.name, r.kind, r.unit(), labels, strings.ReplaceAll(r.help, "|", "\\|"))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	listed, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks its marks", file)
	}
	if *update {
		if err := os.WriteFile(file, []byte(head+begin+table.String()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if listed != table.String() {
		t.Errorf("%s does not list what /metrics has: run `go test ./app/server -tags sqlite_fts5 -run TestMetricsDocument -update`", file)
	}
	for _, query := range regexp.MustCompile("(?s)```promql\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		checkNames(t, file, query[1], metricRows(t))
	}
}

var metricName = regexp.MustCompile(`\b(?:alcove|process|go)_[a-z0-9_]+`)

// checkNames fails for a name in a query that is no metric.
func checkNames(t *testing.T, where, query string, rows []metricRow) {
	t.Helper()
	found := metricName.FindAllString(query, -1)
	if len(found) == 0 {
		t.Errorf("%s: %q asks for no metric of ours", where, query)
	}
	for _, name := range found {
		if !strings.HasPrefix(name, "alcove_") {
			continue // of the client library
		}
		if !slices.ContainsFunc(rows, func(r metricRow) bool {
			if r.kind != "histogram" {
				return r.name == name
			}
			return name == r.name || name == r.name+"_bucket" || name == r.name+"_count" || name == r.name+"_sum"
		}) {
			t.Errorf("%s: %q asks for %s, which /metrics does not have", where, query, name)
		}
	}
}
