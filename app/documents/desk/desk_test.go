package desk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"alcove/app"
	"alcove/app/documents/answer"
	"alcove/internal/testkit/emptydb"
	"alcove/storage"
)

// fixed gives the same for each question, until it is changed.
type fixed struct {
	sources  []storage.Source
	decision string
	err      error
}

func (f *fixed) Prepare(_ context.Context, a answer.Ask) (*answer.Prepared, error) {
	if f.err != nil {
		return nil, f.err
	}
	return &answer.Prepared{Sources: f.sources, Grounding: storage.Grounding{Collection: a.Collection, Decision: f.decision, Score: 0.8, Threshold: 0.5}}, nil
}

// table is a desk over a real store with one collection of "owner".
type table struct {
	*Desk
	store   *storage.DB
	answers *fixed
	files   map[string]File // by document
	now     time.Time
}

func newTable(t *testing.T) *table {
	t.Helper()
	ctx := t.Context()
	store, err := storage.Open(ctx, storage.Options{Path: emptydb.Path(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	if _, err := store.CreateCollection(ctx, storage.Collection{ID: "hr", Title: "HR", Owner: "owner", Readers: []string{storage.EveryReader}}); err != nil {
		t.Fatal(err)
	}
	tb := &table{store: store, answers: &fixed{decision: answer.Answered}, files: map[string]File{}, now: time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)}
	tb.Desk, err = Open(ctx, Deps{
		Store: store, Answers: tb.answers, Person: "owner",
		Owned: func(_ context.Context, person, collection string) error {
			if person != "owner" || collection != "hr" {
				return &app.Error{Code: app.CodeCollectionNotFound}
			}
			return nil
		},
		Put: func(ctx context.Context, _ string, f File) (string, bool, error) {
			d, isNew, err := store.AddDocument(ctx, storage.Document{CollectionID: f.Collection, Name: f.Name, Title: f.Title, Size: int64(len(f.Text)), Modified: time.Unix(0, 0),
				SHA256: fmt.Sprintf("%x", sha256.Sum256([]byte(f.Text)))})
			tb.files[d.ID] = f
			return d.ID, isNew, err
		},
		Remove: func(ctx context.Context, _, id string) error {
			delete(tb.files, id)
			_, err := store.DeleteDocument(ctx, id)
			return err
		},
		Collections: func(context.Context) ([]string, error) { return []string{"hr"}, nil },
		Now:         func() time.Time { return tb.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tb.Desk.Close() })
	return tb
}

// asked saves a question with an answer from documents and gives the answer's id.
func (tb *table) asked(t *testing.T, question string, g storage.Grounding) string {
	t.Helper()
	ctx := t.Context()
	c, _, err := tb.store.CreateConversation(ctx, storage.Conversation{})
	if err != nil {
		t.Fatal(err)
	}
	turn, _, err := tb.store.StartTurn(ctx, storage.Turn{ConversationID: c.ID, Question: &storage.Message{Text: question}})
	if err != nil {
		t.Fatal(err)
	}
	g.Collection = "hr"
	if _, err := tb.store.SetSources(ctx, turn.Answer.ID, nil, g); err != nil {
		t.Fatal(err)
	}
	if _, err := tb.store.FinishMessage(ctx, turn.Answer.ID, storage.End{Status: storage.StatusDone}); err != nil {
		t.Fatal(err)
	}
	return turn.Answer.ID
}

func (tb *table) inbox(t *testing.T, state string) []InboxItem {
	t.Helper()
	items, _, err := tb.Inbox(t.Context(), "owner", "hr", state)
	if err != nil {
		t.Fatal(err)
	}
	return items
}

func TestInbox(t *testing.T) {
	tb := newTable(t)
	ctx := t.Context()
	tb.asked(t, "How many days?", storage.Grounding{Decision: answer.Answered})
	first := tb.asked(t, "May I bring my dog?", storage.Grounding{Decision: answer.Refused, Inbox: storage.InboxUnanswered})
	second := tb.asked(t, "may I bring my  dog", storage.Grounding{Decision: answer.Refused, Inbox: storage.InboxUnanswered})
	disliked := tb.asked(t, "Where do I park?", storage.Grounding{Decision: answer.Answered})
	if err := tb.Rate(ctx, disliked, "down", "wrong site"); err != nil {
		t.Fatal(err)
	}
	items := tb.inbox(t, storage.InboxOpen)
	if len(items) != 2 || items[0].Kind != storage.InboxThumbsDown || !slices.Equal(items[0].Notes, []string{"wrong site"}) {
		t.Fatalf("inbox: %+v", items)
	}
	if dog := items[1]; dog.Times != 2 || !slices.Equal(dog.IDs, []string{second, first}) || dog.Kind != storage.InboxUnanswered {
		t.Fatalf("the same question twice: %+v", dog)
	}
	if err := tb.Rate(ctx, disliked, "up", ""); err != nil {
		t.Fatal(err)
	}
	if err := tb.Move(ctx, "owner", "hr", []string{first, second}, storage.InboxDismissed); err != nil {
		t.Fatal(err)
	}
	if items := tb.inbox(t, storage.InboxOpen); len(items) != 0 {
		t.Errorf("still open: %+v", items)
	}
	if items := tb.inbox(t, storage.InboxDismissed); len(items) != 1 {
		t.Errorf("dismissed: %+v", items)
	}
	if _, _, err := tb.Inbox(ctx, "somebody", "hr", storage.InboxOpen); err == nil {
		t.Error("a reader sees the inbox")
	}
	m, err := tb.store.Message(ctx, disliked)
	if err != nil || m.Rating != "up" {
		t.Errorf("rating %q, %v", m.Rating, err)
	}
}

// A thumb that is taken back must not take a question out that was not answered.
func TestRate_TakenBack(t *testing.T) {
	tb := newTable(t)
	ctx := t.Context()
	id := tb.asked(t, "Dogs?", storage.Grounding{Decision: answer.Refused, Inbox: storage.InboxUnanswered})
	a, err := tb.Answer(ctx, "owner", "hr", Draft{Question: "Dogs?", Answer: "Yes.", Answers: []string{id}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ rating, kind string }{{"down", storage.InboxThumbsDown}, {"up", storage.InboxUnanswered}} {
		if err := tb.Rate(ctx, id, c.rating, ""); err != nil {
			t.Fatal(err)
		}
		if items := tb.inbox(t, storage.InboxOpen); len(items) != 1 || items[0].Kind != c.kind || items[0].AnswerID != "" {
			t.Errorf("after %s: %+v", c.rating, items)
		}
	}
	if err := tb.RemoveAnswer(ctx, "owner", a.ID); err != nil {
		t.Fatal(err)
	}
}

func TestInbox_GoesWithTheConversation(t *testing.T) {
	tb := newTable(t)
	id := tb.asked(t, "Am I ill?", storage.Grounding{Decision: answer.Refused, Inbox: storage.InboxUnanswered})
	m, err := tb.store.Message(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if err := tb.store.DeleteConversation(t.Context(), m.ConversationID); err != nil {
		t.Fatal(err)
	}
	items, counts, err := tb.Inbox(t.Context(), "owner", "hr", storage.InboxOpen)
	if err != nil || len(items) != 0 || counts[storage.InboxOpen] != 0 {
		t.Errorf("a deleted question is in the inbox: %+v, %v, %v", items, counts, err)
	}
}

func TestRate_Refusals(t *testing.T) {
	tb := newTable(t)
	id := tb.asked(t, "Hello?", storage.Grounding{Decision: answer.Answered})
	m, _ := tb.store.Message(t.Context(), id)
	for _, c := range []struct {
		id, rating string
		code       string
	}{{id, "sideways", "invalid_request"}, {"no-such", "up", "message_not_found"}, {m.ParentID, "up", "invalid_request"}} {
		var coded *app.Error
		if err := tb.Rate(t.Context(), c.id, c.rating, ""); !errors.As(err, &coded) || string(coded.Code) != c.code {
			t.Errorf("Rate(%s, %s): %v, want %s", c.id, c.rating, err, c.code)
		}
	}
}

func TestApprovedAnswer(t *testing.T) {
	tb := newTable(t)
	ctx := t.Context()
	asked := tb.asked(t, "May I bring my dog?", storage.Grounding{Decision: answer.Refused, Inbox: storage.InboxUnanswered})
	a, err := tb.Answer(ctx, "owner", "hr", Draft{Question: " May I bring\nmy dog? ", Answer: "Yes, on Fridays.", Answers: []string{asked}})
	if err != nil {
		t.Fatal(err)
	}
	f := tb.files[a.DocumentID]
	if f.Text != "# May I bring my dog?\n\nYes, on Fridays.\n" || f.Name != "May I bring my dog (approved answer).md" {
		t.Errorf("file %+v", f)
	}
	if d, err := tb.store.Document(ctx, "owner", a.DocumentID); err != nil || !d.Approved {
		t.Errorf("the document is not marked: %+v, %v", d, err)
	}
	if items := tb.inbox(t, storage.InboxAnswered); len(items) != 1 || items[0].AnswerID != a.ID {
		t.Errorf("answered: %+v", items)
	}
	b, err := tb.ChangeAnswer(ctx, "owner", a.ID, Draft{Question: "May I bring my dog?", Answer: "No.", Effective: "2027-01-01"})
	if err != nil || b.ID != a.ID || b.DocumentID == a.DocumentID {
		t.Fatalf("changed: %+v, %v", b, err)
	}
	if _, still := tb.files[a.DocumentID]; still || len(tb.files) != 1 {
		t.Errorf("documents after the change: %v", tb.files)
	}
	if err := tb.RemoveAnswer(ctx, "owner", a.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, sentence := app.Describe(tb.RemoveAnswer(ctx, "owner", a.ID)); !strings.Contains(sentence, "approved answer is not there any more") {
		t.Errorf("removed twice: %s", sentence)
	}
	if list, _ := tb.Answered(ctx, "owner", "hr"); len(list) != 0 || len(tb.files) != 0 {
		t.Errorf("after its removal: %+v, %v", list, tb.files)
	}
	if items := tb.inbox(t, storage.InboxOpen); len(items) != 1 {
		t.Errorf("the question is not open again: %+v", items)
	}
	for _, d := range []Draft{{Question: "", Answer: "x"}, {Question: "x", Answer: " "}, {Question: "x", Answer: "y", Effective: "soon"}, {Question: "x", Answer: "y", Expires: "soon"}, {Question: "x", Answer: "y", Effective: "2026-02-01", Expires: "2026-01-01"}, {Question: "x", Answer: "y", Sources: []Passage{{Chunk: "no-such"}}}, {Question: "x\x00", Answer: "y"}, {Question: "x", Answer: "y\x00"}} {
		if _, err := tb.Answer(ctx, "owner", "hr", d); err == nil {
			t.Errorf("taken: %+v", d)
		}
	}
	if _, err := tb.Answer(ctx, "owner", "hr", Draft{Question: "x", Answer: "y", Answers: []string{"no-such"}}); err == nil || len(tb.files) != 0 {
		t.Errorf("an answer for what is not in the inbox: %v, %v", err, tb.files)
	}
}

// Answers of the same words are one document, and so one answer: what is done to
// one must not take the other's document away.
func TestApprovedAnswer_SameWords(t *testing.T) {
	tb := newTable(t)
	ctx := t.Context()
	first := tb.asked(t, "Dogs?", storage.Grounding{Inbox: storage.InboxUnanswered})
	second := tb.asked(t, "Cats?", storage.Grounding{Inbox: storage.InboxUnanswered})
	dogs := Draft{Question: "Dogs?", Answer: "Yes."}
	write := func(d Draft) storage.Approved {
		t.Helper()
		a, err := tb.Answer(ctx, "owner", "hr", d)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := write(Draft{Question: dogs.Question, Answer: dogs.Answer, Answers: []string{first}})
	if _, err := tb.Answer(ctx, "owner", "hr", Draft{Question: dogs.Question, Answer: dogs.Answer, Answers: []string{"no-such"}}); err == nil || len(tb.files) != 1 {
		t.Fatalf("a refused answer took the one that was there: %v, %v", err, tb.files)
	}
	stale := Draft{Question: dogs.Question, Answer: dogs.Answer, Effective: "2027-01-01", Answers: []string{first, "no-such"}}
	_, posted := tb.Answer(ctx, "owner", "hr", stale)
	_, changed := tb.ChangeAnswer(ctx, "owner", a.ID, stale)
	if posted == nil || changed == nil || tb.files[a.DocumentID].Effective != "" {
		t.Errorf("refused, and the document's day is another one: %v, %v, %+v", posted, changed, tb.files)
	}
	if again := write(dogs); again.ID != a.ID {
		t.Errorf("the same answer again: %s and %s", a.ID, again.ID)
	}
	later, err := tb.ChangeAnswer(ctx, "owner", a.ID, Draft{Question: dogs.Question, Answer: dogs.Answer, Effective: "2027-01-01"})
	if err != nil || later.Effective != "2027-01-01" || later.DocumentID != a.DocumentID || tb.files[a.DocumentID].Effective != "2027-01-01" {
		t.Errorf("another day: %+v, %+v, %v", later, tb.files, err)
	}
	day := "2027-02-01"
	if _, err := tb.store.ChangeDocument(ctx, a.DocumentID, storage.DocumentChange{Effective: &day}); err != nil { // as the documents page does
		t.Fatal(err)
	}
	if list, _ := tb.Answered(ctx, "owner", "hr"); len(list) != 1 || list[0].Effective != day {
		t.Errorf("the document holds from another day: %+v", list)
	}
	b := write(Draft{Question: "Cats?", Answer: "Yes.", Answers: []string{second}})
	same, err := tb.ChangeAnswer(ctx, "owner", b.ID, dogs)
	if list, _ := tb.Answered(ctx, "owner", "hr"); err != nil || same.ID != b.ID || len(list) != 1 || len(tb.files) != 1 {
		t.Fatalf("two that became one: %+v, %+v, %v, %v", same, list, tb.files, err)
	}
	if err := tb.d.Remove(ctx, "owner", same.DocumentID); err != nil { // as the documents page does
		t.Fatal(err)
	}
	if list, _ := tb.Answered(ctx, "owner", "hr"); len(list) != 0 || len(tb.inbox(t, storage.InboxOpen)) != 2 {
		t.Errorf("the document is gone: %+v, open %+v", list, tb.inbox(t, storage.InboxOpen))
	}
}

func TestNameOf(t *testing.T) {
	for question, want := range map[string]string{"?": "Answer", "a/b?": "ab", "../..": "Answer"} {
		if got := nameOf(question); got != want+" (approved answer).md" {
			t.Errorf("nameOf(%q) = %q", question, got)
		}
	}
}

func TestGaps(t *testing.T) {
	var items []InboxItem
	for _, q := range []string{"May I bring my dog to the office?", "Are dogs allowed in the office?", "What about the office dog on Fridays?", "How do I claim my bicycle leasing?", "Is bicycle leasing taxed?"} {
		items = append(items, InboxItem{Question: q, Times: 1})
	}
	items[3].Times = 5
	got := gaps(items)
	if len(got) != 2 || got[0].Times != 6 || got[0].Questions != 2 || got[1].Questions != 3 || len(got[1].Examples) != 3 {
		t.Fatalf("gaps: %+v", got)
	}
	if got[0].Topic == "" || got[1].Topic == "" {
		t.Errorf("a topic without words: %+v", got)
	}
}

// Two follow-ups that are written alike are the questions that they stand for.
func TestInbox_FollowUps(t *testing.T) {
	tb := newTable(t)
	for _, meant := range []string{"parking fee - And for managers?", "sabbatical - And for managers?"} {
		tb.asked(t, "And for managers?", storage.Grounding{Decision: answer.Refused, Inbox: storage.InboxUnanswered, Query: meant})
	}
	items := tb.inbox(t, storage.InboxOpen)
	if len(items) != 2 || items[0].Question == items[1].Question || !strings.HasSuffix(items[0].Question, "And for managers?") {
		t.Errorf("%+v", items)
	}
}
