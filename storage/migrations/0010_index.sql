-- +goose Up

-- What of a document is found: the chunks of one gen. A document is written
-- under a new gen in several transactions and then published by one update of
-- this row, so that no half document is ever found and nobody waits for a long
-- transaction. Chunks of other gens are leftovers.
CREATE TABLE indexed (
    document_num INTEGER PRIMARY KEY REFERENCES documents (num) ON DELETE CASCADE,
    gen          INTEGER NOT NULL,
    chunks       INTEGER NOT NULL,
    indexed_at   INTEGER NOT NULL
) STRICT;

-- num is never used twice: vectors in memory are named by it. hash is SHA-256
-- of what is embedded. stem is the stems of the heading, a "|" and those of the
-- text, in the chunk's language, without stop words.
CREATE TABLE chunks (
    num          INTEGER PRIMARY KEY AUTOINCREMENT,
    document_num INTEGER NOT NULL REFERENCES documents (num) ON DELETE CASCADE,
    gen          INTEGER NOT NULL,
    id           TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    page         INTEGER NOT NULL,
    page_end     INTEGER NOT NULL,
    block_from   INTEGER NOT NULL,
    block_to     INTEGER NOT NULL,
    tokens       INTEGER NOT NULL,
    language     TEXT    NOT NULL,
    hash         BLOB    NOT NULL,
    heading      TEXT    NOT NULL,
    text         TEXT    NOT NULL,
    stem         TEXT    NOT NULL,
    UNIQUE (document_num, gen, seq)
) STRICT;

CREATE INDEX chunks_by_id ON chunks (id);
-- With what a pass over all vectors needs of a chunk.
CREATE INDEX chunks_by_hash ON chunks (hash, document_num, gen);

CREATE TABLE embedders (
    num         INTEGER PRIMARY KEY,
    fingerprint TEXT    NOT NULL UNIQUE
) STRICT;

-- A vector belongs to a text, not to a chunk: passages that did not change are
-- not computed again. The last chunk with the text takes its vectors along.
-- vec has a signed byte a dimension; times scale it is of length 1.
CREATE TABLE chunk_vectors (
    hash     BLOB    NOT NULL,
    embedder INTEGER NOT NULL REFERENCES embedders (num) ON DELETE CASCADE,
    scale    REAL    NOT NULL,
    vec      BLOB    NOT NULL,
    PRIMARY KEY (hash, embedder)
) STRICT, WITHOUT ROWID;

CREATE INDEX chunk_vectors_by_embedder ON chunk_vectors (embedder);

CREATE VIRTUAL TABLE chunks_fts USING fts5 (heading, text, stem, content = 'chunks', content_rowid = 'num', tokenize = 'unicode61 remove_diacritics 2');

-- Deleted words leave the index at once, not at the next merge.
INSERT INTO chunks_fts (chunks_fts, rank) VALUES ('secure-delete', 1);

-- In how many chunks a word is, and where.
CREATE VIRTUAL TABLE chunk_words USING fts5vocab (chunks_fts, row);
CREATE VIRTUAL TABLE chunk_places USING fts5vocab (chunks_fts, instance);

-- +goose StatementBegin
CREATE TRIGGER chunks_inserted AFTER INSERT ON chunks BEGIN
    INSERT INTO chunks_fts (rowid, heading, text, stem) VALUES (new.num, new.heading, new.text, new.stem);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER chunks_deleted AFTER DELETE ON chunks BEGIN
    INSERT INTO chunks_fts (chunks_fts, rowid, heading, text, stem) VALUES ('delete', old.num, old.heading, old.text, old.stem);
    DELETE FROM chunk_vectors WHERE hash = old.hash AND NOT EXISTS (SELECT 1 FROM chunks WHERE hash = old.hash);
END;
-- +goose StatementEnd
