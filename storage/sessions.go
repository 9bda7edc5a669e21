package storage

import (
	"context"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// Session is a signed-in browser or window.
type Session struct {
	ID        string
	CreatedAt time.Time
	ExpiresAt time.Time
}

// CreateSession returns the token of a new session; only its hash is stored.
// Sessions that have expired are removed at the same time.
func (db *DB) CreateSession(ctx context.Context, expires time.Time) (string, error) {
	token, now := newSecret(), millis(db.now())
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		if err := q.DeleteOldSessions(ctx, now); err != nil {
			return err
		}
		return q.InsertSession(ctx, sqlcgen.InsertSessionParams{
			ID: newID(), Hash: hashOf(token), CreatedAt: now, ExpiresAt: millis(expires),
		})
	})
	if err != nil {
		return "", fmt.Errorf("create session: %w", err)
	}
	return token, nil
}

// SessionByToken returns a session that has not expired.
func (db *DB) SessionByToken(ctx context.Context, token string) (s Session, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetSessionByHash(ctx, sqlcgen.GetSessionByHashParams{Hash: hashOf(token), Now: millis(db.now())})
		s = Session{ID: row.ID, CreatedAt: fromMillis(row.CreatedAt), ExpiresAt: fromMillis(row.ExpiresAt)}
		return err
	})
	if err != nil {
		return Session{}, fmt.Errorf("read session: %w", err)
	}
	return s, nil
}

// DeleteSession signs out. An unknown token is signed out already.
func (db *DB) DeleteSession(ctx context.Context, token string) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error { return q.DeleteSession(ctx, hashOf(token)) })
	if err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}
