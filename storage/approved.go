package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"alcove/storage/sqlcgen"
)

// Standing is an approved answer whose document is found. It is given while
// Holds; else it is out of date, and nothing may be answered from it.
type Standing struct {
	ID         string
	DocumentID string
	Question   string
	Holds      bool
}

// approvedFor are the approved answers of a Reach. One holds until its last day,
// and while each passage that it stands on is found, or its sentence in another
// passage of the same document: a file that is read again must not end it.
const approvedFor = allowed + `
SELECT a.id, a.document_id, a.question, (a.expires = '' OR a.expires >= @as_of) AND NOT EXISTS (
    SELECT 1 FROM approved_sources s WHERE s.answer_id = a.id AND NOT EXISTS (
        SELECT 1 FROM documents d JOIN allowed w ON w.num = d.num JOIN chunks c ON c.document_num = w.num AND c.gen = w.gen
        WHERE d.id = s.document_id AND (c.id = s.chunk_id OR s.quote <> '' AND instr(c.text, s.quote) > 0)))
FROM approved_answers a JOIN documents d ON d.id = a.document_id
WHERE a.collection = @collection AND d.num IN (SELECT num FROM allowed) ORDER BY a.num DESC LIMIT 1000`

// ReachApproved lists the approved answers whose documents are in reach, newest first.
func (db *DB) ReachApproved(ctx context.Context, r Reach) ([]Standing, error) {
	var out []Standing
	has := false
	err := db.read(ctx, func(q *sqlcgen.Queries) (err error) {
		has, err = q.HasApproved(ctx, r.Collection)
		return err
	})
	if err == nil && has {
		err = db.each(ctx, approvedFor, r.args(), func(rows *sql.Rows) error {
			var s Standing
			err := rows.Scan(&s.ID, &s.DocumentID, &s.Question, &s.Holds)
			out = append(out, s)
			return err
		})
	}
	return out, wrap(err, "list approved answers")
}

// firstOf is the first chunk of a document in reach; foundAgain is the passage
// that a source was, or the one that has its sentence now.
const (
	firstOf = allowed + `
SELECT c.num, c.id, d.id, c.seq, c.page, c.page_end, c.block_from, c.block_to, c.heading, c.text, c.tokens, c.language FROM documents d
JOIN allowed w ON w.num = d.num JOIN chunks c ON c.document_num = w.num AND c.gen = w.gen
WHERE d.id = @id ORDER BY c.seq LIMIT 1`
	foundAgain = allowed + `
SELECT c.num, c.id, d.id, c.seq, c.page, c.page_end, c.block_from, c.block_to, c.heading, c.text, c.tokens, c.language FROM documents d
JOIN allowed w ON w.num = d.num JOIN chunks c ON c.document_num = w.num AND c.gen = w.gen
WHERE d.id = @id AND (c.id = @chunk OR @quote <> '' AND instr(c.text, @quote) > 0) ORDER BY c.id = @chunk DESC, c.seq LIMIT 1`
)

// GiveApproved gives an approved answer with the passage that it is, and then
// those that it stands on, in their order. Without one of them in reach it is
// ErrNotFound.
func (db *DB) GiveApproved(ctx context.Context, r Reach, id string) (Approved, []FoundChunk, error) {
	a, err := db.Approved(ctx, id)
	if err != nil {
		return a, nil, err
	}
	chunks, err := db.reachChunks(ctx, firstOf, r.args(sqlNamed("id", a.DocumentID)))
	for _, s := range a.Sources {
		var more []FoundChunk
		if err == nil {
			more, err = db.reachChunks(ctx, foundAgain, r.args(sqlNamed("id", s.DocumentID), sqlNamed("chunk", s.ChunkID), sqlNamed("quote", s.Quote)))
		}
		chunks = append(chunks, more...)
	}
	if err == nil && len(chunks) != 1+len(a.Sources) {
		err = ErrNotFound
	}
	if err != nil {
		return Approved{}, nil, fmt.Errorf("give an approved answer: %w", err)
	}
	return a, chunks, nil
}

// ListApproved gives a collection's approved answers, newest first, at most
// 1000. Outdated is as its owner would find them today.
func (db *DB) ListApproved(ctx context.Context, collection string) ([]Approved, error) {
	list := []Approved{}
	owner := ""
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListApproved(ctx, collection)
		for _, r := range rows {
			list = append(list, approvedOf(r))
		}
		if err != nil || len(rows) == 0 {
			return err
		}
		c, err := q.GetCollection(ctx, collection)
		owner = c.Owner
		if err != nil {
			return err
		}
		return addApprovedSources(ctx, q, list)
	})
	if err == nil && len(list) > 0 {
		err = db.addOutdated(ctx, Reach{Collection: collection, Person: owner, AsOf: db.today()}, list)
	}
	if err != nil {
		return nil, fmt.Errorf("read approved answers: %w", err)
	}
	return list, nil
}

// addOutdated marks answers that are not given. One that is not found at all is
// on its way into the index, or holds from a later day: it is not out of date.
func (db *DB) addOutdated(ctx context.Context, r Reach, list []Approved) error {
	standing, err := db.ReachApproved(ctx, r)
	for _, s := range standing {
		if i := slices.IndexFunc(list, func(a Approved) bool { return a.ID == s.ID }); i >= 0 {
			list[i].Outdated = !s.Holds
		}
	}
	return err
}

func putApprovedSources(ctx context.Context, q *sqlcgen.Queries, a Approved) error {
	if err := q.DropApprovedSources(ctx, a.ID); err != nil {
		return err
	}
	for i, s := range a.Sources {
		err := q.PutApprovedSource(ctx, sqlcgen.PutApprovedSourceParams{AnswerID: a.ID, N: int64(i), DocumentID: s.DocumentID, ChunkID: s.ChunkID,
			Page: int64(s.Page), PageEnd: int64(s.PageEnd), Quote: s.Quote})
		if err != nil {
			return err
		}
	}
	return nil
}

func addApprovedSources(ctx context.Context, q *sqlcgen.Queries, list []Approved) error {
	ids := make([]string, len(list))
	at := map[string]*Approved{}
	for i := range list {
		ids[i], at[list[i].ID] = list[i].ID, &list[i]
	}
	rows, err := q.ListApprovedSources(ctx, ids)
	for _, r := range rows {
		a := at[r.AnswerID]
		a.Sources = append(a.Sources, ApprovedSource{DocumentID: r.DocumentID, Document: r.Document, ChunkID: r.ChunkID, Page: int(r.Page), PageEnd: int(r.PageEnd), Quote: r.Quote})
	}
	return err
}
