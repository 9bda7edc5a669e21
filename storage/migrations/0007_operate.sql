-- +goose Up

-- Measurements of what this box can do, newest last; the oldest go. The text is
-- app/operate/capacity's.
CREATE TABLE capacity_runs (
    num        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    started_at INTEGER NOT NULL,
    result     TEXT    NOT NULL CHECK (json_valid(result))
) STRICT;

-- The price sheet, there only while people have one of their own; without it
-- the shipped one counts.
CREATE TABLE price_sheet (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    sheet TEXT    NOT NULL CHECK (json_valid(sheet))
) STRICT;
