package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup writes a copy of the whole database to path, which must not exist.
// Chats go on meanwhile. The copy appears under its name when it is complete
// and on the disk, readable by its owner only.
func (db *DB) Backup(ctx context.Context, path string) error {
	if err := db.copyTo(ctx, path); err != nil {
		return fmt.Errorf("back up to %s: %w", path, err)
	}
	return nil
}

func (db *DB) copyTo(ctx context.Context, path string) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return ErrExists
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp.Name())
		}
	}()
	defer temp.Close()
	// VACUUM INTO takes an empty file and reads one snapshot.
	if _, err := db.readers.ExecContext(ctx, "VACUUM INTO ?", temp.Name()); err != nil {
		if isDiskFailure(err) {
			return fmt.Errorf("the copy could not be written, the database is unharmed: %w", err)
		}
		return named(err)
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	// The name is taken first, since a rename alone would replace a file that
	// came in between.
	name, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return ErrExists
	}
	if err != nil {
		return err
	}
	name.Close()
	if err := os.Rename(temp.Name(), path); err != nil {
		os.Remove(path)
		return err
	}
	return syncFolder(filepath.Dir(path))
}
