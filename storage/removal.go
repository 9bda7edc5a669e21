package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"alcove/storage/sqlcgen"
)

// A removed document is marked in one small transaction, from which on no query
// finds it, and then erased in small steps.

// sourcesTogether lose their text in one transaction.
const sourcesTogether = 500

// DeleteDocument takes a document out: from here on nothing finds it, its id
// names nothing, and answers that stand on it show none of its text. Its text,
// passages and vectors are still in the file until EraseRemoved and then
// ScrubDeleted have run. A duplicate of it waits to be read in its place. The
// document is returned as it was.
func (db *DB) DeleteDocument(ctx context.Context, id string) (Document, error) {
	list, err := db.DeleteDocuments(ctx, id)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("delete a document: %w", ErrNotFound)
	}
	if err != nil {
		return Document{}, err
	}
	return list[0], nil
}

// DeleteDocuments is DeleteDocument of several in one transaction; those that
// are not there are left out.
func (db *DB) DeleteDocuments(ctx context.Context, ids ...string) (gone []Document, err error) {
	err = db.write(ctx, func(q *sqlcgen.Queries) error {
		gone = nil
		for _, id := range ids {
			row, err := q.GetDocument(ctx, id)
			if errors.Is(named(err), ErrNotFound) {
				continue
			}
			if err == nil {
				err = db.hide(ctx, q, documentOf(row))
			}
			if err != nil {
				return err
			}
			gone = append(gone, documentOf(row))
		}
		return q.SetPending(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("delete documents: %w", err)
	}
	db.dropOldCopies()
	return gone, nil
}

func (db *DB) hide(ctx context.Context, q *sqlcgen.Queries, d Document) error {
	if _, err := q.WithdrawChunks(ctx, d.Num); err != nil {
		return err
	}
	if _, err := q.HideDocument(ctx, sqlcgen.HideDocumentParams{ID: d.ID, UpdatedAt: millis(db.now())}); err != nil {
		return err
	}
	// However an approved answer's document goes, the questions that it answered
	// are open again.
	for _, leave := range []func(context.Context, string) error{q.DropQuotesOf, q.DropTextsOf, q.ReopenAnsweredBy, q.DropApprovedOf, q.WipeApprovedSources} {
		if err := leave(ctx, d.ID); err != nil {
			return err
		}
	}
	if err := db.promote(ctx, q, d); err != nil {
		return err
	}
	return db.supersede(ctx, q, d.CollectionID, d.Series)
}

// EraseRemoved does one small step of erasing what DeleteDocument took out, in
// one transaction, and says whether there is more to do. erased is the id of a
// document of which nothing is left now but what ScrubDeleted overwrites, or "".
func (db *DB) EraseRemoved(ctx context.Context) (erased string, more bool, err error) {
	var list []sqlcgen.ListRemovedRow
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		list, err = q.ListRemoved(ctx, 2)
		return err
	})
	if err == nil && len(list) == 0 {
		return "", false, nil
	}
	done := false
	if err == nil {
		err = db.writeTx(ctx, func(tx *sql.Tx) error {
			done, err = db.eraseStep(ctx, tx, list[0])
			return err
		})
	}
	if err != nil {
		return "", false, fmt.Errorf("erase a removed document: %w", err)
	}
	if done {
		erased = removedID(list[0].ID)
	}
	return erased, !done || len(list) > 1, nil
}

// removedID is the id that a removed document had: HideDocument made it
// "~num~id".
func removedID(hidden string) string {
	_, id, _ := strings.Cut(hidden[1:], "~")
	return id
}

// eraseStep removes some of what a removed document left; done: its row too.
func (db *DB) eraseStep(ctx context.Context, tx *sql.Tx, r sqlcgen.ListRemovedRow) (done bool, err error) {
	q := sqlcgen.New(tx)
	n, err := q.WipeSources(ctx, sqlcgen.WipeSourcesParams{DocumentID: removedID(r.ID), Most: sourcesTogether})
	if err != nil || n == sourcesTogether {
		return false, err
	}
	if more, err := db.dropOld(ctx, tx, r.Num); err != nil || more {
		return false, err
	}
	if err := q.SetPending(ctx); err != nil {
		return false, err
	}
	return true, q.EraseDocument(ctx, r.Num)
}

// DropOld removes some chunks and blocks of a document that are not found, with
// their vectors, in one small transaction, and says whether there may be more.
// All is overwritten in the file at the next ScrubDeleted.
func (db *DB) DropOld(ctx context.Context, documentNum int64) (more bool, err error) {
	err = db.writeTx(ctx, func(tx *sql.Tx) error {
		more, err = db.dropOld(ctx, tx, documentNum)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("drop old passages: %w", err)
	}
	return more, nil
}

func (db *DB) dropOld(ctx context.Context, tx *sql.Tx, documentNum int64) (more bool, err error) {
	if more, err := db.dropChunks(ctx, tx, documentNum); err != nil || more {
		return more, err
	}
	q := sqlcgen.New(tx)
	n, err := q.DropOtherBlocks(ctx, sqlcgen.DropOtherBlocksParams{DocumentNum: documentNum, Most: blocksTogether})
	if err == nil && n > 0 {
		err = q.SetPending(ctx)
	}
	return n == blocksTogether, err
}

// DocumentsWithOld lists documents (their nums) that have chunks or blocks which
// are not found: what a crash left. Removed ones are EraseRemoved's.
func (db *DB) DocumentsWithOld(ctx context.Context) (nums []int64, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		nums, err = q.DocumentsWithLeftovers(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for old passages: %w", err)
	}
	return nums, nil
}

// Withdrawn gives those of some documents (nums) of which no chunk is found.
func (db *DB) Withdrawn(ctx context.Context, nums []int64) (out []int64, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		out, err = q.ListWithdrawn(ctx, numList(nums))
		return err
	})
	return out, wrap(err, "look for withdrawn documents")
}
