package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"alcove/engine/local/fake"
)

// problem is an error in either shape: RFC 9457, or OpenAI's.
type problem struct {
	Code, Detail string
	Error        struct{ Message, Type, Param, Code string }
}

func TestBadInput(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "fine", Cut: 2})
	a := p.serve(t)
	a.ready()
	c := a.newConversation()
	messages := "/api/v1/conversations/" + c + "/messages"
	var key struct{ Key string }
	a.call("POST", "/api/v1/keys", `{"name": "test"}`).read(t, &key)
	byKey := *a
	byKey.token = key.Key
	long := strings.Repeat("a", 10<<20)
	for _, test := range []struct {
		name     string
		body, v1 string
		statuses []int
	}{
		{"malformed JSON", `{"text": "a"`, `{"model": "fake", "messages": [`, []int{400, 422}},
		{"wrong type", `{"text": 7}`, `{"model": "fake", "messages": 7}`, []int{400, 422}},
		{"10 MB", `{"text": "` + long + `"}`, `{"model": "fake", "messages": [{"role": "user", "content": "` + long + `"}]}`, []int{413}},
		{"empty", `{"text": " "}`, `{"model": "fake", "messages": []}`, []int{400, 422}},
		{"unknown model", `{"text": "a", "model": "none"}`, `{"model": "none", "messages": [{"role": "user", "content": "a"}]}`, []int{404}},
		{"negative temperature", `{"text": "a", "sampling": {"temperature": -1}}`, chatWith(`"temperature": -1`), []int{400, 422}},
		{"temperature NaN", `{"text": "a", "sampling": {"temperature": NaN}}`, chatWith(`"temperature": NaN`), []int{400, 422}},
		{"temperature infinite", `{"text": "a", "sampling": {"temperature": 1e999}}`, chatWith(`"temperature": 1e999`), []int{400, 422}},
		{"negative top_p", `{"text": "a", "sampling": {"top_p": -0.1}}`, chatWith(`"top_p": -0.1`), []int{400, 422}},
		{"negative top_k", `{"text": "a", "sampling": {"top_k": -5}}`, chatWith(`"top_k": -5`), []int{400, 422}},
		{"negative max_tokens", `{"text": "a", "sampling": {"max_tokens": -5}}`, chatWith(`"max_tokens": -5`), []int{400, 422}},
		{"not UTF-8", "{\"text\": \"a\xff\"}", "{\"model\": \"fake\", \"messages\": [{\"role\": \"user\", \"content\": \"a\xff\"}]}", []int{400, 422}},
	} {
		t.Run(test.name, func(t *testing.T) {
			mustRefuse(t, a.call("POST", messages, test.body), test.statuses)
			mustRefuse(t, byKey.call("POST", "/v1/chat/completions", test.v1), test.statuses)
		})
	}
	if all := a.messages(c); len(all) != 0 {
		t.Errorf("refused questions were saved: %d messages", len(all))
	}
	if m := a.ask(c, "Still fine?"); m.Status != "done" || m.Text != "fine" {
		t.Errorf("after all of that: %+v", m)
	}
}

func chatWith(field string) string {
	return `{"model": "fake", "messages": [{"role": "user", "content": "a"}], ` + field + `}`
}

func mustRefuse(t *testing.T, got answer, statuses []int) {
	t.Helper()
	ok := false
	for _, s := range statuses {
		ok = ok || got.status == s
	}
	var p problem
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || !ok {
		t.Fatalf("status %d (want %v), body %.200s", got.status, statuses, got.body)
	}
	sentence := p.Detail + p.Error.Message
	if p.Code+p.Error.Code+p.Error.Type == "" || len(sentence) < 10 || strings.Contains(sentence, "Go struct") || strings.Contains(sentence, "json:") {
		t.Errorf("error %.300s", got.body)
	}
	if got.status == http.StatusRequestEntityTooLarge && len(got.body) > 2000 {
		t.Errorf("the refusal repeats what was sent: %d bytes", len(got.body))
	}
}

// No log, at any level, has a word of a question, an answer or a secret.
func TestNothingOfUsersInTheLog(t *testing.T) {
	t.Parallel()
	const asked, answered, typed = "canaryquestion", "canaryanswer", "canarybroken"
	p := fakePlace(t, fake.Script{Text: answered + " and more"})
	p.flags = []string{"--log-level", "debug"}
	a := p.serve(t)
	a.ready()
	var key struct{ Key string }
	a.call("POST", "/api/v1/keys", `{"name": "canaryname"}`).read(t, &key)
	c := a.newConversation()
	if m := a.ask(c, asked+" please"); m.Text != answered+" and more" {
		t.Fatalf("answer %+v", m)
	}
	a.call("POST", "/api/v1/conversations/"+c+"/messages", `{"text": "`+typed)
	a.call("GET", "/api/v1/search?q="+asked, "")
	a.call("PATCH", "/api/v1/settings", `{"system_prompt": "`+typed+`"}`)
	byKey := *a
	byKey.token = key.Key
	byKey.call("POST", "/v1/chat/completions", `{"model": "fake", "messages": [{"role": "user", "content": "`+asked+`"}]}`)
	byKey.call("POST", "/v1/chat/completions", `{"model": "`+typed+`", "messages": []}`)
	a.ask(a.newConversation(), strings.Repeat(asked+" ", 5000)) // longer than the context
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d", code)
	}
	for _, secret := range []string{asked, answered, typed, key.Key, a.token} {
		for name, text := range map[string]string{"log": a.log.String(), "output": a.out.String()} {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%q is in the %s: ...%s...", secret, name, text[max(0, i-200):min(len(text), i+100)])
			}
		}
	}
	if !strings.Contains(a.log.String(), `"level"`) {
		t.Errorf("nothing was logged, so nothing was tried: %q", a.log)
	}
}
