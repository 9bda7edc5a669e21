package storage

import (
	"context"
	"fmt"
	"sync"

	"alcove/storage/sqlcgen"
)

// diskState remembers that the disk refused a write. After a failed fsync the
// next one may claim success though data is lost, so it is not enough that the
// next call returns no error: a probe must be written and synced first.
type diskState struct {
	mu  sync.Mutex
	err error

	probing sync.Mutex
	// stale are the answers that the last run of the program left growing and
	// that could not be marked yet. Guarded by probing.
	stale []string
}

// probeSize is the room in bytes that must be there before writes are taken
// again, so that a full disk does not turn on and off with every short text.
const probeSize = 64 * 1024

// Writable gives the error of the disk's last refusal, nil while it takes writes.
func (db *DB) Writable() error {
	db.disk.mu.Lock()
	defer db.disk.mu.Unlock()
	return db.disk.err
}

// ready returns nil when writes are taken, after a probe if the last one failed.
func (db *DB) ready(ctx context.Context) error {
	if db.Writable() == nil {
		return nil
	}
	db.disk.probing.Lock()
	defer db.disk.probing.Unlock()
	if db.Writable() == nil {
		return nil
	}
	err := db.transact(ctx, func(q *sqlcgen.Queries) error {
		return q.ProbeDisk(ctx, make([]byte, probeSize))
	})
	if err == nil {
		err = db.interruptStale(ctx)
	}
	if err != nil {
		return db.judge(err)
	}
	db.disk.mu.Lock()
	db.disk.err = nil
	db.disk.mu.Unlock()
	db.log.Info("the disk takes writes again")
	return nil
}

// judge names an error of a write and remembers a disk's refusal.
func (db *DB) judge(err error) error {
	if !isDiskFailure(err) {
		return named(err)
	}
	err = fmt.Errorf("%w: %w", ErrReadOnly, err)
	db.disk.mu.Lock()
	first := db.disk.err == nil
	db.disk.err = err
	db.disk.mu.Unlock()
	if first {
		if db.growing != nil {
			db.growing.poke() // it probes until the disk takes writes again
		}
		db.log.Error("the disk refused a write; nothing is acknowledged until it takes writes again", "err", err)
	}
	return err
}
