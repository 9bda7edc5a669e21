package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The whole program measures itself: from outside as its clients see it, and
// from inside. No time is asserted.
func TestBenchAndCapacity(t *testing.T) {
	t.Parallel()
	p, ok := realPlace(t)
	if !ok {
		t.Skip("no model or no libraries: make setup")
	}
	p.flags = append(p.flags, "--context", "512") // short prompts: the shape of a question is cut to fit
	a := p.serve(t)
	key := p.command(t, "key", "create", "--name", "bench")
	secret := strings.TrimSpace(key.stdout)
	if key.code != 0 || secret == "" {
		t.Fatalf("%+v", key)
	}
	file := filepath.Join(t.TempDir(), "load.md")
	out := p.command(t, "bench", "--against", a.base, "--key", secret, "--people", "1,2", "--rounds", "1", "--questions", "1", "--shared-tokens", "60", "--output-tokens", "8", "-o", file)
	text, err := os.ReadFile(file)
	if out.code != 0 || err != nil {
		t.Fatalf("%+v %v", out, err)
	}
	for _, want := range []string{"| 1 |", "| 2 |", "SmolLM2", "version test", "counted by the server", "Seed: "} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the report does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(string(text)+out.stdout+out.stderr, secret) {
		t.Error("the key is in the report")
	}
	if wrong := p.command(t, "bench", "--against", a.base, "--key", "nobody"); wrong.code != 1 || !strings.Contains(wrong.stderr, "401") {
		t.Errorf("%+v", wrong)
	}
	measured := p.command(t, "capacity", "--most-people", "1", "--bound", "60", "--json")
	var v struct {
		Result struct {
			Status string                  `json:"status"`
			Steps  []struct{ Answers int } `json:"steps"`
		} `json:"result"`
		Estimates *struct{ Rows []any } `json:"estimates"`
	}
	if err := json.Unmarshal([]byte(measured.stdout), &v); err != nil || measured.code != 0 || v.Result.Status != "done" || len(v.Result.Steps) != 1 || v.Result.Steps[0].Answers == 0 || v.Estimates == nil {
		t.Errorf("%+v %v", measured, err)
	}
	if last := p.command(t, "capacity", "--last"); last.code != 0 || !strings.Contains(last.stdout, "estimate") && !strings.Contains(last.stdout, "Estimates, not measured") {
		t.Errorf("%+v", last)
	}
	if cost := p.command(t, "cost"); cost.code != 0 || !strings.Contains(cost.stdout, "example, as of") || !strings.Contains(cost.stdout, "This box") {
		t.Errorf("%+v", cost)
	}
}
