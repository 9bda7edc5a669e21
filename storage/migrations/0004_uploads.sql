-- +goose Up

-- Files that are being sent to the model folder. How much of one is there is
-- the size of NAME.part beside it. modified is the file's own time of change on
-- the sender's machine, in milliseconds: with another one it is another file.
CREATE TABLE uploads (
    id         TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    size       INTEGER NOT NULL,
    modified   INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
