-- +goose Up

-- What people set about alerts: 'rules' and 'channels', each a JSON document.
-- Without a row the shipped ones count. No secret is in here.
CREATE TABLE alert_settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_valid(value))
) STRICT;

-- Passwords and keys of the channels. They have a table of their own so that
-- nothing that prints settings can print them.
CREATE TABLE alert_secrets (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Alerts that fired. resolved_at is null while one is firing; ended says why
-- it ended: 'recovered', 'edited', 'disabled'.
CREATE TABLE alerts (
    num         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    rule        TEXT    NOT NULL,
    title       TEXT    NOT NULL,
    severity    TEXT    NOT NULL,
    metric      TEXT    NOT NULL,
    value       REAL    NOT NULL,
    threshold   REAL    NOT NULL,
    text        TEXT    NOT NULL,
    fired_at    INTEGER NOT NULL,
    resolved_at INTEGER,
    ended       TEXT    NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX alerts_firing ON alerts (num) WHERE resolved_at IS NULL;
CREATE INDEX alerts_by_end ON alerts (resolved_at) WHERE resolved_at IS NOT NULL;

-- Notices on their way and what became of them. id goes to the receiver, who
-- may get a notice twice and knows it by that. into_id is the summary that
-- took the notice in ('joined' until that one has ended). A summary belongs to
-- no alert.
CREATE TABLE alert_notices (
    num        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    alert_id   TEXT    REFERENCES alerts (id) ON DELETE CASCADE,
    channel    TEXT    NOT NULL,
    event      TEXT    NOT NULL,
    status     TEXT    NOT NULL CHECK (status IN ('waiting', 'held', 'sent', 'failed', 'joined')),
    reason     TEXT    NOT NULL DEFAULT '', -- why it is held, or why it could not be sent
    into_id    TEXT    NOT NULL DEFAULT '',
    body       TEXT    NOT NULL CHECK (json_valid(body)),
    attempts   INTEGER NOT NULL DEFAULT 0,
    next_at    INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;

CREATE INDEX alert_notices_open ON alert_notices (num) WHERE status IN ('waiting', 'held', 'joined');
CREATE INDEX alert_notices_by_alert ON alert_notices (alert_id, num);
CREATE INDEX alert_notices_by_change ON alert_notices (changed_at);
