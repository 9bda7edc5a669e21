-- name: PutRating :exec
INSERT INTO message_ratings (message_id, up, note, at) VALUES (@message_id, @up, @note, @at)
ON CONFLICT (message_id) DO UPDATE SET up = excluded.up, note = excluded.note, at = excluded.at;

-- name: ListRatings :many
SELECT message_id, up FROM message_ratings WHERE message_id IN (sqlc.slice('message_ids'));

-- name: PutInbox :exec
INSERT INTO inbox (message_id, collection, kind, created_at, updated_at)
SELECT @message_id, c.id, @kind, @now, @now FROM collections c WHERE c.id = @collection AND c.deleted_at IS NULL
ON CONFLICT (message_id) DO UPDATE SET kind = excluded.kind, state = 'open', answer_id = '', updated_at = excluded.updated_at;

-- name: TakeOutOfInbox :exec
DELETE FROM inbox WHERE message_id = ? AND kind = ?;

-- name: SetInboxKind :exec
UPDATE inbox SET kind = @kind WHERE message_id = @message_id AND kind = @was;

-- name: ListInbox :many
SELECT i.num, i.message_id, i.collection, i.kind, i.state, i.answer_id, i.created_at, i.updated_at,
    CAST(coalesce(r.note, '') AS TEXT) AS note, CAST(coalesce(g.data, '{}') AS TEXT) AS grounding,
    CAST(coalesce((SELECT group_concat(p.text, '') FROM message_parts p WHERE p.message_id = m.parent_id), '') AS TEXT) AS question
FROM inbox i JOIN messages m ON m.id = i.message_id JOIN conversations c ON c.id = m.conversation_id
LEFT JOIN message_ratings r ON r.message_id = i.message_id LEFT JOIN message_grounding g ON g.message_id = i.message_id
WHERE i.collection = @collection AND i.state = @state AND c.deleted_at IS NULL ORDER BY i.num DESC LIMIT @count;

-- name: CountInbox :many
SELECT i.state, count(*) AS n FROM inbox i JOIN messages m ON m.id = i.message_id JOIN conversations c ON c.id = m.conversation_id
WHERE i.collection = ? AND c.deleted_at IS NULL GROUP BY i.state;

-- name: SetInboxState :execrows
UPDATE inbox SET state = @state, answer_id = @answer_id, updated_at = @updated_at WHERE message_id = @message_id AND collection = @collection;

-- name: ReopenInbox :exec
UPDATE inbox SET state = 'open', answer_id = '', updated_at = @updated_at WHERE answer_id = @answer_id AND answer_id <> '';

-- name: PutApproved :exec
INSERT INTO approved_answers (id, collection, document_id, question, answer, effective, expires, approved_by, created_at, updated_at)
VALUES (@id, @collection, @document_id, @question, @answer, @effective, @expires, @approved_by, @now, @now)
ON CONFLICT (id) DO UPDATE SET document_id = excluded.document_id, question = excluded.question, answer = excluded.answer,
    effective = excluded.effective, expires = excluded.expires, approved_by = excluded.approved_by, updated_at = excluded.updated_at;

-- name: HasApproved :one
SELECT EXISTS (SELECT 1 FROM approved_answers WHERE collection = ?);

-- name: PutApprovedSource :exec
INSERT INTO approved_sources (answer_id, n, document_id, chunk_id, page, page_end, quote)
VALUES (@answer_id, @n, @document_id, @chunk_id, @page, @page_end, CASE WHEN EXISTS (SELECT 1 FROM documents d WHERE d.id = @document_id) THEN CAST(@quote AS TEXT) ELSE '' END);

-- name: DropApprovedSources :exec
DELETE FROM approved_sources WHERE answer_id = ?;

-- name: ListApprovedSources :many
SELECT s.*, CAST(coalesce(d.name, '') AS TEXT) AS document FROM approved_sources s LEFT JOIN documents d ON d.id = s.document_id
WHERE s.answer_id IN (sqlc.slice('answer_ids')) ORDER BY s.answer_id, s.n;

-- name: GetApproved :one
SELECT * FROM approved_answers WHERE id = ?;

-- name: ListApproved :many
SELECT * FROM approved_answers WHERE collection = ? ORDER BY num DESC LIMIT 1000;

-- name: DeleteApproved :execrows
DELETE FROM approved_answers WHERE id = ?;

-- name: OtherApproved :many
SELECT id FROM approved_answers WHERE document_id = @document_id AND id <> @id;

-- name: PassInbox :exec
UPDATE inbox SET answer_id = @answer_id WHERE answer_id = @was AND answer_id <> '';

-- name: DateApproved :exec
UPDATE approved_answers SET effective = @effective WHERE document_id = @document_id;

-- name: MarkApproved :exec
UPDATE documents SET approved = 1 WHERE id = ?;

-- name: GetGoldenQuestions :one
SELECT questions FROM golden_questions WHERE collection = ?;

-- name: PutGoldenQuestions :exec
INSERT INTO golden_questions (collection, questions, updated_at) VALUES (?, ?, ?)
ON CONFLICT (collection) DO UPDATE SET questions = excluded.questions, updated_at = excluded.updated_at;

-- name: DeleteGoldenQuestions :exec
DELETE FROM golden_questions WHERE collection = ?;

-- name: AddGoldenRun :one
INSERT INTO golden_runs (id, collection, reason, models, total, passed, broken, results, started_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING num;

-- name: AddGoldenQuote :exec
INSERT INTO golden_quotes (run, question, document_id, quote)
SELECT @run, @question, d.id, @quote FROM documents d WHERE d.id = @document_id;

-- name: AddGoldenText :exec
INSERT INTO golden_texts (run, question, text) VALUES (?, ?, ?);

-- name: AddGoldenTextDocument :exec
INSERT INTO golden_text_documents (document_id, run, question) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

-- name: ListGoldenTexts :many
SELECT question, text FROM golden_texts WHERE run = ?;

-- name: GetGoldenWrites :one
SELECT writes FROM golden_settings WHERE collection = ?;

-- name: SetGoldenWrites :exec
INSERT INTO golden_settings (collection, writes) VALUES (?, ?) ON CONFLICT (collection) DO UPDATE SET writes = excluded.writes;

-- name: ListGoldenQuotes :many
SELECT question, document_id, quote FROM golden_quotes WHERE run = ?;

-- name: ListGoldenRuns :many
SELECT * FROM golden_runs WHERE collection = @collection ORDER BY num DESC LIMIT @count;

-- name: DropGoldenRuns :exec
DELETE FROM golden_runs WHERE golden_runs.collection = @collection AND num <= (
    SELECT r.num FROM golden_runs r WHERE r.collection = @collection ORDER BY r.num DESC LIMIT 1 OFFSET 100);

-- name: DropQuotesOf :exec
DELETE FROM golden_quotes WHERE document_id = ?;

-- name: DropTextsOf :exec
DELETE FROM golden_texts WHERE (run, question) IN (SELECT t.run, t.question FROM golden_text_documents t WHERE t.document_id = ?);

-- name: ReopenAnsweredBy :exec
UPDATE inbox SET state = 'open', answer_id = ''
WHERE answer_id <> '' AND answer_id IN (SELECT a.id FROM approved_answers a WHERE a.document_id = @document_id);

-- name: DropApprovedOf :exec
DELETE FROM approved_answers WHERE document_id = ?;

-- name: WipeApprovedSources :exec
UPDATE approved_sources SET quote = '' WHERE document_id = ?;
