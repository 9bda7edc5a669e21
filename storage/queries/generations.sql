-- name: InsertGeneration :exec
INSERT INTO generations (
    message_id, class, user, model, device, prompt_tokens, cached_tokens, output_tokens,
    first_token_ms, total_ms, tokens_per_sec, finish, restarts, created_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: ListGenerations :many
SELECT * FROM generations WHERE message_id IN (sqlc.slice('message_ids'));

-- name: ListModelsOfGenerations :many
SELECT model, num FROM generations WHERE num > ? ORDER BY num LIMIT ?;

-- name: LastGeneration :one
SELECT CAST(COALESCE(MAX(num), 0) AS INTEGER) FROM generations;

-- name: ListSpeeds :many
SELECT device, first_token_ms, tokens_per_sec FROM generations
WHERE model = ? AND tokens_per_sec > 0 AND output_tokens >= ? AND restarts = 0 AND finish <> 'failed'
ORDER BY num DESC LIMIT ?;
