package main

import (
	"slices"
	"strings"
	"testing"

	"alcove/app/chat"
	docs "alcove/app/documents/answer"
	"alcove/engine/local/fake"
	"alcove/storage"
)

// approve writes an approved answer as the desk does, without its queue.
func (a *asked) approve(answer storage.Approved, text string) storage.Approved {
	a.t.Helper()
	answer.Collection, answer.Answer = "hr", text
	answer.DocumentID = answer.Question + ".md"
	a.put(answer.DocumentID, "en", "# "+answer.Question, text)
	kept, err := a.store.PutApproved(a.t.Context(), answer, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	return kept
}

// An answer that HR approved is given in HR's words, whatever model runs, with
// what it stands on; and not when it does not hold.
func TestApprovedAnswersAreGiven(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "The model says something."})
	a := p.openBox(t)
	a.handbook()
	ctx := t.Context()
	const question = "May I travel first class?"
	chunk := a.passage("travel.md", "First class needs")
	kept := a.approve(storage.Approved{Question: question, By: "J. Weber", Sources: []storage.ApprovedSource{chunk}}, "Only with consent of your head of department.")

	c := a.conversation()
	m := a.ask(c, "am I allowed to travel first class")
	if m.Text != "Only with consent of your head of department [1][2]." || m.Figures != nil {
		t.Fatalf("%q, %+v", m.Text, m.Figures)
	}
	mark := m.Grounding.Approved
	if mark == nil || mark.ID != kept.ID || !mark.Given || mark.By != "J. Weber" || mark.On == "" {
		t.Errorf("mark %+v", mark)
	}
	if len(m.Sources) != 2 || !m.Sources[0].Approved || m.Sources[1].Document != "travel.md" || m.Sources[1].Page != 1 || m.Sources[1].Quote != chunk.Quote || !m.Sources[1].Cited {
		t.Errorf("sources %+v", m.Sources)
	}
	again, err := a.chat.Regenerate(ctx, m.ID, "", chat.Sampling{})
	if err != nil {
		t.Fatal(err)
	}
	if by := a.end(again.Answer.ID); !strings.HasPrefix(by.Text, "The model says") || by.Grounding.Approved == nil || by.Grounding.Approved.Given {
		t.Errorf("the model was to write: %q, %+v", by.Text, by.Grounding)
	}
	for _, other := range []string{"May my child travel first class?", "When may I travel first class?", "May I not travel first class?"} {
		if m := a.ask(a.conversation(), other); m.Grounding.Approved != nil {
			t.Errorf("%q was taken for the same question", other)
		}
	}
	prepare := func(person, day string) *docs.Prepared {
		t.Helper()
		got, err := a.answers.Prepare(ctx, docs.Ask{Collection: "hr", Person: person, Question: question, AsOf: day})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if _, err := a.answers.Prepare(ctx, docs.Ask{Collection: "board", Person: "owner", Question: question}); err == nil {
		t.Error("a collection that is not there answers")
	}
	// A follow-up is understood by rules: a document may be found by that, HR's words
	// are not given for it.
	after := docs.Ask{Collection: "hr", Person: "owner", Question: "And first class?", History: []docs.Turn{{Question: "May I travel?"}}}
	if got, err := a.answers.Prepare(ctx, after); err != nil || got.Given != "" || got.Grounding.Query == "" {
		t.Errorf("a follow-up: %+v, %v", got, err)
	}
	kept.Expires = "2026-06-30"
	if _, err := a.store.PutApproved(ctx, kept, nil); err != nil {
		t.Fatal(err)
	}
	if prepare("owner", "2026-06-30").Given == "" {
		t.Error("on its last day it is not given")
	}
	if got := prepare("owner", "2026-07-01"); got.Given != "" || slices.ContainsFunc(got.Sources, func(s storage.Source) bool { return s.Approved }) {
		t.Errorf("after its last day: %q, %+v", got.Given, got.Sources)
	}
	kept.Expires = ""
	if _, err := a.store.PutApproved(ctx, kept, nil); err != nil {
		t.Fatal(err)
	}
	a.shut()
	r := p.command(t, "ask", "--collection", "hr", "Can I travel first class?")
	if r.code != 0 || !strings.HasPrefix(r.stdout, "Approved answer by J. Weber, ") || !strings.Contains(r.stdout, "\nOnly with consent of your head of department [1][2].") {
		t.Errorf("%+v", r)
	}
	if r = p.command(t, "ask", "--by-model", "--collection", "hr", "Can I travel first class?"); !strings.Contains(r.stdout, "The model says") {
		t.Errorf("%+v", r)
	}
	p.openBox(t).losesGround(question)
}

// losesGround deletes the document that an approved answer stands on.
func (a *asked) losesGround(question string) {
	t, ctx := a.t, a.t.Context()
	t.Helper()
	d, err := a.store.DeleteDocument(ctx, "travel.md")
	if err != nil {
		t.Fatal(err)
	}
	a.index.Withdraw(d.ID, d.Num)
	got, err := a.answers.Prepare(ctx, docs.Ask{Collection: "hr", Person: "owner", Question: question})
	if err != nil || got.Given != "" || got.Grounding.Approved != nil {
		t.Errorf("its document is gone: %+v, %v", got, err)
	}
	list, err := a.store.ListApproved(ctx, "hr")
	if err != nil || len(list) != 1 || !list[0].Outdated || list[0].Sources[0].Quote != "" || list[0].Sources[0].Document != "" {
		t.Errorf("HR sees %+v, %v", list, err)
	}
}

// passage finds the passage of a document that holds a text, as HR does.
func (a *asked) passage(document, text string) storage.ApprovedSource {
	a.t.Helper()
	l, err := a.answers.Look(a.t.Context(), docs.Ask{Collection: "hr", Person: "owner", Question: text}, 8)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, s := range l.Sources {
		if s.Document == document && strings.Contains(s.Text, text) {
			return storage.ApprovedSource{DocumentID: s.DocumentID, ChunkID: s.ChunkID, Page: s.Page, Quote: text}
		}
	}
	a.t.Fatalf("%q is not found: %+v", text, l.Sources)
	return storage.ApprovedSource{}
}
