-- name: InsertDocument :exec
INSERT INTO documents (num, id, collection_id, folder_id, name, path, state, reason, sha256, size, modified, priority, queued_at, series, version, effective, title, chosen, created_at, updated_at)
VALUES (@num, @id, @collection_id, @folder_id, @name, @path, @state, @reason, @sha256, @size, @modified, @priority, @queued_at, @series, @version, @effective, @title, @chosen, @created_at, @updated_at);

-- name: NextDocumentNum :one
UPDATE document_nums SET last = last + 1 RETURNING last;

-- name: GetDocument :one
SELECT * FROM documents WHERE id = ?;

-- name: GetReadableDocument :one
SELECT d.* FROM documents d JOIN collections c ON c.id = d.collection_id WHERE d.id = @id AND c.deleted_at IS NULL
  AND (c.owner = @person OR EXISTS (SELECT 1 FROM collection_readers r WHERE r.collection_id = c.id AND r.reader IN ('everybody', @person)));

-- name: ListDocuments :many
SELECT * FROM documents WHERE collection_id = @collection_id AND num < @before
  AND instr(lower(name || char(10) || title || char(10) || path), lower(CAST(@text AS TEXT))) > 0
ORDER BY num DESC LIMIT @count;

-- name: ListDocumentsInState :many
SELECT * FROM documents WHERE collection_id = @collection_id AND state = @state AND num < @before
  AND instr(lower(name || char(10) || title || char(10) || path), lower(CAST(@text AS TEXT))) > 0
ORDER BY num DESC LIMIT @count;

-- name: ListReadableDocuments :many
SELECT d.* FROM documents d JOIN collections c ON c.id = d.collection_id WHERE d.num < @before AND c.deleted_at IS NULL
  AND (c.owner = @person OR EXISTS (SELECT 1 FROM collection_readers r WHERE r.collection_id = c.id AND r.reader IN ('everybody', @person)))
  AND (CAST(@state AS TEXT) = '' OR d.state = @state)
  AND instr(lower(d.name || char(10) || d.title || char(10) || d.path), lower(CAST(@text AS TEXT))) > 0
ORDER BY d.num DESC LIMIT @count;

-- name: FindContent :many
SELECT * FROM documents WHERE collection_id = ? AND sha256 = ? AND sha256 <> '' ORDER BY num;

-- name: FindSent :one
SELECT count(*) FROM documents WHERE sha256 = ? AND folder_id IS NULL;

-- name: NextWaiting :many
SELECT d.* FROM collections c JOIN documents d ON d.num = (
    SELECT w.num FROM documents w WHERE w.collection_id = c.id AND w.state = 'waiting' AND w.not_before <= @now
    ORDER BY w.priority, w.queued_at, w.num LIMIT 1)
WHERE c.paused = 0 AND c.deleted_at IS NULL;

-- name: SoonestWaiting :one
SELECT CAST(coalesce(min(d.not_before), 0) AS INTEGER) FROM collections c JOIN documents d ON d.collection_id = c.id
WHERE c.paused = 0 AND c.deleted_at IS NULL AND d.state = 'waiting' AND d.not_before > @now;

-- name: BeginReading :execrows
UPDATE documents SET state = 'reading', reason = '', attempts = attempts + 1, updated_at = @updated_at WHERE id = @id AND state = 'waiting';

-- name: MoveDocument :execrows
UPDATE documents SET state = @state, reason = @reason, updated_at = @updated_at WHERE id = @id AND state = @was;

-- name: QueueDocument :execrows
UPDATE documents SET state = 'waiting', reason = '', attempts = @attempts, not_before = @not_before, queued_at = @queued_at, updated_at = @updated_at
WHERE id = @id;

-- name: ListWorking :many
SELECT * FROM documents WHERE state IN ('reading', 'indexing') ORDER BY num;

-- name: SetContent :execrows
UPDATE documents SET sha256 = @sha256, size = @size, modified = @modified, updated_at = @updated_at WHERE id = @id;

-- name: SetPlace :execrows
UPDATE documents SET name = @name, path = @path, series = @series, version = @version, effective = @effective, size = @size, modified = @modified, updated_at = @updated_at WHERE id = @id;

-- name: SetRead :execrows
UPDATE documents SET state = 'ready', reason = '', format = @format, title = @title, language = @language, pages = @pages, chunks = @chunks, flags = @flags,
    text_gen = @text_gen, effective = @effective, version = @version, series = @series, attempts = 0, indexed_sha256 = @sha256, indexed_at = @indexed_at, updated_at = @indexed_at
WHERE id = @id AND state = 'indexing' AND sha256 = @sha256;

-- name: SetVersion :execrows
UPDATE documents SET title = @title, effective = @effective, version = @version, series = @series, chosen = @chosen, updated_at = @updated_at WHERE id = @id;

-- name: ListSeries :many
SELECT id, num, series, version, effective, superseded_by FROM documents WHERE collection_id = ? AND series = ? AND series <> '' AND indexed_at IS NOT NULL ORDER BY num;

-- name: ListVersions :many
SELECT id, num, series, version, effective, superseded_by FROM documents WHERE collection_id = ? AND indexed_at IS NOT NULL ORDER BY num;

-- name: SetSuperseded :exec
UPDATE documents SET superseded_by = @superseded_by WHERE id = @id;

-- name: HideDocument :execrows
UPDATE documents SET id = '~' || num || '~' || id, collection_id = '~removed', folder_id = NULL, name = '', path = '', title = '', state = 'cancelled', reason = '',
    sha256 = '', indexed_sha256 = '', indexed_at = NULL, text_gen = -1, flags = '[]', pages = 0, chunks = 0, series = '', version = '', effective = '',
    superseded_by = '', chosen = 0, approved = 0, updated_at = @updated_at
WHERE documents.id = @id;

-- name: ListRemoved :many
SELECT num, id FROM documents WHERE collection_id = '~removed' ORDER BY num LIMIT @count;

-- name: EraseDocument :exec
DELETE FROM documents WHERE num = @num AND collection_id = '~removed';

-- name: ListFolderDocuments :many
SELECT * FROM documents WHERE folder_id = ? ORDER BY path;

-- name: CountState :one
SELECT count(*) FROM documents WHERE collection_id = ? AND state = ?;

-- name: DropOtherBlocks :execrows
DELETE FROM blocks WHERE blocks.num IN (
    SELECT b.num FROM documents d CROSS JOIN blocks b ON b.document_num = d.num WHERE d.num = @document_num AND b.gen <> d.text_gen LIMIT @most);

-- name: InsertBlock :exec
INSERT INTO blocks (document_num, gen, seq, page, kind, level, text, table_num, head, cells, hidden)
VALUES (@document_num, @gen, @seq, @page, @kind, @level, @text, @table_num, @head, @cells, @hidden);

-- name: ListBlocks :many
SELECT b.* FROM documents d JOIN blocks b ON b.document_num = d.num AND b.gen = d.text_gen
WHERE d.id = @id AND b.seq >= @first AND b.seq <= @last ORDER BY b.seq;

-- name: ListSeriesDocuments :many
SELECT * FROM documents WHERE collection_id = ? AND series = ? AND series <> '' ORDER BY num;

-- name: OldestQueued :one
SELECT CAST(coalesce(min(queued_at), 0) AS INTEGER) FROM documents WHERE collection_id = ? AND state = 'waiting';

-- name: GetChunkPlace :one
SELECT c.page, c.page_end, c.block_from, c.block_to FROM documents d JOIN indexed i ON i.document_num = d.num JOIN chunks c ON c.document_num = d.num AND c.gen = i.gen
WHERE d.id = @document AND c.id = @chunk LIMIT 1;

-- name: ClearRead :exec
UPDATE documents SET indexed_sha256 = '', indexed_at = NULL, text_gen = -1, superseded_by = '', chunks = 0, pages = 0 WHERE num = ?;

-- name: RestWorking :exec
UPDATE documents SET state = 'waiting', attempts = max(0, attempts - 1), updated_at = @updated_at WHERE state IN ('reading', 'indexing');

-- name: RestReading :exec
UPDATE documents SET state = 'waiting', attempts = max(0, attempts - 1), updated_at = @updated_at WHERE state IN ('reading', 'indexing') AND state = 'reading';
