package storage

import (
	"context"
	"database/sql"

	"alcove/storage/sqlcgen"
)

// Sentences are the vectors of the sentences of one text. Data is the index's own.
type Sentences struct {
	Hash [32]byte // of the text, as with Vector
	Data []byte
}

const (
	sentencesOf = `
SELECT h.key, v.data FROM embedders e
CROSS JOIN json_each(@hashes) h
CROSS JOIN sentence_vectors v ON v.hash = unhex(h.value) AND v.embedder = e.num
WHERE e.fingerprint = @fingerprint`
	notSaid = ` AND NOT EXISTS (SELECT 1 FROM embedders e CROSS JOIN sentence_vectors v ON v.hash = c.hash AND v.embedder = e.num WHERE e.fingerprint = @fingerprint)
ORDER BY c.hash LIMIT @most`
	withoutSentences = `
SELECT c.hash, t.heading, t.text FROM chunks c INDEXED BY chunks_by_hash
CROSS JOIN indexed i ON i.document_num = c.document_num AND i.gen = c.gen
CROSS JOIN chunks t ON t.num = c.num
WHERE c.hash > @after` + notSaid
	withoutSentencesIn = `
SELECT c.hash, c.heading, c.text FROM indexed i
CROSS JOIN chunks c ON c.document_num = i.document_num AND c.gen = i.gen
WHERE i.document_num = @document AND c.hash > @after` + notSaid
)

// PutSentences stores vectors of sentences of texts that chunks have; those of
// others, and those that are there already, are left out.
func (db *DB) PutSentences(ctx context.Context, fingerprint string, list []Sentences) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		embedder, err := q.EmbedderNum(ctx, fingerprint)
		for _, s := range list {
			if err == nil {
				err = q.InsertSentences(ctx, sqlcgen.InsertSentencesParams{Hash: s.Hash[:], Embedder: embedder, Data: s.Data})
			}
		}
		return err
	})
	return wrap(err, "store vectors of sentences")
}

// SentencesOf gives what is stored of texts, by their place in hashes. Whoever
// calls it has been given the texts: it asks for no rights.
func (db *DB) SentencesOf(ctx context.Context, fingerprint string, hashes [][32]byte) (map[int][]byte, error) {
	out := map[int][]byte{}
	err := db.each(ctx, sentencesOf, []any{sqlNamed("hashes", hashList(hashes)), sqlNamed("fingerprint", fingerprint)}, func(rows *sql.Rows) error {
		var i int
		var data []byte
		err := rows.Scan(&i, &data)
		out[i] = data
		return err
	})
	return out, wrap(err, "read vectors of sentences")
}

// TextsWithoutSentences gives some texts of published chunks, of one document
// or of all (0), whose sentences have no vectors of the embedder yet, each once,
// in the order of their hashes, after one.
func (db *DB) TextsWithoutSentences(ctx context.Context, fingerprint string, documentNum int64, after [32]byte, most int) ([]UnembeddedText, error) {
	query, args := withoutSentences, []any{sqlNamed("fingerprint", fingerprint), sqlNamed("after", after[:]), sqlNamed("most", most)}
	if documentNum != 0 {
		query, args = withoutSentencesIn, append(args, sqlNamed("document", documentNum))
	}
	out, err := db.unembedded(ctx, query, args)
	return out, wrap(err, "look for sentences without a vector")
}
