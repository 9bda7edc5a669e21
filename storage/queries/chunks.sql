-- name: DocumentNum :one
SELECT num FROM documents WHERE id = @id;

-- name: NewestGen :one
SELECT CAST(coalesce(max(gen), 0) AS INTEGER) FROM (
    SELECT gen FROM indexed WHERE indexed.document_num = @document_num
    UNION ALL
    SELECT max(gen) FROM chunks WHERE chunks.document_num = @document_num
    UNION ALL
    SELECT max(gen) FROM blocks WHERE blocks.document_num = @document_num);

-- name: InsertChunk :exec
INSERT INTO chunks (document_num, gen, id, seq, page, page_end, block_from, block_to, tokens, language, hash, heading, text, stem)
VALUES (@document_num, @gen, @id, @seq, @page, @page_end, @block_from, @block_to, @tokens, @language, @hash, @heading, @text, @stem);

-- name: PublishChunks :exec
INSERT INTO indexed (document_num, gen, chunks, indexed_at) VALUES (@document_num, @gen, @chunks, @indexed_at)
ON CONFLICT (document_num) DO UPDATE SET gen = excluded.gen, chunks = excluded.chunks, indexed_at = excluded.indexed_at;

-- name: WithdrawChunks :execrows
DELETE FROM indexed WHERE document_num = @document_num;

-- name: DropOtherChunks :execrows
DELETE FROM chunks WHERE chunks.num IN (
    SELECT c.num FROM chunks c WHERE c.document_num = @document_num
    AND c.gen <> coalesce((SELECT i.gen FROM indexed i WHERE i.document_num = @document_num), -1) LIMIT @most);

-- name: DocumentsWithLeftovers :many
SELECT every.num FROM documents every LEFT JOIN indexed i ON i.document_num = every.num
WHERE every.collection_id <> '~removed' AND (
    EXISTS (SELECT 1 FROM chunks c WHERE c.document_num = every.num AND c.gen < coalesce(i.gen, -1))
    OR EXISTS (SELECT 1 FROM chunks c WHERE c.document_num = every.num AND c.gen > coalesce(i.gen, -1))
    OR EXISTS (SELECT 1 FROM blocks b WHERE b.document_num = every.num AND b.gen < every.text_gen)
    OR EXISTS (SELECT 1 FROM blocks b WHERE b.document_num = every.num AND b.gen > every.text_gen));

-- name: ListWithdrawn :many
SELECT CAST(n.value AS INTEGER) AS num FROM json_each(@nums) n
WHERE NOT EXISTS (SELECT 1 FROM indexed i WHERE i.document_num = n.value);

-- name: EmbedderNum :one
INSERT INTO embedders (fingerprint) VALUES (@fingerprint) ON CONFLICT (fingerprint) DO UPDATE SET fingerprint = excluded.fingerprint RETURNING num;

-- name: EmbedderMeasured :one
SELECT COALESCE(measured, '') AS measured FROM embedders WHERE fingerprint = @fingerprint;

-- name: SetEmbedderMeasured :exec
INSERT INTO embedders (fingerprint, measured) VALUES (@fingerprint, @measured) ON CONFLICT (fingerprint) DO UPDATE SET measured = excluded.measured;

-- name: InsertVector :exec
INSERT INTO chunk_vectors (hash, embedder, scale, vec)
SELECT @hash, @embedder, @scale, @vec WHERE EXISTS (SELECT 1 FROM chunks WHERE chunks.hash = @hash)
ON CONFLICT (hash, embedder) DO NOTHING;

-- name: InsertSentences :exec
INSERT INTO sentence_vectors (hash, embedder, data)
SELECT @hash, @embedder, @data WHERE EXISTS (SELECT 1 FROM chunks WHERE chunks.hash = @hash)
ON CONFLICT (hash, embedder) DO NOTHING;

-- name: DropOtherEmbedders :execrows
DELETE FROM embedders WHERE fingerprint <> @fingerprint;

-- name: DropOtherVectors :execrows
DELETE FROM chunk_vectors WHERE (hash, embedder) IN (
    SELECT v.hash, v.embedder FROM embedders CROSS JOIN chunk_vectors v ON v.embedder = embedders.num WHERE embedders.fingerprint <> @fingerprint LIMIT @most);

-- name: DropOtherSentences :execrows
DELETE FROM sentence_vectors WHERE rowid IN (
    SELECT v.rowid FROM embedders CROSS JOIN sentence_vectors v ON v.embedder = embedders.num WHERE embedders.fingerprint <> @fingerprint LIMIT @most);

-- name: CountIndexed :one
SELECT CAST(count(*) AS INTEGER) AS documents, CAST(coalesce(sum(chunks), 0) AS INTEGER) AS chunks FROM indexed;
