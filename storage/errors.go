package storage

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// Errors to compare with errors.Is. Their text is a sentence that may be
// shown; what wraps them adds the file or the id.
var (
	// ErrNotFound: there is no such row, or its conversation is deleted.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the id exists already with other content.
	ErrConflict = errors.New("this id is already used for something else")
	// ErrRetired: the name was that of something that was deleted, and is not
	// given again. It is an ErrConflict.
	ErrRetired = fmt.Errorf("a name of something that was deleted is not given again: %w", ErrConflict)
	// ErrReadOnly: the disk takes no writes now. Nothing of the failed call
	// was saved; reading works.
	ErrReadOnly = errors.New("the disk cannot be written to")
	// ErrNewerSchema: the file was written by a newer Alcove. It was not changed.
	ErrNewerSchema = errors.New("the database was written by a newer version of Alcove; it was not changed; install that version or a later one")
	// ErrInUse: another process has the data folder open.
	ErrInUse = errors.New("another Alcove is using this data folder; stop it first, or choose another folder with --data")
	// ErrCorrupt: the file is damaged or not a database. It was kept as it is.
	ErrCorrupt = errors.New("the file is not a readable Alcove database; it was kept as it is; restore a backup, or start with another folder with --data")
	// ErrNotPrivate: others can get at the data folder or own a part of it.
	ErrNotPrivate = errors.New("the data folder is not private")
	// ErrExists: a backup never overwrites a file.
	ErrExists = errors.New("the file exists already; choose another name")
	// ErrInvalid: an argument cannot be stored as it is.
	ErrInvalid = errors.New("invalid value")
	// ErrClosed: the database was closed.
	ErrClosed = errors.New("the database is closed")
)

// isDiskFailure reports whether SQLite failed because of what lies below it.
func isDiskFailure(err error) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrReadonly, sqlite3.ErrCantOpen:
		return true
	}
	return false
}

func isDamage(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrNotADB || e.Code == sqlite3.ErrCorrupt)
}

func isDuplicate(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey)
}

// isRefused reports whether a table's rules do not take a row.
func isRefused(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == sqlite3.ErrConstraint
}

// named gives a driver's error one of this package's names.
func named(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ErrNotFound
	case isDuplicate(err):
		return fmt.Errorf("%w: %w", ErrConflict, err)
	case isDamage(err):
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	case errors.Is(err, sql.ErrConnDone) || err.Error() == "sql: database is closed":
		return ErrClosed
	}
	return err
}
