package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"alcove/storage/sqlcgen"
)

// Reach says whose eyes look, at what, on which day. It is applied inside
// every query below: what it leaves out is not in any result.
type Reach struct {
	Collection string
	Person     string // "" reaches nothing
	AsOf       string // day, "2026-01-31"
}

func (r Reach) args(more ...any) []any {
	return append(more, sqlNamed("collection", r.Collection), sqlNamed("person", r.Person), sqlNamed("as_of", r.AsOf), sqlNamed("everybody", EveryReader))
}

func sqlNamed(name string, value any) sql.NamedArg { return sql.Named(name, value) }

// allowed are the documents of a Reach with the gen that is found: of a
// collection that this person may read, and holding on the day as InForce says
// of the documents that are in the index.
const allowed = `
WITH allowed AS MATERIALIZED (
    SELECT d.num, i.gen, d.language FROM collections k
    JOIN documents d ON d.collection_id = k.id
    JOIN indexed i ON i.document_num = d.num
    WHERE k.id = @collection AND k.deleted_at IS NULL AND @person <> ''
    AND (k.owner = @person OR EXISTS (SELECT 1 FROM collection_readers r WHERE r.collection_id = k.id AND r.reader IN (@person, @everybody)))
    AND d.effective <= @as_of
    AND (d.series = '' OR NOT EXISTS (
        SELECT 1 FROM documents e JOIN indexed j ON j.document_num = e.num
        WHERE e.collection_id = d.collection_id AND e.series = d.series AND e.series <> '' AND e.effective <= @as_of
        AND (e.effective > d.effective OR e.effective = d.effective AND (e.version > d.version COLLATE versions
             OR e.version = d.version COLLATE versions AND e.num > d.num))))
)`

// sqlc cannot parse FTS5 queries. CROSS JOIN keeps the index as the outer loop.
const (
	reachDocuments = allowed + `
SELECT num, language FROM allowed`
	matchRanked = allowed + `
SELECT f.rowid, f.rank FROM chunks_fts f
CROSS JOIN chunks c ON c.num = f.rowid
WHERE (c.document_num, c.gen) IN (SELECT num, gen FROM allowed)
AND chunks_fts MATCH @expression AND f.rank MATCH 'bm25(2.0, 1.0, 1.0)'
ORDER BY f.rank LIMIT @limit`
	matchAny = allowed + `
SELECT f.rowid, 0.0 FROM chunks_fts f
CROSS JOIN chunks c ON c.num = f.rowid
WHERE (c.document_num, c.gen) IN (SELECT num, gen FROM allowed)
AND chunks_fts MATCH @expression LIMIT @limit`
	reachStems = allowed + `
SELECT c.num, c.document_num, c.language, c.stem FROM json_each(@nums) n
CROSS JOIN chunks c ON c.num = n.value
WHERE (c.document_num, c.gen) IN (SELECT num, gen FROM allowed)`
	reachChunks = allowed + `
SELECT c.num, c.id, d.id, c.seq, c.page, c.page_end, c.block_from, c.block_to, c.heading, c.text, c.tokens, c.language FROM json_each(@nums) n
CROSS JOIN chunks c ON c.num = n.value
CROSS JOIN documents d ON d.num = c.document_num
WHERE (c.document_num, c.gen) IN (SELECT num, gen FROM allowed)`
	reachChunk = allowed + `
SELECT c.num, c.id, d.id, c.seq, c.page, c.page_end, c.block_from, c.block_to, c.heading, c.text, c.tokens, c.language FROM chunks c
CROSS JOIN documents d ON d.num = c.document_num
WHERE c.id = @id AND (c.document_num, c.gen) IN (SELECT num, gen FROM allowed)`
	wholeReach = allowed + `
SELECT c.num, c.id, d.id, c.seq, c.page, c.page_end, c.block_from, c.block_to, c.heading, c.text, c.tokens, c.language FROM allowed
CROSS JOIN chunks c ON c.document_num = allowed.num AND c.gen = allowed.gen
CROSS JOIN documents d ON d.num = c.document_num
ORDER BY c.document_num, c.seq LIMIT @limit`
	knownWords = `
SELECT q.value FROM json_each(?) q WHERE EXISTS (SELECT 1 FROM chunk_places p WHERE p.term = q.value)`
	wordCounts = `
SELECT w.term, w.doc FROM json_each(?) q CROSS JOIN chunk_words w ON w.term = q.value`
)

// TextHit is a chunk that words were found in. Rank is bm25 as SQLite gives
// it, lower is better; 0 where it was not asked for.
type TextHit struct {
	Num  int64
	Rank float64
}

// ReachDocuments lists the documents of a Reach: their nums, and their languages.
func (db *DB) ReachDocuments(ctx context.Context, r Reach) (nums []int64, languages map[string]int, err error) {
	languages = map[string]int{}
	err = db.each(ctx, reachDocuments, r.args(), func(rows *sql.Rows) error {
		var n int64
		var language string
		err := rows.Scan(&n, &language)
		nums = append(nums, n)
		languages[language]++
		return err
	})
	return nums, languages, wrap(err, "list documents in reach")
}

// MatchChunks finds chunks by an expression of FTS5 over the columns heading,
// text and stem; ranked: best first, else any of them. The expression is the
// caller's: it must quote what people wrote.
func (db *DB) MatchChunks(ctx context.Context, r Reach, expression string, ranked bool, limit int) ([]TextHit, error) {
	query := matchAny
	if ranked {
		query = matchRanked
	}
	var hits []TextHit
	err := db.each(ctx, query, r.args(sqlNamed("expression", expression), sqlNamed("limit", limit)), func(rows *sql.Rows) error {
		var h TextHit
		err := rows.Scan(&h.Num, &h.Rank)
		hits = append(hits, h)
		return err
	})
	return hits, wrap(err, "match chunks")
}

// ChunkStems are the words of a chunk as the index knows them.
type ChunkStems struct {
	Num         int64
	DocumentNum int64
	Language    string
	Stem        string
}

// ReachStems gives the stems of those of the chunks that are in reach, in no order.
func (db *DB) ReachStems(ctx context.Context, r Reach, nums []int64) ([]ChunkStems, error) {
	var out []ChunkStems
	err := db.each(ctx, reachStems, r.args(sqlNamed("nums", numList(nums))), func(rows *sql.Rows) error {
		var c ChunkStems
		err := rows.Scan(&c.Num, &c.DocumentNum, &c.Language, &c.Stem)
		out = append(out, c)
		return err
	})
	return out, wrap(err, "read stems")
}

// FoundChunk is a chunk in reach with its document.
type FoundChunk struct {
	Chunk    Chunk
	Document Document
}

// ReachChunks gives those of the chunks that are in reach with their
// documents, in no order.
func (db *DB) ReachChunks(ctx context.Context, r Reach, nums []int64) ([]FoundChunk, error) {
	return db.reachChunks(ctx, reachChunks, r.args(sqlNamed("nums", numList(nums))))
}

// WholeReach gives all chunks in reach with their documents, in the order of the
// documents; nil where there are more than most of them.
func (db *DB) WholeReach(ctx context.Context, r Reach, most int) ([]FoundChunk, error) {
	list, err := db.reachChunks(ctx, wholeReach, r.args(sqlNamed("limit", most+1)))
	if err != nil || len(list) > most {
		return nil, err
	}
	return list, nil
}

// ReachChunk gives the chunk with an id, where it is in reach: else ErrNotFound.
func (db *DB) ReachChunk(ctx context.Context, r Reach, id string) (FoundChunk, error) {
	list, err := db.reachChunks(ctx, reachChunk, r.args(sqlNamed("id", id)))
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return FoundChunk{}, fmt.Errorf("chunk %s: %w", id, err)
	}
	return list[0], nil
}

func (db *DB) reachChunks(ctx context.Context, query string, args []any) ([]FoundChunk, error) {
	tx, err := db.readers.BeginTx(ctx, nil)
	if err != nil {
		return nil, named(err)
	}
	defer tx.Rollback()
	var out []FoundChunk
	err = each(ctx, tx, query, args, func(rows *sql.Rows) error {
		var c Chunk
		err := rows.Scan(&c.Num, &c.ID, &c.DocumentID, &c.Seq, &c.Page, &c.PageEnd, &c.BlockFrom, &c.BlockTo, &c.Heading, &c.Text, &c.Tokens, &c.Language)
		out = append(out, FoundChunk{Chunk: c})
		return err
	})
	documents := map[string]Document{}
	q := sqlcgen.New(tx)
	for i := range out {
		id := out[i].Chunk.DocumentID
		if _, have := documents[id]; !have && err == nil {
			var row sqlcgen.Document
			row, err = q.GetDocument(ctx, id)
			documents[id] = documentOf(row)
		}
		out[i].Document = documents[id]
	}
	return out, wrap(named(err), "read chunks")
}

// WordCounts says in how many chunks words are, in any column and collection;
// words that are in none are left out. Words are small letters without diacritics.
func (db *DB) WordCounts(ctx context.Context, words []string) (map[string]int, error) {
	out := map[string]int{}
	list, err := json.Marshal(words)
	if err != nil || len(words) == 0 { // "null" would ask for all of them
		return out, err
	}
	err = db.each(ctx, wordCounts, []any{string(list)}, func(rows *sql.Rows) error {
		var w string
		var n int
		err := rows.Scan(&w, &n)
		out[w] = n
		return err
	})
	return out, wrap(err, "count words")
}

// KnownWords says which of the words are anywhere in the index.
func (db *DB) KnownWords(ctx context.Context, words []string) (map[string]bool, error) {
	out := map[string]bool{}
	list, err := json.Marshal(words)
	if err != nil || len(words) == 0 {
		return out, err
	}
	err = db.each(ctx, knownWords, []any{string(list)}, func(rows *sql.Rows) error {
		var w string
		err := rows.Scan(&w)
		out[w] = true
		return err
	})
	return out, wrap(err, "look for words")
}

func (db *DB) each(ctx context.Context, query string, args []any, fn func(*sql.Rows) error) error {
	return each(ctx, db.readers, query, args, fn)
}

// each calls fn for every row of a reading query.
func each(ctx context.Context, from sqlcgen.DBTX, query string, args []any, fn func(*sql.Rows) error) error {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return named(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return named(err)
		}
	}
	return named(rows.Err())
}

func numList(nums []int64) string {
	if nums == nil {
		nums = []int64{}
	}
	list, err := json.Marshal(nums)
	if err != nil {
		panic(err) // numbers
	}
	return string(list)
}

func wrap(err error, what string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
