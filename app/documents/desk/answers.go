package desk

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"alcove/app"
	"alcove/storage"
)

const (
	maxQuestion = 500    // characters
	maxAnswer   = 20_000 // characters
	maxSigned   = 100    // characters
	maxSources  = 8
)

// Draft is an approved answer that is written or changed.
type Draft struct {
	Question  string
	Answer    string
	Effective string // a day; "": always
	Expires   string // the last day; "": it does not end
	By        string // who signs it; "": nobody
	// Sources are the passages that it stands on: while they are found, it is given.
	Sources []Passage
	// Answers are the items of the inbox that it answers.
	Answers []string
}

// Passage names a passage of the collection. Quote is the sentence that counts,
// literally from it; "": its beginning.
type Passage struct{ Chunk, Quote string }

func (d Draft) check() (Draft, error) {
	d.Question, d.Answer, d.By = oneLine(d.Question), strings.TrimSpace(d.Answer), oneLine(d.By)
	switch {
	case d.Question == "":
		return d, invalid("question", "The question is empty. Nothing was kept.")
	case d.Answer == "":
		return d, invalid("answer", "The answer is empty. Nothing was kept.")
	case strings.ContainsFunc(d.Question, unicode.IsControl):
		return d, invalid("question", "There are characters in the question that no text has. Nothing was kept.")
	case strings.ContainsFunc(d.Answer, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }):
		return d, invalid("answer", "There are characters in the answer that no text has. Nothing was kept.")
	case utf8.RuneCountInString(d.Question) > maxQuestion:
		return d, invalid("question", "The question is too long. Nothing was kept.")
	case utf8.RuneCountInString(d.Answer) > maxAnswer:
		return d, invalid("answer", "The answer is too long. Nothing was kept.")
	}
	return d, d.checkStanding()
}

// checkStanding checks how long an answer holds, who signs it and on what it stands.
func (d Draft) checkStanding() error {
	for field, day := range map[string]string{"effective": d.Effective, "expires": d.Expires} {
		if _, err := time.Parse(time.DateOnly, cmp.Or(day, "2026-01-01")); err != nil {
			return invalid(field, "The day must be one such as 2026-01-31. Nothing was kept.")
		}
	}
	switch {
	case d.Expires != "" && d.Expires < d.Effective:
		return invalid("expires", "The last day is before the first. Nothing was kept.")
	case utf8.RuneCountInString(d.By) > maxSigned || strings.ContainsFunc(d.By, unicode.IsControl):
		return invalid("by", "The name is too long, or has characters that no name has. Nothing was kept.")
	case len(d.Sources) > maxSources:
		return invalid("sources", "An answer stands on 8 passages at most. Nothing was kept.")
	}
	return nil
}

// oneLine is a text as a heading can have it.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Answered gives a collection's approved answers, newest first.
func (k *Desk) Answered(ctx context.Context, person, collection string) ([]storage.Approved, error) {
	if err := k.d.Owned(ctx, person, collection); err != nil {
		return nil, err
	}
	return k.d.Store.ListApproved(ctx, collection)
}

// Answer keeps an answer that HR wrote: as soon as it is indexed, questions like
// it are answered from it.
func (k *Desk) Answer(ctx context.Context, person, collection string, d Draft) (storage.Approved, error) {
	d, err := d.check()
	if err != nil {
		return storage.Approved{}, err
	}
	if err := k.d.Owned(ctx, person, collection); err != nil {
		return storage.Approved{}, err
	}
	k.writing.Lock()
	defer k.writing.Unlock()
	return k.put(ctx, person, storage.Approved{Collection: collection}, d)
}

// ChangeAnswer replaces an approved answer. Until a new text is indexed neither
// is found; where only the day is another one, the text is found all the time.
func (k *Desk) ChangeAnswer(ctx context.Context, person, id string, d Draft) (storage.Approved, error) {
	d, err := d.check()
	if err != nil {
		return storage.Approved{}, err
	}
	k.writing.Lock()
	defer k.writing.Unlock()
	old, err := k.approved(ctx, person, id)
	if err != nil {
		return storage.Approved{}, err
	}
	return k.put(ctx, person, old, d)
}

// put makes the document first: an answer without one would never be found. What
// can be refused is refused before: a document that is there already gets its new
// day at once.
func (k *Desk) put(ctx context.Context, person string, a storage.Approved, d Draft) (storage.Approved, error) {
	was := a.DocumentID
	a.Question, a.Answer, a.Effective, a.Expires, a.By = d.Question, d.Answer, d.Effective, d.Expires, d.By
	var err error
	if a.Sources, err = k.sources(ctx, person, a.Collection, d.Sources); err != nil {
		return storage.Approved{}, err
	}
	if err := k.d.Store.InInbox(ctx, a.Collection, d.Answers); err != nil {
		return storage.Approved{}, inInbox(err)
	}
	document, isNew, err := k.d.Put(ctx, person, File{
		Collection: a.Collection, Name: nameOf(d.Question), Title: clip(d.Question, 200), Effective: d.Effective,
		Text: "# " + d.Question + "\n\n" + d.Answer + "\n",
	})
	if err != nil {
		return storage.Approved{}, wrap("put an approved answer", err)
	}
	a.DocumentID = document
	ctx = context.WithoutCancel(ctx)
	kept, err := k.d.Store.PutApproved(ctx, a, d.Answers)
	if err != nil {
		if isNew {
			err = errors.Join(inInbox(err), k.d.Remove(ctx, person, document))
		}
		return storage.Approved{}, inInbox(err)
	}
	k.inboxChanged(a.Collection)
	if was != "" && was != document {
		if err := k.d.Remove(ctx, person, was); err != nil && !gone(err) {
			return storage.Approved{}, wrap("remove the answer before", err)
		}
	}
	return kept, nil
}

// sources reads the passages that an answer stands on, as they are now.
func (k *Desk) sources(ctx context.Context, person, collection string, passages []Passage) ([]storage.ApprovedSource, error) {
	var out []storage.ApprovedSource
	reach := storage.Reach{Collection: collection, Person: person, AsOf: k.d.Now().Format(time.DateOnly)}
	for _, p := range passages {
		c, err := k.d.Store.ReachChunk(ctx, reach, p.Chunk)
		if errors.Is(err, storage.ErrNotFound) {
			return nil, invalid("sources", "A passage is not found in this collection any more. Look for it again. Nothing was kept.")
		}
		if err != nil {
			return nil, err
		}
		quote := strings.TrimSpace(p.Quote)
		if !strings.Contains(c.Chunk.Text, quote) || quote == "" {
			quote = clip(c.Chunk.Text, quoteLength)
		}
		out = append(out, storage.ApprovedSource{DocumentID: c.Document.ID, Document: c.Document.Name, ChunkID: c.Chunk.ID, Page: c.Chunk.Page, PageEnd: c.Chunk.PageEnd, Quote: quote})
	}
	return out, nil
}

// quoteLength is how much of a passage is kept where nobody chose a sentence,
// in characters.
const quoteLength = 200

// RemoveAnswer deletes an approved answer. Nothing is answered from it any more,
// and the questions that it answered are open again.
func (k *Desk) RemoveAnswer(ctx context.Context, person, id string) error {
	k.writing.Lock()
	defer k.writing.Unlock()
	a, err := k.approved(ctx, person, id)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := k.d.Remove(ctx, person, a.DocumentID); err != nil && !gone(err) {
		return wrap("remove an approved answer", err)
	}
	if err := k.d.Store.DeleteApproved(ctx, id); err != nil {
		return err
	}
	k.inboxChanged(a.Collection)
	return nil
}

func (k *Desk) approved(ctx context.Context, person, id string) (storage.Approved, error) {
	a, err := k.d.Store.Approved(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return a, noAnswer(err)
	}
	if err != nil {
		return a, err
	}
	if err := k.d.Owned(ctx, person, a.Collection); err != nil {
		return a, noAnswer(err)
	}
	return a, nil
}

func noAnswer(err error) error {
	return &app.Error{Code: app.CodeNotFound, Err: err, Message: "This approved answer is not there any more: it may have been deleted here or among the documents. Nothing was changed. Write it anew if it is needed."}
}

// gone says that a document is not there any more.
func gone(err error) bool {
	var coded *app.Error
	return errors.Is(err, storage.ErrNotFound) || errors.As(err, &coded) && coded.Code == app.CodeDocumentNotFound
}

// nameOf is a file name for an answer to a question.
func nameOf(question string) string {
	name := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return -1
		}
		return r
	}, question)
	return cmp.Or(strings.Trim(clip(name, 80), ". "), "Answer") + " (approved answer).md"
}

// clip shortens a text to n characters.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
