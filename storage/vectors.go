package storage

import (
	"context"
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
	Language    string
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
SELECT h.key, v.scale, v.vec FROM json_each(?) h
JOIN chunk_vectors v ON v.hash = unhex(h.value)
JOIN embedders e ON e.num = v.embedder AND e.fingerprint = ?`
	eachVector = `
SELECT c.num, c.document_num, c.language, v.scale, v.vec FROM indexed i
JOIN chunks c ON c.document_num = i.document_num AND c.gen = i.gen
JOIN chunk_vectors v ON v.hash = c.hash
JOIN embedders e ON e.num = v.embedder
WHERE e.fingerprint = @fingerprint AND (@document = 0 OR i.document_num = @document)`
	withoutVector = `
SELECT c.hash, min(c.heading), min(c.text), count(*) FROM indexed i
JOIN chunks c ON c.document_num = i.document_num AND c.gen = i.gen
WHERE NOT EXISTS (SELECT 1 FROM chunk_vectors v JOIN embedders e ON e.num = v.embedder WHERE v.hash = c.hash AND e.fingerprint = ?)
GROUP BY c.hash LIMIT ?`
)

// KnownVectors gives the stored vectors of an embedder for texts, by their place in hashes.
func (db *DB) KnownVectors(ctx context.Context, fingerprint string, hashes [][32]byte) (map[int]Vector, error) {
	list := make([]string, len(hashes))
	for i, h := range hashes {
		list[i] = fmt.Sprintf("%x", h)
	}
	text, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	known := map[int]Vector{}
	rows, err := db.readers.QueryContext(ctx, knownVectors, string(text), fingerprint)
	if err != nil {
		return nil, fmt.Errorf("look for vectors: %w", named(err))
	}
	defer rows.Close()
	for rows.Next() {
		var i int
		var v Vector
		var vec []byte
		if err := rows.Scan(&i, &v.Scale, &vec); err != nil {
			return nil, fmt.Errorf("look for vectors: %w", named(err))
		}
		v.Hash, v.Values = hashes[i], valuesOf(vec)
		known[i] = v
	}
	return known, named(rows.Err())
}

// EachVector calls fn with the vector of each published chunk, of one document
// or of all (0). Values are fn's own.
func (db *DB) EachVector(ctx context.Context, fingerprint string, documentNum int64, fn func(ChunkVector)) error {
	rows, err := db.readers.QueryContext(ctx, eachVector, sqlNamed("fingerprint", fingerprint), sqlNamed("document", documentNum))
	if err != nil {
		return fmt.Errorf("read vectors: %w", named(err))
	}
	defer rows.Close()
	for rows.Next() {
		var v ChunkVector
		var vec []byte
		if err := rows.Scan(&v.Num, &v.DocumentNum, &v.Language, &v.Vector.Scale, &vec); err != nil {
			return fmt.Errorf("read vectors: %w", named(err))
		}
		v.Vector.Values = valuesOf(vec)
		fn(v)
	}
	return named(rows.Err())
}

// UnembeddedText is a text of published chunks without a vector.
type UnembeddedText struct {
	Hash    [32]byte
	Heading string
	Text    string
}

// TextsWithoutVector gives some texts of published chunks that the embedder
// has not made a vector of yet.
func (db *DB) TextsWithoutVector(ctx context.Context, fingerprint string, most int) ([]UnembeddedText, error) {
	rows, err := db.readers.QueryContext(ctx, withoutVector, fingerprint, most)
	if err != nil {
		return nil, fmt.Errorf("look for texts without a vector: %w", named(err))
	}
	defer rows.Close()
	var out []UnembeddedText
	for rows.Next() {
		var t UnembeddedText
		var hash []byte
		var n int
		if err := rows.Scan(&hash, &t.Heading, &t.Text, &n); err != nil {
			return nil, fmt.Errorf("look for texts without a vector: %w", named(err))
		}
		copy(t.Hash[:], hash)
		out = append(out, t)
	}
	return out, named(rows.Err())
}

// DropOtherVectors removes at most so many vectors of other embedders, and
// says how many it removed.
func (db *DB) DropOtherVectors(ctx context.Context, fingerprint string, most int) (n int, err error) {
	err = db.write(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.DropOtherVectors(ctx, sqlcgen.DropOtherVectorsParams{Fingerprint: fingerprint, Most: int64(most)})
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
