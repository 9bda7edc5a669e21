package desk

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"alcove/app/documents/answer"
	"alcove/app/documents/index"
	"alcove/engine"
	"alcove/storage"
)

// shelf has one passage for every question, of a document.
type shelf struct{ document string }

func (s shelf) passage() index.Passage {
	return index.Passage{
		Chunk:    storage.Chunk{ID: "c", DocumentID: s.document, Page: 3, PageEnd: 3, Text: "Employees receive 28 days of annual leave."},
		Document: storage.Document{ID: s.document, CollectionID: "hr", Name: "leave.pdf"}, Score: 1, Signals: index.Signals{Coverage: 1, BM25: 1},
	}
}

func (s shelf) Search(context.Context, index.Query) (index.Found, error) {
	return index.Found{Mode: index.ModeText, Coverage: 1, Margin: 1, Passages: []index.Passage{s.passage()}}, nil
}

func (shelf) Best(_ context.Context, _ index.Query, p index.Passage) index.Sentence {
	return index.Sentence{Text: p.Text}
}

func (shelf) Whole(context.Context, string, string, string, int) ([]index.Passage, error) {
	return nil, nil
}

// scribe writes what it is told, and may be busy with others.
type scribe struct {
	text   string
	err    error
	busy   func(own int) bool
	asked  []Writing
	waited int
}

func (s *scribe) Model(context.Context) string { return "m" }

func (s *scribe) Busy(own int) bool { return s.busy != nil && s.busy(own) }

func (s *scribe) Write(ctx context.Context, w Writing, emit func(string) error) error {
	s.asked = append(s.asked, w)
	if s.err != nil {
		return s.err
	}
	if s.busy != nil && s.busy(1) {
		s.waited++
		<-ctx.Done() // as a model that is slower than the others' patience
		return ctx.Err()
	}
	for _, word := range strings.SplitAfter(s.text, " ") {
		if err := emit(word); err != nil {
			return err
		}
	}
	return nil
}

// written is a desk whose golden question a scribe answers.
func written(t *testing.T, q GoldenQuestion) (*table, *scribe) {
	t.Helper()
	tb := newTable(t)
	d, _, err := tb.store.AddDocument(t.Context(), storage.Document{CollectionID: "hr", Name: "leave.pdf", SHA256: "x", Modified: time.Unix(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	s := &scribe{text: "You get 28 days [1]."}
	tb.d.Writer = s
	tb.d.Answers = answer.New(answer.Deps{Finder: shelf{d.ID}, Collections: tb.store})
	if _, err := tb.SetGolden(t.Context(), "owner", "hr", []GoldenQuestion{q}); err != nil {
		t.Fatal(err)
	}
	return tb, s
}

var leave = GoldenQuestion{ID: "a", Question: "How much annual leave do employees receive?", Expect: answer.Answered, Sentence: "Employees receive 28 days of annual leave.", Document: "leave.pdf", Page: 3}

func (tb *table) once(t *testing.T, reason string) GoldenResult {
	t.Helper()
	if err := tb.run(t.Context(), "hr", reason); err != nil {
		t.Fatal(err)
	}
	runs, _, err := tb.Runs(t.Context(), "owner", "hr")
	if err != nil {
		t.Fatal(err)
	}
	return runs[0].Results[0]
}

func TestGoldenTexts(t *testing.T) {
	tb, s := written(t, leave)
	steps := []struct {
		text, reason string
		models       string
		problems     []string
		broken, flap bool
	}{
		{"You get 28 days [1].", reasonManual, "one", nil, false, false},
		{"Employees get twenty-eight days of leave [1].", reasonNightly, "one", nil, false, false},
		{"You get 30 days [1].", reasonModels, "two", []string{noCitation, noFigures}, true, false},
		{"It is 30 days.", reasonNightly, "two", []string{noCitation, noFigures}, true, false},
		{"You get 28 days [1].", reasonNightly, "two", nil, false, false},
		{"It is 30 days.", reasonNightly, "two", []string{noCitation, noFigures}, false, true},
		{"You get 28 days [1].", reasonNightly, "two", nil, false, true},
		{"You get 28 days [1].", reasonDocuments, "two", nil, false, false},
		{"It is 30 days.", reasonNightly, "two", []string{noCitation, noFigures}, true, false},
	}
	for i, c := range steps {
		s.text = c.text
		tb.d.Models = func() string { return c.models }
		r := tb.once(t, c.reason)
		if !slices.Equal(r.Problems, c.problems) || r.Broken != c.broken || r.Flapping != c.flap || r.Passed != (c.problems == nil) || !r.Written || r.Text == "" {
			t.Errorf("step %d, %q: %+v", i, c.text, r)
		}
	}
	if w := s.asked[0]; w.Model != "m" || w.MaxTokens != goldenTokens || w.Question != leave.Question {
		t.Errorf("asked %+v", w)
	}
}

// A model that cannot be asked now says nothing of its answers.
func TestGoldenTexts_NotAsked(t *testing.T) {
	tb, s := written(t, leave)
	tb.once(t, reasonManual)
	s.text = "It is 30 days."
	if r := tb.once(t, reasonModels); !r.Broken {
		t.Errorf("%+v", r)
	}
	s.err = &engine.Error{Code: engine.CodeNoModel}
	if r := tb.once(t, reasonNightly); !r.Broken || r.Passed || r.Written {
		t.Errorf("the model is gone: %+v", r)
	}
	s.err = nil
	if _, err := tb.SetWrites(t.Context(), "owner", "hr", false); err != nil {
		t.Fatal(err)
	}
	before := len(s.asked)
	if r := tb.once(t, reasonNightly); !r.Passed || r.Broken || r.Written || len(s.asked) != before {
		t.Errorf("nobody wants it asked: %+v", r)
	}
	if _, err := tb.SetWrites(t.Context(), "somebody", "hr", true); err == nil {
		t.Error("a reader changes the setting")
	}
}

// Who asks goes before a golden question, and it is asked again afterwards.
func TestGoldenTexts_OthersGoFirst(t *testing.T) {
	tb, s := written(t, leave)
	others := 3
	s.busy = func(own int) bool {
		if own == 1 && others > 1 || own == 0 && others > 0 {
			others--
			return true
		}
		return false
	}
	if r := tb.once(t, reasonManual); !r.Passed || !r.Written {
		t.Errorf("%+v", r)
	}
}

// What was written goes with a document that it stands on.
func TestGoldenTexts_GoWithTheirDocument(t *testing.T) {
	tb, _ := written(t, leave)
	if r := tb.once(t, reasonManual); r.Text != "You get 28 days [1]." {
		t.Fatalf("%+v", r)
	}
	runs, err := tb.store.GoldenRuns(t.Context(), "hr", 1)
	if err != nil || strings.Contains(string(runs[0].Results), "28") {
		t.Fatalf("results %s, %v", runs[0].Results, err)
	}
	if _, err := tb.store.DeleteDocument(t.Context(), runs[0].Quotes[0].DocumentID); err != nil {
		t.Fatal(err)
	}
	shown, _, err := tb.Runs(t.Context(), "owner", "hr")
	if err != nil || shown[0].Results[0].Text != "" || !shown[0].Results[0].Passed {
		t.Errorf("%+v, %v", shown, err)
	}
}
