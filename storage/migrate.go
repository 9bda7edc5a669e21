package storage

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

func embedded() fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the name is a constant
	}
	return sub
}

const (
	keepCopies = 3                   // copies made before migrations
	keepFor    = 14 * 24 * time.Hour // and how long they may hold what was deleted since
)

// migrate brings the schema up to date, each step in its own transaction. An
// existing file is copied before.
func (db *DB) migrate(ctx context.Context, files fs.FS) error {
	provider, err := goose.NewProvider(database.DialectSQLite3, db.writer, files, goose.WithSlog(db.log), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	sources := provider.ListSources()
	newest := sources[len(sources)-1].Version
	current, err := db.schemaVersion(ctx)
	if err != nil {
		return err
	}
	db.dropOldCopies()
	switch {
	case current > newest:
		return fmt.Errorf("%w (its schema is %d, this version knows %d)", ErrNewerSchema, current, newest)
	case current == newest:
		return nil
	case current > 0:
		name := fmt.Sprintf("%s.v%d-%s.copy", db.path, current, db.now().Format("20060102T150405.000Z"))
		if err := db.copyTo(ctx, name); err != nil {
			return fmt.Errorf("copy before migration, nothing was changed: %w", err)
		}
		db.log.Info("copied the database before migrating it", "from", current, "to", newest)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema from %d to %d: %w", current, newest, err)
	}
	db.dropOldCopies()
	return nil
}

// schemaVersion is 0 for an empty file. It writes nothing, so that a file of a
// newer version stays as it is.
func (db *DB) schemaVersion(ctx context.Context) (int64, error) {
	var tables, versions int
	err := db.writer.QueryRowContext(ctx,
		`SELECT count(*), coalesce(sum(name = 'goose_db_version'), 0) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`).Scan(&tables, &versions)
	if err != nil || tables == 0 {
		return 0, err
	}
	if versions == 0 {
		return 0, fmt.Errorf("%w: it has other tables", ErrCorrupt)
	}
	var version sql.NullInt64
	err = db.writer.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version WHERE is_applied`).Scan(&version)
	return version.Int64, err
}

// dropOldCopies keeps the newest copies. Their names sort by schema and time.
func (db *DB) dropOldCopies() {
	names, err := filepath.Glob(globQuote(db.path) + ".v*.copy")
	if err != nil {
		db.log.Warn("list copies of the database", "err", err)
		return
	}
	type copyFile struct {
		name string
		made time.Time
	}
	var copies []copyFile
	for _, name := range names {
		if info, err := os.Lstat(name); err == nil && info.Mode().IsRegular() {
			copies = append(copies, copyFile{name, info.ModTime()})
		}
	}
	slices.SortFunc(copies, func(a, b copyFile) int { return b.made.Compare(a.made) })
	for i, c := range copies {
		if i < keepCopies && db.clock().Sub(c.made) < keepFor {
			continue
		}
		if err := os.Remove(c.name); err != nil {
			db.log.Warn("remove an old copy of the database", "err", err)
		}
	}
}

// globQuote makes a path literal for filepath.Glob.
func globQuote(path string) string {
	var b []byte
	for i := range len(path) {
		switch path[i] {
		case '*', '?', '[', '\\':
			b = append(b, '\\')
		}
		b = append(b, path[i])
	}
	return string(b)
}
