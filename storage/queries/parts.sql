-- name: InsertPart :exec
INSERT INTO message_parts (message_id, seq, kind, text, whole) VALUES (?, ?, ?, ?, ?);

-- name: AppendPart :execrows
INSERT INTO message_parts (message_id, seq, kind, text, whole)
SELECT m.id, (SELECT coalesce(max(p.seq), -1) + 1 FROM message_parts p WHERE p.message_id = m.id), 'text', @text, 0
FROM messages m WHERE m.id = @message_id AND m.status = 'writing';

-- name: ListParts :many
SELECT message_id, text FROM message_parts
WHERE message_id IN (sqlc.slice('message_ids')) ORDER BY message_id, seq;

-- name: DeleteParts :exec
DELETE FROM message_parts WHERE message_id = ?;
