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
)

// Draft is an approved answer that is written or changed.
type Draft struct {
	Question  string
	Answer    string
	Effective string // a day; "": always
	// Answers are the items of the inbox that it answers.
	Answers []string
}

func (d Draft) check() (Draft, error) {
	d.Question, d.Answer = oneLine(d.Question), strings.TrimSpace(d.Answer)
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
	if d.Effective != "" {
		if _, err := time.Parse(time.DateOnly, d.Effective); err != nil {
			return d, invalid("effective", "The day must be one such as 2026-01-31. Nothing was kept.")
		}
	}
	return d, nil
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
	return k.put(ctx, person, storage.Approved{Collection: collection}, d)
}

// ChangeAnswer replaces an approved answer. Until a new text is indexed neither
// is found; where only the day is another one, the text is found all the time.
func (k *Desk) ChangeAnswer(ctx context.Context, person, id string, d Draft) (storage.Approved, error) {
	d, err := d.check()
	if err != nil {
		return storage.Approved{}, err
	}
	old, err := k.approved(ctx, person, id)
	if err != nil {
		return storage.Approved{}, err
	}
	return k.put(ctx, person, old, d)
}

// put makes the document first: an answer without one would never be found.
func (k *Desk) put(ctx context.Context, person string, a storage.Approved, d Draft) (storage.Approved, error) {
	was := a.DocumentID
	a.Question, a.Answer, a.Effective = d.Question, d.Answer, d.Effective
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
	if was != "" && was != document {
		if err := k.d.Remove(ctx, person, was); err != nil && !gone(err) {
			return storage.Approved{}, wrap("remove the answer before", err)
		}
	}
	return kept, nil
}

// RemoveAnswer deletes an approved answer. Nothing is answered from it any more,
// and the questions that it answered are open again.
func (k *Desk) RemoveAnswer(ctx context.Context, person, id string) error {
	a, err := k.approved(ctx, person, id)
	if err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := k.d.Remove(ctx, person, a.DocumentID); err != nil && !gone(err) {
		return wrap("remove an approved answer", err)
	}
	return k.d.Store.DeleteApproved(ctx, id)
}

func (k *Desk) approved(ctx context.Context, person, id string) (storage.Approved, error) {
	a, err := k.d.Store.Approved(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return a, &app.Error{Code: app.CodeNotFound, Err: err}
	}
	if err != nil {
		return a, err
	}
	if err := k.d.Owned(ctx, person, a.Collection); err != nil {
		return a, &app.Error{Code: app.CodeNotFound, Err: err}
	}
	return a, nil
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
