package storage

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
)

// BackupFile is Backup of a database that another process may have open: it
// takes no lock of the data folder, migrates nothing and recovers nothing.
func BackupFile(ctx context.Context, database, path string) error {
	if _, err := os.Stat(database); err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	db := &DB{path: database, readers: sql.OpenDB(newConnector(database, url.Values{
		"mode": {"ro"}, "_txlock": {"deferred"}, "_busy_timeout": {busyTimeout},
	}))}
	defer db.readers.Close()
	return db.Backup(ctx, path)
}
