-- name: CountPurgeable :one
SELECT count(*) FROM conversations WHERE deleted_at <= @older_than;

-- name: PurgeConversations :execrows
DELETE FROM conversations WHERE deleted_at <= @older_than;

-- name: ListPending :many
SELECT generation FROM purge_pending WHERE id = 1;

-- name: SetPending :exec
INSERT INTO purge_pending (id, generation) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET generation = generation + 1;

-- name: ClearPending :exec
DELETE FROM purge_pending WHERE id = 1 AND generation = @generation;
