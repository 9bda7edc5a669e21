-- +goose Up

-- The house check. A row of golden_set is there only while people have
-- questions of their own; without it the shipped ones count.
CREATE TABLE golden_set (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    questions TEXT    NOT NULL CHECK (json_valid(questions))
) STRICT;

-- One run of one model over one set of questions. file tells the model's
-- content, questions the set: results with the same two can be compared.
CREATE TABLE checks (
    num           INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    model         TEXT    NOT NULL,
    file          TEXT    NOT NULL,
    questions     TEXT    NOT NULL,
    total         INTEGER NOT NULL,
    status        TEXT    NOT NULL CHECK (status IN ('running', 'done', 'stopped', 'interrupted', 'failed')),
    error_code    TEXT    NOT NULL DEFAULT '',
    error_message TEXT    NOT NULL DEFAULT '',
    device        TEXT    NOT NULL DEFAULT '',
    promoted      INTEGER NOT NULL DEFAULT 0 CHECK (promoted IN (0, 1)),
    replaced      TEXT    NOT NULL DEFAULT '', -- the check of the model that was the default until then
    started_at    INTEGER NOT NULL,
    ended_at      INTEGER
) STRICT;

CREATE INDEX checks_by_model ON checks (model, num DESC);
CREATE INDEX checks_by_content ON checks (file, questions, num DESC) WHERE status = 'done';
CREATE INDEX checks_running ON checks (num) WHERE status = 'running';

-- The question is kept beside the answer: the set may be edited afterwards.
CREATE TABLE check_answers (
    num            INTEGER PRIMARY KEY,
    check_id       TEXT    NOT NULL REFERENCES checks (id) ON DELETE CASCADE,
    question_id    TEXT    NOT NULL,
    question       TEXT    NOT NULL,
    answer         TEXT    NOT NULL,
    passed         INTEGER NOT NULL CHECK (passed IN (0, 1)),
    reason         TEXT    NOT NULL,
    first_token_ms INTEGER NOT NULL,
    output_tokens  INTEGER NOT NULL,
    tokens_per_sec REAL    NOT NULL
) STRICT;

CREATE INDEX check_answers_by_check ON check_answers (check_id, num);
