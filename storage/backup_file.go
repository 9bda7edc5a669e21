package storage

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
)

// closed opens a database for reading only, also beside another process that
// has it open: it takes no lock of the data folder, migrates nothing and
// recovers nothing. The caller closes readers.
func closed(database string) (*DB, error) {
	if _, err := os.Stat(database); err != nil {
		return nil, err
	}
	return &DB{path: database, readers: sql.OpenDB(newConnector(database, url.Values{
		"mode": {"ro"}, "_txlock": {"deferred"}, "_busy_timeout": {busyTimeout},
	}))}, nil
}

// BackupFile is Backup of a database that another process may have open.
func BackupFile(ctx context.Context, database, path string) error {
	db, err := closed(database)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer db.readers.Close()
	return db.Backup(ctx, path)
}

// SentFile is a file that somebody sent: the original of a document.
type SentFile struct {
	SHA256 string // hex
	Size   int64  // bytes
}

// Those of deleted collections and documents are not named.
const sentFiles = `
SELECT d.sha256, max(d.size) FROM documents d JOIN collections c ON c.id = d.collection_id
WHERE c.deleted_at IS NULL AND d.folder_id IS NULL AND d.sha256 <> '' GROUP BY d.sha256 ORDER BY d.sha256`

// SentFiles lists the originals of the documents of a database that another
// process may have open. One that is no whole database of Alcove is an error.
func SentFiles(ctx context.Context, database string) (list []SentFile, err error) {
	db, err := closed(database)
	if err != nil {
		return nil, fmt.Errorf("list the files of documents: %w", err)
	}
	defer db.readers.Close()
	var tables int
	err = db.readers.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('goose_db_version', 'documents', 'collections')`).Scan(&tables)
	switch {
	case err != nil:
		return nil, fmt.Errorf("list the files of documents: %w", named(err))
	case tables == 0:
		return nil, fmt.Errorf("list the files of documents: %w", ErrCorrupt)
	case tables < 3:
		return nil, nil // of a version before documents
	}
	err = db.each(ctx, sentFiles, nil, func(rows *sql.Rows) error {
		var f SentFile
		err := rows.Scan(&f.SHA256, &f.Size)
		list = append(list, f)
		return err
	})
	return list, wrap(err, "list the files of documents")
}
