-- +goose Up

-- How fast this box usually writes: a histogram for each model, device and
-- number of answers at once. What the text says is app/operate/sentinel's.
CREATE TABLE baselines (
    key        TEXT    NOT NULL PRIMARY KEY,
    value      TEXT    NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
