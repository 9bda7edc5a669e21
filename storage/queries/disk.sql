-- name: ProbeDisk :exec
INSERT INTO disk_probe (id, written_at) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at;
