package desk

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"alcove/app"
	"alcove/app/documents/answer"
	"alcove/engine"
	"alcove/storage"
)

func TestJudge(t *testing.T) {
	sources := []storage.Source{{Text: "Nothing.", Document: "a.pdf", Quote: "Nothing."}, {Text: "You have 30  days\nof leave.", Document: "b.pdf"}}
	answered, refused := storage.Grounding{Decision: answer.Answered}, storage.Grounding{Decision: answer.Refused}
	wants := GoldenQuestion{Expect: answer.Answered, Sentence: "30 days of leave"}
	in := GoldenQuestion{Expect: answer.Answered, Sentence: "30 days of leave", Document: "a.pdf"}
	none := GoldenQuestion{Expect: answer.Refused}
	for _, c := range []struct {
		name           string
		q              GoldenQuestion
		g              storage.Grounding
		was            GoldenResult
		passed, broken bool
		rank           int
	}{
		{"found", wants, answered, GoldenResult{}, true, false, 2},
		{"found elsewhere", in, answered, GoldenResult{}, false, false, 0},
		{"refused though found", wants, refused, GoldenResult{Passed: true}, false, true, 2},
		{"still broken", wants, refused, GoldenResult{Broken: true}, false, true, 2},
		{"mended", wants, answered, GoldenResult{Broken: true}, true, false, 2},
		{"never passed", wants, refused, GoldenResult{}, false, false, 2},
		{"rightly refused", none, refused, GoldenResult{}, true, false, 0},
		{"wrongly answered", none, answered, GoldenResult{Passed: true}, false, true, 0},
	} {
		r := judge(c.q, sources, c.g)
		var was past
		if c.was.Passed || c.was.Broken {
			was = past{{GoldenResult: c.was}}
		}
		r.compare(was, "m", reasonNightly)
		if r.Passed != c.passed || r.Broken != c.broken || r.Rank != c.rank || r.quote != "Nothing." {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestPlan(t *testing.T) {
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.Local)
	p := plan{changed: map[string]time.Time{}, wanted: map[string]bool{}, night: nightOf(noon)}
	all := []string{"hr", "it"}
	next := func(at time.Time, models string) string { return fmt.Sprint(p.next(at, models, all)) }
	steps := []struct {
		do     func()
		at     time.Time
		models string
		want   string
	}{
		{nil, noon, "", "[]"},
		{nil, noon, "one", "[]"}, // the first model is no change
		{nil, noon, "two", "[]"}, // it may be tried out alone
		{nil, noon.Add(quiet - time.Second), "three", "[]"},
		{nil, noon.Add(quiet), "", "[]"}, // not known now
		{nil, noon.Add(quiet), "two", "[]"},
		{nil, noon.Add(2 * quiet), "two", "[{hr models} {it models}]"},
		{func() { p.changed["hr"] = noon }, noon.Add(quiet - time.Second), "two", "[]"},
		{nil, noon.Add(quiet), "two", "[{hr documents}]"},
		{nil, noon.Add(time.Hour), "two", "[]"},
		{func() { p.changed["gone"] = noon }, noon.Add(time.Hour), "two", "[]"},
		{func() { p.wanted["it"] = true }, noon.Add(time.Hour), "two", "[{it manual}]"},
		{nil, noon.Add(13 * time.Hour), "two", "[]"}, // one o'clock: the night has not come
		{func() { p.wanted["hr"] = true }, noon.Add(15 * time.Hour), "two", "[{hr manual} {it nightly}]"},
		{nil, noon.Add(16 * time.Hour), "two", "[]"},
		{func() { p.wanted["hr"], p.changed["hr"] = true, noon.Add(16*time.Hour) }, noon.Add(16 * time.Hour), "two", "[{hr documents}]"},
	}
	for i, s := range steps {
		if s.do != nil {
			s.do()
		}
		if got := next(s.at, s.models); got != s.want {
			t.Errorf("step %d: %s, want %s", i, got, s.want)
		}
	}
	if len(p.changed) != 0 || len(p.wanted) != 0 {
		t.Errorf("left in the plan: %+v", p)
	}
}

func TestGoldenRun(t *testing.T) {
	tb := newTable(t)
	ctx := t.Context()
	if err := tb.StartGolden(ctx, "owner", "hr"); err == nil {
		t.Error("a run without questions was begun")
	}
	questions := []GoldenQuestion{{ID: "a", Question: "Days?", Expect: answer.Answered, Sentence: "30 days"}, {ID: "b", Question: "Dog?", Expect: answer.Refused}}
	if g, err := tb.SetGolden(ctx, "owner", "hr", questions); err != nil || len(g.Questions) != 2 || g.Shipped {
		t.Fatalf("set: %+v, %v", g, err)
	}
	tb.answers.sources = []storage.Source{{Text: "You have 30 days.", Document: "b.pdf", Quote: "You have 30 days."}}
	run := func() GoldenRun {
		t.Helper()
		if err := tb.run(ctx, "hr", reasonManual); err != nil {
			t.Fatal(err)
		}
		runs, _, err := tb.Runs(ctx, "owner", "hr")
		if err != nil {
			t.Fatal(err)
		}
		return runs[0]
	}
	if r := run(); r.Total != 2 || r.Passed != 1 || r.Broken != 0 || !r.Results[0].Passed {
		t.Errorf("first run: %+v", r)
	}
	tb.answers.sources = nil // the document is gone
	if r := run(); r.Passed != 0 || r.Broken != 1 || !r.Results[0].Broken {
		t.Errorf("an answer that broke: %+v", r)
	}
	if n, known := tb.Broken(); n["hr"] != (Broken{1, 2}) || !known {
		t.Errorf("Broken: %v, %v", n, known)
	}
	tb.answers.err = app.Errorf(engine.CodeContextFull, "too long")
	if r := run(); r.Passed != 0 || r.Broken != 1 || r.Results[0].Problems[0] != wrongDecision {
		t.Errorf("nobody is answered: %+v", r)
	}
	tb.answers.err = nil
	questions[0].Sentence = "31 days" // that did never pass
	if _, err := tb.SetGolden(ctx, "owner", "hr", questions); err != nil {
		t.Fatal(err)
	}
	if r := run(); r.Passed != 0 || r.Broken != 0 {
		t.Errorf("a question that was worded anew: %+v", r)
	}
	tb.setBroken("hr", Broken{3, 5})
	if g, err := tb.SetGolden(ctx, "owner", "hr", nil); err != nil || len(g.Questions) != 0 || !g.Shipped {
		t.Errorf("reset: %+v, %v", g, err)
	}
	if err := tb.run(ctx, "hr", reasonManual); err != nil {
		t.Fatal(err)
	}
	if n, _ := tb.Broken(); n["hr"] != (Broken{}) {
		t.Errorf("%v broken of no questions", n)
	}
	tb.setBroken("gone", Broken{2, 2})
	tb.look()
	if n, _ := tb.Broken(); n["gone"] != (Broken{}) {
		t.Errorf("%v broken of a collection that is not there", n)
	}
}

// What a run found of a document goes with it, also when it is deleted while the
// questions are asked.
func TestGoldenRun_QuotesGoWithTheirDocument(t *testing.T) {
	tb := newTable(t)
	ctx := t.Context()
	if _, err := tb.SetGolden(ctx, "owner", "hr", []GoldenQuestion{{ID: "a", Question: "Days?", Expect: answer.Answered, Sentence: "30 days"}}); err != nil {
		t.Fatal(err)
	}
	d, _, err := tb.store.AddDocument(ctx, storage.Document{CollectionID: "hr", Name: "b.pdf", SHA256: "x", Modified: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	tb.answers.sources = []storage.Source{{Text: "You have 30 days.", Document: "b.pdf", DocumentID: d.ID, Quote: "You have 30 days."}}
	for i, want := range []string{"You have 30 days.", "", ""} {
		if i == 1 {
			if _, err := tb.store.DeleteDocument(ctx, d.ID); err != nil {
				t.Fatal(err)
			}
		}
		if i != 1 {
			if err := tb.run(ctx, "hr", reasonManual); err != nil {
				t.Fatal(err)
			}
		}
		runs, err := tb.store.GoldenRuns(ctx, "hr", 5)
		if err != nil || strings.Contains(string(runs[0].Results), "30 days") {
			t.Fatalf("results %s, %v", runs[0].Results, err)
		}
		shown, _, err := tb.Runs(ctx, "owner", "hr")
		if err != nil || shown[0].Results[0].Quote != want || !shown[0].Results[0].Passed {
			t.Errorf("step %d: %+v, %v", i, shown[0], err)
		}
	}
}

func TestRecall_MakesUpForTheNight(t *testing.T) {
	tb := newTable(t)
	tb.now = time.Date(2026, 11, 28, 12, 0, 0, 0, time.Local)
	if err := tb.store.SetGoldenQuestions(t.Context(), "hr", []byte(`[{"id":"a","question":"Days?","expect":"refused"}]`)); err != nil {
		t.Fatal(err)
	}
	if err := tb.run(t.Context(), "hr", reasonManual); err != nil {
		t.Fatal(err)
	}
	tb.now = tb.now.Add(24 * time.Hour) // and the program starts
	k := &Desk{d: tb.d, broken: map[string]Broken{}, plan: plan{changed: map[string]time.Time{}, wanted: map[string]bool{}}}
	if err := k.recall(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := k.plan.next(tb.now.Add(time.Second), "", []string{"hr"}); len(got) != 0 {
		t.Errorf("before the models are there: %v", got)
	}
	if got := k.plan.next(tb.now.Add(quiet), "", []string{"hr"}); len(got) != 1 || got[0].reason != reasonNightly {
		t.Errorf("after a night that was slept through: %v", got)
	}
}

func TestCheckGolden(t *testing.T) {
	good := GoldenQuestion{ID: "a", Question: "Days?", Expect: answer.Answered, Sentence: "30 days"}
	for name, change := range map[string]func(*GoldenQuestion){
		"no question": func(q *GoldenQuestion) { q.Question = " " }, "no id": func(q *GoldenQuestion) { q.ID = "" },
		"no sentence": func(q *GoldenQuestion) { q.Sentence = "" }, "unknown": func(q *GoldenQuestion) { q.Expect = "maybe" },
		"no figure": func(q *GoldenQuestion) { q.Figures = []string{" "} },
		"no day":    func(q *GoldenQuestion) { q.AsOf = "soon" },
	} {
		q := good
		change(&q)
		if checkGolden([]GoldenQuestion{q}) == nil {
			t.Errorf("taken: %s", name)
		}
	}
	if err := checkGolden([]GoldenQuestion{good, good}); err == nil {
		t.Error("the same id twice was taken")
	}
	if err := checkGolden(slices.Repeat([]GoldenQuestion{good}, maxGolden+1)); err == nil {
		t.Error("too many were taken")
	}
}

func TestShipped(t *testing.T) {
	if got := shipped([]string{"own.pdf"}); len(got) != 0 {
		t.Errorf("questions for other files: %d", len(got))
	}
	got := shipped([]string{"employee-handbook-2026.pdf", "own.pdf"})
	if len(got) < 10 || checkGolden(got) != nil {
		t.Errorf("%d questions, %v", len(got), checkGolden(got))
	}
	for _, q := range got {
		if q.Expect == answer.Answered && q.Document != "employee-handbook-2026.pdf" {
			t.Errorf("%s asks of %q, which is not there", q.ID, q.Document)
		}
	}
}
