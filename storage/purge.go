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
	var due int64
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		due, err = q.CountPurgeable(ctx, &olderThan)
		return err
	})
	if err != nil {
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
	_, err = db.scrubPending(ctx)
	return n, err
}

// ScrubDeleted overwrites what was deleted or replaced in the file, the
// indexes and the WAL. It reports false while a slow reader (a backup) does not
// let it; then it is to be called again.
func (db *DB) ScrubDeleted(ctx context.Context) (clean bool, err error) {
	if clean, err = db.scrubPending(ctx); err != nil {
		return false, fmt.Errorf("overwrite what was deleted: %w", err)
	}
	return clean, nil
}

func (db *DB) scrubPending(ctx context.Context) (clean bool, err error) {
	var pending []int64
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		pending, err = q.ListPending(ctx)
		return err
	})
	if err != nil || len(pending) == 0 {
		return err == nil, err
	}
	if clean, err = db.mergeDeleted(ctx, db.drops.marked.Load()); err != nil || !clean {
		return false, err
	}
	if clean, err = db.scrub(ctx); err != nil {
		return false, db.judge(err)
	}
	if clean {
		err = db.write(ctx, func(q *sqlcgen.Queries) error { return q.ClearPending(ctx, pending[0]) })
	}
	return clean && err == nil, err
}
