package storage

import (
	"context"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// Upload is a file that is being sent to the model folder.
type Upload struct {
	ID        string // filled in when empty
	Name      string
	Size      int64 // bytes
	Modified  int64 // milliseconds, on the sender's machine
	CreatedAt time.Time
}

// Uploads returns the uploads that have not ended, oldest first.
func (db *DB) Uploads(ctx context.Context) ([]Upload, error) {
	var list []Upload
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListUploads(ctx)
		for _, r := range rows {
			list = append(list, Upload{ID: r.ID, Name: r.Name, Size: r.Size, Modified: r.Modified, CreatedAt: fromMillis(r.CreatedAt)})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read uploads: %w", err)
	}
	return list, nil
}

// PutUpload stores an upload in place of the one of that name.
func (db *DB) PutUpload(ctx context.Context, u Upload) (Upload, error) {
	if u.ID == "" {
		u.ID = newID()
	}
	u.CreatedAt = db.now()
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		return q.PutUpload(ctx, sqlcgen.PutUploadParams{ID: u.ID, Name: u.Name, Size: u.Size, Modified: u.Modified, CreatedAt: millis(u.CreatedAt)})
	})
	if err != nil {
		return Upload{}, fmt.Errorf("store an upload: %w", err)
	}
	return u, nil
}

// DeleteUpload forgets an upload; one that is not there is fine.
func (db *DB) DeleteUpload(ctx context.Context, id string) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error { return q.DeleteUpload(ctx, id) })
	if err != nil {
		return fmt.Errorf("forget an upload: %w", err)
	}
	return nil
}
