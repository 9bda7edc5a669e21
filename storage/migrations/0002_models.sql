-- +goose Up

-- What a person chose for one model, as a JSON object: what its fields mean is
-- the library's concern. A row stays when the file is gone, it may come back.
CREATE TABLE model_settings (
    model    TEXT NOT NULL PRIMARY KEY,
    settings TEXT NOT NULL
) STRICT;

-- SHA-256 of files in the model folder. One whose size, time of change (in
-- nanoseconds) or inode is another one now has to be read again.
CREATE TABLE file_hashes (
    path     TEXT    NOT NULL PRIMARY KEY,
    size     INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    inode    INTEGER NOT NULL,
    sha256   BLOB    NOT NULL
) STRICT;

CREATE INDEX generations_by_model ON generations (model, num);
