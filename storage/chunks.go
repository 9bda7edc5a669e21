package storage

import (
	"context"
	"errors"
	"fmt"

	"alcove/storage/sqlcgen"
)

// IndexChunk is a chunk on its way into the index.
type IndexChunk struct {
	Chunk
	Stem string   // stems of the heading, " | ", stems of the text
	Hash [32]byte // of what is embedded
}

// NewChunks begins a new gen of a document's chunks and blocks. Nothing of it is
// found before PublishChunks.
func (db *DB) NewChunks(ctx context.Context, documentID string) (documentNum, gen int64, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		if documentNum, err = q.DocumentNum(ctx, documentID); err != nil {
			return err
		}
		gen, err = q.NewestGen(ctx, documentNum)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("begin chunks of document %s: %w", documentID, err)
	}
	return documentNum, gen + 1, nil
}

// AddChunks stores chunks of a gen with their vectors (nil: none), in one
// transaction. Vectors that are there already are left out.
func (db *DB) AddChunks(ctx context.Context, documentNum, gen int64, chunks []IndexChunk, fingerprint string, vectors []Vector) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		for _, c := range chunks {
			err := q.InsertChunk(ctx, sqlcgen.InsertChunkParams{
				DocumentNum: documentNum, Gen: gen, ID: c.ID, Seq: int64(c.Seq), Page: int64(c.Page), PageEnd: int64(c.PageEnd),
				BlockFrom: int64(c.BlockFrom), BlockTo: int64(c.BlockTo), Tokens: int64(c.Tokens), Language: c.Language,
				Hash: c.Hash[:], Heading: c.Heading, Text: c.Text, Stem: c.Stem,
			})
			if err != nil {
				return err
			}
		}
		return putVectors(ctx, q, fingerprint, vectors)
	})
	if err != nil {
		return fmt.Errorf("store chunks: %w", err)
	}
	return nil
}

// PublishChunks makes a gen the one that is found, its chunks and its blocks,
// and c what is known of the text, in place of what was there, in one small
// transaction. c.Blocks are not looked at: AddBlocks has stored them. Only a
// document that is in DocumentIndexing, of that very file, takes it: ErrConflict
// where it was cancelled or changed meanwhile, ErrNotFound where it is gone.
// DropOld removes what was there before.
func (db *DB) PublishChunks(ctx context.Context, documentID string, gen int64, count int, c Contents) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		num, err := db.replaceContents(ctx, q, documentID, gen, c, count)
		if err != nil {
			return err
		}
		return q.PublishChunks(ctx, sqlcgen.PublishChunksParams{DocumentNum: num, Gen: gen, Chunks: int64(count), IndexedAt: millis(db.now())})
	})
	if err != nil {
		return fmt.Errorf("publish chunks: %w", err)
	}
	return nil
}

// WithdrawChunks ends that any passage of a document is found. DropOld
// removes its chunks. It is no error where there is no such document: num is
// then 0.
func (db *DB) WithdrawChunks(ctx context.Context, documentID string) (documentNum int64, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		documentNum, err = q.DocumentNum(ctx, documentID)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err == nil {
		err = db.write(ctx, func(q *sqlcgen.Queries) error {
			_, err := q.WithdrawChunks(ctx, documentNum)
			return err
		})
	}
	if err != nil {
		return 0, fmt.Errorf("withdraw document %s: %w", documentID, err)
	}
	return documentNum, nil
}

// CountIndexed says how many documents and chunks are found.
func (db *DB) CountIndexed(ctx context.Context) (documents, chunks int, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.CountIndexed(ctx)
		documents, chunks = int(row.Documents), int(row.Chunks)
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("count chunks: %w", err)
	}
	return documents, chunks, nil
}
