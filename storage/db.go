package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"alcove/storage/sqlcgen"
)

// Options say where the database is. Path is the only one that is needed.
type Options struct {
	// Path is the database file; its folder is the data folder and is made
	// when it is missing.
	Path string
	// Now gives the times that are stored; nil means time.Now.
	Now func() time.Time
	// Log gets no text of users; nil means none.
	Log *slog.Logger
	// Flush is the longest time that appended text waits for its commit; 0
	// means 300 ms.
	Flush time.Duration

	migrations fs.FS // tests bring older and newer schemas
}

// DB is the open database. Its methods are safe for concurrent use.
type DB struct {
	path    string
	clock   func() time.Time
	log     *slog.Logger
	lock    *os.File
	writer  *sql.DB // one connection; every transaction is immediate
	readers *sql.DB // read-only connections
	disk    diskState
	// raw is for scrubbing only. It stays open until SQLite has closed the
	// file: closing any descriptor of it drops SQLite's locks (POSIX).
	raw     *os.File
	growing *growing
	drops   drops

	closeOnce func() error
}

// Open locks the data folder, migrates the file (after a copy) and marks
// answers that were being written as interrupted.
func Open(ctx context.Context, o Options) (_ *DB, err error) {
	path, err := filepath.Abs(o.Path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db := &DB{path: path, clock: o.Now, log: o.Log}
	if db.clock == nil {
		db.clock = time.Now
	}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	if o.Flush <= 0 {
		o.Flush = 300 * time.Millisecond
	}
	if o.migrations == nil {
		o.migrations = embedded()
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("open database %s: %w", path, named(err))
			db.release()
		}
	}()
	if err := prepareFolder(path); err != nil {
		return nil, err
	}
	if db.lock, err = lockFolder(path); err != nil {
		return nil, err
	}
	if err := prepareFiles(path); err != nil {
		return nil, err
	}
	if err := db.connect(ctx); err != nil {
		return nil, err
	}
	if err := db.migrate(ctx, o.migrations); err != nil {
		return nil, err
	}
	// A full disk must not keep anybody from reading: what recovery could not
	// mark is marked when the disk takes writes again.
	if err := db.recover(ctx); err != nil && !errors.Is(err, ErrReadOnly) {
		return nil, err
	}
	db.closeOnce = sync.OnceValue(db.release)
	db.growing = startGrowing(db, o.Flush)
	if db.Writable() != nil {
		db.growing.poke()
	}
	return db, nil
}

// Close commits what was appended, and gives the folder free. Stopping the
// process without it loses at most the last Options.Flush of growing answers.
func (db *DB) Close() error {
	db.growing.stop()
	return db.closeOnce()
}

func (db *DB) release() error {
	var errs []error
	for _, c := range []*sql.DB{db.readers, db.writer} { // the writer last: it checkpoints
		if c != nil {
			errs = append(errs, c.Close())
		}
	}
	if db.raw != nil {
		errs = append(errs, db.raw.Close())
	}
	if db.lock != nil {
		errs = append(errs, db.lock.Close())
	}
	return errors.Join(errs...)
}

func (db *DB) now() time.Time { return db.clock().UTC().Truncate(time.Millisecond) }

// read runs fn in one snapshot.
func (db *DB) read(ctx context.Context, fn func(*sqlcgen.Queries) error) error {
	tx, err := db.readers.BeginTx(ctx, nil)
	if err != nil {
		return named(err)
	}
	defer tx.Rollback()
	return named(fn(sqlcgen.New(tx)))
}

// write runs fn in one transaction that is on the disk when write returns nil.
func (db *DB) write(ctx context.Context, fn func(*sqlcgen.Queries) error) error {
	if err := db.ready(ctx); err != nil {
		return err
	}
	return db.judge(db.transact(ctx, fn))
}

// writeTx is write for what sqlc cannot say.
func (db *DB) writeTx(ctx context.Context, fn func(*sql.Tx) error) error {
	if err := db.ready(ctx); err != nil {
		return err
	}
	return db.judge(db.inTx(ctx, fn))
}

func (db *DB) transact(ctx context.Context, fn func(*sqlcgen.Queries) error) error {
	return db.inTx(ctx, func(tx *sql.Tx) error { return fn(sqlcgen.New(tx)) })
}

func (db *DB) inTx(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

func millis(t time.Time) int64 { return t.UnixMilli() }

func fromMillis(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func fromMillisPtr(ms *int64) time.Time {
	if ms == nil {
		return time.Time{}
	}
	return fromMillis(*ms)
}
