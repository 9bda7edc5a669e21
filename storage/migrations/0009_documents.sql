-- +goose Up

-- Sets of documents with those who may read them. A collection that is being
-- removed has deleted_at, no readers, no owner and another id: nothing finds
-- it, its name is free, and its documents go one after the other.
CREATE TABLE collections (
    num         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL DEFAULT '',
    owner       TEXT    NOT NULL,
    languages   TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(languages)),
    local_only  INTEGER NOT NULL DEFAULT 0 CHECK (local_only IN (0, 1)),
    threshold   REAL,
    refusal     TEXT    NOT NULL DEFAULT '',
    paused      INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    deleted_at  INTEGER
) STRICT;

CREATE TABLE collection_readers (
    collection_id TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE ON UPDATE CASCADE,
    reader        TEXT NOT NULL,
    PRIMARY KEY (collection_id, reader)
) STRICT, WITHOUT ROWID;

-- Folders of this machine whose files are documents. missing_since: it was not
-- there when it was last looked for, and its documents are kept. device is the
-- file system on which it was last read: an empty folder on another one is a
-- mount point without its disk.
CREATE TABLE document_folders (
    num           INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    collection_id TEXT    NOT NULL REFERENCES collections (id) ON DELETE CASCADE ON UPDATE CASCADE,
    path          TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    missing_since INTEGER,
    device        INTEGER NOT NULL DEFAULT 0,
    reason        TEXT    NOT NULL DEFAULT '',
    UNIQUE (collection_id, path)
) STRICT;

-- One row a file. sha256 is of the file as it is to be read; indexed_sha256 of
-- the one whose text is found now, '' while none is. chosen has a bit for each
-- field that a person set, which reading does not change: 1 title, 2 effective,
-- 4 version, 8 series. queued_at, after priority, is the place in the queue.
CREATE TABLE documents (
    num            INTEGER PRIMARY KEY,
    id             TEXT    NOT NULL UNIQUE,
    collection_id  TEXT    NOT NULL REFERENCES collections (id) ON DELETE CASCADE ON UPDATE CASCADE,
    folder_id      TEXT    REFERENCES document_folders (id) ON DELETE SET NULL,
    name           TEXT    NOT NULL,
    path           TEXT    NOT NULL DEFAULT '',
    format         TEXT    NOT NULL DEFAULT '',
    title          TEXT    NOT NULL DEFAULT '',
    language       TEXT    NOT NULL DEFAULT '',
    state          TEXT    NOT NULL CHECK (state IN ('waiting', 'reading', 'indexing', 'ready', 'failed', 'duplicate', 'cancelled')),
    reason         TEXT    NOT NULL DEFAULT '',
    sha256         TEXT    NOT NULL DEFAULT '',
    size           INTEGER NOT NULL,
    modified       INTEGER NOT NULL,
    pages          INTEGER NOT NULL DEFAULT 0,
    chunks         INTEGER NOT NULL DEFAULT 0,
    flags          TEXT    NOT NULL DEFAULT '[]' CHECK (json_valid(flags)),
    attempts       INTEGER NOT NULL DEFAULT 0,
    priority       INTEGER NOT NULL DEFAULT 0,
    queued_at      INTEGER NOT NULL,
    not_before     INTEGER NOT NULL DEFAULT 0,
    series         TEXT    NOT NULL DEFAULT '',
    version        TEXT    NOT NULL DEFAULT '',
    effective      TEXT    NOT NULL DEFAULT '',
    superseded_by  TEXT    NOT NULL DEFAULT '',
    chosen         INTEGER NOT NULL DEFAULT 0,
    indexed_sha256 TEXT    NOT NULL DEFAULT '',
    indexed_at     INTEGER,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
) STRICT;

CREATE INDEX documents_by_collection ON documents (collection_id, num DESC);
CREATE INDEX documents_by_state ON documents (collection_id, state, num DESC);
CREATE INDEX documents_waiting ON documents (collection_id, priority, queued_at, num) WHERE state = 'waiting';
CREATE INDEX documents_working ON documents (num) WHERE state IN ('reading', 'indexing');
CREATE INDEX documents_by_content ON documents (collection_id, sha256) WHERE sha256 <> '';
CREATE INDEX documents_sent ON documents (sha256) WHERE folder_id IS NULL;
CREATE INDEX documents_by_series ON documents (collection_id, series, num) WHERE series <> '';
CREATE UNIQUE INDEX documents_by_place ON documents (folder_id, path) WHERE folder_id IS NOT NULL;

-- A document's text in reading order. cells is a JSON array, '' where the
-- block is no row of a table; table_num joins the rows of one table.
CREATE TABLE document_blocks (
    num          INTEGER PRIMARY KEY,
    document_num INTEGER NOT NULL REFERENCES documents (num) ON DELETE CASCADE,
    seq          INTEGER NOT NULL,
    page         INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    level        INTEGER NOT NULL DEFAULT 0,
    text         TEXT    NOT NULL,
    table_num    INTEGER NOT NULL DEFAULT 0,
    head         INTEGER NOT NULL DEFAULT 0 CHECK (head IN (0, 1)),
    cells        TEXT    NOT NULL DEFAULT '',
    hidden       INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),
    UNIQUE (document_num, seq)
) STRICT;

-- What is deleted while the file is scrubbed waits for the next time: only the
-- generation that was there before is cleared.
ALTER TABLE purge_pending ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
