-- name: InsertMessage :exec
INSERT INTO messages (id, conversation_id, parent_id, turn_id, role, status, created_at) VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: GetMessage :one
SELECT m.* FROM messages m JOIN conversations c ON c.id = m.conversation_id
WHERE m.id = ? AND c.deleted_at IS NULL;

-- name: GetStoredMessage :one
SELECT * FROM messages WHERE id = ?;

-- name: ListMessages :many
SELECT * FROM messages WHERE conversation_id = ? ORDER BY num;

-- name: ListTurn :many
SELECT m.* FROM messages m JOIN conversations c ON c.id = m.conversation_id
WHERE m.turn_id = ? AND c.deleted_at IS NULL ORDER BY m.num;

-- name: ListPath :many
WITH RECURSIVE path (id, parent_id, depth) AS (
    SELECT l.id, l.parent_id, 0 FROM messages l WHERE l.id = @leaf
    UNION ALL
    SELECT p.id, p.parent_id, path.depth + 1 FROM path JOIN messages p ON p.id = path.parent_id
)
SELECT m.* FROM path JOIN messages m ON m.id = path.id ORDER BY path.depth DESC;

-- name: ListGrowing :many
SELECT * FROM messages WHERE status = 'writing' ORDER BY num;

-- name: EndMessage :exec
UPDATE messages SET status = ?, error_code = ?, error_message = ? WHERE id = ?;

-- name: ListNewestLeaf :many
SELECT m.id FROM messages m
WHERE m.conversation_id = ? AND NOT EXISTS (SELECT 1 FROM messages c WHERE c.parent_id = m.id)
ORDER BY m.num DESC LIMIT 1;
