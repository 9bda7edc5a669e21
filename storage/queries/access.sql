-- name: InsertKey :exec
INSERT INTO api_keys (id, name, prefix, hash, created_at) VALUES (?, ?, ?, ?, ?);

-- name: ListKeys :many
SELECT * FROM api_keys ORDER BY created_at, id;

-- name: GetKeyByHash :one
SELECT * FROM api_keys WHERE hash = ? AND revoked_at IS NULL;

-- name: RevokeKey :execrows
UPDATE api_keys SET revoked_at = coalesce(revoked_at, @revoked_at) WHERE id = @id;

-- name: TouchKey :exec
UPDATE api_keys SET last_used_at = @used_at WHERE id = @id AND (last_used_at IS NULL OR last_used_at < @used_at);

-- name: InsertSession :exec
INSERT INTO sessions (id, hash, created_at, expires_at) VALUES (?, ?, ?, ?);

-- name: GetSessionByHash :one
SELECT * FROM sessions WHERE hash = @hash AND expires_at > @now;

-- name: DeleteSession :exec
DELETE FROM sessions WHERE hash = ?;

-- name: DeleteOldSessions :exec
DELETE FROM sessions WHERE expires_at <= @now;
