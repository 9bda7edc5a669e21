-- +goose Up

-- What a conversation's questions are asked of; '' is no collection.
ALTER TABLE conversations ADD COLUMN collection TEXT NOT NULL DEFAULT '';

-- The passages that an answer stands on, as they were when it was asked. When a
-- document is deleted, quote and text of its passages go and removed is 1. data
-- has the other fields as JSON.
CREATE TABLE message_sources (
    num         INTEGER PRIMARY KEY,
    message_id  TEXT    NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    n           INTEGER NOT NULL,
    document_id TEXT    NOT NULL,
    cited       INTEGER NOT NULL DEFAULT 0 CHECK (cited IN (0, 1)),
    removed     INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1)),
    quote       TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    data        TEXT    NOT NULL CHECK (json_valid(data)),
    UNIQUE (message_id, n)
) STRICT;

CREATE INDEX message_sources_by_document ON message_sources (document_id) WHERE removed = 0;

-- How an answer stands on documents. data is JSON.
CREATE TABLE message_grounding (
    message_id TEXT NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    collection TEXT NOT NULL,
    data       TEXT NOT NULL CHECK (json_valid(data))
) STRICT;

-- Whatever removes a document takes its text out of the answers that stand on it.
-- +goose StatementBegin
CREATE TRIGGER documents_leave_answers AFTER DELETE ON documents BEGIN
    UPDATE message_sources SET removed = 1, quote = '', text = '' WHERE document_id = old.id AND removed = 0;
END;
-- +goose StatementEnd
