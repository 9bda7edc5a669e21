-- +goose Up
-- What golden questions found goes with its document; a run's results stay.
-- Earlier runs had it in their results.
DELETE FROM golden_runs;

CREATE TABLE golden_quotes (
    run         INTEGER NOT NULL REFERENCES golden_runs (num) ON DELETE CASCADE,
    question    TEXT    NOT NULL,
    document_id TEXT    NOT NULL,
    quote       TEXT    NOT NULL,
    PRIMARY KEY (run, question)
) STRICT, WITHOUT ROWID;
CREATE INDEX golden_quotes_by_document ON golden_quotes (document_id);

-- However an approved answer's document goes, the questions that it answered
-- are open again.
DROP TRIGGER documents_leave_desk;
-- +goose StatementBegin
CREATE TRIGGER documents_leave_desk AFTER DELETE ON documents BEGIN
    DELETE FROM golden_quotes WHERE document_id = old.id;
    UPDATE inbox SET state = 'open', answer_id = ''
    WHERE answer_id <> '' AND answer_id IN (SELECT id FROM approved_answers WHERE document_id = old.id);
    DELETE FROM approved_answers WHERE document_id = old.id;
END;
-- +goose StatementEnd
