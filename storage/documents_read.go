package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"alcove/storage/sqlcgen"
)

// DocumentFilter says which documents are listed. Person must be set: what they
// may not read is not in any list.
type DocumentFilter struct {
	Person     string
	Collection string // "": all that the person may read
	State      DocumentState
	Text       string // part of a name, a title or a path
	Before     Cursor
	Limit      int // 1..200; else 200
}

// Documents lists documents, newest arrival first, and says where the next
// page begins.
func (db *DB) Documents(ctx context.Context, f DocumentFilter) (list []Document, next Cursor, err error) {
	if f.Limit <= 0 || f.Limit > maxPage {
		f.Limit = maxPage
	}
	before, err := f.Before.row()
	if err != nil {
		return nil, "", fmt.Errorf("list documents: %w", err)
	}
	var rows []sqlcgen.Document
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err = listDocuments(ctx, q, f, before, int64(f.Limit)+1)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("list documents: %w", err)
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		next = Cursor(strconv.FormatInt(rows[f.Limit-1].Num, 10))
	}
	return documentsOf(rows), next, nil
}

func listDocuments(ctx context.Context, q *sqlcgen.Queries, f DocumentFilter, before, count int64) ([]sqlcgen.Document, error) {
	if f.Collection == "" {
		return q.ListReadableDocuments(ctx, sqlcgen.ListReadableDocumentsParams{Before: before, Person: f.Person, State: string(f.State), Text: f.Text, Count: count})
	}
	if _, err := q.GetReadableCollection(ctx, sqlcgen.GetReadableCollectionParams{ID: f.Collection, Person: f.Person}); err != nil {
		return nil, err
	}
	if f.State == "" {
		return q.ListDocuments(ctx, sqlcgen.ListDocumentsParams{CollectionID: f.Collection, Before: before, Text: f.Text, Count: count})
	}
	return q.ListDocumentsInState(ctx, sqlcgen.ListDocumentsInStateParams{CollectionID: f.Collection, State: string(f.State), Before: before, Text: f.Text, Count: count})
}

// row reads a cursor that is a row's number.
func (c Cursor) row() (int64, error) {
	if c == "" {
		return math.MaxInt64, nil
	}
	n, err := strconv.ParseInt(string(c), 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != string(c) {
		return 0, fmt.Errorf("%w: this is not a cursor of the list", ErrInvalid)
	}
	return n, nil
}

// Document gives one that a person may read; ErrNotFound also where there is
// one that they may not.
func (db *DB) Document(ctx context.Context, person, id string) (Document, error) {
	return db.document(ctx, func(q *sqlcgen.Queries) (sqlcgen.Document, error) {
		return q.GetReadableDocument(ctx, sqlcgen.GetReadableDocumentParams{ID: id, Person: person})
	})
}

// AnyDocument gives a document whoever may read it. It is for the box's own
// work; what a person sees comes from Document.
func (db *DB) AnyDocument(ctx context.Context, id string) (Document, error) {
	return db.document(ctx, func(q *sqlcgen.Queries) (sqlcgen.Document, error) { return q.GetDocument(ctx, id) })
}

func (db *DB) document(ctx context.Context, get func(*sqlcgen.Queries) (sqlcgen.Document, error)) (d Document, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		row, err := get(q)
		d = documentOf(row)
		return err
	})
	if err != nil {
		return Document{}, fmt.Errorf("read a document: %w", err)
	}
	return d, nil
}

// FolderDocuments lists the documents of a watched folder by their paths.
func (db *DB) FolderDocuments(ctx context.Context, folder string) (list []Document, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListFolderDocuments(ctx, &folder)
		list = documentsOf(rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list a folder's documents: %w", err)
	}
	return list, nil
}

// SeriesOf lists the versions of a document.
func (db *DB) SeriesOf(ctx context.Context, collection, series string) (list []Document, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListSeriesDocuments(ctx, sqlcgen.ListSeriesDocumentsParams{CollectionID: collection, Series: series})
		list = documentsOf(rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	return list, nil
}

// SentInUse reports whether a file that was sent is any document's.
func (db *DB) SentInUse(ctx context.Context, sha256 string) (used bool, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		n, err := q.FindSent(ctx, sha256)
		used = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for a file's documents: %w", err)
	}
	return used, nil
}

// Blocks gives a document's text from one place to another, both inclusive,
// in reading order. Rights are the caller's concern.
func (db *DB) Blocks(ctx context.Context, document string, first, last int) (list []Block, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListBlocks(ctx, sqlcgen.ListBlocksParams{ID: document, First: int64(first), Last: int64(last)})
		if err != nil {
			return err
		}
		list = make([]Block, len(rows))
		for i, r := range rows {
			if list[i], err = blockOf(r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read a document's text: %w", err)
	}
	return list, nil
}

// ChunkPlace says which blocks of a document a passage has, and its first page;
// ErrNotFound: the document has no such passage now.
func (db *DB) ChunkPlace(ctx context.Context, document, chunk string) (c Chunk, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		r, err := q.GetChunkPlace(ctx, sqlcgen.GetChunkPlaceParams{Document: document, Chunk: chunk})
		c = Chunk{ID: chunk, DocumentID: document, Page: int(r.Page), PageEnd: int(r.PageEnd), BlockFrom: int(r.BlockFrom), BlockTo: int(r.BlockTo)}
		return err
	})
	if err != nil {
		return Chunk{}, fmt.Errorf("find a passage: %w", err)
	}
	return c, nil
}

func blockOf(r sqlcgen.Block) (Block, error) {
	b := Block{Seq: int(r.Seq), Kind: r.Kind, Level: int(r.Level), Text: r.Text, Page: int(r.Page), Table: int(r.TableNum), Head: r.Head == 1, Hidden: r.Hidden == 1}
	if r.Cells != "" {
		if err := json.Unmarshal([]byte(r.Cells), &b.Cells); err != nil {
			return b, fmt.Errorf("%w: cells of a row: %w", ErrCorrupt, err)
		}
	}
	return b, nil
}

func documentsOf(rows []sqlcgen.Document) []Document {
	list := make([]Document, len(rows))
	for i, r := range rows {
		list[i] = documentOf(r)
	}
	return list
}

func documentOf(r sqlcgen.Document) Document {
	d := Document{Num: r.Num, ID: r.ID, CollectionID: r.CollectionID, Name: r.Name, Path: r.Path, Format: r.Format, Title: r.Title, Language: r.Language,
		State: DocumentState(r.State), Reason: r.Reason, SHA256: r.Sha256, Size: r.Size, Modified: fromMillis(r.Modified), Pages: int(r.Pages),
		Chunks: int(r.Chunks), Flags: []byte(r.Flags), Attempts: int(r.Attempts), Priority: int(r.Priority), Indexed: r.IndexedSha256,
		Chosen: DocumentField(r.Chosen), Series: r.Series, Version: r.Version, Effective: r.Effective, SupersededBy: r.SupersededBy, Approved: r.Approved == 1,
		IndexedAt: fromMillisPtr(r.IndexedAt), CreatedAt: fromMillis(r.CreatedAt), UpdatedAt: fromMillis(r.UpdatedAt)}
	if r.FolderID != nil {
		d.Folder = *r.FolderID
	}
	if r.NotBefore > 0 {
		d.NotBefore = time.UnixMilli(r.NotBefore).UTC()
	}
	return d
}
