package storage

import (
	"context"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// PurgeDeleted removes for good what was deleted at olderThan or before, and
// says how many conversations that were. Their text is overwritten in the file,
// in the index and in the WAL. While a slow reader (a backup) holds an old
// snapshot that waits for the next call, also for one after a restart.
func (db *DB) PurgeDeleted(ctx context.Context, olderThan time.Time) (int, error) {
	n, err := db.purge(ctx, millis(olderThan))
	if err != nil {
		return n, fmt.Errorf("purge deleted conversations: %w", err)
	}
	return n, nil
}

func (db *DB) purge(ctx context.Context, olderThan int64) (n int, err error) {
	var due, pending int64
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		if due, err = q.CountPurgeable(ctx, &olderThan); err != nil {
			return err
		}
		pending, err = q.CountPending(ctx)
		return err
	})
	if err != nil || due+pending == 0 {
		return 0, err
	}
	if due > 0 {
		err = db.write(ctx, func(q *sqlcgen.Queries) error {
			rows, err := q.PurgeConversations(ctx, &olderThan)
			n = int(rows)
			if err != nil {
				return err
			}
			return q.SetPending(ctx)
		})
		if err != nil {
			return 0, err
		}
		db.dropOldCopies()
	}
	clean, err := db.scrub(ctx)
	if err != nil {
		return n, db.judge(err)
	}
	if clean {
		err = db.write(ctx, func(q *sqlcgen.Queries) error { return q.ClearPending(ctx) })
	}
	return n, err
}
