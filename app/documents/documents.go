package documents

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"alcove/app"
	"alcove/storage"
)

// Sent is a file that somebody sends.
type Sent struct {
	Collection string
	Name       string // may have folders before it: "2026/handbook.pdf"
	Size       int64  // bytes; -1: not known
	Modified   time.Time
	// What the sender says of it; nil: what the file says.
	Title, Effective, Version, Series *string
	first                             bool // read before all that waits
}

// Filter says which documents are listed.
type Filter struct {
	Collection, State, Text, Before string
	Limit                           int
}

// Send takes a file and queues it. It is on the disk when Send returns. The same
// bytes again give the document that is there, and false.
func (s *Service) Send(ctx context.Context, person string, f Sent, body io.Reader) (Document, bool, error) {
	if _, err := s.owned(ctx, person, f.Collection); err != nil {
		return Document{}, false, err
	}
	row := storage.Document{CollectionID: f.Collection, Modified: f.Modified}
	if row.Modified.IsZero() {
		row.Modified = time.Unix(0, 0)
	}
	var err error
	if row.Name, row.Path, err = splitName(f.Name); err != nil {
		return Document{}, false, err
	}
	if f.first {
		row.Priority = -1
	}
	guess := s.guess(placeOf(row))
	row.Series, row.Version, row.Effective = guess.Series, guess.Version, guess.Effective
	for _, c := range []struct {
		name string
		from *string
		to   *string
		bit  storage.DocumentField
	}{{"title", f.Title, &row.Title, storage.FieldTitle}, {"effective", f.Effective, &row.Effective, storage.FieldEffective},
		{"version", f.Version, &row.Version, storage.FieldVersion}, {"series", f.Series, &row.Series, storage.FieldSeries}} {
		if c.from == nil {
			continue
		}
		if err := checkField(c.name, *c.from); err != nil {
			return Document{}, false, err
		}
		*c.to = *c.from
		row.Chosen |= c.bit
	}
	part, sha, size, err := s.receive(reader{ctx, body}, f.Size)
	if err != nil {
		return Document{}, false, err
	}
	row.SHA256, row.Size = sha, size
	created := false
	err = s.ask(ctx, func(q *queue) error {
		if err := s.keep(part, sha); err != nil {
			return err
		}
		var err error
		if row, created, err = s.d.Store.AddDocument(ctx, row); err != nil {
			s.removeOriginal(context.WithoutCancel(ctx), sha)
			return err
		}
		q.state(row)
		return nil
	})
	if err != nil {
		os.Remove(part)
		if errors.Is(err, storage.ErrNotFound) {
			err = &app.Error{Code: app.CodeCollectionNotFound, Err: err}
		}
		return Document{}, false, err
	}
	return s.view(row), created, nil
}

// Write sends a text that was written here. It is read before all that waits: who
// wrote it looks for it now, and five hundred files may be on their way. Where the collection has the same
// text, that document gets what f says of it, and isNew is false.
func (s *Service) Write(ctx context.Context, person string, f Sent, text string) (id string, isNew bool, err error) {
	f.Size, f.first = int64(len(text)), true
	d, isNew, err := s.Send(ctx, person, f, strings.NewReader(text))
	if err == nil && !isNew {
		d, err = s.Change(ctx, person, d.ID, storage.DocumentChange{Title: f.Title, Effective: f.Effective, Version: f.Version, Series: f.Series})
	}
	return d.ID, isNew, err
}

// maxName bounds a file name and the path before it, in bytes.
const maxName = 1024

// splitName takes the name that a sender gave: it is text, and never a path on
// this machine.
func splitName(name string) (base, dir string, err error) {
	name = strings.ReplaceAll(name, "\\", "/")
	base = path.Base(path.Clean("/" + name))
	dir = strings.Trim(path.Dir(path.Clean("/"+name)), "/")
	switch {
	case base == "/" || base == "." || strings.HasSuffix(name, "/"):
		return "", "", invalid("name", "A file needs a name.")
	case len(name) > maxName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "", "", invalid("name", "This name is too long, or has characters that no name has.")
	}
	return base, dir, nil
}

var dayPattern = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

func checkField(name, value string) error {
	if name == "effective" {
		if value == "" {
			return nil
		}
		if _, err := time.Parse(time.DateOnly, value); err != nil || !dayPattern.MatchString(value) {
			return invalid(name, "A day is written as 2026-01-31.")
		}
		return nil
	}
	most := 200
	if name == "version" {
		most = 40
	}
	if strings.ContainsFunc(value, unicode.IsControl) {
		return invalid(name, "There are characters in it that no text has.")
	}
	return plainText(name, value, most)
}

// List lists documents that a person may read, newest first.
func (s *Service) List(ctx context.Context, person string, f Filter) ([]Document, string, error) {
	rows, next, err := s.d.Store.Documents(ctx, storage.DocumentFilter{Person: person, Collection: f.Collection, State: storage.DocumentState(f.State),
		Text: f.Text, Before: storage.Cursor(f.Before), Limit: f.Limit})
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil, "", &app.Error{Code: app.CodeCollectionNotFound, Err: err}
	case errors.Is(err, storage.ErrInvalid):
		return nil, "", &app.Error{Code: app.CodeInvalid, Param: "before", Message: "This is not a cursor of an earlier answer."}
	case err != nil:
		return nil, "", err
	}
	out := make([]Document, len(rows))
	for i, d := range rows {
		out[i] = s.view(d)
	}
	return out, string(next), nil
}

// Get gives a document that a person may read.
func (s *Service) Get(ctx context.Context, person, id string) (Document, error) {
	d, err := s.document(ctx, person, id)
	return s.view(d), err
}

func (s *Service) document(ctx context.Context, person, id string) (storage.Document, error) {
	d, err := s.d.Store.Document(ctx, person, id)
	if errors.Is(err, storage.ErrNotFound) {
		err = &app.Error{Code: app.CodeDocumentNotFound, Err: err}
	}
	return d, err
}

// ownedDocument gives a document that a person may change.
func (s *Service) ownedDocument(ctx context.Context, person, id string) (storage.Document, error) {
	d, err := s.document(ctx, person, id)
	if err == nil {
		_, err = s.owned(ctx, person, d.CollectionID)
	}
	return d, err
}

// Change sets what a person chose of a document.
func (s *Service) Change(ctx context.Context, person, id string, c storage.DocumentChange) (Document, error) {
	for name, v := range map[string]*string{"title": c.Title, "effective": c.Effective, "version": c.Version, "series": c.Series} {
		if v == nil {
			continue
		}
		if err := checkField(name, *v); err != nil {
			return Document{}, err
		}
	}
	was, err := s.ownedDocument(ctx, person, id)
	if err != nil {
		return Document{}, err
	}
	return s.act(ctx, func(q *queue) (storage.Document, error) {
		d, err := s.d.Store.ChangeDocument(ctx, id, c)
		if err == nil {
			s.d.Forget(d.ID)
			q.series(d)
			if was.Series != d.Series {
				q.series(was)
			}
			s.d.Ended(d.CollectionID)
		}
		return d, err
	})
}

// Retry reads a document again, from the end of the queue.
func (s *Service) Retry(ctx context.Context, person, id string) (Document, error) {
	if _, err := s.ownedDocument(ctx, person, id); err != nil {
		return Document{}, err
	}
	return s.act(ctx, func(q *queue) (storage.Document, error) {
		d, err := s.d.Store.AnyDocument(ctx, id)
		if err != nil || d.State == storage.DocumentWaiting || d.State == storage.DocumentReading || d.State == storage.DocumentIndexing {
			return d, err // it is on its way
		}
		if d.State == storage.DocumentDuplicate {
			return d, &app.Error{Code: app.CodeConflict, Message: "The collection has the same file already. Nothing was begun."}
		}
		if d, err = s.d.Store.QueueDocument(ctx, id, 0, time.Time{}); err == nil && d.State == storage.DocumentDuplicate {
			q.unread(d) // it was given up, and another one has its bytes meanwhile
		}
		return d, err
	})
}

// Cancel gives a document in the queue up; what was found of it before stays.
func (s *Service) Cancel(ctx context.Context, person, id string) (Document, error) {
	if _, err := s.ownedDocument(ctx, person, id); err != nil {
		return Document{}, err
	}
	return s.act(ctx, func(q *queue) (storage.Document, error) {
		d, err := s.d.Store.AnyDocument(ctx, id)
		switch {
		case err != nil:
			return d, err
		case d.State == storage.DocumentWaiting, d.State == storage.DocumentReading, d.State == storage.DocumentIndexing:
			d, err = s.d.Store.MoveDocument(ctx, id, d.State, storage.DocumentCancelled, "")
			if errors.Is(err, storage.ErrConflict) { // it was just done
				return s.d.Store.AnyDocument(ctx, id)
			}
			if err == nil {
				q.drop(id)
				s.d.Ended(d.CollectionID)
			}
			return d, err
		}
		return d, nil
	})
}

// act lets the owner change a document, and tells of it.
func (s *Service) act(ctx context.Context, change func(*queue) (storage.Document, error)) (Document, error) {
	var d storage.Document
	err := s.ask(ctx, func(q *queue) (err error) {
		if d, err = change(q); err == nil {
			q.state(d)
		}
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		err = &app.Error{Code: app.CodeDocumentNotFound, Err: err}
	}
	if err != nil {
		return Document{}, err
	}
	return s.view(d), nil
}

// Delete removes a document from everywhere. A file of a watched folder stays
// where it is, so that only its folder can give it up.
func (s *Service) Delete(ctx context.Context, person, id string) error {
	d, err := s.ownedDocument(ctx, person, id)
	if err != nil {
		return err
	}
	if d.Folder != "" {
		there, err := s.inFolder(ctx, d)
		if err != nil {
			return err
		}
		if there {
			return &app.Error{Code: app.CodeConflict, Message: "This file is in a watched folder and would be taken in again. Nothing was removed. Remove it from the folder, or stop watching the folder."}
		}
	}
	err = s.ask(ctx, func(q *queue) error { return q.removeOne(ctx, id) })
	if errors.Is(err, storage.ErrNotFound) {
		err = &app.Error{Code: app.CodeDocumentNotFound, Err: err}
	}
	return err
}

// File opens the file of a document that a person may read. The caller closes it.
func (s *Service) File(ctx context.Context, person, id string) (*os.File, Document, error) {
	d, err := s.document(ctx, person, id)
	if err != nil {
		return nil, Document{}, err
	}
	f, err := s.openFile(ctx, d)
	if err != nil {
		return nil, Document{}, &app.Error{Code: app.CodeDocumentNotFound, Message: "The file of this document is not there any more. Its text is still shown.", Err: err}
	}
	return f, s.view(d), nil
}

// Text gives the text of a document that a person may read: the blocks from one
// place to another, both inclusive.
func (s *Service) Text(ctx context.Context, person, id string, first, last int) (Document, []storage.Block, error) {
	d, err := s.document(ctx, person, id)
	if err != nil {
		return Document{}, nil, err
	}
	blocks, err := s.d.Store.Blocks(ctx, id, first, last)
	return s.view(d), blocks, err
}

// Place says where in a document that the person may read a passage is.
func (s *Service) Place(ctx context.Context, person, id, chunk string) (storage.Chunk, error) {
	if _, err := s.document(ctx, person, id); err != nil {
		return storage.Chunk{}, err
	}
	return s.d.Store.ChunkPlace(ctx, id, chunk)
}

// Figures are the queue's, for monitoring.
type Figures struct {
	States map[storage.DocumentState]int
	Chunks int
	// Oldest is since when the first document waits; zero: none does.
	Oldest time.Time
	// Failed are the collections with failed documents, and how many each has.
	Failed map[string]int
}

// Standing is what Figures last gave, some seconds ago; false: nothing yet.
func (s *Service) Standing() (Figures, bool) {
	if f := s.standing.Load(); f != nil {
		return *f, true
	}
	return Figures{}, false
}

// Figures counts the documents of all collections.
func (s *Service) Figures(ctx context.Context) (Figures, error) {
	f := Figures{States: map[storage.DocumentState]int{}, Failed: map[string]int{}}
	list, err := s.d.Store.AllCollections(ctx)
	if err != nil {
		return f, err
	}
	for _, c := range list {
		n, err := s.d.Store.CollectionCounts(ctx, c.ID)
		if err != nil {
			return f, err
		}
		for state, k := range n.States {
			f.States[state] += k
		}
		f.Chunks += n.Chunks
		if k := n.States[storage.DocumentFailed]; k > 0 {
			f.Failed[c.ID] = k
		}
		if !c.Paused && !n.Oldest.IsZero() && (f.Oldest.IsZero() || n.Oldest.Before(f.Oldest)) {
			f.Oldest = n.Oldest
		}
	}
	return f, nil
}
