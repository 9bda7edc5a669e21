-- name: PutGrounding :exec
INSERT INTO message_grounding (message_id, collection, data) VALUES (?, ?, ?)
ON CONFLICT (message_id) DO UPDATE SET collection = excluded.collection, data = excluded.data;

-- name: ListGroundings :many
SELECT * FROM message_grounding WHERE message_id IN (sqlc.slice('message_ids'));

-- name: InsertSource :exec
INSERT INTO message_sources (message_id, n, document_id, cited, removed, quote, text, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: DeleteSources :exec
DELETE FROM message_sources WHERE message_id = ?;

-- name: CiteSource :exec
UPDATE message_sources SET cited = ? WHERE message_id = ? AND n = ?;

-- name: ListSources :many
SELECT * FROM message_sources WHERE message_id IN (sqlc.slice('message_ids')) ORDER BY message_id, n;

-- name: CountDocument :one
SELECT count(*) FROM documents WHERE id = ?;

-- name: SetConversationCollection :execrows
UPDATE conversations SET collection = ?, updated_at = ? WHERE id = ? AND deleted_at IS NULL;
