-- name: InsertCollection :exec
INSERT INTO collections (id, title, description, owner, languages, local_only, threshold, refusal, pinned, paused, created_at, updated_at)
VALUES (@id, @title, @description, @owner, @languages, @local_only, @threshold, @refusal, @pinned, @paused, @created_at, @updated_at);

-- name: CountRetired :one
SELECT (SELECT count(*) FROM retired_collections r WHERE r.id = @id) + (SELECT count(*) FROM collections c WHERE c.id = @id AND c.deleted_at IS NOT NULL) AS n;

-- name: UpdateCollection :exec
UPDATE collections SET title = @title, description = @description, owner = @owner, languages = @languages, local_only = @local_only,
    threshold = @threshold, refusal = @refusal, pinned = @pinned, paused = @paused, updated_at = @updated_at
WHERE id = @id;

-- name: GetCollection :one
SELECT * FROM collections WHERE id = @id AND deleted_at IS NULL;

-- name: GetReadableCollection :one
SELECT * FROM collections WHERE id = @id AND deleted_at IS NULL
  AND (owner = @person OR EXISTS (SELECT 1 FROM collection_readers r WHERE r.collection_id = collections.id AND r.reader IN ('everybody', @person)));

-- name: ListCollections :many
SELECT * FROM collections WHERE deleted_at IS NULL ORDER BY num;

-- name: ListReadableCollections :many
SELECT * FROM collections WHERE deleted_at IS NULL
  AND (owner = @person OR EXISTS (SELECT 1 FROM collection_readers r WHERE r.collection_id = collections.id AND r.reader IN ('everybody', @person)))
ORDER BY title COLLATE NOCASE, num;

-- name: ListReaders :many
SELECT reader FROM collection_readers WHERE collection_id = ? ORDER BY reader;

-- name: InsertReader :exec
INSERT INTO collection_readers (collection_id, reader) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: DeleteReaders :exec
DELETE FROM collection_readers WHERE collection_id = ?;

-- name: HideCollection :execrows
UPDATE collections SET owner = '', paused = 1, deleted_at = @deleted_at WHERE id = @id AND deleted_at IS NULL;

-- name: ListHiddenDocuments :many
SELECT d.id FROM collections c CROSS JOIN documents d ON d.collection_id = c.id WHERE c.deleted_at IS NOT NULL AND c.id <> '~removed' LIMIT @count;

-- name: CountHiddenCollections :one
SELECT count(*) FROM collections WHERE deleted_at IS NOT NULL AND id <> '~removed';

-- name: DropHiddenCollections :exec
DELETE FROM collections WHERE deleted_at IS NOT NULL AND collections.id <> '~removed' AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.collection_id = collections.id);

-- name: CountDocuments :many
SELECT state, count(*) AS documents, CAST(coalesce(sum(pages), 0) AS INTEGER) AS pages, CAST(coalesce(sum(chunks), 0) AS INTEGER) AS chunks,
    CAST(coalesce(sum(flags <> '[]'), 0) AS INTEGER) AS flagged, CAST(coalesce(max(indexed_at), 0) AS INTEGER) AS indexed_at
FROM documents WHERE collection_id = ? GROUP BY state;

-- name: InsertFolder :exec
INSERT INTO document_folders (id, collection_id, path, created_at) VALUES (?, ?, ?, ?);

-- name: GetFolder :one
SELECT * FROM document_folders WHERE id = ?;

-- name: ListFolders :many
SELECT f.id, f.collection_id, f.path, f.created_at, f.missing_since, f.device, f.reason,
    (SELECT count(*) FROM documents d WHERE d.folder_id = f.id) AS files
FROM document_folders f JOIN collections c ON c.id = f.collection_id WHERE c.deleted_at IS NULL ORDER BY f.num;

-- name: SetFolderState :execrows
UPDATE document_folders SET missing_since = @missing_since, reason = @reason, device = @device WHERE id = @id;

-- name: DeleteFolder :exec
DELETE FROM document_folders WHERE id = ?;
