package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"alcove/engine/local/fake"
)

func TestChatThroughTheRunningServer(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "one two three"})
	a := p.serve(t)
	a.ready()
	r := p.command(t, "chat", "count to three")
	if r.code != 0 || r.stdout != "one two three\n" || r.stderr != "" {
		t.Errorf("chat: %+v", r)
	}
	r = p.command(t, "chat", "--json", "--model", "fake", "count", "again")
	var m message
	if err := json.Unmarshal([]byte(r.stdout), &m); r.code != 0 || err != nil || m.Status != "done" || m.Text != "one two three" || m.Figures == nil {
		t.Errorf("chat --json: %v, %+v", err, r)
	}
	cmd := exec.Command(programs.app, append([]string{"chat", "-"}, p.args()...)...)
	cmd.Stdin = strings.NewReader("count from standard input")
	if r := runCommand(t, cmd); r.code != 0 || r.stdout != "one two three\n" {
		t.Errorf("chat -: %+v", r)
	}
	mustFail(t, p.command(t, "chat", "--model", "none", "hello"), `no model "none"`)
	mustFail(t, p.command(t, "chat", " "), "empty")
	var list struct {
		Conversations []struct{ ID, Title string }
	}
	a.get("/api/v1/conversations", &list)
	if len(list.Conversations) != 3 || list.Conversations[2].Title != "count to three" {
		t.Errorf("the history has %+v, want the three questions that were answered", list.Conversations)
	}
}

func TestChatWithAnEngineOfItsOwn(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "all alone"})
	r := p.command(t, "chat", "is anybody there?")
	if r.code != 0 || r.stdout != "all alone\n" || r.stderr != "" {
		t.Fatalf("chat: %+v", r)
	}
	a := p.serve(t)
	var list struct {
		Conversations []struct{ ID, Title string }
	}
	a.get("/api/v1/conversations", &list)
	if len(list.Conversations) != 1 || list.Conversations[0].Title != "is anybody there?" {
		t.Fatalf("the history has %+v", list.Conversations)
	}
	if all := a.messages(list.Conversations[0].ID); len(all) != 2 || all[1].Status != "done" || all[1].Text != "all alone" {
		t.Errorf("the answer is not in the history: %+v", all)
	}
	a.stop()
	os.Remove(filepath.Join(p.models, "fake.gguf"))
	mustFail(t, p.command(t, "chat", "and now?"), "model")
}

// The second command waits for the data folder, and both are answered.
func TestTwoChatsWithoutAServer(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "in turn", Pause: 20 * time.Millisecond})
	results := make(chan result, 2)
	for range 2 {
		go func() { results <- p.command(t, "chat", "hello") }()
	}
	for range 2 {
		if r := <-results; r.code != 0 || r.stdout != "in turn\n" {
			t.Errorf("chat: %+v", r)
		}
	}
}

func TestChatInterrupted(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"through the server", "with an engine of its own"} {
		t.Run(where, func(t *testing.T) {
			p := fakePlace(t, fake.Script{Text: "on and on ", Endless: true, Pause: 5 * time.Millisecond})
			if where == "through the server" {
				p.serve(t)
			}
			cmd := exec.Command(programs.app, append([]string{"chat", "--log-level", "error", "tell me everything"}, p.args()...)...)
			var out lockedBuffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Process.Kill()
			for until := time.Now().Add(time.Minute); !strings.Contains(out.String(), "on and on on and on"); time.Sleep(10 * time.Millisecond) {
				if time.Now().After(until) {
					t.Fatalf("the answer does not come: %q", out.String())
				}
			}
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 130 {
				t.Errorf("exit status %d, want 130: %q", code, out.String())
			}
			mustBeStopped(t, p, where == "through the server")
		})
	}
}

// mustBeStopped looks whether the one answer was stopped and kept.
func mustBeStopped(t *testing.T, p place, runs bool) {
	t.Helper()
	var a *served
	if runs {
		a = p.attach(t)
	} else {
		a = p.serve(t)
	}
	var list struct{ Conversations []struct{ ID string } }
	a.get("/api/v1/conversations", &list)
	if len(list.Conversations) != 1 {
		t.Fatalf("%d conversations", len(list.Conversations))
	}
	all := a.messages(list.Conversations[0].ID)
	if len(all) != 2 || all[1].Status != "stopped" || !strings.HasPrefix(all[1].Text, "on and on") {
		t.Errorf("what was interrupted is %+v", all)
	}
}

func TestKeysWithAndWithoutServer(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{})
	offline := p.command(t, "key", "create", "--name", "offline")
	if offline.code != 0 || !strings.HasPrefix(offline.stdout, "ak-") {
		t.Fatalf("key create without a server: %+v", offline)
	}
	a := p.serve(t)
	online := p.command(t, "key", "create", "--name", "online")
	if online.code != 0 || !strings.HasPrefix(online.stdout, "ak-") {
		t.Fatalf("key create: %+v", online)
	}
	byKey := *a
	byKey.token = strings.TrimSpace(offline.stdout)
	if got := byKey.call("GET", "/v1/models", ""); got.status != http.StatusOK {
		t.Errorf("the key is refused: %+v", got)
	}
	list := p.command(t, "key", "list")
	id := regexp.MustCompile(`(?m)^(\S+)\s+offline `).FindStringSubmatch(list.stdout)
	if list.code != 0 || id == nil || !strings.Contains(list.stdout, "online") || strings.Contains(list.stdout, strings.TrimSpace(offline.stdout)) {
		t.Fatalf("key list: %+v", list)
	}
	if r := p.command(t, "key", "revoke", id[1]); r.code != 0 {
		t.Errorf("key revoke: %+v", r)
	}
	if got := byKey.call("GET", "/v1/models", ""); got.status != http.StatusUnauthorized {
		t.Errorf("a revoked key is answered with %d", got.status)
	}
	mustFail(t, p.command(t, "key", "revoke", "nothing"), "no such key")
}

func TestLink(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{})
	mustFail(t, p.command(t, "link"), "no Alcove runs", "alcove serve")
	a := p.serve(t, "--print-link")
	r := p.command(t, "link")
	link := strings.TrimSpace(r.stdout)
	token, ok := strings.CutPrefix(link, a.base+"/#signin=")
	if r.code != 0 || !ok {
		t.Fatalf("link: %+v", r)
	}
	printed := regexp.MustCompile(`signin=(\S+)`).FindStringSubmatch(a.out.String())
	if printed == nil {
		t.Fatalf("serve --print-link printed %q", a.out)
	}
	stranger := *a
	stranger.token = ""
	for _, token := range []string{token, printed[1]} {
		if got := stranger.call("POST", "/api/v1/session", `{"token": "`+token+`"}`); got.status != http.StatusNoContent {
			t.Errorf("a link does not sign in: %+v", got)
		}
		if got := stranger.call("POST", "/api/v1/session", `{"token": "`+token+`"}`); got.status != http.StatusUnauthorized {
			t.Errorf("a link signs in twice: %+v", got)
		}
	}
}

func TestBackupBesideTheServer(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "saved"})
	a := p.serve(t)
	c := a.newConversation()
	a.ask(c, "keep this")
	q := p
	q.data = t.TempDir()
	file := filepath.Join(q.data, "alcove.db")
	if r := p.command(t, "backup", file); r.code != 0 || !strings.Contains(r.stdout, file) {
		t.Fatalf("backup: %+v", r)
	}
	mustFail(t, p.command(t, "backup", file), "exists already")
	b := q.serve(t)
	if all := b.messages(c); len(all) != 2 || all[0].Text != "keep this" || all[1].Text != "saved" {
		t.Errorf("the copy has %+v", all)
	}
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{})
	p.worker = programs.worker // the probe of the seal is the real worker's
	type report struct {
		Problems int
		Findings []struct{ Name, State, Text string }
	}
	look := func(want int) map[string]string {
		t.Helper()
		r := p.command(t, "doctor", "--json", "--listen", "127.0.0.1:0")
		var got report
		if err := json.Unmarshal([]byte(r.stdout), &got); err != nil || r.code != want {
			t.Fatalf("doctor: %v, %+v", err, r)
		}
		states := map[string]string{}
		for _, f := range got.Findings {
			states[f.Name] = f.State
		}
		return states
	}
	s := look(0)
	for name, state := range s {
		if state == "problem" {
			t.Errorf("%s is a problem", name)
		}
	}
	if s["Suggested"] != "" {
		t.Error("a model is suggested although there is one")
	}
	if _, err := os.Stat(p.data); err == nil {
		t.Error("doctor made the data folder")
	}
	one := p.models
	p.models += ":" + filepath.Join(p.data, "nowhere")
	if s := look(0); s["Models"] != "note" {
		t.Errorf("one of two folders of models is missing: %v", s)
	}
	p.models = one
	a := p.serve(t)
	if s := look(0); s["Running"] != "ok" {
		t.Errorf("beside the running server: %v", s)
	}
	a.stop()
	os.Remove(filepath.Join(p.models, "fake.gguf"))
	os.RemoveAll(p.runtime)
	if s := look(1); s["Models"] != "problem" || s["Libraries"] != "problem" || s["Suggested"] != "note" {
		t.Errorf("without model and libraries: %v", s)
	}
	if r := p.command(t, "doctor"); r.code != 1 || !strings.Contains(r.stdout, "make setup") || r.stderr != "" {
		t.Errorf("doctor in words: %+v", r)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{})
	for _, args := range [][]string{{"nonsense"}, {"serve", "x"}, {"serve", "--threads", "many"}, {"--nope"}, {"chat"}, {"key"}, {"key", "create"}, {"backup"}} {
		if r := p.command(t, args...); r.code != 2 || !strings.HasPrefix(r.stderr, "alcove: ") || r.stdout != "" {
			t.Errorf("%v: %+v", args, r)
		}
	}
	for args, want := range map[string]string{"--help": "doctor", "version": "alcove test", "--version": "alcove test", "completion bash": "alcove"} {
		if r := p.command(t, strings.Fields(args)...); r.code != 0 || !strings.Contains(r.stdout, want) || r.stderr != "" {
			t.Errorf("%s: %+v", args, r)
		}
	}
	if _, err := os.Stat(p.data); err == nil {
		t.Error("a command that does nothing made the data folder")
	}
}

// SIGTERM in mid answer keeps what was written and ends cleanly.
func TestShutdownKeepsAnswers(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "on and on ", Endless: true, Pause: 5 * time.Millisecond})
	a := p.serve(t)
	a.ready()
	c := a.newConversation()
	var s started
	a.call("POST", "/api/v1/conversations/"+c+"/messages", `{"text": "go"}`).read(t, &s)
	for m := (message{}); !strings.Contains(m.Text, "on and on on"); time.Sleep(10 * time.Millisecond) {
		a.get("/api/v1/messages/"+s.Answer.ID, &m)
	}
	if code := a.stop(); code != 0 {
		t.Errorf("exit status %d\n%s", code, a.log)
	}
	b := p.serve(t)
	if m := b.wait(s.Answer.ID); m.Status != "interrupted" || !strings.HasPrefix(m.Text, "on and on on") || m.Figures == nil {
		t.Errorf("after SIGTERM: %+v", m)
	}
}
