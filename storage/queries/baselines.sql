-- name: ListBaselines :many
SELECT key, value FROM baselines;

-- name: PutBaseline :exec
INSERT INTO baselines (key, value, updated_at) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at WHERE value <> excluded.value;

-- name: DeleteBaseline :exec
DELETE FROM baselines WHERE key = ?;
