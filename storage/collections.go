package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// DocumentCounts are figures of a collection.
type DocumentCounts struct {
	Documents, Chunks, Pages, Flagged int
	States                            map[DocumentState]int
	IndexedAt                         time.Time // of the newest; zero: none
	Oldest                            time.Time // since when the first one waits; zero: none does
}

// CreateCollection stores a collection; ErrConflict: there is one of that id,
// ErrRetired: there was one. Times are set.
func (db *DB) CreateCollection(ctx context.Context, c Collection) (Collection, error) {
	c.CreatedAt = db.now()
	c.UpdatedAt = c.CreatedAt
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		languages, err := json.Marshal(append([]string{}, c.Languages...))
		if err != nil {
			return err
		}
		retired, err := q.CountRetired(ctx, c.ID)
		if err != nil {
			return err
		}
		if retired > 0 {
			return ErrRetired
		}
		err = q.InsertCollection(ctx, sqlcgen.InsertCollectionParams{
			ID: c.ID, Title: c.Title, Description: c.Description, Owner: c.Owner, Languages: string(languages), LocalOnly: flag(c.LocalOnly),
			Threshold: c.Threshold, Refusal: c.Refusal, Pinned: cmp.Or(c.Pinned, PinnedAuto), Paused: flag(c.Paused), CreatedAt: millis(c.CreatedAt), UpdatedAt: millis(c.UpdatedAt),
		})
		if err != nil {
			return err
		}
		return putReaders(ctx, q, c)
	})
	if err != nil {
		return Collection{}, fmt.Errorf("create a collection: %w", err)
	}
	return c, nil
}

func putReaders(ctx context.Context, q *sqlcgen.Queries, c Collection) error {
	if err := q.DeleteReaders(ctx, c.ID); err != nil {
		return err
	}
	for _, r := range c.Readers {
		if r == "" {
			continue
		}
		if err := q.InsertReader(ctx, sqlcgen.InsertReaderParams{CollectionID: c.ID, Reader: r}); err != nil {
			return err
		}
	}
	return nil
}

// ChangeCollection lets change alter a collection; its id and times are kept.
// An error of change is returned and nothing is stored.
func (db *DB) ChangeCollection(ctx context.Context, id string, change func(*Collection) error) (c Collection, err error) {
	err = db.write(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetCollection(ctx, id)
		if err != nil {
			return err
		}
		if c, err = collectionOf(ctx, q, row); err != nil {
			return err
		}
		made := c.CreatedAt
		if err := change(&c); err != nil {
			return err
		}
		c.ID, c.CreatedAt, c.UpdatedAt = id, made, db.now()
		languages, err := json.Marshal(append([]string{}, c.Languages...))
		if err != nil {
			return err
		}
		err = q.UpdateCollection(ctx, sqlcgen.UpdateCollectionParams{
			ID: c.ID, Title: c.Title, Description: c.Description, Owner: c.Owner, Languages: string(languages), LocalOnly: flag(c.LocalOnly),
			Threshold: c.Threshold, Refusal: c.Refusal, Pinned: cmp.Or(c.Pinned, PinnedAuto), Paused: flag(c.Paused), UpdatedAt: millis(c.UpdatedAt),
		})
		if err != nil {
			return err
		}
		return putReaders(ctx, q, c)
	})
	if err != nil {
		return Collection{}, fmt.Errorf("change a collection: %w", err)
	}
	return c, nil
}

// Collections lists those that a person may read, by their titles.
func (db *DB) Collections(ctx context.Context, person string) ([]Collection, error) {
	return db.collections(ctx, func(q *sqlcgen.Queries) ([]sqlcgen.Collection, error) { return q.ListReadableCollections(ctx, person) })
}

// AllCollections lists every collection, whoever may read it, oldest first. It
// is for the box's own work; what a person sees comes from Collections.
func (db *DB) AllCollections(ctx context.Context) ([]Collection, error) {
	return db.collections(ctx, func(q *sqlcgen.Queries) ([]sqlcgen.Collection, error) { return q.ListCollections(ctx) })
}

func (db *DB) collections(ctx context.Context, list func(*sqlcgen.Queries) ([]sqlcgen.Collection, error)) (out []Collection, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := list(q)
		if err != nil {
			return err
		}
		for _, r := range rows {
			c, err := collectionOf(ctx, q, r)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list collections: %w", err)
	}
	return out, nil
}

// Collection gives one that a person may read; ErrNotFound also where there is
// one that they may not.
func (db *DB) Collection(ctx context.Context, person, id string) (c Collection, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetReadableCollection(ctx, sqlcgen.GetReadableCollectionParams{ID: id, Person: person})
		if err != nil {
			return err
		}
		c, err = collectionOf(ctx, q, row)
		return err
	})
	if err != nil {
		return Collection{}, fmt.Errorf("read a collection: %w", err)
	}
	return c, nil
}

func collectionOf(ctx context.Context, q *sqlcgen.Queries, r sqlcgen.Collection) (Collection, error) {
	c := Collection{ID: r.ID, Title: r.Title, Description: r.Description, Owner: r.Owner, LocalOnly: r.LocalOnly == 1, Threshold: r.Threshold,
		Refusal: r.Refusal, Pinned: r.Pinned, Paused: r.Paused == 1, CreatedAt: fromMillis(r.CreatedAt), UpdatedAt: fromMillis(r.UpdatedAt)}
	if err := json.Unmarshal([]byte(r.Languages), &c.Languages); err != nil {
		return c, fmt.Errorf("%w: languages of a collection: %w", ErrCorrupt, err)
	}
	var err error
	c.Readers, err = q.ListReaders(ctx, r.ID)
	return c, err
}

// CollectionCounts gives the figures of a collection's documents.
func (db *DB) CollectionCounts(ctx context.Context, id string) (c DocumentCounts, err error) {
	c.States = map[DocumentState]int{}
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.CountDocuments(ctx, id)
		for _, r := range rows {
			c.Documents += int(r.Documents)
			c.Chunks += int(r.Chunks)
			c.Pages += int(r.Pages)
			c.Flagged += int(r.Flagged)
			c.States[DocumentState(r.State)] += int(r.Documents)
			if r.IndexedAt > 0 && fromMillis(r.IndexedAt).After(c.IndexedAt) {
				c.IndexedAt = fromMillis(r.IndexedAt)
			}
		}
		if err != nil || c.States[DocumentWaiting] == 0 {
			return err
		}
		oldest, err := q.OldestQueued(ctx, id)
		if oldest > 0 {
			c.Oldest = fromMillis(oldest)
		}
		return err
	})
	if err != nil {
		return DocumentCounts{}, fmt.Errorf("count documents: %w", err)
	}
	return c, nil
}

// DeleteCollection hides a collection and its documents from everybody at
// once. Its id is not given again. RemovableDocuments names what is left of it.
func (db *DB) DeleteCollection(ctx context.Context, id string) error {
	now := millis(db.now())
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		n, err := q.HideCollection(ctx, sqlcgen.HideCollectionParams{ID: id, DeletedAt: &now})
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrNotFound
		}
		return q.DeleteReaders(ctx, id)
	})
	if err != nil {
		return fmt.Errorf("delete a collection: %w", err)
	}
	db.dropOldCopies()
	return nil
}

// RemovableDocuments gives ids of documents whose collection was deleted; when
// there is none left, what is left of those collections goes.
func (db *DB) RemovableDocuments(ctx context.Context, limit int) (ids []string, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		ids, err = q.ListHiddenDocuments(ctx, int64(limit))
		return err
	})
	if err == nil && len(ids) == 0 {
		var hidden int64
		err = db.read(ctx, func(q *sqlcgen.Queries) error {
			hidden, err = q.CountHiddenCollections(ctx)
			return err
		})
		if err == nil && hidden > 0 {
			err = db.write(ctx, func(q *sqlcgen.Queries) error {
				if err := q.DropHiddenCollections(ctx); err != nil {
					return err
				}
				return q.SetPending(ctx)
			})
		}
	}
	if err != nil {
		return nil, fmt.Errorf("look for documents of deleted collections: %w", err)
	}
	return ids, nil
}

// DocumentFolder is a watched folder. Missing is since when it was not there.
type DocumentFolder struct {
	ID           string // filled in when empty
	CollectionID string
	Path         string
	Files        int // documents of it
	Missing      time.Time
	Device       uint64 // of the file system, when it was last read
	Reason       string
	CreatedAt    time.Time
}

// AddFolder stores a folder; ErrConflict: the collection has it already.
func (db *DB) AddFolder(ctx context.Context, f DocumentFolder) (DocumentFolder, error) {
	if f.ID == "" {
		f.ID = newID()
	}
	f.CreatedAt = db.now()
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		if _, err := q.GetCollection(ctx, f.CollectionID); err != nil {
			return err
		}
		return q.InsertFolder(ctx, sqlcgen.InsertFolderParams{ID: f.ID, CollectionID: f.CollectionID, Path: f.Path, CreatedAt: millis(f.CreatedAt)})
	})
	if err != nil {
		return DocumentFolder{}, fmt.Errorf("store a folder: %w", err)
	}
	return f, nil
}

// Folders lists the watched folders of all collections, oldest first.
func (db *DB) Folders(ctx context.Context) (out []DocumentFolder, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListFolders(ctx)
		for _, r := range rows {
			out = append(out, DocumentFolder{ID: r.ID, CollectionID: r.CollectionID, Path: r.Path, Files: int(r.Files),
				Missing: fromMillisPtr(r.MissingSince), Device: uint64(r.Device), Reason: r.Reason, CreatedAt: fromMillis(r.CreatedAt)})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list folders: %w", err)
	}
	return out, nil
}

// SetFolderState notes that a folder is not there, and why; "" that it is, on
// a file system.
func (db *DB) SetFolderState(ctx context.Context, id, reason string, device uint64) error {
	var since *int64
	if reason != "" {
		now := millis(db.now())
		since = &now
	}
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		_, err := q.SetFolderState(ctx, sqlcgen.SetFolderStateParams{ID: id, MissingSince: since, Reason: reason, Device: int64(device)})
		return err
	})
	if err != nil {
		return fmt.Errorf("mark a folder: %w", err)
	}
	return nil
}

// DeleteFolder forgets a folder. Its documents must have gone before: what is
// left would count as sent.
func (db *DB) DeleteFolder(ctx context.Context, id string) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error { return q.DeleteFolder(ctx, id) })
	if err != nil {
		return fmt.Errorf("forget a folder: %w", err)
	}
	return nil
}
