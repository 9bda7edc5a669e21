package server

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"alcove/app"
	"alcove/app/operate/capacity"
	"alcove/app/operate/cost"
	"alcove/engine"
)

// timed writes an answer that took as long as it says.
func timed(_ context.Context, req engine.Request, _ func(engine.Event) error) (engine.Usage, error) {
	return engine.Usage{Model: "tiny", Device: "CPU (test)", PromptTokens: 20 + len(req.Messages[0].Text())/6, OutputTokens: 20, Finish: engine.FinishLength,
		FirstToken: 200 * time.Millisecond, Total: time.Second, TokensPerSec: 25}, nil
}

func TestCapacityOverHTTP(t *testing.T) {
	b := newBox(t)
	b.engine.set(timed)
	var v capacityView
	b.want(200, "GET", "/api/v1/capacity", nil, &v)
	if v.Running != nil || v.Result != nil || v.Estimates != nil || v.Models == nil || v.Defaults != capacity.DefaultSettings {
		t.Errorf("%+v", v)
	}
	events, stop := b.follow("")
	defer stop()
	var p capacity.Progress
	b.want(202, "POST", "/api/v1/capacity", `{"most_people":2}`, &p)
	if p.Model != "tiny" || p.Stage != "waiting" {
		t.Errorf("%+v", p)
	}
	if a := b.do("POST", "/api/v1/capacity", map[string]any{}); a.status != http.StatusConflict || a.problem(t).Code != string(app.CodeCapacityRunning) {
		t.Errorf("a second one: %d %s", a.status, a.body)
	}
	for e := range events {
		var c capacity.Changed
		if e.name == capacity.Event && json.Unmarshal(e.data, &c) == nil && c.Running == nil {
			break
		}
	}
	b.want(200, "GET", "/api/v1/capacity", nil, &v)
	if v.Running != nil || v.Result == nil || v.Result.Status != capacity.StatusDone || len(v.Result.Steps) != 2 || v.Result.Serves.People != 2 {
		t.Fatalf("%+v", v)
	}
	// The measurement is nobody's traffic, and tells the costs what it found.
	var c cost.View
	b.want(200, "GET", "/api/v1/cost", nil, &c)
	if c.Enough || c.Recorded.Answers != 0 || c.Latency.Source != "measured" || c.Latency.Class != "real-time" {
		t.Errorf("%+v", c)
	}
	b.want(204, "DELETE", "/api/v1/capacity", nil, nil)
}

func TestCapacityRefuses(t *testing.T) {
	b := newBox(t)
	for body, status := range map[string]int{`{"bound_seconds":0}`: 422, `{"most_people":-1}`: 422, `{"bound_seconds":"x"}`: 422, `{`: 400} {
		if a := b.do("POST", "/api/v1/capacity", body); a.status != status && a.status != 422 {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	b.engine.mu.Lock()
	b.engine.status.Ready = false
	b.engine.mu.Unlock()
	if p := b.do("POST", "/api/v1/capacity", map[string]any{}).problem(t); p.Code != string(engine.CodeNoModel) {
		t.Errorf("%+v", p)
	}
}

func TestPricesOverHTTP(t *testing.T) {
	b := newBox(t)
	var p cost.Prices
	b.want(200, "GET", "/api/v1/prices", nil, &p)
	if !p.Shipped || p.Currency != "USD" {
		t.Fatalf("%+v", p)
	}
	var more pricesView
	b.want(200, "GET", "/api/v1/prices", nil, &more)
	for _, c := range p.Cloud { // else their number would never be known
		if !slices.Contains(more.Classes, c.GPU) {
			t.Errorf("%q is no class of %v", c.GPU, more.Classes)
		}
	}
	p.Own.KWh, p.Currency = 123_456, "EUR" // 0.123456
	sheet := string(mustJSON(p.Sheet))
	b.want(200, "PUT", "/api/v1/prices", sheet, &p)
	b.want(200, "GET", "/api/v1/prices", nil, &p)
	if p.Shipped || p.Own.KWh != 123_456 || p.Currency != "EUR" {
		t.Errorf("%+v", p)
	}
	p.Own.Years = 0
	if a := b.do("PUT", "/api/v1/prices", string(mustJSON(p.Sheet))); a.status != 422 || a.problem(t).Code != string(app.CodeInvalid) {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, body := range []string{`{}`, `{"currency":"EUR","own":null,"cloud":null,"managed":null}`, `[]`, `{"currency":1e999}`} {
		if a := b.do("PUT", "/api/v1/prices", body); a.status != 422 && a.status != 400 {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
	var c cost.View
	b.want(200, "GET", "/api/v1/cost?days=7", nil, &c)
	if c.Currency != "EUR" || c.Enough || len(c.Rows) < 5 || c.Latency.Class != "unknown" {
		t.Errorf("%+v", c)
	}
	if a := b.do("GET", "/api/v1/cost?days=0", nil); a.status != 422 {
		t.Errorf("%d %s", a.status, a.body)
	}
	b.want(200, "DELETE", "/api/v1/prices", nil, &p)
	if !p.Shipped || p.Currency != "USD" {
		t.Errorf("%+v", p)
	}
}
