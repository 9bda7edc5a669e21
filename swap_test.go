package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"alcove/engine/local/fake"
)

// modelStates are the models of the list with their states.
func (a *served) modelStates() map[string]string {
	a.t.Helper()
	var list struct {
		Models []struct{ ID, State string }
	}
	a.get("/api/v1/models", &list)
	states := map[string]string{}
	for _, m := range list.Models {
		states[m.ID] = m.State
	}
	return states
}

// TestKillAppInASwap kills the app with SIGKILL at each step of a swap: what was
// saved is there, the answer that was being written is kept as far as it came,
// and both models answer after the next start.
func TestKillAppInASwap(t *testing.T) {
	t.Parallel()
	steps := map[string]struct {
		reached func(map[string]string) bool
		faults  []fake.Fault // of the new one's processes
	}{
		"the old one ends its answer": {func(s map[string]string) bool { return s["fake"] == "draining" }, nil},
		// Its first process never gets ready, so that it is seen.
		"the new one is loading": {func(s map[string]string) bool { return s["fake"] == "ready" && s["other"] == "loading" }, []fake.Fault{{Do: fake.Slow, At: fake.AtLoad}}},
		"the new one is loaded":  {func(s map[string]string) bool { return s["other"] == "loaded" }, nil},
	}
	for name, step := range steps {
		t.Run(name, func(t *testing.T) {
			text := strings.TrimSpace(strings.Repeat("word ", 150)) // 3 s: each step lasts long enough to be seen
			p := fakePlace(t, fake.Script{Text: text, Pause: 20 * time.Millisecond})
			fake.Model(t, p.models, "other", fake.Script{Text: "the other one", Faults: step.faults})
			p.flags = append(p.flags, "--max-loaded", "1")
			a := p.serve(t)
			a.ready()
			saved := a.newConversation()
			if m := a.ask(saved, "before the swap"); m.Text != text {
				t.Fatalf("%+v", m)
			}
			growing := a.newConversation()
			var begun started
			a.call("POST", "/api/v1/conversations/"+growing+"/messages", `{"text": "while it swaps"}`).read(t, &begun)
			waitFor(t, a, "the first words", func() bool { return len(a.messages(growing)) == 2 && a.messages(growing)[1].Text != "" })
			if got := a.call("POST", "/api/v1/models/other/load", ""); got.status != http.StatusAccepted {
				t.Fatalf("load: %+v", got)
			}
			waitFor(t, a, name, func() bool {
				return step.reached(a.modelStates()) && (len(step.faults) == 0 || fake.Starts(t, p.models, "other") == 1)
			})
			worker := a.workerPID()
			a.kill()
			gone(t, worker)

			a = p.serve(t)
			a.ready()
			if all := a.messages(saved); len(all) != 2 || all[1].Text != text || all[1].Status != "done" {
				t.Errorf("what was saved: %+v", all)
			}
			all := a.messages(growing)
			if len(all) != 2 || all[0].Text != "while it swaps" || !strings.HasPrefix(text, all[1].Text) || all[1].Status == "writing" {
				t.Errorf("what was being written: %+v", all)
			}
			for model, want := range map[string]string{"fake": text, "other": "the other one"} {
				body, err := json.Marshal(map[string]any{"text": "again", "model": model})
				if err != nil {
					t.Fatal(err)
				}
				var s started
				a.call("POST", "/api/v1/conversations/"+a.newConversation()+"/messages", string(body)).read(t, &s)
				if m := a.wait(s.Answer.ID); m.Text != want || m.Status != "done" {
					t.Errorf("%s answers %+v", model, m)
				}
			}
		})
	}
}

// waitFor polls until it is so.
func waitFor(t *testing.T, a *served, what string, so func() bool) {
	t.Helper()
	for until := time.Now().Add(time.Minute); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("%s did not come: %v\n%s", what, a.modelStates(), a.log)
		}
	}
}
