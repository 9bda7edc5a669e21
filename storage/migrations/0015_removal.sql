-- +goose Up

-- A name of a collection is given once: an old link or a program that still
-- says it must never mean another one.
CREATE TABLE retired_collections (
    id TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER collections_retire AFTER DELETE ON collections WHEN old.id NOT LIKE '~%' BEGIN
    INSERT INTO retired_collections (id) VALUES (old.id) ON CONFLICT DO NOTHING;
END;
-- +goose StatementEnd

-- The num of a document is never used twice either: vectors in memory are named
-- by it.
CREATE TABLE document_nums (
    last INTEGER NOT NULL
) STRICT;
INSERT INTO document_nums (last) SELECT coalesce(max(num), 0) FROM documents;

-- A removed document is in no collection that anybody can name, and has another
-- id ("~", its num, "~", the id of before): no query finds it. Its sources,
-- chunks and blocks go in small steps, and then its row.
INSERT INTO collections (id, title, owner, paused, created_at, updated_at, deleted_at) VALUES ('~removed', '', '', 1, 0, 0, 0);

-- What is known of a document goes when it is marked, not with its row. A
-- heading is text of it too.
DROP TRIGGER documents_leave_answers;
DROP TRIGGER documents_leave_desk;
UPDATE message_sources SET data = json_remove(data, '$.heading') WHERE removed = 1;

-- Blocks of a gen: a text is written in several transactions, and one update
-- of documents.text_gen makes it the document's. Blocks of other gens are
-- leftovers. -1: the document has no text.
ALTER TABLE documents ADD COLUMN text_gen INTEGER NOT NULL DEFAULT -1;
UPDATE documents SET text_gen = 0 WHERE indexed_at IS NOT NULL;

CREATE TABLE blocks (
    num          INTEGER PRIMARY KEY,
    document_num INTEGER NOT NULL REFERENCES documents (num) ON DELETE CASCADE,
    gen          INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    page         INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    level        INTEGER NOT NULL DEFAULT 0,
    text         TEXT    NOT NULL,
    table_num    INTEGER NOT NULL DEFAULT 0,
    head         INTEGER NOT NULL DEFAULT 0 CHECK (head IN (0, 1)),
    cells        TEXT    NOT NULL DEFAULT '',
    hidden       INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
    UNIQUE (document_num, gen, seq)
) STRICT;

INSERT INTO blocks (document_num, gen, seq, page, kind, level, text, table_num, head, cells, hidden)
SELECT document_num, 0, seq, page, kind, level, text, table_num, head, cells, hidden FROM document_blocks ORDER BY document_num, seq;
DROP TABLE document_blocks;
INSERT INTO purge_pending (id, generation) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET generation = generation + 1;
