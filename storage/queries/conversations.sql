-- name: InsertConversation :execrows
INSERT INTO conversations (id, title, collection, created_at, updated_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING;

-- name: GetConversation :one
SELECT * FROM conversations WHERE id = ? AND deleted_at IS NULL;

-- name: ListConversations :many
SELECT * FROM conversations
WHERE deleted_at IS NULL AND (updated_at, num) < (@updated_at, @num)
ORDER BY updated_at DESC, num DESC LIMIT @count;

-- name: RenameConversation :execrows
UPDATE conversations SET title = ?, updated_at = ? WHERE id = ? AND deleted_at IS NULL;

-- name: TouchConversation :exec
UPDATE conversations SET updated_at = ? WHERE id = ?;

-- name: TitleConversation :exec
UPDATE conversations SET title = ? WHERE id = ? AND title = '';

-- name: DeleteConversation :execrows
UPDATE conversations SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL;

-- name: RestoreConversation :execrows
UPDATE conversations SET deleted_at = NULL WHERE id = ? AND deleted_at IS NOT NULL;

-- name: ListConversationIDs :many
SELECT every.id FROM conversations every WHERE every.deleted_at IS NULL ORDER BY every.num;
