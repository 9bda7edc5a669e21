package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"alcove/storage/sqlcgen"
)

// AddDocument stores a document that waits to be read, or is a duplicate where
// the collection has the same bytes already (SHA256). Where they were sent before,
// that document is returned for a file that is sent, and false; one that was
// cancelled or failed waits again. ErrNotFound: there is no such collection. ID, times and
// the place in the queue are set.
func (db *DB) AddDocument(ctx context.Context, d Document) (out Document, created bool, err error) {
	if d.ID == "" {
		d.ID = newID()
	}
	err = db.write(ctx, func(q *sqlcgen.Queries) error {
		if _, err := q.GetCollection(ctx, d.CollectionID); err != nil {
			return err
		}
		if d.Folder == "" {
			before, err := db.sentBefore(ctx, q, d)
			if !errors.Is(err, ErrNotFound) {
				out = documentOf(before)
				return err
			}
		}
		row, err := db.sameContent(ctx, q, d)
		d.State, d.Reason = DocumentWaiting, ""
		if err == nil {
			d.State, d.Reason = DocumentDuplicate, row.ID
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
		if err := db.insertDocument(ctx, q, d); err != nil {
			return err
		}
		created = true
		row, err = q.GetDocument(ctx, d.ID)
		out = documentOf(row)
		return err
	})
	if err != nil {
		return Document{}, false, fmt.Errorf("add a document: %w", err)
	}
	return out, created, nil
}

func (db *DB) insertDocument(ctx context.Context, q *sqlcgen.Queries, d Document) error {
	num, err := q.NextDocumentNum(ctx)
	if err != nil {
		return err
	}
	now := millis(db.now())
	p := sqlcgen.InsertDocumentParams{Num: num, ID: d.ID, CollectionID: d.CollectionID, Name: d.Name, Path: d.Path, State: string(d.State), Reason: d.Reason,
		Sha256: d.SHA256, Size: d.Size, Modified: millis(d.Modified), Priority: int64(d.Priority), QueuedAt: now, Series: d.Series,
		Version: d.Version, Effective: d.Effective, Title: d.Title, Chosen: int64(d.Chosen), CreatedAt: now, UpdatedAt: now}
	if d.Folder != "" {
		p.FolderID = &d.Folder
	}
	return q.InsertDocument(ctx, p)
}

// sentBefore finds the document of the collection that was sent with the bytes
// of d; one that was cancelled or failed waits again.
func (db *DB) sentBefore(ctx context.Context, q *sqlcgen.Queries, d Document) (sqlcgen.Document, error) {
	rows, err := q.FindContent(ctx, sqlcgen.FindContentParams{CollectionID: d.CollectionID, Sha256: d.SHA256})
	if err != nil {
		return sqlcgen.Document{}, err
	}
	i := slices.IndexFunc(rows, func(r sqlcgen.Document) bool { return r.FolderID == nil })
	if i < 0 {
		return sqlcgen.Document{}, ErrNotFound
	}
	if rows[i].State == string(DocumentCancelled) || rows[i].State == string(DocumentFailed) {
		err = db.again(ctx, q, rows[i], 0, time.Time{})
	}
	if err != nil {
		return sqlcgen.Document{}, err
	}
	return q.GetDocument(ctx, rows[i].ID)
}

// again lets a document wait. One that was given up is a duplicate now where
// another one has its bytes meanwhile.
func (db *DB) again(ctx context.Context, q *sqlcgen.Queries, row sqlcgen.Document, attempts int, notBefore time.Time) error {
	if givenUp(row) {
		same, err := db.sameContent(ctx, q, documentOf(row))
		if err == nil {
			return db.duplicate(ctx, q, row, same)
		}
		if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return db.queue(ctx, q, row.ID, attempts, notBefore)
}

// sameContent finds the document of the collection that has the bytes of d and
// is no duplicate itself. One that was given up answers nothing, and keeps no
// other from it.
func (db *DB) sameContent(ctx context.Context, q *sqlcgen.Queries, d Document) (sqlcgen.Document, error) {
	if d.SHA256 == "" {
		return sqlcgen.Document{}, ErrNotFound
	}
	rows, err := q.FindContent(ctx, sqlcgen.FindContentParams{CollectionID: d.CollectionID, Sha256: d.SHA256})
	if err != nil {
		return sqlcgen.Document{}, err
	}
	i := slices.IndexFunc(rows, func(r sqlcgen.Document) bool {
		return r.ID != d.ID && r.State != string(DocumentDuplicate) && !givenUp(r)
	})
	if i < 0 {
		return sqlcgen.Document{}, ErrNotFound
	}
	return rows[i], nil
}

// givenUp says whether nothing answers with a document's bytes, nor will by itself.
func givenUp(r sqlcgen.Document) bool {
	return (r.State == string(DocumentCancelled) || r.State == string(DocumentFailed)) && r.IndexedSha256 != r.Sha256
}

func (db *DB) queue(ctx context.Context, q *sqlcgen.Queries, id string, attempts int, notBefore time.Time) error {
	now := millis(db.now())
	p := sqlcgen.QueueDocumentParams{ID: id, Attempts: int64(attempts), QueuedAt: now, UpdatedAt: now}
	if !notBefore.IsZero() {
		p.NotBefore = millis(notBefore)
	}
	n, err := q.QueueDocument(ctx, p)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// NextDocument takes the document that is to be read next: of the collections
// that are not paused, by Priority and then by arrival. ErrNotFound: none, and
// then soon is when one that rests is due (zero: there is none).
func (db *DB) NextDocument(ctx context.Context) (d Document, soon time.Time, err error) {
	now := millis(db.now())
	var due []sqlcgen.Document
	err = db.read(ctx, func(q *sqlcgen.Queries) error { // most often there is nothing: no write for that
		due, err = q.NextWaiting(ctx, now)
		if err != nil || len(due) > 0 {
			return err
		}
		at, err := q.SoonestWaiting(ctx, now)
		if at > 0 {
			soon = fromMillis(at)
		}
		return err
	})
	if err == nil && len(due) == 0 {
		err = ErrNotFound
	}
	if err == nil {
		err = db.write(ctx, func(q *sqlcgen.Queries) error {
			rows, err := q.NextWaiting(ctx, now)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				return ErrNotFound
			}
			first := slices.MinFunc(rows, func(a, b sqlcgen.Document) int {
				return slices.Compare([]int64{a.Priority, a.QueuedAt, a.Num}, []int64{b.Priority, b.QueuedAt, b.Num})
			})
			if _, err := q.BeginReading(ctx, sqlcgen.BeginReadingParams{ID: first.ID, UpdatedAt: now}); err != nil {
				return err
			}
			row, err := q.GetDocument(ctx, first.ID)
			d = documentOf(row)
			return err
		})
	}
	if err != nil {
		return Document{}, soon, fmt.Errorf("take the next document: %w", err)
	}
	return d, soon, nil
}

// MoveDocument sets state and reason of a document that is in state was;
// ErrConflict: it is not. A duplicate of one that is given up takes its place.
func (db *DB) MoveDocument(ctx context.Context, id string, was, to DocumentState, reason string) (Document, error) {
	return db.changeDocument(ctx, "move", id, func(q *sqlcgen.Queries, row sqlcgen.Document) error {
		n, err := q.MoveDocument(ctx, sqlcgen.MoveDocumentParams{ID: id, Was: string(was), State: string(to), Reason: reason, UpdatedAt: millis(db.now())})
		if err == nil && n == 0 {
			return ErrConflict
		}
		if row.State = string(to); err == nil && to == DocumentCancelled && givenUp(row) {
			err = db.promote(ctx, q, documentOf(row))
		}
		return err
	})
}

// QueueDocument lets a document wait to be read (again), at the end of the
// queue and not before a time. What is found of it stays found.
func (db *DB) QueueDocument(ctx context.Context, id string, attempts int, notBefore time.Time) (Document, error) {
	return db.changeDocument(ctx, "queue", id, func(q *sqlcgen.Queries, row sqlcgen.Document) error {
		return db.again(ctx, q, row, attempts, notBefore)
	})
}

// SetDocumentFile notes the file that is to be read as it is now: its hash,
// size and time of change. Where the collection has the same bytes already the
// document becomes a duplicate, and nothing of it is found any more; else what
// was read of the file before stays found until it is replaced. A duplicate that
// is none any more waits to be read, and so does one whose document this was.
func (db *DB) SetDocumentFile(ctx context.Context, id, sha256 string, size int64, modified time.Time) (Document, error) {
	return db.changeDocument(ctx, "note the file of", id, func(q *sqlcgen.Queries, row sqlcgen.Document) error {
		now := millis(db.now())
		if _, err := q.SetContent(ctx, sqlcgen.SetContentParams{ID: id, Sha256: sha256, Size: size, Modified: millis(modified), UpdatedAt: now}); err != nil {
			return err
		}
		if row.Sha256 == sha256 {
			return nil
		}
		before := documentOf(row)
		if err := db.promote(ctx, q, before); err != nil {
			return err
		}
		d := before
		d.SHA256 = sha256
		same, err := db.sameContent(ctx, q, d)
		switch {
		case errors.Is(err, ErrNotFound) && before.State == DocumentDuplicate:
			return db.queue(ctx, q, id, 0, time.Time{})
		case errors.Is(err, ErrNotFound):
			return nil
		case err != nil:
			return err
		}
		return db.duplicate(ctx, q, row, same)
	})
}

// duplicate makes a document one of another one; nothing of it is found any more.
func (db *DB) duplicate(ctx context.Context, q *sqlcgen.Queries, row, same sqlcgen.Document) error {
	p := sqlcgen.MoveDocumentParams{ID: row.ID, Was: row.State, State: string(DocumentDuplicate), Reason: same.ID, UpdatedAt: millis(db.now())}
	if _, err := q.MoveDocument(ctx, p); err != nil {
		return err
	}
	return db.unread(ctx, q, row)
}

// unread takes away what was read of a document. Nothing of it is found any
// more; DropOld removes it.
func (db *DB) unread(ctx context.Context, q *sqlcgen.Queries, row sqlcgen.Document) error {
	if row.IndexedAt == nil {
		return nil
	}
	if _, err := q.WithdrawChunks(ctx, row.Num); err != nil {
		return err
	}
	if err := q.ClearRead(ctx, row.Num); err != nil {
		return err
	}
	if err := db.supersede(ctx, q, row.CollectionID, row.Series); err != nil {
		return err
	}
	return q.SetPending(ctx)
}

// RestDocuments lets what is in work wait again, when the program ends in
// order: that is no failed attempt.
func (db *DB) RestDocuments(ctx context.Context) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error { return q.RestWorking(ctx, millis(db.now())) })
	if err != nil {
		return fmt.Errorf("rest the queue: %w", err)
	}
	return nil
}

// MoveDocumentFile notes that a file of a watched folder has another name,
// path, series, size and time of change now, as d has them. Its text stays.
// dated: the new name speaks of another version or day, d's. A document that is
// ready is read again then, since what its text says goes before its name.
func (db *DB) MoveDocumentFile(ctx context.Context, d Document, dated bool) (Document, error) {
	return db.changeDocument(ctx, "rename", d.ID, func(q *sqlcgen.Queries, row sqlcgen.Document) error {
		chosen := DocumentField(row.Chosen)
		if chosen&FieldSeries != 0 {
			d.Series = row.Series
		}
		if chosen&FieldVersion != 0 || !dated {
			d.Version = row.Version
		}
		if chosen&FieldEffective != 0 || !dated {
			d.Effective = row.Effective
		}
		_, err := q.SetPlace(ctx, sqlcgen.SetPlaceParams{ID: d.ID, Name: d.Name, Path: d.Path, Series: d.Series, Version: d.Version, Effective: d.Effective,
			Size: d.Size, Modified: millis(d.Modified), UpdatedAt: millis(db.now())})
		if err == nil && dated && row.State == string(DocumentReady) {
			err = db.queue(ctx, q, d.ID, 0, time.Time{})
		}
		if err != nil {
			return err
		}
		return db.supersede(ctx, q, row.CollectionID, row.Series, d.Series)
	})
}

func (db *DB) changeDocument(ctx context.Context, verb, id string, change func(*sqlcgen.Queries, sqlcgen.Document) error) (d Document, err error) {
	err = db.write(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetDocument(ctx, id)
		if err != nil {
			return err
		}
		if err := change(q, row); err != nil {
			return err
		}
		row, err = q.GetDocument(ctx, id)
		d = documentOf(row)
		return err
	})
	if err != nil {
		return Document{}, fmt.Errorf("%s a document: %w", verb, err)
	}
	return d, nil
}

// ResumeDocuments lets what was in work when the program ended wait again. One
// that was being put into the index, and has been begun maxAttempts times, is
// failed for reason instead: it may be what ends the program. Reading happens in
// a child and does not: it counts for nothing.
func (db *DB) ResumeDocuments(ctx context.Context, maxAttempts int, reason string) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		if err := q.RestReading(ctx, millis(db.now())); err != nil {
			return err
		}
		rows, err := q.ListWorking(ctx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			p := sqlcgen.MoveDocumentParams{ID: r.ID, Was: r.State, State: string(DocumentWaiting), UpdatedAt: millis(db.now())}
			if int(r.Attempts) >= maxAttempts {
				p.State, p.Reason = string(DocumentFailed), reason
			}
			if _, err := q.MoveDocument(ctx, p); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("resume the queue: %w", err)
	}
	return nil
}
