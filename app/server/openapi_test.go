package server

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite openapi.yaml and docs/errors.md")

// The page's client is generated from the committed file.
func TestOpenAPIFile(t *testing.T) {
	b := newBox(t)
	served := b.want(200, "GET", "/api/v1/openapi.yaml", nil, nil)
	if got := served.header.Get("Content-Type"); got != "application/yaml" {
		t.Errorf("content type %q", got)
	}
	const file = "openapi.yaml"
	if *update {
		if err := os.WriteFile(file, served.body, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(committed) != string(served.body) {
		t.Error("openapi.yaml is not what the server describes: run `go test ./app/server -run TestOpenAPIFile -update` and the page's `npm run api`")
	}
	for _, row := range routes {
		if row.kind != kindAPI || strings.HasSuffix(row.pattern, ".yaml") {
			continue
		}
		if _, path, _ := strings.Cut(row.pattern, " "); !strings.Contains(string(committed), path+":") {
			t.Errorf("%s is not described", row.pattern)
		}
	}
}
