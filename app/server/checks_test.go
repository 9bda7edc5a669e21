package server

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"alcove/app"
	"alcove/app/library"
	"alcove/engine"
	"alcove/storage"
)

const capital = `{"questions":[{"id":"capital","question":"What is the capital of France?","expect_all":["Paris"],"max_tokens":20},
	{"id":"other","question":"And of Spain?","expect_all":["Madrid"],"max_tokens":20}]}`

func TestCheckOverHTTP(t *testing.T) {
	b := newBox(t)
	events, stop := b.follow("")
	defer stop()
	b.want(200, "PUT", "/api/v1/golden", capital, nil)
	var p library.Progress
	b.want(202, "POST", "/api/v1/models/tiny/check", nil, &p)
	if p.Model != "tiny" || p.Total != 2 {
		t.Errorf("%+v", p)
	}
	for e := range events {
		var c library.CheckChanged
		if e.name == library.EventCheck && json.Unmarshal(e.data, &c) == nil && c.Progress == nil {
			break
		}
	}
	var v library.CheckView
	b.want(200, "GET", "/api/v1/models/tiny/check", nil, &v)
	if v.Running != nil || !v.IsCurrent || v.Result == nil || v.Result.Status != storage.CheckDone || v.Result.Passed != 1 || v.Result.Total != 2 {
		t.Fatalf("%+v", v)
	}
	if a := v.Result.Answers; len(a) != 2 || !a[0].Passed || a[1].Passed || a[1].Answer != "Paris is it." || a[1].Reason == "" {
		t.Errorf("%+v", a)
	}
	if r := b.engine.last(); r.Class != engine.ClassBatch {
		t.Errorf("%+v", r)
	}
}

func TestCheckCanBeStopped(t *testing.T) {
	b := newBox(t)
	begun := make(chan struct{}, 100)
	b.engine.set(func(ctx context.Context, _ engine.Request, _ func(engine.Event) error) (engine.Usage, error) {
		begun <- struct{}{}
		<-ctx.Done()
		return engine.Usage{Finish: engine.FinishCancelled}, nil
	})
	b.want(202, "POST", "/api/v1/models/tiny/check", `{}`, nil)
	<-begun
	a := b.do("POST", "/api/v1/models/tiny/check", nil)
	if p := a.problem(t); a.status != http.StatusConflict || p.Code != string(app.CodeCheckRunning) || !strings.Contains(p.Detail, "tiny") {
		t.Errorf("a second one: %d %+v", a.status, p)
	}
	b.want(204, "DELETE", "/api/v1/models/tiny/check", nil, nil)
	wait(t, "the end of the check", func() bool {
		var v library.CheckView
		b.want(200, "GET", "/api/v1/models/tiny/check", nil, &v)
		return v.Running == nil && v.Result.Status == storage.CheckStopped
	})
	b.want(204, "DELETE", "/api/v1/models/tiny/check", nil, nil)
}

func TestCheckOfWhatCannotBeAsked(t *testing.T) {
	b := newBox(t)
	for model, want := range map[string]engine.Code{"none": engine.CodeModelNotFound, "broken": engine.CodeModelRefused} {
		if p := b.do("POST", "/api/v1/models/"+model+"/check", nil).problem(t); p.Code != string(want) {
			t.Errorf("%s: %+v", model, p)
		}
	}
	if a := b.do("GET", "/api/v1/models/none/check", nil); a.status != http.StatusNotFound {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestGoldenOverHTTP(t *testing.T) {
	b := newBox(t)
	var shipped, g library.Golden
	b.want(200, "GET", "/api/v1/golden", nil, &shipped)
	if !shipped.Shipped || len(shipped.Questions) < 12 {
		t.Errorf("%+v", shipped)
	}
	b.want(200, "PUT", "/api/v1/golden", capital, &g)
	if g.Shipped || len(g.Questions) != 2 {
		t.Errorf("%+v", g)
	}
	for _, row := range []struct {
		body, field, says string
		status            int
	}{
		{`{"questions":[]}`, "questions", "1 to 100", 422},
		{`{"questions":[{"id":"A","question":"x","expect_all":["x"],"max_tokens":9}]}`, "questions[0].id", "small letters", 422},
		{`{"questions":[{"id":"a","question":"x","max_tokens":9}]}`, "questions[0].expect_all", "Nothing says", 422},
		{`{"questions":[{"id":"a","question":"x","expect_all":["x"],"max_tokens":"9"}]}`, "", "", 422},
		{`{"questions":null}`, "", "", 422},
	} {
		a := b.do("PUT", "/api/v1/golden", row.body)
		if p := a.problem(t); a.status != row.status || !strings.Contains(p.Detail, row.says) || row.field != "" && p.Errors[0].Field != row.field {
			t.Errorf("%s: %d %+v", row.body, a.status, p)
		}
	}
	b.want(200, "GET", "/api/v1/golden", nil, &g)
	if len(g.Questions) != 2 {
		t.Error("a refused set changed the questions")
	}
	b.want(200, "DELETE", "/api/v1/golden", nil, &g)
	if !g.Shipped || g.Hash != shipped.Hash {
		t.Errorf("%+v", g)
	}
}

func TestPromoteWhenPassedIsASetting(t *testing.T) {
	b := newBox(t)
	var s settingsBody
	b.want(200, "PATCH", "/api/v1/settings", `{"promote_when_passed":true}`, &s)
	if p := s.Settings.PromoteWhenPassed; p == nil || !*p {
		t.Errorf("%+v", s)
	}
}
