// Package desk is what HR does with questions and answers: an inbox of what
// the documents did not say, answers that HR writes, what is missing by topic,
// and golden questions whose answers must stay.
//
// An approved answer is a document of its collection: it is found, cited,
// filtered by rights and removed as any other.
package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"alcove/app"
	"alcove/app/documents/answer"
	"alcove/storage"
)

// Store is what a Desk needs of the database.
type Store interface {
	Rate(ctx context.Context, messageID string, up bool, note string) error
	Message(ctx context.Context, id string) (storage.Message, error)
	Inbox(ctx context.Context, collection, state string, limit int) ([]storage.InboxItem, error)
	CountInbox(ctx context.Context, collection string) (map[string]int, error)
	InInbox(ctx context.Context, collection string, messageIDs []string) error
	SetInbox(ctx context.Context, collection string, messageIDs []string, state, answer string) error
	PutApproved(ctx context.Context, a storage.Approved, answers []string) (storage.Approved, error)
	Approved(ctx context.Context, id string) (storage.Approved, error)
	ReachChunk(ctx context.Context, r storage.Reach, id string) (storage.FoundChunk, error)
	ListApproved(ctx context.Context, collection string) ([]storage.Approved, error)
	DeleteApproved(ctx context.Context, id string) error
	GoldenWrites(ctx context.Context, collection string) (bool, error)
	SetGoldenWrites(ctx context.Context, collection string, writes bool) error
	GoldenQuestions(ctx context.Context, collection string) (json.RawMessage, error)
	SetGoldenQuestions(ctx context.Context, collection string, questions json.RawMessage) error
	AddGoldenRun(ctx context.Context, r storage.GoldenRun) (storage.GoldenRun, error)
	GoldenRuns(ctx context.Context, collection string, limit int) ([]storage.GoldenRun, error)
}

// Answers decides what documents say; app/documents/answer does.
type Answers interface {
	Prepare(ctx context.Context, a answer.Ask) (*answer.Prepared, error)
}

// File is an approved answer as a document.
type File struct {
	Collection, Name, Title, Text string
	Effective                     string
}

// Deps is what a Desk is made of. All without "may" must be set.
type Deps struct {
	Store   Store
	Answers Answers
	// Owned is nil where a person may change a collection; else its code is
	// CodeCollectionNotFound or CodeForbidden.
	Owned func(ctx context.Context, person, collection string) error
	// Put queues a document and gives its ID. Where the collection has this text
	// already, that document gets the title and the day of f, and isNew is false.
	// Remove deletes one.
	Put    func(ctx context.Context, person string, f File) (id string, isNew bool, err error)
	Remove func(ctx context.Context, person, document string) error
	// Collections lists all of them.
	Collections func(ctx context.Context) ([]string, error)
	// Person asks the golden questions.
	Person string
	// Models names what could change the answers, by content: embedder, reranker
	// and the model that writes. "": it is not known yet. May be nil.
	Models func() string
	// Writer is asked golden questions too; may be nil.
	Writer Writer
	// Names are the file names of a collection, for which questions may be shipped; may be nil.
	Names func(ctx context.Context, collection string) []string
	// Publish tells the pages; may be nil.
	Publish func(event string, data any)
	Log     *slog.Logger     // gets no text of questions; may be nil
	Now     func() time.Time // may be nil
}

// Desk is safe for concurrent use.
type Desk struct {
	d       Deps
	running context.Context
	stop    context.CancelFunc
	tasks   sync.WaitGroup
	wake    chan struct{}

	writing sync.Mutex // one approved answer is written at a time: its row and its document belong together

	mu      sync.Mutex
	plan    plan
	current *GoldenProgress   // the run that is going on
	broken  map[string]Broken // by collection
}

// Open starts a Desk with its golden runs; Close ends it.
func Open(ctx context.Context, d Deps) (*Desk, error) {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Models == nil {
		d.Models = func() string { return "" }
	}
	if d.Publish == nil {
		d.Publish = func(string, any) {}
	}
	k := &Desk{d: d, wake: make(chan struct{}, 1), broken: map[string]Broken{}, plan: plan{changed: map[string]time.Time{}, wanted: map[string]bool{}}}
	if err := k.recall(ctx); err != nil {
		return nil, err
	}
	k.running, k.stop = context.WithCancel(context.WithoutCancel(ctx))
	k.tasks.Add(1)
	go k.work()
	return k, nil
}

// Close ends a run that is going on, and keeps nothing of it.
func (k *Desk) Close() error {
	k.stop()
	k.tasks.Wait()
	return nil
}

// Rate keeps what a reader thinks of an answer: "up" or "down".
func (k *Desk) Rate(ctx context.Context, messageID, rating, note string) error {
	if rating != "up" && rating != "down" {
		return invalid("rating", "A rating is up or down. Nothing was kept.")
	}
	if utf8.RuneCountInString(note) > maxNote {
		return invalid("note", "The note is too long. Nothing was kept.")
	}
	err := k.d.Store.Rate(ctx, messageID, rating == "up", note)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return &app.Error{Code: app.CodeMessageNotFound, Err: err}
	case errors.Is(err, storage.ErrInvalid):
		return invalid("id", "Only answers are rated. Nothing was kept.")
	case err != nil:
		return err
	}
	m, err := k.d.Store.Message(ctx, messageID)
	if err == nil && m.Grounding != nil {
		k.inboxChanged(m.Grounding.Collection)
	}
	return nil // it is kept
}

// inboxChanged tells the pages to read an inbox again.
func (k *Desk) inboxChanged(collection string) {
	k.d.Publish(app.EventInbox, app.InboxChanged{Collection: collection})
}

const (
	maxNote  = 2000 // characters
	maxInbox = 500  // answers that are looked at, newest first
)

// InboxItem is a question in the inbox. The same question asked several times is
// one; nobody sees who asked.
type InboxItem struct {
	IDs       []string            `json:"ids" nullable:"false" doc:"Answers to this question, newest first: what PATCH and POST answers take."`
	Kind      string              `json:"kind" enum:"unanswered,low_score,thumbs_down"`
	State     string              `json:"state" enum:"open,answered,dismissed"`
	Question  string              `json:"question"`
	Notes     []string            `json:"notes,omitempty" doc:"What readers wrote with a thumb down."`
	Times     int                 `json:"times"`
	AskedAt   time.Time           `json:"asked_at" doc:"When it was asked last."`
	AnswerID  string              `json:"answer_id,omitempty"`
	Grounding storage.Grounding   `json:"grounding"`
	messages  []storage.InboxItem // newest first
}

// Inbox gives a collection's questions in one state, newest first, and how many
// answers are in each.
func (k *Desk) Inbox(ctx context.Context, person, collection, state string) ([]InboxItem, map[string]int, error) {
	if err := k.d.Owned(ctx, person, collection); err != nil {
		return nil, nil, err
	}
	rows, err := k.d.Store.Inbox(ctx, collection, state, maxInbox)
	if err != nil {
		return nil, nil, err
	}
	counts, err := k.d.Store.CountInbox(ctx, collection)
	return group(rows), counts, err
}

// group joins what is the same question, newest first.
func group(rows []storage.InboxItem) []InboxItem {
	list := []InboxItem{}
	at := map[string]int{}
	for _, r := range rows {
		// A follow-up is what it was understood as: "And for managers?" alone is
		// another question in each conversation.
		question := cmp.Or(r.Grounding.Query, r.Question)
		key := same(question) + "\x00" + r.AnswerID
		i, seen := at[key]
		if !seen {
			i = len(list)
			at[key] = i
			list = append(list, InboxItem{Kind: r.Kind, State: r.State, Question: question, AskedAt: r.CreatedAt, AnswerID: r.AnswerID, Grounding: r.Grounding})
		}
		item := &list[i]
		item.IDs = append(item.IDs, r.MessageID)
		item.Times++
		if r.Note != "" {
			item.Notes = append(item.Notes, r.Note)
		}
		if r.Kind == storage.InboxThumbsDown {
			item.Kind = r.Kind
		}
		item.messages = append(item.messages, r)
	}
	return list
}

// same is the same for questions that differ in capitals, marks and spaces alone.
func same(question string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(question), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// Move gives questions of the inbox another state: open or dismissed.
func (k *Desk) Move(ctx context.Context, person, collection string, ids []string, state string) error {
	if state != storage.InboxOpen && state != storage.InboxDismissed {
		return invalid("state", "A question is made open or dismissed here; it is answered by an approved answer. Nothing was changed.")
	}
	if err := k.d.Owned(ctx, person, collection); err != nil {
		return err
	}
	if err := inInbox(k.d.Store.SetInbox(ctx, collection, ids, state, "")); err != nil {
		return err
	}
	k.inboxChanged(collection)
	return nil
}

func inInbox(err error) error {
	if errors.Is(err, storage.ErrNotFound) {
		return &app.Error{Code: app.CodeMessageNotFound, Err: err, Message: "A question is not in the inbox any more: it may have been deleted by who asked it. Nothing was changed."}
	}
	return err
}

func invalid(field, sentence string) error {
	return &app.Error{Code: app.CodeInvalid, Param: field, Message: sentence}
}

// wrap adds what was tried to errors that are not for users.
func wrap(what string, err error) error {
	var coded *app.Error
	if err == nil || errors.As(err, &coded) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}
