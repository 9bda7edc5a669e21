package storage

import (
	"context"
	"database/sql"
	"sync/atomic"

	"alcove/storage/sqlcgen"
)

// Words of deleted chunks leave the full-text index in one of two ways. Few
// chunks leave with FTS5's secure-delete: it takes each word out of its page,
// 3 ms of a core a chunk. Of many, words are only marked as deleted, 0.1 ms a
// chunk, and the index is merged before the file is scrubbed, which costs 10 µs
// for each chunk that is left. FTS5's own setting says which way is on: while it
// is off, also after a crash, a merge is due.
const (
	secureChunks = 200 // between two scrubs leave one by one
	secureStep   = 25  // in one transaction, so that others can write in between
	markedStep   = 125
	mergePages   = 500 // in one transaction
)

// drops is what was deleted since the last scrub. Only the writer's
// transactions touch it.
type drops struct {
	secure atomic.Int64 // chunks
	marked atomic.Int64 // transactions that marked words as deleted, ever
}

const (
	setSecureDelete = `INSERT INTO chunks_fts (chunks_fts, rank) VALUES ('secure-delete', ?)`
	readSecure      = `SELECT coalesce((SELECT v FROM chunks_fts_config WHERE k = 'secure-delete'), 0)`
	countOthers     = `
SELECT count(*) FROM (SELECT 1 FROM chunks c WHERE c.document_num = @document
AND c.gen <> coalesce((SELECT i.gen FROM indexed i WHERE i.document_num = @document), -1) LIMIT @most)`
)

// dropChunks removes some chunks of a document that are not of the published
// gen, with their vectors, and says whether there may be more. Nobody finds
// their words; all is overwritten in the file at the next ScrubDeleted.
func (db *DB) dropChunks(ctx context.Context, tx *sql.Tx, documentNum int64) (more bool, err error) {
	var secure bool
	var n int64
	err = tx.QueryRowContext(ctx, countOthers, sqlNamed("document", documentNum), sqlNamed("most", markedStep+1)).Scan(&n)
	if err != nil || n == 0 {
		return false, err
	}
	if err := tx.QueryRowContext(ctx, readSecure).Scan(&secure); err != nil {
		return false, err
	}
	step := int64(secureStep)
	if secure && db.drops.secure.Load()+n > secureChunks {
		if _, err := tx.ExecContext(ctx, setSecureDelete, 0); err != nil {
			return false, err
		}
		secure = false
	}
	if !secure {
		step = markedStep
		db.drops.marked.Add(1)
	}
	more = n > step
	q := sqlcgen.New(tx)
	n, err = q.DropOtherChunks(ctx, sqlcgen.DropOtherChunksParams{DocumentNum: documentNum, Most: step})
	if err != nil {
		return false, err
	}
	db.drops.secure.Add(n)
	return more, q.SetPending(ctx)
}

// mergeDeleted merges the full-text index where words are only marked as
// deleted, so that they are gone. It reports false when drops.marked is not
// marked any more: there are others.
func (db *DB) mergeDeleted(ctx context.Context, marked int64) (done bool, err error) {
	due, worked := true, false
	for pages := -mergePages; due; pages = mergePages { // the first call names what is to be merged
		err := db.writeTx(ctx, func(tx *sql.Tx) error {
			var secure bool
			if err := tx.QueryRowContext(ctx, readSecure).Scan(&secure); err != nil {
				return err
			}
			if done, due = secure, !secure; secure {
				return nil
			}
			var err error
			if worked, err = merge(ctx, tx, pages); err != nil || worked {
				return err
			}
			due = false
			if done = marked == db.drops.marked.Load(); !done {
				return nil
			}
			_, err = tx.ExecContext(ctx, setSecureDelete, 1)
			return err
		})
		if err != nil {
			return false, err
		}
	}
	if done {
		db.drops.secure.Store(0)
	}
	return done, nil
}

// merge does a part of a merge; false: there was nothing left to do.
func merge(ctx context.Context, tx *sql.Tx, pages int) (bool, error) {
	var before, after int64
	const changes = "SELECT total_changes()"
	if err := tx.QueryRowContext(ctx, changes).Scan(&before); err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO chunks_fts (chunks_fts, rank) VALUES ('merge', ?)`, pages); err != nil {
		return false, err
	}
	err := tx.QueryRowContext(ctx, changes).Scan(&after)
	return after-before >= 2, err // one is the INSERT itself
}
