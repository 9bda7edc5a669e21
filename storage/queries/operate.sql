-- name: PutCapacityRun :exec
INSERT INTO capacity_runs (id, started_at, result) VALUES (@id, @started_at, @result)
ON CONFLICT (id) DO UPDATE SET result = excluded.result;

-- name: ListCapacityRuns :many
SELECT result FROM capacity_runs ORDER BY num DESC;

-- name: DropOldCapacityRuns :exec
DELETE FROM capacity_runs WHERE num NOT IN (SELECT r.num FROM capacity_runs r ORDER BY r.num DESC LIMIT @keep);

-- name: GetPriceSheet :one
SELECT sheet FROM price_sheet WHERE id = 1;

-- name: PutPriceSheet :exec
INSERT INTO price_sheet (id, sheet) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET sheet = excluded.sheet;

-- name: DeletePriceSheet :exec
DELETE FROM price_sheet;
