-- name: GetUsageState :one
SELECT seq, request, doubt FROM usage_state WHERE id = 1;

-- name: SetUsageState :exec
UPDATE usage_state SET seq = @seq, request = @request, doubt = @doubt WHERE id = 1;

-- name: GetUsageCell :one
SELECT * FROM usage_cells WHERE step = ? AND start = ? AND model = ? AND route = ? AND class = ?;

-- name: CountUsageCells :one
SELECT COUNT(*) FROM usage_cells WHERE step = ? AND start = ?;

-- name: PutUsageCell :exec
INSERT INTO usage_cells (step, start, model, route, class, requests, failed, prompt_tokens, cached_tokens, output_tokens, figures)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (step, start, model, route, class) DO UPDATE SET
    requests = excluded.requests, failed = excluded.failed, prompt_tokens = excluded.prompt_tokens,
    cached_tokens = excluded.cached_tokens, output_tokens = excluded.output_tokens, figures = excluded.figures;

-- name: ListUsageCells :many
SELECT start, model, route, class, requests, failed, prompt_tokens, cached_tokens, output_tokens, figures FROM usage_cells
WHERE step = @step AND start >= @since AND start < @until
    AND (CAST(@model AS TEXT) = '' OR model = @model) AND (CAST(@route AS TEXT) = '' OR route = @route) AND (CAST(@class AS TEXT) = '' OR class = @class)
ORDER BY start;

-- name: ListUsageCounts :many
SELECT start, model, route, class, requests, failed, prompt_tokens, cached_tokens, output_tokens FROM usage_cells
WHERE step = @step AND start >= @since AND start < @until ORDER BY start;

-- name: GetUsageMachine :one
SELECT figures FROM usage_machine WHERE step = ? AND start = ?;

-- name: PutUsageMachine :exec
INSERT INTO usage_machine (step, start, figures) VALUES (?, ?, ?)
ON CONFLICT (step, start) DO UPDATE SET figures = excluded.figures;

-- name: ListUsageMachine :many
SELECT start, figures FROM usage_machine WHERE step = @step AND start >= @since AND start < @until ORDER BY start;

-- name: ListUsageStarts :many
SELECT start FROM usage_machine WHERE step = @step AND start >= @since AND start < @until ORDER BY start;

-- name: NewestUsage :one
SELECT CAST(COALESCE(MAX(start), 0) AS INTEGER) FROM usage_machine WHERE step = ?;

-- name: NthUsage :one
SELECT start FROM usage_machine WHERE step = @step ORDER BY start DESC LIMIT 1 OFFSET @n;

-- name: SizeUsage :many
SELECT start, CAST(SUM(bytes) AS INTEGER) AS bytes FROM (
    SELECT c.start AS start, LENGTH(c.figures) + 2 * LENGTH(CAST(c.model || c.route || c.class AS BLOB)) + 60 AS bytes
    FROM usage_cells c WHERE c.step = @step
    UNION ALL SELECT m.start AS start, LENGTH(m.figures) + 40 AS bytes FROM usage_machine m WHERE m.step = @step
) GROUP BY start ORDER BY start;

-- name: InsertUsageRequest :exec
INSERT INTO usage_requests (
    num, at, user, model, device, route, class, status, code, queue_ms, first_token_ms, total_ms,
    prompt_tokens, cached_tokens, output_tokens, tokens_per_sec, restarts
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: ListUsageRequests :many
SELECT * FROM usage_requests
WHERE num < @before
    AND (CAST(@model AS TEXT) = '' OR model = @model) AND (CAST(@route AS TEXT) = '' OR route = @route)
    AND (CAST(@class AS TEXT) = '' OR class = @class) AND (CAST(@status AS TEXT) = '' OR status = @status)
    AND (CAST(@users AS TEXT) = '' OR EXISTS (SELECT 1 FROM json_each(@users) WHERE json_each.value = usage_requests.user))
ORDER BY num DESC LIMIT @most;

-- name: SumUsageByUser :many
SELECT user, COUNT(*) AS requests, CAST(SUM(status = 'failed') AS INTEGER) AS failed, CAST(SUM(prompt_tokens) AS INTEGER) AS prompt_tokens,
    CAST(SUM(cached_tokens) AS INTEGER) AS cached_tokens, CAST(SUM(output_tokens) AS INTEGER) AS output_tokens
FROM usage_requests WHERE at >= @since AND at < @until GROUP BY user ORDER BY user;

-- name: InsertUsageMark :exec
INSERT INTO usage_marks (at, kind, text, model) VALUES (?, ?, ?, ?);

-- name: ListUsageMarks :many
SELECT at, kind, text, model FROM usage_marks WHERE at >= @since AND at < @until ORDER BY at, num LIMIT @most;

-- name: PruneUsageCells :exec
DELETE FROM usage_cells WHERE num IN (SELECT c.num FROM usage_cells c WHERE c.step = @step AND c.start < @before LIMIT 5000);

-- name: PruneUsageMachine :exec
DELETE FROM usage_machine WHERE num IN (SELECT m.num FROM usage_machine m WHERE m.step = @step AND m.start < @before LIMIT 5000);

-- name: PruneUsageRequests :exec
DELETE FROM usage_requests WHERE usage_requests.num <= @last
    OR usage_requests.num IN (SELECT r.num FROM usage_requests r WHERE r.at < @before LIMIT 5000);

-- name: PruneUsageMarks :exec
DELETE FROM usage_marks WHERE usage_marks.num <= @last
    OR usage_marks.num IN (SELECT k.num FROM usage_marks k WHERE k.at < @before LIMIT 5000);

-- name: LastUsageMark :one
SELECT CAST(COALESCE(MAX(num), 0) AS INTEGER) FROM usage_marks;
