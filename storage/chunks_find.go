package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
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
// collection that this person may read; in force on the day; of a series, the
// newest version that is in force then and is in the index.
const allowed = `
WITH allowed AS MATERIALIZED (
    SELECT d.num, i.gen FROM collections k
    JOIN documents d ON d.collection_id = k.id
    JOIN indexed i ON i.document_num = d.num
    WHERE k.id = @collection AND k.deleted_at IS NULL AND @person <> ''
    AND (k.owner = @person OR EXISTS (SELECT 1 FROM collection_readers r WHERE r.collection_id = k.id AND r.reader IN (@person, @everybody)))
    AND d.effective <= @as_of
    AND (d.series = '' OR NOT EXISTS (
        SELECT 1 FROM documents e JOIN indexed j ON j.document_num = e.num
        WHERE e.collection_id = d.collection_id AND e.series = d.series AND e.series <> '' AND e.effective <= @as_of
        AND (e.effective > d.effective OR e.effective = d.effective AND e.num > d.num)))
)`

// sqlc cannot parse FTS5 queries. CROSS JOIN keeps the index as the outer loop.
// unary plus keeps SQLite from using another index than the one of the row.
const (
	reachDocuments = allowed + `
SELECT a.num FROM allowed a`
	reachLanguages = allowed + `
SELECT c.language, count(*) FROM allowed a JOIN chunks c ON c.document_num = a.num AND c.gen = a.gen
GROUP BY 1 ORDER BY 2 DESC`
	matchRanked = allowed + `
SELECT f.rowid, f.rank FROM chunks_fts f
CROSS JOIN chunks c ON c.num = f.rowid
CROSS JOIN allowed a ON a.num = c.document_num AND a.gen = c.gen
WHERE chunks_fts MATCH @expression AND f.rank MATCH 'bm25(2.0, 1.0, 1.0)'
ORDER BY f.rank LIMIT @limit`
	matchAny = allowed + `
SELECT f.rowid, 0.0 FROM chunks_fts f
CROSS JOIN chunks c ON c.num = f.rowid
CROSS JOIN allowed a ON a.num = c.document_num AND a.gen = c.gen
WHERE chunks_fts MATCH @expression LIMIT @limit`
	reachStems = allowed + `
SELECT c.num, c.document_num, c.language, c.stem FROM json_each(@nums) n
CROSS JOIN chunks c ON c.num = n.value
CROSS JOIN allowed a ON a.num = c.document_num AND a.gen = c.gen`
	reachChunks = allowed + `
SELECT c.num, c.id, d.id, c.seq, c.page, c.page_end, c.block_from, c.block_to, c.heading, c.text, c.tokens, c.language FROM json_each(@nums) n
CROSS JOIN chunks c ON c.num = n.value
CROSS JOIN allowed a ON a.num = c.document_num AND a.gen = c.gen
CROSS JOIN documents d ON d.num = c.document_num`
	wordCounts = `
SELECT w.term, w.doc FROM json_each(?) q CROSS JOIN chunk_words w ON w.term = q.value`
)

// TextHit is a chunk that words were found in. Rank is bm25 as SQLite gives
// it, lower is better; 0 where it was not asked for.
type TextHit struct {
	Num  int64
	Rank float64
}

// ReachDocuments lists the documents (their nums) of a Reach.
func (db *DB) ReachDocuments(ctx context.Context, r Reach) ([]int64, error) {
	var nums []int64
	err := db.each(ctx, reachDocuments, r.args(), func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		nums = append(nums, n)
		return err
	})
	return nums, wrap(err, "list documents in reach")
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

// ReachChunks gives those of the chunks that are in reach with their
// documents, in no order.
func (db *DB) ReachChunks(ctx context.Context, r Reach, nums []int64) ([]Chunk, error) {
	var out []Chunk
	err := db.each(ctx, reachChunks, r.args(sqlNamed("nums", numList(nums))), func(rows *sql.Rows) error {
		var c Chunk
		err := rows.Scan(&c.Num, &c.ID, &c.DocumentID, &c.Seq, &c.Page, &c.PageEnd, &c.BlockFrom, &c.BlockTo, &c.Heading, &c.Text, &c.Tokens, &c.Language)
		out = append(out, c)
		return err
	})
	return out, wrap(err, "read chunks")
}

// ReachLanguages lists the languages of chunks in reach, those of most chunks first.
func (db *DB) ReachLanguages(ctx context.Context, r Reach) ([]string, error) {
	var out []string
	err := db.each(ctx, reachLanguages, r.args(), func(rows *sql.Rows) error {
		var language string
		var n int
		err := rows.Scan(&language, &n)
		out = append(out, language)
		return err
	})
	return out, wrap(err, "list languages")
}

// WordCounts says in how many chunks words are, in any column and collection;
// words that are in none are left out. Words are small letters without diacritics.
func (db *DB) WordCounts(ctx context.Context, words []string) (map[string]int, error) {
	list, err := json.Marshal(words)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	err = db.each(ctx, wordCounts, []any{string(list)}, func(rows *sql.Rows) error {
		var w string
		var n int
		err := rows.Scan(&w, &n)
		out[w] = n
		return err
	})
	return out, wrap(err, "count words")
}

// each calls fn for every row of a reading query.
func (db *DB) each(ctx context.Context, query string, args []any, fn func(*sql.Rows) error) error {
	rows, err := db.readers.QueryContext(ctx, query, args...)
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
