package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"alcove/storage/sqlcgen"
)

// blocksTogether are stored, or removed, in one transaction: about 15 ms of a
// core, for which others wait.
const blocksTogether = 1000

// AddBlocks stores the text of a gen that NewChunks began, in several
// transactions, so that others can write in between. Nobody sees it before
// PublishChunks. It is called once a gen.
func (db *DB) AddBlocks(ctx context.Context, documentNum, gen int64, blocks []Block) error {
	seq := 0
	for part := range slices.Chunk(blocks, blocksTogether) {
		err := db.write(ctx, func(q *sqlcgen.Queries) error { return insertBlocks(ctx, q, documentNum, gen, seq, part) })
		if err != nil {
			return fmt.Errorf("store a document's text: %w", err)
		}
		seq += len(part)
	}
	return nil
}

func insertBlocks(ctx context.Context, q *sqlcgen.Queries, documentNum, gen int64, seq int, blocks []Block) error {
	for i, b := range blocks {
		cells := ""
		if b.Cells != nil {
			text, err := json.Marshal(b.Cells)
			if err != nil {
				return err
			}
			cells = string(text)
		}
		err := q.InsertBlock(ctx, sqlcgen.InsertBlockParams{DocumentNum: documentNum, Gen: gen, Seq: int64(seq + i), Page: int64(b.Page), Kind: b.Kind, Level: int64(b.Level),
			Text: b.Text, TableNum: int64(b.Table), Head: flag(b.Head), Cells: cells, Hidden: flag(b.Hidden)})
		if err != nil {
			return err
		}
	}
	return nil
}

// replaceContents switches a document to the blocks of a gen inside a
// transaction, and gives the document's row. The caller switches the chunks in
// the same one.
func (db *DB) replaceContents(ctx context.Context, q *sqlcgen.Queries, id string, gen int64, c Contents, chunks int) (num int64, err error) {
	row, err := q.GetDocument(ctx, id)
	if err != nil {
		return 0, err
	}
	now, was := millis(db.now()), documentOf(row)
	p := sqlcgen.SetReadParams{ID: id, Sha256: c.SHA256, Format: c.Format, Title: c.Title, Language: c.Language, Pages: int64(c.Pages),
		TextGen: gen, Chunks: int64(chunks), Flags: string(c.Flags), Effective: c.Effective, Version: c.Version, Series: was.Series, IndexedAt: &now}
	if was.Chosen&FieldTitle != 0 {
		p.Title = was.Title
	}
	if was.Chosen&FieldEffective != 0 {
		p.Effective = was.Effective
	}
	if was.Chosen&FieldVersion != 0 || p.Version == "" {
		p.Version = was.Version
	}
	if p.Version == "" && was.Chosen&FieldVersion == 0 && len(p.Effective) >= len("2026") {
		p.Version = p.Effective[:len("2026")] // as people name a version
	}
	if p.Flags == "" {
		p.Flags = "[]"
	}
	n, err := q.SetRead(ctx, p)
	if err != nil {
		return 0, err
	}
	if n == 0 {
		return 0, ErrConflict
	}
	if was.Indexed != "" { // the old text must leave the file
		if err := q.SetPending(ctx); err != nil {
			return 0, err
		}
	}
	return row.Num, db.supersede(ctx, q, row.CollectionID, row.Series)
}

// DocumentChange is what a person changes of a document; nil: stays.
type DocumentChange struct {
	Title, Effective, Version, Series *string
}

// ChangeDocument sets what a person chose.
func (db *DB) ChangeDocument(ctx context.Context, id string, c DocumentChange) (Document, error) {
	return db.changeDocument(ctx, "change", id, func(q *sqlcgen.Queries, row sqlcgen.Document) error {
		p := sqlcgen.SetVersionParams{ID: id, Title: row.Title, Effective: row.Effective, Version: row.Version, Series: row.Series, Chosen: row.Chosen, UpdatedAt: millis(db.now())}
		set := func(to *string, from *string, f DocumentField) {
			if from != nil {
				*to = *from
				p.Chosen |= int64(f)
			}
		}
		set(&p.Title, c.Title, FieldTitle)
		set(&p.Effective, c.Effective, FieldEffective)
		set(&p.Version, c.Version, FieldVersion)
		set(&p.Series, c.Series, FieldSeries)
		if _, err := q.SetVersion(ctx, p); err != nil {
			return err
		}
		if row.Approved == 1 {
			if err := q.DateApproved(ctx, sqlcgen.DateApprovedParams{Effective: p.Effective, DocumentID: id}); err != nil {
				return err
			}
		}
		if p.Series == "" {
			if err := q.SetSuperseded(ctx, sqlcgen.SetSupersededParams{ID: id}); err != nil {
				return err
			}
		}
		return db.supersede(ctx, q, row.CollectionID, row.Series, p.Series)
	})
}

// promote lets the first duplicate of a document that went take its place.
func (db *DB) promote(ctx context.Context, q *sqlcgen.Queries, gone Document) error {
	if gone.State == DocumentDuplicate || gone.SHA256 == "" {
		return nil
	}
	if _, err := db.sameContent(ctx, q, gone); err == nil || !errors.Is(err, ErrNotFound) {
		return err
	}
	rows, err := q.FindContent(ctx, sqlcgen.FindContentParams{CollectionID: gone.CollectionID, Sha256: gone.SHA256})
	rows = slices.DeleteFunc(rows, func(r sqlcgen.Document) bool { return r.State != string(DocumentDuplicate) })
	if err != nil || len(rows) == 0 {
		return err
	}
	for _, r := range rows[1:] {
		p := sqlcgen.MoveDocumentParams{ID: r.ID, Was: r.State, State: r.State, Reason: rows[0].ID, UpdatedAt: r.UpdatedAt}
		if _, err := q.MoveDocument(ctx, p); err != nil {
			return err
		}
	}
	return db.queue(ctx, q, rows[0].ID, 0, time.Time{})
}
