package storage

import (
	"context"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// PurgeDeleted removes for good what was deleted at olderThan or before, from
// the index and from the WAL too, and says how many conversations that were.
// A reader that holds an old snapshot keeps the WAL; the next call cuts it.
func (db *DB) PurgeDeleted(ctx context.Context, olderThan time.Time) (int, error) {
	limit, count := millis(olderThan), int64(0)
	due := false
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		n, err := q.CountPurgeable(ctx, &limit)
		due = n > 0
		return err
	})
	if err == nil && due {
		err = db.write(ctx, func(q *sqlcgen.Queries) (err error) {
			count, err = q.PurgeConversations(ctx, &limit)
			return err
		})
		db.walOld.Store(true)
	}
	if err == nil && db.walOld.Load() {
		err = db.cutWAL(ctx)
	}
	if err != nil {
		return int(count), fmt.Errorf("purge deleted conversations: %w", err)
	}
	return int(count), nil
}

// cutWAL moves the WAL into the file and empties it, so that old versions of
// pages are nowhere.
func (db *DB) cutWAL(ctx context.Context) error {
	var busy, frames, moved int
	if err := db.writer.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved); err != nil {
		return db.judge(err)
	}
	db.walOld.Store(busy != 0)
	return nil
}
