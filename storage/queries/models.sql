-- name: ListModelSettings :many
SELECT * FROM model_settings;

-- name: PutModelSettings :exec
INSERT INTO model_settings (model, settings) VALUES (?, ?) ON CONFLICT (model) DO UPDATE SET settings = excluded.settings;

-- name: DeleteModelSettings :exec
DELETE FROM model_settings WHERE model = ?;

-- name: ListFileHashes :many
SELECT * FROM file_hashes;

-- name: PutFileHash :exec
INSERT INTO file_hashes (path, size, modified, inode, sha256) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (path) DO UPDATE SET size = excluded.size, modified = excluded.modified, inode = excluded.inode, sha256 = excluded.sha256;
