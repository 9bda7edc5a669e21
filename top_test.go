package main

import (
	"encoding/json"
	"strings"
	"testing"

	"alcove/engine/local/fake"
)

func TestTop(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "one two three"})
	mustFail(t, p.command(t, "top"), "no Alcove runs", "alcove serve")
	a := p.serve(t)
	a.ready()
	r := p.command(t, "top")
	if r.code != 0 || r.stderr != "" || !strings.HasPrefix(r.stdout, "model    fake\ndevice   CPU (fake)") || !strings.Contains(r.stdout, "Nothing is running") {
		t.Errorf("top: %+v", r)
	}
	if strings.Contains(r.stdout, "\x1b") {
		t.Errorf("escape sequences without a terminal: %q", r.stdout)
	}
	r = p.command(t, "top", "--json")
	var body struct {
		Status struct{ Model string }
		View   *struct{ Slots []struct{} }
	}
	if err := json.Unmarshal([]byte(r.stdout), &body); r.code != 0 || err != nil || body.Status.Model != "fake" || body.View == nil {
		t.Errorf("top --json: %v, %+v", err, r)
	}
}
