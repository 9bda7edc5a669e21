-- +goose Up

-- What was done, as figures: no text of anybody is in any of these tables.
-- step is the length of a bucket in milliseconds; the buckets of a longer step
-- have all counts of those of the shorter ones that lie in them.

-- seq is the number of the last minute that was added: one that comes again
-- changes nothing. request is the number of the last request. doubt is 1 while
-- the clock may be wrong, so that a restart does not make it right.
CREATE TABLE usage_state (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    seq     INTEGER NOT NULL,
    request INTEGER NOT NULL,
    doubt   INTEGER NOT NULL CHECK (doubt IN (0, 1))
) STRICT;

INSERT INTO usage_state (id, seq, request, doubt) VALUES (1, 0, 0, 0);

CREATE TABLE usage_cells (
    num           INTEGER PRIMARY KEY,
    step          INTEGER NOT NULL,
    start         INTEGER NOT NULL,
    model         TEXT    NOT NULL,
    route         TEXT    NOT NULL,
    class         TEXT    NOT NULL,
    requests      INTEGER NOT NULL,
    failed        INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    figures       BLOB    NOT NULL,
    UNIQUE (step, start, model, route, class)
) STRICT;

-- There is a row for each bucket in which the program ran.
CREATE TABLE usage_machine (
    num     INTEGER PRIMARY KEY,
    step    INTEGER NOT NULL,
    start   INTEGER NOT NULL,
    figures BLOB    NOT NULL,
    UNIQUE (step, start)
) STRICT;

CREATE TABLE usage_requests (
    num            INTEGER PRIMARY KEY,
    at             INTEGER NOT NULL,
    user           TEXT    NOT NULL,
    model          TEXT    NOT NULL,
    device         TEXT    NOT NULL,
    route          TEXT    NOT NULL,
    class          TEXT    NOT NULL,
    status         TEXT    NOT NULL CHECK (status IN ('done', 'stopped', 'failed')),
    code           TEXT    NOT NULL,
    queue_ms       INTEGER NOT NULL,
    first_token_ms INTEGER,
    total_ms       INTEGER NOT NULL,
    prompt_tokens  INTEGER NOT NULL,
    cached_tokens  INTEGER NOT NULL,
    output_tokens  INTEGER NOT NULL,
    tokens_per_sec REAL,
    restarts       INTEGER NOT NULL
) STRICT;

CREATE INDEX usage_requests_by_time ON usage_requests (at);

CREATE TABLE usage_marks (
    num   INTEGER PRIMARY KEY,
    at    INTEGER NOT NULL,
    kind  TEXT    NOT NULL,
    text  TEXT    NOT NULL,
    model TEXT    NOT NULL
) STRICT;

CREATE INDEX usage_marks_by_time ON usage_marks (at);
