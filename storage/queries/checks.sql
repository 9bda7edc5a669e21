-- name: GetGoldenSet :one
SELECT questions FROM golden_set WHERE id = 1;

-- name: PutGoldenSet :exec
INSERT INTO golden_set (id, questions) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET questions = excluded.questions;

-- name: DeleteGoldenSet :exec
DELETE FROM golden_set;

-- name: InsertCheck :exec
INSERT INTO checks (id, model, file, questions, total, status, started_at) VALUES (@id, @model, @file, @questions, @total, 'running', @started_at);

-- name: EndCheck :execrows
UPDATE checks SET status = @status, error_code = @error_code, error_message = @error_message, device = @device, ended_at = @ended_at
WHERE id = @id AND status = 'running';

-- name: InterruptChecks :execrows
UPDATE checks SET status = 'interrupted', ended_at = NULL WHERE status = 'running';

-- name: PromoteCheck :execrows
UPDATE checks SET promoted = 1, replaced = @replaced WHERE id = @id;

-- name: InsertCheckAnswer :exec
INSERT INTO check_answers (check_id, question_id, question, answer, passed, reason, first_token_ms, output_tokens, tokens_per_sec)
VALUES (@check_id, @question_id, @question, @answer, @passed, @reason, @first_token_ms, @output_tokens, @tokens_per_sec);

-- name: LatestCheck :one
SELECT * FROM checks WHERE model = ? ORDER BY num DESC LIMIT 1;

-- name: GetCheck :one
SELECT * FROM checks WHERE id = ?;

-- name: FinishedCheck :one
SELECT * FROM checks WHERE file = @file AND questions = @questions AND status = 'done' ORDER BY num DESC LIMIT 1;

-- name: ListCheckAnswers :many
SELECT * FROM check_answers WHERE check_id = ? ORDER BY num;

-- name: DropOldChecks :exec
DELETE FROM checks WHERE checks.model = @model AND checks.num NOT IN (SELECT c.num FROM checks c WHERE c.model = @model ORDER BY c.num DESC LIMIT @keep);
