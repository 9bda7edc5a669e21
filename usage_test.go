package main

import (
	"slices"
	"testing"
	"time"

	"alcove/app/operate/usage"
	"alcove/engine/local/fake"
)

// What people were told is in the request log and the charts of the program,
// also after its end.
func TestUsageOfTheProgram(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Pause: time.Millisecond})
	a := p.serve(t)
	a.ready()
	conversation := a.newConversation()
	for range 2 {
		if m := a.ask(conversation, "Count."); m.Status != "done" {
			t.Fatalf("%+v", m)
		}
	}
	var log usage.RequestsView
	until(t, "two answers in the log", func() bool {
		a.get("/api/v1/requests", &log)
		return len(log.Requests) == 2
	})
	for _, r := range log.Requests {
		if r.Who != "page" || r.Model != "fake" || r.Route != "chat" || r.Status != "done" || r.FirstTokenMS == nil || r.OutputTokens == 0 {
			t.Errorf("%+v", r)
		}
	}
	kinds := func() (list []string) {
		var body struct{ Marks []usage.Mark }
		a.get("/api/v1/monitor/marks?minutes=60", &body)
		for _, m := range body.Marks {
			list = append(list, m.Kind)
		}
		return list
	}
	until(t, "the model's mark", func() bool { return slices.Contains(kinds(), usage.MarkLoaded) })

	if code := a.stop(); code != 0 {
		t.Fatalf("it ends with %d", code)
	}
	a = p.serve(t)
	a.ready()
	var after usage.RequestsView
	a.get("/api/v1/requests", &after)
	if len(after.Requests) != 2 || after.Requests[0].ID != log.Requests[0].ID {
		t.Errorf("after a restart: %+v", after)
	}
	var v usage.LatencyView
	a.get("/api/v1/monitor/latency?minutes=60&route=chat", &v)
	if len(v.Totals) != 1 || v.Totals[0].Requests != 2 || v.Totals[0].Figures["first_token_seconds"].Count != 2 {
		t.Errorf("after a restart: %+v", v.Totals)
	}
	if k := kinds(); len(k) < 3 || k[0] != usage.MarkStarted {
		t.Errorf("marks: %v", k)
	}
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never happened: " + what)
		}
	}
}
