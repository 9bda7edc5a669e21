package chat

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"alcove/app"
	"alcove/engine"
	"alcove/storage"
)

// documents is a Grounder that finds one passage, or refuses.
type documents struct {
	refusal string
	local   bool
	err     error
	asked   []GroundAsk
	wait    func(context.Context)
	source  storage.Source // in place of the passage
}

func (d *documents) Readable(_ context.Context, person, collection string) error {
	if person != owner || collection != "hr" {
		return &app.Error{Code: app.CodeCollectionNotFound, Param: "collection"}
	}
	return nil
}

func (d *documents) Ground(ctx context.Context, a GroundAsk) (Grounded, error) {
	d.asked = append(d.asked, a)
	if d.wait != nil {
		d.wait(ctx)
		if ctx.Err() != nil {
			return Grounded{}, ctx.Err()
		}
	}
	sources := []storage.Source{{N: 1, Document: "leave.pdf", Page: 3, Quote: "30 days.", Text: "You have 30 days.", Collection: "hr"}}
	if d.source.N > 0 {
		sources[0] = d.source
	}
	decision := "answered"
	if d.refusal != "" {
		decision = "refused"
	}
	g := storage.Grounding{Collection: "hr", Decision: decision, Score: 0.9, Threshold: 0.5, AsOf: a.AsOf}
	return Grounded{
		Sources: sources, Grounding: g, Refusal: d.refusal, LocalOnly: d.local, MaxTokens: 321,
		System: []engine.Segment{{Text: "Use the passages.", Share: "documents"}, {Text: "You have 30 days.", Share: "document:1"}},
		Remind: []engine.Segment{{Text: "Be brief."}}, Filter: &noSecond{},
		Check: func(text string) ([]storage.Source, storage.Grounding) {
			sources[0].Cited = strings.Contains(text, "[1]")
			g.Checks = []storage.SentenceCheck{{End: len(text), Status: "supported"}}
			return sources, g
		},
	}, d.err
}

// noSecond is a Filter that takes [2] out and holds the last piece back.
type noSecond struct{ held string }

func (n *noSecond) Write(text string) string {
	out := n.held
	n.held = strings.ReplaceAll(text, "[2]", "")
	return out
}

func (n *noSecond) Close() string { return n.held }

func (n *noSecond) Over() bool { return strings.Contains(n.held, "again") }

func documentRoom(t *testing.T, d *documents, words ...string) *room {
	r := newRoom(t, say(words...))
	r.service.grounder = d
	return r
}

var hr = "hr"

func TestSourcesAreToldBeforeTheModelIsAsked(t *testing.T) {
	d := &documents{local: true}
	r := documentRoom(t, d, "30 days [1]", "[2].")
	r.engine.play = func(ctx context.Context, q engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		told := false
		for _, e := range r.events.all() {
			told = told || e.name == EventSources
		}
		if !told {
			t.Error("the model was asked before the sources were told")
		}
		return say("30 days [1]", "[2].")(ctx, q, emit)
	}
	_, m := r.finished(Question{Text: "How many days?", Collection: &hr, AsOf: "2026-01-01"})
	if m.Text != "30 days [1]." || m.Status != storage.StatusDone {
		t.Errorf("answer %q, %s", m.Text, m.Status)
	}
	if len(m.Sources) != 1 || !m.Sources[0].Cited || m.Grounding == nil || len(m.Grounding.Checks) != 1 || m.Grounding.AsOf != "2026-01-01" {
		t.Errorf("sources %+v, grounding %+v", m.Sources, m.Grounding)
	}
	q := r.engine.asked()[0]
	if !q.LocalOnly || len(q.Messages) != 2 || q.Messages[0].Segments[1].Share != "document:1" || !strings.HasSuffix(q.Messages[1].Text(), "Be brief.") {
		t.Errorf("request %+v", q)
	}
	c, err := r.db.Conversation(t.Context(), "c")
	if err != nil || c.Collection != "hr" {
		t.Errorf("the conversation's collection is %q, %v", c.Collection, err)
	}
}

func TestAnAnswerThatRepeatsItselfIsDone(t *testing.T) {
	r := documentRoom(t, &documents{})
	wrote := 0
	r.engine.play = func(_ context.Context, q engine.Request, emit func(engine.Event) error) (engine.Usage, error) {
		for {
			wrote++
			if err := emit(engine.Token{Text: []string{"30 days. ", "again "}[min(1, wrote/3)], N: 1}); err != nil {
				return engine.Usage{Model: "m", Finish: engine.FinishCancelled}, err
			}
		}
	}
	_, m := r.finished(Question{Text: "How many days?", Collection: &hr})
	if wrote != 3 || m.Status != storage.StatusDone || m.Figures == nil || m.Figures.Finish != string(engine.FinishStop) {
		t.Errorf("after %d tokens: %+v", wrote, m)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	r := documentRoom(t, &documents{}, "30 days.")
	seven := 7
	r.finished(Question{Text: "How many days?", Collection: &hr})
	r.finished(Question{Text: "And?", Sampling: Sampling{MaxTokens: &seven}})
	none := ""
	r.finished(Question{Text: "Hello", Collection: &none})
	for i, want := range []int{321, 7, defaultTokens} {
		if got := r.engine.asked()[i].Sampling.MaxTokens; got != want {
			t.Errorf("question %d: at most %d tokens, want %d", i, got, want)
		}
	}
}

func TestARefusalAsksNoModel(t *testing.T) {
	r := documentRoom(t, &documents{refusal: "The documents do not say."})
	r.service.model = func(context.Context, string) (string, error) { return "", &engine.Error{Code: engine.CodeNoModel} }
	_, m := r.finished(Question{Text: "Why?", Collection: &hr})
	if m.Text != "The documents do not say." || m.Status != storage.StatusDone || m.Figures != nil || m.Grounding.Decision != "refused" {
		t.Errorf("%+v", m)
	}
	if len(r.engine.asked()) != 0 {
		t.Error("a model was asked")
	}
}

func TestWithoutAModelTheSourcesAreShown(t *testing.T) {
	r := documentRoom(t, &documents{})
	r.service.model = func(context.Context, string) (string, error) { return "", &engine.Error{Code: engine.CodeNoModel} }
	_, m := r.finished(Question{Text: "How many days?", Collection: &hr})
	if m.Status != storage.StatusFailed || m.Error.Code != string(engine.CodeNoModel) || len(m.Sources) != 1 {
		t.Errorf("%+v", m)
	}
	// A model that was named must be there before anything is saved.
	_, err := r.service.Ask(t.Context(), Question{ConversationID: "c", Text: "x", Collection: &hr, Model: "none"})
	if err == nil {
		t.Error("a model that is not there was taken")
	}
}

func TestTheConversationKeepsAskingItsDocuments(t *testing.T) {
	d := &documents{}
	r := documentRoom(t, d, "30 days [1].")
	r.finished(Question{Text: "How many days?", Collection: &hr})
	r.finished(Question{Text: "And in part time?"})
	if len(d.asked) != 2 || len(d.asked[1].Path) != 3 {
		t.Fatalf("asked %+v", d.asked)
	}
	if text := r.engine.asked()[1].Messages[2].Text(); strings.Contains(text, "[1]") {
		t.Errorf("an earlier answer names a passage of this prompt: %q", text)
	}
	none := ""
	r.finished(Question{Text: "Hello", Collection: &none})
	if len(d.asked) != 2 {
		t.Error("documents were asked though none were chosen")
	}
	var e *app.Error
	other := "secret"
	if _, err := r.service.Ask(t.Context(), Question{ConversationID: "c", Text: "x", Collection: &other}); !errors.As(err, &e) || e.Code != app.CodeCollectionNotFound {
		t.Errorf("another collection: %v", err)
	}
	if _, err := r.service.Ask(t.Context(), Question{ConversationID: "c", Text: "x", AsOf: "yesterday"}); !errors.As(err, &e) || e.Param != "as_of" {
		t.Errorf("no day: %v", err)
	}
}

func TestAnotherAnswerAsksTheDocumentsAgain(t *testing.T) {
	d := &documents{}
	r := documentRoom(t, d, "30 days [1].")
	started, _ := r.finished(Question{Text: "How many days?", Collection: &hr, AsOf: "2025-06-01"})
	again, err := r.service.Regenerate(t.Context(), started.Answer.ID, "", Sampling{})
	if err != nil {
		t.Fatal(err)
	}
	r.events.wait(t, ended(again.TurnID))
	if m := r.message(again.Answer.ID); len(m.Sources) != 1 || d.asked[1].AsOf != "2025-06-01" {
		t.Errorf("%+v, asked %+v", m.Sources, d.asked)
	}
}

func TestRefusedQuestionsAreNotReadAgain(t *testing.T) {
	d := &documents{refusal: "No."}
	r := documentRoom(t, d, "30 days [1].")
	r.finished(Question{Text: "What about the moon?", Collection: &hr})
	d.refusal = ""
	r.finished(Question{Text: "How many days?"})
	for _, m := range r.engine.asked()[0].Messages {
		if strings.Contains(m.Text(), "moon") || m.Text() == "No." {
			t.Errorf("the prompt has %q", m.Text())
		}
	}
}

func TestAStoppedAnswerKeepsItsSources(t *testing.T) {
	d := &documents{}
	r := documentRoom(t, d)
	r.engine.play = sayAndWait("30 days [1]", " and")
	started := r.ask(Question{Text: "How many days?", Collection: &hr})
	r.events.wait(t, delta("30 days [1]"))
	if err := r.service.Stop(started.TurnID); err != nil {
		t.Fatal(err)
	}
	r.events.wait(t, ended(started.TurnID))
	m := r.message(started.Answer.ID)
	if m.Status != storage.StatusStopped || m.Text != "30 days [1] and" || len(m.Sources) != 1 || !m.Sources[0].Cited {
		t.Errorf("%+v", m)
	}
	// Stopped while it was looked for: nothing is known and nothing asked.
	found := make(chan struct{})
	d.wait = func(ctx context.Context) { close(found); <-ctx.Done() }
	started = r.ask(Question{Text: "And now?"})
	<-found
	if err := r.service.Stop(started.TurnID); err != nil {
		t.Fatal(err)
	}
	r.events.wait(t, ended(started.TurnID))
	if m := r.message(started.Answer.ID); m.Status != storage.StatusStopped || m.Sources != nil || len(r.engine.asked()) != 1 {
		t.Errorf("%+v", m)
	}
}

func TestADraftReadsTheDocumentsAhead(t *testing.T) {
	d := &documents{local: true}
	r := documentRoom(t, d)
	draft := Draft{ConversationID: "c", Text: "How many days", Collection: &hr}
	if err := r.service.Read(t.Context(), draft); err != nil {
		t.Fatal(err)
	}
	if err := r.service.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	asked := r.engine.asked()
	if len(asked) != 1 || !asked[0].PrefillOnly || !asked[0].LocalOnly || asked[0].Messages[0].Segments[1].Share != "document:1" {
		t.Fatalf("asked %+v", asked)
	}
}

// A document is removed between finding and saving: it is asked anew, so that
// nothing of it is told or written from. One that is removed later is not told
// once more.
func TestForget_NothingOfARemovedDocumentIsTold(t *testing.T) {
	d := &documents{source: storage.Source{N: 1, DocumentID: "gone", Document: "gone.pdf", Heading: "kanarienvogel", Quote: "kanarienvogel", Text: "kanarienvogel"}}
	r := documentRoom(t, d, "Nothing.")
	if _, err := r.db.CreateCollection(t.Context(), storage.Collection{ID: "hr", Title: "HR", Owner: owner}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.db.AddDocument(t.Context(), storage.Document{ID: "stays", CollectionID: "hr", Name: "stays.pdf", SHA256: "a"}); err != nil {
		t.Fatal(err)
	}
	d.wait = func(context.Context) {
		if len(d.asked) > 1 {
			d.source = storage.Source{N: 1, DocumentID: "stays", Document: "stays.pdf", Heading: "nachtigall", Quote: "nachtigall", Text: "nachtigall"}
		}
	}
	told := 0 // events before it was removed
	r.engine.play = func(context.Context, engine.Request, func(engine.Event) error) (engine.Usage, error) {
		if _, err := r.db.DeleteDocument(t.Context(), "stays"); err != nil {
			t.Error(err)
		}
		r.service.Forget("stays")
		for _, turn := range r.service.turns {
			if s := turn.answer.Sources[0]; s.Text != "" || !s.Removed || s.Document != "stays.pdf" {
				t.Errorf("kept: %+v", s)
			}
		}
		told = len(r.events.all())
		return engine.Usage{}, errors.New("it fails")
	}
	_, m := r.finished(Question{Text: "How many days?", Collection: &hr})
	if len(d.asked) != 2 || !m.Sources[0].Removed {
		t.Errorf("asked %d times, %+v", len(d.asked), m.Sources)
	}
	for i, e := range r.events.all() {
		data, err := json.Marshal(e.data)
		if err != nil || i >= told && strings.Contains(string(data), "nachtigall") || strings.Contains(string(data), "kanarienvogel") {
			t.Errorf("%s is told %s, %v", e.name, data, err)
		}
	}
}
