-- +goose Up

-- Vectors of the sentences of a passage, one row a passage: made in the
-- background when the passage is found already. data is the index's own
-- (app/documents/index/said.go). It lives as long as the passage's text, as
-- chunk_vectors do.
CREATE TABLE sentence_vectors (
    hash     BLOB    NOT NULL, -- of the passage's text, as in chunks
    embedder INTEGER NOT NULL REFERENCES embedders (num) ON DELETE CASCADE,
    data     BLOB    NOT NULL,
    UNIQUE (hash, embedder)
) STRICT;

CREATE INDEX sentence_vectors_by_embedder ON sentence_vectors (embedder);

-- +goose StatementBegin
CREATE TRIGGER chunks_deleted_sentences AFTER DELETE ON chunks BEGIN
    DELETE FROM sentence_vectors WHERE hash = old.hash AND NOT EXISTS (SELECT 1 FROM chunks WHERE hash = old.hash);
END;
-- +goose StatementEnd
