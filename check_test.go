package main

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"alcove/app/library"
	"alcove/engine/local/fake"
	"alcove/storage"
)

// waitCheck waits for the end of a check.
func (a *served) waitCheck(model string) library.CheckView {
	a.t.Helper()
	for range 2400 {
		var v library.CheckView
		a.get("/api/v1/models/"+model+"/check", &v)
		if v.Running == nil {
			return v
		}
		time.Sleep(50 * time.Millisecond)
	}
	a.t.Fatal("the check never ended")
	return library.CheckView{}
}

// golden sets questions over the API.
func (a *served) golden(questions string) {
	a.t.Helper()
	if got := a.call("PUT", "/api/v1/golden", `{"questions":`+questions+`}`); got.status != http.StatusOK {
		a.t.Fatalf("%+v", got)
	}
}

// The real worker and the small model: as many results as questions, and the
// scores are honest.
func TestCheckWithTheSmallModel(t *testing.T) {
	t.Parallel()
	p, ok := realPlace(t)
	if !ok {
		t.Skip("needs the model and the libraries of `make setup`")
	}
	a := p.serve(t)
	a.ready()
	a.golden(`[
		{"id":"paris","question":"What is the capital of France?","system":"You are a helpful assistant.","expect_all":["Paris"],"max_tokens":40},
		{"id":"impossible","question":"What is the capital of France?","system":"You are a helpful assistant.","expect_all":["Zxqvy"],"max_tokens":40},
		{"id":"forbidden","question":"What is the capital of France?","system":"You are a helpful assistant.","must_not":["Paris"],"max_tokens":40},
		{"id":"cut","question":"Write a long story about the sea.","expect_any":["lighthouse of Zxqvy"],"max_tokens":5}]`)
	const model = "SmolLM2-135M-Instruct.Q4_1"
	r := p.command(t, "check", model)
	if r.code != 0 || !strings.Contains(r.stdout, "1 of 4") || !strings.Contains(r.stdout, "not passed: impossible: “Zxqvy” is missing.") {
		t.Fatalf("%+v", r)
	}
	v := a.waitCheck(model)
	if v.Result.Status != storage.CheckDone || v.Result.Passed != 1 || len(v.Result.Answers) != 4 || !v.IsCurrent || v.Passes {
		t.Fatalf("%+v", v.Result)
	}
	if !strings.HasPrefix(v.Result.Device, "CPU") || v.Result.TokensPerSec <= 0 || v.Result.FirstTokenMS <= 0 {
		t.Errorf("%+v", v.Result)
	}
	first, cut := v.Result.Answers[0], v.Result.Answers[3]
	if !first.Passed || !strings.Contains(first.Answer, "Paris") || first.OutputTokens == 0 {
		t.Errorf("%+v", first)
	}
	if first.Answer != v.Result.Answers[1].Answer {
		t.Errorf("asked twice, answered %q and %q", first.Answer, v.Result.Answers[1].Answer)
	}
	if cut.OutputTokens != 5 || !strings.Contains(cut.Reason, "cut after 5 tokens") {
		t.Errorf("%+v", cut)
	}
	// The result is there after a restart.
	a.stop()
	a = p.serve(t)
	if again := a.waitCheck(model); again.Result == nil || again.Result.ID != v.Result.ID || !again.Result.Fresh {
		t.Errorf("%+v", again.Result)
	}
}

// Where nobody has chosen a model, the one that answers goes on to answer: the
// engine's own default would be the one that was loaded last.
func TestCheckLeavesTheCurrentModelInItsPlace(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "I am the candidate."})
	fake.Model(t, p.models, "current", fake.Script{Text: "I am the current one."})
	a := p.serve(t)
	a.ready()
	a.golden(`[{"id":"who","question":"Who?","expect_all":["candidate"],"max_tokens":9}]`)
	if r := p.command(t, "check", "fake"); r.code != 0 || !strings.Contains(r.stdout, "1 of 1") || !strings.Contains(r.stdout, "0 of 1") {
		t.Errorf("%+v", r)
	}
	if m := a.ask(a.newConversation(), "Who?"); m.Text != "I am the current one." {
		t.Errorf("afterwards the answer is %q", m.Text)
	}
	if v := a.waitCheck("current"); !v.IsCurrent {
		t.Errorf("%+v", v)
	}
}

// Two models: the better one becomes the default, and one that cannot be
// loaded leaves the other in its place.
func TestCheckPromotes(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "I do not know."})
	fake.Model(t, p.models, "better", fake.Script{Text: "It is Paris."})
	fake.Model(t, p.models, "worse", fake.Script{Always: &fake.Fault{Do: fake.Refuse, At: fake.AtLoad}})
	a := p.serve(t)
	a.ready()
	a.golden(`[{"id":"paris","question":"Capital?","expect_all":["Paris"],"max_tokens":9}]`)
	if got := a.call("PATCH", "/api/v1/settings", `{"default_model":"fake","promote_when_passed":true}`); got.status != http.StatusOK {
		t.Fatalf("%+v", got)
	}
	r := p.command(t, "check", "worse")
	if r.code != 1 || !strings.Contains(r.stderr, "The fake model does not load.") || !strings.Contains(r.stdout, "fake") {
		t.Errorf("a model that cannot be loaded: %+v", r)
	}
	if m := a.ask(a.newConversation(), "Capital?"); m.Text != "I do not know." {
		t.Errorf("afterwards the current model answers %q", m.Text)
	}
	r = p.command(t, "check", "better")
	if r.code != 0 || !strings.Contains(r.stdout, "better is the default model now.") || !strings.Contains(r.stdout, "before") {
		t.Errorf("a better model: %+v", r)
	}
	if m := a.ask(a.newConversation(), "Capital?"); m.Text != "It is Paris." {
		t.Errorf("afterwards the better model answers %q", m.Text)
	}
	mustFail(t, p.command(t, "check", "none"), "no model with this name")
}

// A program that is killed while it checks says so afterwards.
func TestCheckIsInterruptedByAKill(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: strings.Repeat("word ", 10000), Pause: 5 * time.Millisecond})
	a := p.serve(t)
	a.ready()
	a.golden(`[{"id":"long","question":"Go on.","expect_all":["x"],"max_tokens":2000}]`)
	if got := a.call("POST", "/api/v1/models/fake/check", `{}`); got.status != http.StatusAccepted {
		t.Fatalf("%+v", got)
	}
	a.kill()
	a = p.serve(t)
	if v := a.waitCheck("fake"); v.Result == nil || v.Result.Status != storage.CheckInterrupted {
		t.Errorf("%+v", v.Result)
	}
}

// Ctrl-C ends the check, not only the command.
func TestCheckCommandIsInterrupted(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: strings.Repeat("word ", 10000), Pause: 5 * time.Millisecond})
	a := p.serve(t)
	a.ready()
	a.golden(`[{"id":"long","question":"Go on.","expect_all":["x"],"max_tokens":2000}]`)
	cmd := exec.Command(programs.app, append([]string{"check", "fake"}, p.args()...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 2400 {
		var v library.CheckView
		a.get("/api/v1/models/fake/check", &v)
		if v.Running != nil {
			break
		}
		time.Sleep(25 * time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("the command ended with %v", err)
	}
	if v := a.waitCheck("fake"); v.Result == nil || v.Result.Status != storage.CheckStopped {
		t.Errorf("%+v", v.Result)
	}
}
