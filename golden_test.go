package main

import (
	"strings"
	"testing"
	"time"

	"alcove/app/documents/desk"
	"alcove/engine/local/fake"
)

// A golden question asks the model that answers people, and another file of it
// is another model.
func TestGoldenQuestionsAskTheModel(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "Full-time employees receive 30 days of annual leave."})
	a := p.openBox(t)
	a.handbook()
	ctx, k := t.Context(), a.desk.Load()
	_, err := k.SetGolden(ctx, owner, "hr", []desk.GoldenQuestion{{ID: "a", Question: "How many days of annual leave do full-time employees receive?", Expect: "answered",
		Sentence: "Full-time employees receive 30 days of annual leave in each calendar year.", Figures: []string{"thirty days"}}})
	if err == nil {
		err = k.StartGolden(ctx, owner, "hr")
	}
	if err != nil {
		t.Fatal(err)
	}
	var runs []desk.GoldenRun
	for until := time.Now().Add(time.Minute); len(runs) == 0; time.Sleep(20 * time.Millisecond) {
		if runs, _, err = k.Runs(ctx, owner, "hr"); err != nil || time.Now().After(until) {
			t.Fatalf("the run does not end: %v", err)
		}
	}
	if r := runs[0].Results[0]; !r.Passed || !r.Written || !strings.HasPrefix(r.Text, "Full-time employees receive 30 days of annual leave [1]") {
		t.Errorf("%+v", r)
	}
	for until := time.Now().Add(time.Minute); !strings.Contains(a.goldenModels(), "fake "); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("the model's file has no hash: %q", a.goldenModels())
		}
	}
	if in := a.brokenIn(); in != "" {
		t.Errorf("broken: %q", in)
	}
}
