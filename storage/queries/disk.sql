-- name: ProbeDisk :exec
INSERT INTO disk_probe (id, room) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET room = excluded.room;
