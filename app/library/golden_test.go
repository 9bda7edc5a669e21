package library

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"alcove/app"
)

func TestShippedQuestions(t *testing.T) {
	g := Shipped()
	if err := checkQuestions(g.Questions); err != nil {
		t.Fatal(err)
	}
	if len(g.Questions) < 12 || len(g.Questions) > 20 || !g.Shipped || g.Hash == "" {
		t.Errorf("%d questions, %+v", len(g.Questions), g)
	}
	for _, q := range g.Questions {
		// The answer must not be found in what is expected of no answer at all.
		if passed, _ := Grade(q, "I am a language model."); passed {
			t.Errorf("%s: passes without an answer", q.ID)
		}
	}
}

// A right answer, as a decent model writes it, to each of the shipped ones.
func TestShippedQuestionsCanBePassed(t *testing.T) {
	right := map[string]string{
		"capital": "Paris", "boiling": "100", "multiply": "102", "price": "4 × 3 + 2 × 5 = 22\n\n**Total: 22 euros**", "weekday": "Friday.",
		"yes-no": "Yes", "list": "January, February, March", "json": "```json\n{\n  \"name\": \"Anna\",\n  \"age\": 34\n}\n```", "copy": "QX-4417-B",
		"rule": "Up to 5 days may be carried over; they expire on 31 March.", "rule-applied": "6", "not-said": "The text does not say.",
		"summary": "The canteen is closed Monday to Wednesday for a new kitchen floor and reopens Thursday at 11.", "german": "Wien",
		"german-rule": "Man hat 14 Tage nach der Reise Zeit.", "french": "Bonjour, comment allez-vous ?", "spanish": "Blanca.", "manner": "The opposite of hot is cold.",
	}
	for _, q := range Shipped().Questions {
		if passed, why := Grade(q, right[q.ID]); !passed {
			t.Errorf("%s: %q: %s", q.ID, right[q.ID], why)
		}
	}
}

func TestCheckQuestions(t *testing.T) {
	good := func() Question {
		return Question{ID: "a", Question: "Who?", ExpectAll: []string{"me"}, MaxTokens: 10}
	}
	many := make([]Question, maxQuestions+1)
	for i := range many {
		many[i] = good()
		many[i].ID = fmt.Sprint(i)
	}
	if err := checkQuestions(many[:maxQuestions]); err != nil {
		t.Error(err)
	}
	change := func(f func(*Question)) []Question {
		q := good()
		f(&q)
		return []Question{q}
	}
	for _, row := range []struct {
		param string
		set   []Question
	}{
		{"questions", nil},
		{"questions", many},
		{"questions[1].id", []Question{good(), good()}},
		{"questions[0].id", change(func(q *Question) { q.ID = "" })},
		{"questions[0].id", change(func(q *Question) { q.ID = "A b" })},
		{"questions[0].id", change(func(q *Question) { q.ID = strings.Repeat("a", 41) })},
		{"questions[0].question", change(func(q *Question) { q.Question = " \n\u200b" })},
		{"questions[0].question", change(func(q *Question) { q.Question = strings.Repeat("ä", maxQuestion+1) })},
		{"questions[0].system", change(func(q *Question) { q.System = strings.Repeat("ä", maxSystem+1) })},
		{"questions[0].max_tokens", change(func(q *Question) { q.MaxTokens = 0 })},
		{"questions[0].max_tokens", change(func(q *Question) { q.MaxTokens = maxAnswer + 1 })},
		{"questions[0].expect_all", change(func(q *Question) { q.ExpectAll = nil })},
		{"questions[0].expect_all", change(func(q *Question) { q.ExpectAll = []string{""} })},
		{"questions[0].expect_any", change(func(q *Question) { q.ExpectAny = []string{"**"} })},
		{"questions[0].must_not", change(func(q *Question) { q.MustNot = make([]string, maxPhrases+1) })},
		{"questions[0].must_not", change(func(q *Question) { q.MustNot = []string{strings.Repeat("x", maxPhrase+1)} })},
	} {
		err := checkQuestions(row.set)
		var e *app.Error
		if !errors.As(err, &e) || e.Code != app.CodeInvalid || e.Param != row.param || !strings.Contains(e.Message, "kept as they were") {
			t.Errorf("%s: %v", row.param, err)
		}
	}
}
