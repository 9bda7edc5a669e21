-- +goose Up

-- Whether the model that answers is asked a collection's golden questions too.
-- No row: it is.
CREATE TABLE golden_settings (
    collection TEXT    NOT NULL PRIMARY KEY REFERENCES collections (id) ON DELETE CASCADE ON UPDATE CASCADE,
    writes     INTEGER NOT NULL CHECK (writes IN (0, 1))
) STRICT;

-- What the model wrote to golden questions. It stands on documents, and goes
-- with the first of them that goes.
CREATE TABLE golden_texts (
    run      INTEGER NOT NULL REFERENCES golden_runs (num) ON DELETE CASCADE,
    question TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    PRIMARY KEY (run, question)
) STRICT, WITHOUT ROWID;

CREATE TABLE golden_text_documents (
    document_id TEXT    NOT NULL,
    run         INTEGER NOT NULL,
    question    TEXT    NOT NULL,
    PRIMARY KEY (document_id, run, question),
    FOREIGN KEY (run, question) REFERENCES golden_texts (run, question) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX golden_text_documents_by_run ON golden_text_documents (run, question);

-- +goose StatementBegin
CREATE TRIGGER documents_leave_golden AFTER DELETE ON documents BEGIN
    DELETE FROM golden_texts WHERE (run, question) IN (SELECT run, question FROM golden_text_documents WHERE document_id = old.id);
END;
-- +goose StatementEnd
