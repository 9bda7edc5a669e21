package storage

import (
	"context"

	"alcove/storage/sqlcgen"
)

// recover marks answers that the last run of the program left growing. On a
// disk that takes no writes they stay as they are until it does.
func (db *DB) recover(ctx context.Context) error {
	db.disk.probing.Lock()
	defer db.disk.probing.Unlock()
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListGrowing(ctx)
		for _, r := range rows {
			db.disk.stale = append(db.disk.stale, r.ID)
		}
		return err
	})
	if err != nil {
		return err
	}
	return db.judge(db.interruptStale(ctx))
}

// interruptStale needs the probing lock.
func (db *DB) interruptStale(ctx context.Context) error {
	if len(db.disk.stale) == 0 {
		return nil
	}
	err := db.transact(ctx, func(q *sqlcgen.Queries) error {
		for _, id := range db.disk.stale {
			row, err := q.GetStoredMessage(ctx, id)
			if err != nil {
				return err
			}
			// The time of the end is not known, so the conversation keeps its place.
			if err := endMessage(ctx, q, row, "", End{Status: StatusInterrupted}); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		db.log.Info("answers of the last run were marked as interrupted", "count", len(db.disk.stale))
		db.disk.stale = nil
	}
	return err
}
