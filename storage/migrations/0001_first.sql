-- +goose Up

-- Times are Unix milliseconds, UTC. num is the row's number in the file: it
-- gives the order of arrival and is what the full-text tables refer to. It is
-- declared because VACUUM may renumber an undeclared rowid.

CREATE TABLE conversations (
    num        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    title      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;

CREATE INDEX conversations_by_change ON conversations (updated_at DESC, num DESC) WHERE deleted_at IS NULL;
CREATE INDEX conversations_by_deletion ON conversations (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE messages (
    num             INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    conversation_id TEXT    NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    parent_id       TEXT    REFERENCES messages (id), -- no cascade: it would recurse once a message
    turn_id         TEXT    NOT NULL,
    role            TEXT    NOT NULL CHECK (role IN ('user', 'assistant')),
    status          TEXT    NOT NULL CHECK (status IN ('writing', 'done', 'stopped', 'interrupted', 'failed')),
    error_code      TEXT    NOT NULL DEFAULT '',
    error_message   TEXT    NOT NULL DEFAULT '',
    created_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX messages_by_conversation ON messages (conversation_id, num);
CREATE INDEX messages_by_parent ON messages (parent_id);
CREATE INDEX messages_by_turn ON messages (turn_id, num);
CREATE INDEX messages_growing ON messages (num) WHERE status = 'writing';

-- A growing answer has many parts, a finished message one. Parts are only
-- ever inserted and deleted; whole is 1 for the joined one, which is indexed.
CREATE TABLE message_parts (
    num        INTEGER PRIMARY KEY,
    message_id TEXT    NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    seq        INTEGER NOT NULL,
    kind       TEXT    NOT NULL CHECK (kind IN ('text')),
    text       TEXT    NOT NULL,
    whole      INTEGER NOT NULL CHECK (whole IN (0, 1)),
    UNIQUE (message_id, seq)
) STRICT;

-- What an answer cost. The row outlives a deleted conversation, without its
-- text and without the link to it.
CREATE TABLE generations (
    num            INTEGER PRIMARY KEY,
    message_id     TEXT    UNIQUE REFERENCES messages (id) ON DELETE SET NULL,
    class          TEXT    NOT NULL,
    user           TEXT    NOT NULL,
    model          TEXT    NOT NULL,
    device         TEXT    NOT NULL,
    prompt_tokens  INTEGER NOT NULL,
    cached_tokens  INTEGER NOT NULL,
    output_tokens  INTEGER NOT NULL,
    first_token_ms INTEGER NOT NULL,
    total_ms       INTEGER NOT NULL,
    tokens_per_sec REAL    NOT NULL,
    finish         TEXT    NOT NULL,
    restarts       INTEGER NOT NULL,
    created_at     INTEGER NOT NULL
) STRICT;

CREATE INDEX generations_by_time ON generations (created_at);

CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Secrets and tokens are stored as SHA-256. They are 256 random bits, so a
-- slow hash would add nothing.
CREATE TABLE api_keys (
    id           TEXT    NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL,
    prefix       TEXT    NOT NULL,
    hash         BLOB    NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at   INTEGER
) STRICT;

CREATE TABLE sessions (
    id         TEXT    NOT NULL PRIMARY KEY,
    hash       BLOB    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_by_end ON sessions (expires_at);

-- One row that is rewritten to find out whether the disk takes writes again.
CREATE TABLE disk_probe (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    room BLOB NOT NULL
) STRICT;

-- A row here means that purged text may still be in the WAL or in unused bytes
-- of the file.
CREATE TABLE purge_pending (
    id INTEGER PRIMARY KEY CHECK (id = 1)
) STRICT;

CREATE VIRTUAL TABLE titles_fts USING fts5 (title, content = 'conversations', content_rowid = 'num', tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE parts_fts USING fts5 (text, content = 'message_parts', content_rowid = 'num', tokenize = 'unicode61 remove_diacritics 2');

-- Deleted words leave the index at once, not at the next merge.
INSERT INTO titles_fts (titles_fts, rank) VALUES ('secure-delete', 1);
INSERT INTO parts_fts (parts_fts, rank) VALUES ('secure-delete', 1);

-- +goose StatementBegin
CREATE TRIGGER conversations_inserted AFTER INSERT ON conversations BEGIN
    INSERT INTO titles_fts (rowid, title) VALUES (new.num, new.title);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER conversations_retitled AFTER UPDATE OF title ON conversations BEGIN
    INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.num, old.title);
    INSERT INTO titles_fts (rowid, title) VALUES (new.num, new.title);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER conversations_deleted AFTER DELETE ON conversations BEGIN
    INSERT INTO titles_fts (titles_fts, rowid, title) VALUES ('delete', old.num, old.title);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER message_parts_inserted AFTER INSERT ON message_parts WHEN new.whole = 1 BEGIN
    INSERT INTO parts_fts (rowid, text) VALUES (new.num, new.text);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER message_parts_deleted AFTER DELETE ON message_parts WHEN old.whole = 1 BEGIN
    INSERT INTO parts_fts (parts_fts, rowid, text) VALUES ('delete', old.num, old.text);
END;
-- +goose StatementEnd
