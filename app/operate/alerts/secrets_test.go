package alerts

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
)

const canary = "canary-Zq7-of-the-secrets"

// Secrets go in and never come out: not in answers, errors, logs or settings,
// not even when a server says them.
func TestSecretsStayInside(t *testing.T) {
	p := newPost(t, "starttls", func(p *post) { p.user, p.pass, p.says = "alcove", "another", canary })
	s := newSink(t, canary)
	s.setAnswer(func(_ int, w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, canary, http.StatusBadRequest)
		return true
	})
	p.pass = canary + "-the-right-one"
	b := withPost(t, p, "starttls", func(e *EmailChannel) { wrong := canary; e.Password = &wrong })
	b.hook(s.URL, canary)
	b.only(hot())
	b.feed(warm, 61)
	until(t, "the tries", func() bool { b.idle(); return s.tried() > 0 && b.board().Firing[0].Deliveries[0].Error != "" })
	b.idle()
	c, err := b.Channels(t.Context())
	if err != nil || !c.Email.HasPass || !c.Webhook.HasSecret {
		t.Errorf("%+v %v", c, err)
	}
	mailErr, hookErr := b.Test(t.Context(), Email), b.Test(t.Context(), Webhook)
	if mailErr == nil || hookErr == nil || !strings.Contains(mailErr.Error(), "(secret)") {
		t.Errorf("%v %v", mailErr, hookErr)
	}
	settings, err := b.store.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stored, err := b.store.AlertSetting(t.Context(), docChannels)
	if err != nil {
		t.Fatal(err)
	}
	var state string
	b.run(func(k *keeper) { state = fmt.Sprintf("%v %+v %#v %s", k.secrets, k.secrets, k.secrets, k.secrets) })
	for what, text := range map[string]string{
		"channels": jsonText(t, c), "board": jsonText(t, b.board()), "error of the mail": mailErr.Error(), "error of the webhook": hookErr.Error(),
		"log": b.logged(), "settings": jsonText(t, settings), "document": string(stored), "printed": state, "events": jsonText(t, b.named(EventAlert)),
	} {
		if text == "" || strings.Contains(text, canary) {
			t.Errorf("%s: %s", what, text)
		}
	}
	info, err := os.Stat(b.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Error("the database is not private", info.Mode(), err)
	}
}

// A password goes to the server that it was given for and to no other.
func TestPasswordDoesNotMoveToAnotherServer(t *testing.T) {
	p := newPost(t, "starttls", func(p *post) { p.user, p.pass = "alcove", "password-1" })
	b := withPost(t, p, "starttls")
	c, err := b.Channels(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*EmailChannel){
		func(e *EmailChannel) { e.Server = "mail.example.com" }, func(e *EmailChannel) { e.Port = 25 }, func(e *EmailChannel) { e.Security = "none" },
	} {
		next := c
		change(&next.Email)
		if _, err := b.SetChannels(t.Context(), next); paramOf(err) != "email.password" {
			t.Error(err)
		}
	}
	c.Email.To = []string{"other@example.com"}
	if _, err := b.SetChannels(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	b.restart()
	if err := b.Test(t.Context(), Email); err != nil {
		t.Error("the password is gone:", err)
	}
	c.Email.Server, c.Email.User, c.Email.Enabled = "mail.example.com", "", false
	if out, err := b.SetChannels(t.Context(), c); err != nil || out.Email.HasPass {
		t.Error("the password is still there", err)
	}
}

// A secret that was removed is no secret: reasons keep their words.
func TestARemovedSecretIsTakenOutOfNoText(t *testing.T) {
	const reason = "The server answered 503 Service Unavailable."
	b, s := newBench(t), newSink(t, "k")
	s.setAnswer(func(_ int, w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(503); return true })
	b.hook(s.URL, "k")
	b.hook(s.URL, "")
	b.only(hot())
	b.feed(warm, 61)
	until(t, "the try", func() bool { b.idle(); return s.tried() > 0 })
	if d := b.board().Firing[0].Deliveries; len(d) != 1 || d[0].Error != reason {
		t.Errorf("%.200q", d)
	}
	b.run(func(k *keeper) {
		if len(k.secrets) != 0 {
			t.Errorf("%d secrets are left", len(k.secrets))
		}
	})
	if text := (secrets{secretWebhook: ""}).scrub(reason); text != reason {
		t.Errorf("%.200q", text)
	}
}

// A secret is taken out before a reason is cut, so that no part of it is left;
// and it is the one that the try was made with.
func TestACutReasonHasNoPartOfASecret(t *testing.T) {
	p := newPost(t, "starttls", func(p *post) { p.user, p.pass = "alcove", "the right one" })
	const secret = "0123456789abcdefghijklmnopqrstuvwxyz"
	p.says = strings.Repeat("word ", maxReason/5-18) + secret + secret + secret
	b := withPost(t, p, "starttls", func(e *EmailChannel) { wrong := secret; e.Password = &wrong })
	asked, answer := make(chan struct{}), make(chan struct{})
	p.asked = func() { close(asked); <-answer }
	b.only(hot())
	b.feed(warm, 61)
	<-asked
	b.run(func(k *keeper) { k.secrets = secrets{} }) // removed while the server thinks
	close(answer)
	b.idle()
	d := b.board().Firing[0].Deliveries[0]
	if !strings.Contains(d.Error, "(secret)") || strings.Contains(d.Error, secret[:4]) || !strings.HasSuffix(d.Error, "…") {
		t.Errorf("%+v", d)
	}
}
