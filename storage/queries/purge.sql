-- name: CountPurgeable :one
SELECT count(*) FROM conversations WHERE deleted_at <= @older_than;

-- name: PurgeConversations :execrows
DELETE FROM conversations WHERE deleted_at <= @older_than;

-- name: CountPending :one
SELECT count(*) FROM purge_pending WHERE id = 1;

-- name: SetPending :exec
INSERT INTO purge_pending (id) VALUES (1) ON CONFLICT (id) DO NOTHING;

-- name: ClearPending :exec
DELETE FROM purge_pending WHERE id = 1;
