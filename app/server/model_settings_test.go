package server

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"alcove/app/library"
	"alcove/engine"
)

func TestModelSettings(t *testing.T) {
	b := newBox(t)
	var got modelSettingsBody
	raw := b.want(200, "GET", "/api/v1/models/tiny/settings", nil, &got)
	if string(raw.body) != `{"settings":{}}`+"\n" {
		t.Errorf("nothing is set, and it says %s", raw.body)
	}
	b.want(200, "PATCH", "/api/v1/models/tiny/settings", `{"context":1024,"keep":true,"temperature":0,"system_prompt":"Be brief."}`, &got)
	raw = b.want(200, "PATCH", "/api/v1/models/tiny/settings", `{"keep":null,"top_k":7}`, nil)
	if want := `{"settings":{"context":1024,"system_prompt":"Be brief.","temperature":0,"top_k":7}}` + "\n"; string(raw.body) != want {
		t.Errorf("settings %s, want %s", raw.body, want)
	}
	if tuned := b.engine.tuning()["tiny"]; tuned.Context != 1024 || tuned.Keep {
		t.Errorf("the engine was told %+v", tuned)
	}
	var list struct{ Models []library.Model }
	b.want(200, "GET", "/api/v1/models", nil, &list)
	if !list.Models[0].OwnSettings || list.Models[1].OwnSettings || list.Models[0].ID != "tiny" {
		t.Errorf("models %+v", list.Models)
	}
	if raw := b.want(200, "GET", "/api/v1/models", nil, nil); strings.Contains(string(raw.body), "Be brief") {
		t.Error("the list of models carries the prompts")
	}
}

func TestModelSettings_Refused(t *testing.T) {
	b := newBox(t)
	for _, c := range []struct {
		path, body, field string
		status            int
	}{
		{"tiny", `{"context":1}`, "context", 422},
		{"tiny", `{"kv":"q2"}`, "kv", 422},
		{"tiny", `{"lora":["none"]}`, "lora", 422},
		{"tiny", `{"temperature":"hot"}`, "temperature", 422},
		{"tiny", `{"unknown":1}`, "unknown", 422},
		{"tiny", `[]`, "", 422},
		{"tiny", `{`, "", 400},
		{"none", `{"keep":true}`, "", 404},
	} {
		a := b.do("PATCH", "/api/v1/models/"+c.path+"/settings", c.body)
		if a.status != c.status {
			t.Errorf("%s: status %d, want %d: %s", c.body, a.status, c.status, a.body)
			continue
		}
		p := a.problem(t)
		if p.Detail == "" || !strings.Contains(string(a.body), c.field) {
			t.Errorf("%s: %s", c.body, a.body)
		}
	}
	b.want(404, "GET", "/api/v1/models/none/settings", nil, nil)
	if raw := b.want(200, "GET", "/api/v1/models/tiny/settings", nil, nil); string(raw.body) != `{"settings":{}}`+"\n" {
		t.Errorf("something was kept: %s", raw.body)
	}
	key := b.key()
	for _, method := range []string{"GET", "PATCH"} {
		req := b.request(method, "/api/v1/models/tiny/settings", nil)
		req.Header.Set("Authorization", "Bearer "+key)
		if a := b.send(req); a.status != 403 {
			t.Errorf("%s with an API key: %d", method, a.status)
		}
	}
}

// What a request says stands above the model's own settings, and those above
// what holds for all.
func TestModelSettings_OfRequests(t *testing.T) {
	b := newBox(t)
	key := b.key()
	complete := func(body string) engine.Request {
		t.Helper()
		req := b.request("POST", "/v1/chat/completions", body)
		req.Header.Set("Authorization", "Bearer "+key)
		if a := b.send(req); a.status != 200 {
			t.Fatalf("%s: %d %s", body, a.status, a.body)
		}
		return b.engine.last()
	}
	const question = `"messages":[{"role":"user","content":"Hi"}]`
	b.want(200, "PATCH", "/api/v1/models/tiny/settings", `{"temperature":0.1,"top_k":3,"max_tokens":50,"system_prompt":"Speak like a pirate."}`, nil)
	for _, model := range []string{`"model":"tiny",`, ``} {
		r := complete(`{` + model + question + `}`)
		if s := r.Sampling; s.Temperature != 0.1 || s.TopK != 3 || s.MaxTokens != 50 || s.TopP != apiSampling.TopP {
			t.Errorf("%s sampling %+v", model, s)
		}
		if r.Messages[0].Role != engine.RoleSystem || r.Messages[0].Text() != "Speak like a pirate." || len(r.Messages) != 2 {
			t.Errorf("%s messages %+v", model, r.Messages)
		}
	}
	r := complete(`{"model":"tiny","temperature":0.9,"max_tokens":9,"messages":[{"role":"system","content":"Own."},{"role":"user","content":"Hi"}]}`)
	if s := r.Sampling; s.Temperature != 0.9 || s.TopK != 3 || s.MaxTokens != 9 {
		t.Errorf("sampling %+v", s)
	}
	if r.Messages[0].Text() != "Own." || len(r.Messages) != 2 {
		t.Errorf("messages %+v", r.Messages)
	}
}

func TestUnload(t *testing.T) {
	b := newBox(t)
	b.want(202, "POST", "/api/v1/models/tiny/unload", nil, nil)
	wait(t, "unload", func() bool {
		b.engine.mu.Lock()
		defer b.engine.mu.Unlock()
		return slices.Equal(b.engine.unloaded, []string{"tiny"})
	})
	if p := b.want(404, "POST", "/api/v1/models/none/unload", nil, nil).problem(t); p.Code != string(engine.CodeModelNotFound) {
		t.Errorf("unknown model: %+v", p)
	}
}

// What was computed of a model's prompt is given up when the prompt changes.
func TestModelSettings_OldPromptIsForgotten(t *testing.T) {
	var forgotten []string
	b := newBox(t, func(d *Deps) { d.Forget = func(share string) { forgotten = append(forgotten, share) } })
	for _, text := range []string{`"One."`, `"Two."`, `null`, `null`} {
		b.want(200, "PATCH", "/api/v1/models/tiny/settings", json.RawMessage(`{"system_prompt":`+text+`}`), nil)
	}
	if len(forgotten) != 2 || forgotten[0] == forgotten[1] {
		t.Errorf("forgotten %v", forgotten)
	}
}
