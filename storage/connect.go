package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"os"
	"runtime"

	"github.com/mattn/go-sqlite3"
)

// busyTimeout bounds waiting for a lock in milliseconds. Inside one process
// nobody waits, since there is one writer: it is for tools on the same file.
const busyTimeout = "5000"

// onConnect keeps text out of temporary files, and has the checkpoint after a
// slow reader cut the WAL to 16 MiB.
// Ranking passages touches a page a passage: a connection keeps 16 MiB of pages.
const onConnect = `PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -16384`

// versionOrder is the order of InForce in SQL. No table is declared with it, so
// that other programs can read the file.
const versionOrder = "versions"

// prepare keeps the WAL and its index when the last connection closes: making
// them anew takes 32 KiB, and a full disk must not keep anybody from reading.
func prepare(c *sqlite3.SQLiteConn) error {
	if _, err := c.Exec(onConnect, nil); err != nil {
		return err
	}
	if err := c.RegisterCollation(versionOrder, compareNatural); err != nil {
		return err
	}
	return c.SetFileControlInt("main", sqlite3.SQLITE_FCNTL_PERSIST_WAL, 1)
}

func (db *DB) connect(ctx context.Context) error {
	db.writer = sql.OpenDB(newConnector(db.path, url.Values{
		"mode":           {"rw"},
		"_journal_mode":  {"WAL"},
		"_synchronous":   {"FULL"}, // the driver's default loses commits in a power cut
		"_txlock":        {"immediate"},
		"_busy_timeout":  {busyTimeout},
		"_secure_delete": {"true"},
		"_foreign_keys":  {"true"},
	}))
	db.writer.SetMaxOpenConns(1)
	db.writer.SetMaxIdleConns(1)
	if err := db.writer.PingContext(ctx); err != nil {
		if isDiskFailure(err) {
			return fmt.Errorf("%w; make room or check the disk: %w", ErrReadOnly, err)
		}
		return err
	}
	raw, err := os.OpenFile(db.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	db.raw = raw
	// Not query_only, which refuses VACUUM INTO.
	db.readers = sql.OpenDB(newConnector(db.path, url.Values{
		"mode":          {"ro"},
		"_txlock":       {"deferred"},
		"_busy_timeout": {busyTimeout},
	}))
	n := max(4, runtime.NumCPU())
	db.readers.SetMaxOpenConns(n)
	db.readers.SetMaxIdleConns(n)
	return nil
}

type connector struct {
	driver *sqlite3.SQLiteDriver
	dsn    string
}

func newConnector(path string, v url.Values) connector {
	return connector{
		driver: &sqlite3.SQLiteDriver{ConnectHook: prepare},
		dsn:    "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode(),
	}
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

func (c connector) Driver() driver.Driver { return c.driver }
