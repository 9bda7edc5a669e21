package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"alcove/app/chat"
	"alcove/app/cli"
	"alcove/app/config"
	"alcove/app/documents/extract"
	"alcove/engine/local/fake"
	"alcove/storage"
)

// asked is an open box that a test asks without HTTP.
type asked struct {
	t *testing.T
	*box
}

// openBox opens a place; it is closed with the test, or by shut.
func (p place) openBox(t *testing.T) *asked {
	t.Helper()
	p.warm(t)
	b, err := open(t.Context(), cli.Options{Log: slog.New(slog.DiscardHandler), Instance: "test", Config: config.Config{
		Data: p.data, ModelDirs: []string{p.models}, Models: p.models, Runtime: p.runtime, Worker: p.worker, Threads: 1,
	}})
	if err != nil {
		t.Fatal(err)
	}
	a := &asked{t, b.(*box)}
	a.chat.SetReaders(1)
	t.Cleanup(a.shut)
	return a
}

func (a *asked) shut() {
	if a.box == nil {
		return
	}
	if err := a.Shutdown(context.Background()); err != nil {
		a.t.Error(err)
	}
	a.box = nil
}

// put adds a document to the collection that everybody reads.
func (a *asked) put(name, language string, lines ...string) {
	a.t.Helper()
	if _, err := a.store.Collection(a.t.Context(), "owner", "hr"); err != nil {
		a.collection("hr")
	}
	a.putIn("hr", name, language, lines...)
}

// collection makes one that everybody reads. Its queue rests: what a test puts
// into the index itself must not be taken by it.
func (a *asked) collection(id string) {
	a.t.Helper()
	if _, err := a.store.CreateCollection(a.t.Context(), storage.Collection{ID: id, Title: "HR", Owner: "owner", Readers: []string{storage.EveryReader}, Paused: true}); err != nil {
		a.t.Fatal(err)
	}
}

// putIn adds a document with paragraphs; a line that begins with # is a heading.
func (a *asked) putIn(collection, name, language string, lines ...string) {
	a.t.Helper()
	ctx := a.t.Context()
	doc, _, err := a.store.AddDocument(ctx, storage.Document{ID: name, CollectionID: collection, Name: name, SHA256: name, Language: language, State: storage.DocumentWaiting})
	if err != nil {
		a.t.Fatal(err)
	}
	text := extract.Document{Format: "text", Pages: 1, Language: language}
	for _, line := range lines {
		block := extract.Block{Kind: extract.Paragraph, Text: line, Page: 1}
		if heading, ok := strings.CutPrefix(line, "# "); ok {
			block = extract.Block{Kind: extract.Heading, Level: 1, Text: heading, Page: 1}
		}
		text.Blocks = append(text.Blocks, block)
	}
	for _, step := range [][2]storage.DocumentState{{storage.DocumentWaiting, storage.DocumentReading}, {storage.DocumentReading, storage.DocumentIndexing}} {
		if doc, err = a.store.MoveDocument(ctx, doc.ID, step[0], step[1], ""); err != nil {
			a.t.Fatal(err)
		}
	}
	if err := a.index.Put(ctx, doc, text, func(float64) {}); err != nil {
		a.t.Fatal(err)
	}
}

// handbook is a small one, in two languages, in the collection "hr".
func (a *asked) handbook() {
	a.t.Helper()
	a.collection("hr")
	a.handbookIn("hr")
}

// handbookIn is it elsewhere, under names of that collection's own.
func (a *asked) handbookIn(collection string) {
	a.t.Helper()
	put := func(name, language string, lines ...string) {
		if collection != "hr" {
			name = collection + " " + name
		}
		a.putIn(collection, name, language, lines...)
	}
	put("leave.md", "en", "# Annual leave", "Full-time employees receive 30 days of annual leave in each calendar year. Employees who work part-time receive 18 days.",
		"# Parental leave", "Parents may take 26 weeks of paid parental leave. It must be requested seven weeks before it begins.")
	put("travel.md", "en", "# Meals", "The meal allowance for travel abroad is 42 euros for each full day.", "# Trains", "Trains are booked in second class. First class needs the consent of the head of department.")
	put("arbeitszeit.md", "de", "# Kündigung", "Die Kündigungsfrist beträgt in der Probezeit zwei Wochen, danach drei Monate zum Quartalsende.")
}

// conversation makes one.
func (a *asked) conversation() string {
	a.t.Helper()
	c, _, err := a.store.CreateConversation(a.t.Context(), storage.Conversation{})
	if err != nil {
		a.t.Fatal(err)
	}
	return c.ID
}

// ask asks the documents and waits for the end.
func (a *asked) ask(conversation, text string) storage.Message {
	a.t.Helper()
	collection, short, cold := "hr", 60, 0.0
	s, err := a.chat.Ask(a.t.Context(), chat.Question{ConversationID: conversation, Text: text, Collection: &collection,
		Sampling: chat.Sampling{MaxTokens: &short, Temperature: &cold}})
	if err != nil {
		a.t.Fatal(err)
	}
	return a.end(s.Answer.ID)
}

func (a *asked) end(id string) storage.Message {
	a.t.Helper()
	for until := time.Now().Add(10 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		m, err := a.store.Message(a.t.Context(), id)
		if err != nil {
			a.t.Fatal(err)
		}
		if m.Status != storage.StatusWriting {
			return m
		}
		if time.Now().After(until) {
			a.t.Fatalf("the answer does not end: %+v", m)
		}
	}
}

// sound checks what must hold of every answer: numbers lead to sources, and
// those have the figures beside them.
func (a *asked) sound(m storage.Message) {
	a.t.Helper()
	if m.Grounding == nil || m.Status != storage.StatusDone {
		a.t.Fatalf("%+v", m)
	}
	for _, c := range m.Grounding.Checks {
		if len(c.Sources) > 0 && c.Status != "supported" {
			a.t.Errorf("%q: %+v", m.Text, c)
		}
	}
}

func TestAnswersFromDocuments(t *testing.T) {
	t.Parallel()
	p, ok := realPlace(t)
	if !ok {
		t.Skip("no model: run make setup")
	}
	a := p.openBox(t)
	a.handbook()

	c := a.conversation()
	m := a.ask(c, "How many days of annual leave do full-time employees receive?")
	a.sound(m)
	t.Logf("score %.3f, found in %d ms, prompt %d tokens: %q", m.Grounding.Score, m.Grounding.TookMS, m.Figures.PromptTokens, m.Text)
	if m.Grounding.Decision != "answered" || len(m.Sources) == 0 || !strings.Contains(m.Sources[0].Quote, "30 days") || m.Sources[0].Document != "leave.md" {
		t.Fatalf("grounding %+v, sources %+v", m.Grounding, m.Sources)
	}
	follow := a.ask(c, "And for those who work part-time?")
	a.sound(follow)
	if !strings.Contains(follow.Grounding.Query, "leave") || !strings.Contains(follow.Sources[0].Text, "18 days") {
		t.Errorf("the follow-up was looked for as %q and found %+v", follow.Grounding.Query, follow.Sources)
	}
	german := a.ask(a.conversation(), "Wie lang ist die Kündigungsfrist in der Probezeit?")
	a.sound(german)
	if german.Sources[0].Document != "arbeitszeit.md" {
		t.Errorf("sources %+v", german.Sources)
	}
	// The collection is small: all of it was read once, and is shared.
	if f := german.Figures; f.CachedTokens < f.PromptTokens/2 {
		t.Errorf("the second asker computed the documents again: %d of %d tokens were there", f.CachedTokens, f.PromptTokens)
	}
	none := a.ask(a.conversation(), "Who won the football world cup in Mexico?")
	if none.Grounding.Decision != "refused" || none.Figures != nil || none.Text == "" {
		t.Errorf("%+v: %q", none.Grounding, none.Text)
	}

	// After a restart too, from the disk.
	time.Sleep(2 * time.Second) // the worker saves states when it is idle
	a.shut()
	a = p.openBox(t)
	again := a.ask(a.conversation(), "How much is the meal allowance abroad?")
	a.sound(again)
	if f := again.Figures; f.CachedTokens < f.PromptTokens/2 {
		t.Errorf("after a restart: %d of %d tokens were there", f.CachedTokens, f.PromptTokens)
	}
	a.remove("leave.md", m)
}

// remove deletes a document and asks again.
func (a *asked) remove(name string, before storage.Message) {
	a.t.Helper()
	d, err := a.store.DeleteDocument(a.t.Context(), name)
	if err != nil {
		a.t.Fatal(err)
	}
	a.index.Withdraw(d.ID, d.Num)
	m := a.ask(a.conversation(), "How many days of annual leave do full-time employees receive?")
	if m.Grounding.Decision != "refused" {
		a.t.Errorf("the document is gone and it was answered: %q", m.Text)
	}
	old, err := a.store.Message(a.t.Context(), before.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, s := range old.Sources {
		if s.DocumentID == name && (!s.Removed || s.Text != "" || s.Quote != "") {
			a.t.Errorf("a source of the deleted document: %+v", s)
		}
	}
}

// A worker that dies under an answer takes nothing of what it stands on.
func TestAnAnswerKeepsItsSourcesWhenTheWorkerDies(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "Full-time employees receive 30 days of annual leave [1]. The rest is here [9].", Faults: []fake.Fault{{Do: fake.Kill, At: fake.AtDecode, Step: 6}}})
	a := p.openBox(t)
	a.handbook()
	m := a.ask(a.conversation(), "How many days of annual leave do full-time employees receive?")
	a.sound(m)
	if m.Figures == nil || m.Figures.Restarts != 1 {
		t.Errorf("figures %+v: the worker was to die once", m.Figures)
	}
	if !strings.Contains(m.Text, "annual leave [1].") || strings.Contains(m.Text, "[9]") || !m.Sources[0].Cited {
		t.Errorf("%q, sources %+v", m.Text, m.Sources)
	}
}

func TestAlcoveAsk(t *testing.T) {
	t.Parallel()
	p := fakePlace(t, fake.Script{Text: "Full-time employees receive 30 days of annual leave."})
	a := p.openBox(t)
	a.handbook()
	a.shut()
	r := p.command(t, "ask", "--collection", "hr", "How many days of annual leave do full-time employees receive?")
	quote, text := strings.Index(r.stdout, `"Full-time employees receive 30 days`), strings.Index(r.stdout, "\nFull-time employees receive 30 days of annual leave [")
	if r.code != 0 || quote != 0 || text < quote || !strings.Contains(r.stdout, "leave.md, page 1") {
		t.Errorf("%+v", r)
	}
	if r = p.command(t, "ask", "--collection", "hr", "Who won the football world cup in Mexico?"); r.code != 3 || !strings.Contains(r.stdout, "did not find") {
		t.Errorf("%+v", r)
	}
	if r = p.command(t, "ask", "--json", "--collection", "hr", "What is the meal allowance for travel abroad?"); r.code != 0 || !strings.Contains(r.stdout, `"quote":"The meal allowance for travel abroad is 42 euros`) {
		t.Errorf("%+v", r)
	}
	if r = p.command(t, "ask", "--collection", "", "How many days of annual leave?"); r.code == 0 || !strings.Contains(r.stderr, "--collection is empty") {
		t.Errorf("the model alone was asked: %+v", r)
	}
	if r = p.command(t, "ingest", "--collection", " ", t.TempDir()); r.code == 0 || !strings.Contains(r.stderr, "--collection is empty") {
		t.Errorf("%+v", r)
	}
	if r = p.command(t, "ask", "--collection", "board", "Why?"); r.code != 1 || !strings.Contains(r.stderr, "no such collection") {
		t.Errorf("%+v", r)
	}
}
