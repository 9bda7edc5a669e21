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
SELECT s.message_id, s.n, s.cited, s.quote, s.text, s.data, CAST(s.removed = 1 OR s.document_id <> '' AND NOT EXISTS (
    SELECT 1 FROM documents d JOIN collections c ON c.id = d.collection_id WHERE d.id = s.document_id AND c.deleted_at IS NULL) AS INTEGER) AS gone
FROM message_sources s WHERE s.message_id IN (sqlc.slice('message_ids')) ORDER BY s.message_id, s.n;

-- name: WipeSources :execrows
UPDATE message_sources SET removed = 1, quote = '', text = '', data = json_remove(data, '$.heading')
WHERE num IN (SELECT s.num FROM message_sources s WHERE s.document_id = @document_id AND s.removed = 0 LIMIT @most);

-- name: CountDocument :one
SELECT count(*) FROM documents d JOIN collections c ON c.id = d.collection_id WHERE d.id = ? AND c.deleted_at IS NULL;

-- name: SetConversationCollection :execrows
UPDATE conversations SET collection = ?, updated_at = ? WHERE id = ? AND deleted_at IS NULL;
