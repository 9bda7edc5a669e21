-- +goose Up

-- An answer that HR wrote is a document of its collection, so that it is found,
-- cited, filtered by rights and removed as one.
ALTER TABLE documents ADD COLUMN approved INTEGER NOT NULL DEFAULT 0 CHECK (approved IN (0, 1));

-- What people think of answers. It goes with its message.
CREATE TABLE message_ratings (
    message_id TEXT    NOT NULL PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    up         INTEGER NOT NULL CHECK (up IN (0, 1)),
    note       TEXT    NOT NULL DEFAULT '',
    at         INTEGER NOT NULL
) STRICT;

-- Answers that HR should look at. The question is not copied: who deletes a
-- conversation takes it out of the inbox too.
CREATE TABLE inbox (
    num        INTEGER PRIMARY KEY,
    message_id TEXT    NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    collection TEXT    NOT NULL REFERENCES collections (id) ON DELETE CASCADE ON UPDATE CASCADE,
    kind       TEXT    NOT NULL CHECK (kind IN ('unanswered', 'low_score', 'thumbs_down')),
    state      TEXT    NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'dismissed')),
    answer_id  TEXT    NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE INDEX inbox_by_answer ON inbox (answer_id) WHERE answer_id <> '';
CREATE INDEX inbox_by_state ON inbox (collection, state, num DESC);

-- The text of approved answers, for HR to edit. Its document is what is found.
CREATE TABLE approved_answers (
    num         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    collection  TEXT    NOT NULL REFERENCES collections (id) ON DELETE CASCADE ON UPDATE CASCADE,
    document_id TEXT    NOT NULL DEFAULT '',
    question    TEXT    NOT NULL,
    answer      TEXT    NOT NULL,
    effective   TEXT    NOT NULL DEFAULT '',
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX approved_answers_by_collection ON approved_answers (collection, num DESC);
CREATE INDEX approved_answers_by_document ON approved_answers (document_id);

-- Questions whose answers must stay, and what became of them. results is JSON.
CREATE TABLE golden_questions (
    collection TEXT    NOT NULL PRIMARY KEY REFERENCES collections (id) ON DELETE CASCADE ON UPDATE CASCADE,
    questions  TEXT    NOT NULL CHECK (json_valid(questions)),
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE golden_runs (
    num        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    collection TEXT    NOT NULL REFERENCES collections (id) ON DELETE CASCADE ON UPDATE CASCADE,
    reason     TEXT    NOT NULL,
    models     TEXT    NOT NULL,
    total      INTEGER NOT NULL,
    passed     INTEGER NOT NULL,
    broken     INTEGER NOT NULL,
    results    TEXT    NOT NULL CHECK (json_valid(results)),
    started_at INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL
) STRICT;

CREATE INDEX golden_runs_by_collection ON golden_runs (collection, num DESC);

-- +goose StatementBegin
CREATE TRIGGER documents_leave_desk AFTER DELETE ON documents BEGIN
    DELETE FROM approved_answers WHERE document_id = old.id;
END;
-- +goose StatementEnd
