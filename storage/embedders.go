package storage

import (
	"context"
	"database/sql"
	"errors"

	"alcove/storage/sqlcgen"
)

// EmbedderMeasured gives what SetEmbedderMeasured stored; nil: nothing.
func (db *DB) EmbedderMeasured(ctx context.Context, fingerprint string) (measured []byte, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		text, err := q.EmbedderMeasured(ctx, fingerprint)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		measured = []byte(text)
		return err
	})
	return measured, wrap(err, "read what is known of an embedder")
}

// SetEmbedderMeasured keeps what the index found out about an embedder, until
// its vectors leave.
func (db *DB) SetEmbedderMeasured(ctx context.Context, fingerprint string, measured []byte) error {
	text := string(measured)
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		return q.SetEmbedderMeasured(ctx, sqlcgen.SetEmbedderMeasuredParams{Fingerprint: fingerprint, Measured: &text})
	})
	return wrap(err, "keep what is known of an embedder")
}
