package storage

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"unsafe"

	"alcove/storage/sqlcgen"
)

// Vector is what an embedder made of a text, of length 1: Values times Scale.
type Vector struct {
	Hash   [32]byte // of the text
	Scale  float32
	Values []int8
}

// ChunkVector is the vector of a published chunk.
type ChunkVector struct {
	Num         int64 // of the chunk
	DocumentNum int64
	Vector      Vector
}

func putVectors(ctx context.Context, q *sqlcgen.Queries, fingerprint string, vectors []Vector) error {
	if len(vectors) == 0 {
		return nil
	}
	embedder, err := q.EmbedderNum(ctx, fingerprint)
	if err != nil {
		return err
	}
	for _, v := range vectors {
		err := q.InsertVector(ctx, sqlcgen.InsertVectorParams{Hash: v.Hash[:], Embedder: embedder, Scale: float64(v.Scale), Vec: bytesOf(v.Values)})
		if err != nil {
			return err
		}
	}
	return nil
}

// PutVectors stores vectors of texts that chunks have; those of others are left out.
func (db *DB) PutVectors(ctx context.Context, fingerprint string, vectors []Vector) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error { return putVectors(ctx, q, fingerprint, vectors) })
	if err != nil {
		return fmt.Errorf("store vectors: %w", err)
	}
	return nil
}

// These queries are by hand because json_each and callbacks a row are no
// matter for sqlc.
const (
	knownVectors = `
SELECT h.key, v.scale, v.vec FROM embedders e
CROSS JOIN json_each(@hashes) h
CROSS JOIN chunk_vectors v ON v.hash = unhex(h.value) AND v.embedder = e.num
WHERE e.fingerprint = @fingerprint`
	// Both tables are in the order of hash: one pass over each.
	eachVector = `
SELECT c.num, c.document_num, v.scale, v.vec FROM embedders e
CROSS JOIN chunks c INDEXED BY chunks_by_hash
CROSS JOIN indexed i ON i.document_num = c.document_num AND i.gen = c.gen
CROSS JOIN chunk_vectors v ON v.hash = c.hash AND v.embedder = e.num
WHERE e.fingerprint = @fingerprint ORDER BY c.hash`
	documentVectors = `
SELECT c.num, c.document_num, v.scale, v.vec FROM embedders e
CROSS JOIN indexed i
CROSS JOIN chunks c ON c.document_num = i.document_num AND c.gen = i.gen
CROSS JOIN chunk_vectors v ON v.hash = c.hash AND v.embedder = e.num
WHERE e.fingerprint = @fingerprint AND i.document_num = @document`
	vectorsOfTexts = `
SELECT c.num, c.document_num, v.scale, v.vec FROM embedders e
CROSS JOIN json_each(@hashes) h
CROSS JOIN chunks c ON c.hash = unhex(h.value)
CROSS JOIN indexed i ON i.document_num = c.document_num AND i.gen = c.gen
CROSS JOIN chunk_vectors v ON v.hash = c.hash AND v.embedder = e.num
WHERE e.fingerprint = @fingerprint`
	withoutVector = `
SELECT c.hash, t.heading, t.text FROM chunks c INDEXED BY chunks_by_hash
CROSS JOIN indexed i ON i.document_num = c.document_num AND i.gen = c.gen
CROSS JOIN chunks t ON t.num = c.num
WHERE c.hash > @after AND NOT EXISTS (SELECT 1 FROM embedders e CROSS JOIN chunk_vectors v ON v.hash = c.hash AND v.embedder = e.num WHERE e.fingerprint = @fingerprint)
ORDER BY c.hash LIMIT @most`
)

// KnownVectors gives the stored vectors of an embedder for texts, by their place in hashes.
func (db *DB) KnownVectors(ctx context.Context, fingerprint string, hashes [][32]byte) (map[int]Vector, error) {
	known := map[int]Vector{}
	err := db.each(ctx, knownVectors, []any{sqlNamed("hashes", hashList(hashes)), sqlNamed("fingerprint", fingerprint)}, func(rows *sql.Rows) error {
		var i int
		var v Vector
		var vec []byte
		err := rows.Scan(&i, &v.Scale, &vec)
		if err == nil {
			v.Hash, v.Values = hashes[i], valuesOf(vec)
			known[i] = v
		}
		return err
	})
	return known, wrap(err, "look for vectors")
}

// EachVector calls fn with the vector of each published chunk, of one document
// or of all (0). Values are fn's own.
func (db *DB) EachVector(ctx context.Context, fingerprint string, documentNum int64, fn func(ChunkVector)) error {
	query, args := eachVector, []any{sqlNamed("fingerprint", fingerprint)}
	if documentNum != 0 {
		query, args = documentVectors, append(args, sqlNamed("document", documentNum))
	}
	err := db.eachVector(ctx, query, args, fn)
	return wrap(err, "read vectors")
}

// VectorsOfTexts gives the vectors of published chunks with one of the texts.
func (db *DB) VectorsOfTexts(ctx context.Context, fingerprint string, hashes [][32]byte) (list []ChunkVector, err error) {
	err = db.eachVector(ctx, vectorsOfTexts, []any{sqlNamed("fingerprint", fingerprint), sqlNamed("hashes", hashList(hashes))}, func(v ChunkVector) { list = append(list, v) })
	return list, wrap(err, "read vectors of texts")
}

func (db *DB) eachVector(ctx context.Context, query string, args []any, fn func(ChunkVector)) error {
	return db.each(ctx, query, args, func(rows *sql.Rows) error {
		var v ChunkVector
		var vec []byte
		err := rows.Scan(&v.Num, &v.DocumentNum, &v.Vector.Scale, &vec)
		if err == nil {
			v.Vector.Values = valuesOf(vec)
			fn(v)
		}
		return err
	})
}

func hashList(hashes [][32]byte) string {
	list := make([]string, len(hashes))
	for i, h := range hashes {
		list[i] = hex.EncodeToString(h[:])
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // strings
	}
	return string(text)
}

// UnembeddedText is a text of published chunks without a vector.
type UnembeddedText struct {
	Hash    [32]byte
	Heading string
	Text    string
}

// TextsWithoutVector gives some texts of published chunks that the embedder has
// not made a vector of yet, each once, in the order of their hashes, after one.
func (db *DB) TextsWithoutVector(ctx context.Context, fingerprint string, after [32]byte, most int) ([]UnembeddedText, error) {
	args := []any{sqlNamed("fingerprint", fingerprint), sqlNamed("after", after[:]), sqlNamed("most", most)}
	out, err := db.unembedded(ctx, withoutVector, args)
	return out, wrap(err, "look for texts without a vector")
}

// unembedded reads texts in the order of their hashes, each once.
func (db *DB) unembedded(ctx context.Context, query string, args []any) (out []UnembeddedText, err error) {
	err = db.each(ctx, query, args, func(rows *sql.Rows) error {
		var t UnembeddedText
		var hash []byte
		err := rows.Scan(&hash, &t.Heading, &t.Text)
		if copy(t.Hash[:], hash); len(out) == 0 || out[len(out)-1].Hash != t.Hash {
			out = append(out, t)
		}
		return err
	})
	return out, err
}

// DropOtherVectors removes at most so many vectors of other embedders, of
// passages and then of sentences, and says how many it removed.
func (db *DB) DropOtherVectors(ctx context.Context, fingerprint string, most int) (n int, err error) {
	err = db.write(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.DropOtherVectors(ctx, sqlcgen.DropOtherVectorsParams{Fingerprint: fingerprint, Most: int64(most)})
		if n = int(rows); err != nil || n > 0 {
			return err
		}
		rows, err = q.DropOtherSentences(ctx, sqlcgen.DropOtherSentencesParams{Fingerprint: fingerprint, Most: int64(most)})
		if n = int(rows); err != nil || n > 0 {
			return err
		}
		_, err = q.DropOtherEmbedders(ctx, fingerprint)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("drop vectors of other embedders: %w", err)
	}
	return n, nil
}

// bytesOf and valuesOf change the name of the type; the bytes are the same.
func bytesOf(v []int8) []byte {
	if len(v) == 0 {
		return []byte{}
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&v[0])), len(v))
}

func valuesOf(b []byte) []int8 {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*int8)(unsafe.Pointer(&b[0])), len(b))
}
