-- +goose Up

-- Who signs an approved answer, and the last day on which it is given.
ALTER TABLE approved_answers ADD COLUMN approved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE approved_answers ADD COLUMN expires TEXT NOT NULL DEFAULT '';

-- The passages that an approved answer stands on. It is given only while each of
-- them is found as it was. The text of one goes with its document; the row
-- stays, so that the answer is known to stand on nothing.
CREATE TABLE approved_sources (
    answer_id   TEXT    NOT NULL REFERENCES approved_answers (id) ON DELETE CASCADE,
    n           INTEGER NOT NULL,
    document_id TEXT    NOT NULL,
    chunk_id    TEXT    NOT NULL,
    page        INTEGER NOT NULL,
    page_end    INTEGER NOT NULL,
    quote       TEXT    NOT NULL,
    PRIMARY KEY (answer_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX approved_sources_by_document ON approved_sources (document_id);

-- +goose StatementBegin
CREATE TRIGGER documents_leave_approved AFTER DELETE ON documents BEGIN
    UPDATE approved_sources SET quote = '' WHERE document_id = old.id;
END;
-- +goose StatementEnd
