package server

import (
	"bytes"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
)

// promlint, Prometheus' own judge of names, units and help texts, has nothing to say.
func TestMetricsLint(t *testing.T) {
	b := newBox(t)
	text := b.want(200, "GET", "/metrics", nil, nil).body
	problems, err := promlint.New(bytes.NewReader(text)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}
