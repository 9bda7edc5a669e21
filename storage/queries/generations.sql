-- name: InsertGeneration :exec
INSERT INTO generations (
    message_id, class, user, model, device, prompt_tokens, cached_tokens, output_tokens,
    first_token_ms, total_ms, tokens_per_sec, finish, restarts, created_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: ListGenerations :many
SELECT * FROM generations WHERE message_id IN (sqlc.slice('message_ids'));
