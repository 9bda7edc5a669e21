-- name: ListUploads :many
SELECT * FROM uploads ORDER BY created_at, id;

-- name: PutUpload :exec
INSERT INTO uploads (id, name, size, modified, created_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE SET id = excluded.id, size = excluded.size, modified = excluded.modified, created_at = excluded.created_at;

-- name: DeleteUpload :exec
DELETE FROM uploads WHERE id = ?;
