package storage

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// Key is an API key without its secret. Zero times mean never.
type Key struct {
	ID         string
	Name       string
	Prefix     string // the secret's beginning, to recognise it by
	CreatedAt  time.Time
	LastUsedAt time.Time // to the minute
	RevokedAt  time.Time
}

const (
	keyMark      = "ak-"
	prefixLength = len(keyMark) + 6 // shown characters of a secret
	usedEvery    = time.Minute      // resolution of LastUsedAt
)

func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashOf is what is stored of a secret, and what it is found by: how long the
// look-up takes tells of the hash, not of the secret.
func hashOf(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

func keyOf(r sqlcgen.ApiKey) Key {
	return Key{
		ID: r.ID, Name: r.Name, Prefix: r.Prefix, CreatedAt: fromMillis(r.CreatedAt),
		LastUsedAt: fromMillisPtr(r.LastUsedAt), RevokedAt: fromMillisPtr(r.RevokedAt),
	}
}

// CreateKey stores a new key and returns its secret, which is nowhere else.
func (db *DB) CreateKey(ctx context.Context, name string) (Key, string, error) {
	secret := keyMark + newSecret()
	k := Key{ID: newID(), Name: name, Prefix: secret[:prefixLength], CreatedAt: db.now()}
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		return q.InsertKey(ctx, sqlcgen.InsertKeyParams{
			ID: k.ID, Name: k.Name, Prefix: k.Prefix, Hash: hashOf(secret), CreatedAt: millis(k.CreatedAt),
		})
	})
	if err != nil {
		return Key{}, "", fmt.Errorf("create key: %w", err)
	}
	return k, secret, nil
}

// Keys lists all keys, revoked ones too, oldest first.
func (db *DB) Keys(ctx context.Context) ([]Key, error) {
	list := []Key{}
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListKeys(ctx)
		for _, r := range rows {
			list = append(list, keyOf(r))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return list, nil
}

// RevokeKey ends a key. From its return on KeyBySecret does not find it.
func (db *DB) RevokeKey(ctx context.Context, id string) error {
	now := millis(db.now())
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		n, err := q.RevokeKey(ctx, sqlcgen.RevokeKeyParams{RevokedAt: &now, ID: id})
		if err == nil && n == 0 {
			return ErrNotFound
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("revoke key: %w", err)
	}
	return nil
}

// KeyBySecret returns the key of a secret, and ErrNotFound for an unknown or a
// revoked one. The use is noted with the next commit of growing answers.
func (db *DB) KeyBySecret(ctx context.Context, secret string) (k Key, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		row, err := q.GetKeyByHash(ctx, hashOf(secret))
		k = keyOf(row)
		return err
	})
	if err != nil {
		return Key{}, fmt.Errorf("read key: %w", err)
	}
	if now := db.now(); now.Sub(k.LastUsedAt) >= usedEvery {
		db.growing.noteUse(k.ID, now)
	}
	return k, nil
}

func (g *growing) noteUse(key string, at time.Time) {
	g.mu.Lock()
	g.used[key] = at
	g.mu.Unlock()
	g.poke()
}

// takeUsed hands over the uses that are not stored; putUsed gives them back.
func (g *growing) takeUsed() map[string]time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	used := g.used
	g.used = map[string]time.Time{}
	return used
}

func (g *growing) putUsed(used map[string]time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for key, at := range used {
		if at.After(g.used[key]) {
			g.used[key] = at
		}
	}
}
