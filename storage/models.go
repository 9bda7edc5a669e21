package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// ModelSettings returns what was set for models, one JSON object each, by the
// model's id. What a field means, and its default, is the caller's concern.
func (db *DB) ModelSettings(ctx context.Context) (map[string]json.RawMessage, error) {
	settings := map[string]json.RawMessage{}
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListModelSettings(ctx)
		for _, r := range rows {
			settings[r.Model] = json.RawMessage(r.Settings)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the models' settings: %w", err)
	}
	return settings, nil
}

// SetModelSettings replaces what was set for a model; nil removes it.
func (db *DB) SetModelSettings(ctx context.Context, model string, settings json.RawMessage) error {
	if model == "" || settings != nil && !json.Valid(settings) {
		return fmt.Errorf("store a model's settings: %w", ErrInvalid)
	}
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		if settings == nil {
			return q.DeleteModelSettings(ctx, model)
		}
		return q.PutModelSettings(ctx, sqlcgen.PutModelSettingsParams{Model: model, Settings: string(settings)})
	})
	if err != nil {
		return fmt.Errorf("store a model's settings: %w", err)
	}
	return nil
}

// FileHash is the SHA-256 of a file as it was then.
type FileHash struct {
	Path     string
	Size     int64
	Modified int64  // nanoseconds, as stat gives them
	Inode    uint64 // 0 where the system has none
	SHA256   []byte
}

// FileHashes returns all hashes that are remembered.
func (db *DB) FileHashes(ctx context.Context) ([]FileHash, error) {
	var list []FileHash
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListFileHashes(ctx)
		for _, r := range rows {
			list = append(list, FileHash{Path: r.Path, Size: r.Size, Modified: r.Modified, Inode: uint64(r.Inode), SHA256: r.Sha256})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read file hashes: %w", err)
	}
	return list, nil
}

// PutFileHash remembers a hash in place of the path's one before.
func (db *DB) PutFileHash(ctx context.Context, h FileHash) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		return q.PutFileHash(ctx, sqlcgen.PutFileHashParams{
			Path: h.Path, Size: h.Size, Modified: h.Modified, Inode: int64(h.Inode), Sha256: h.SHA256,
		})
	})
	if err != nil {
		return fmt.Errorf("store a file hash: %w", err)
	}
	return nil
}

// Speed is what one answer took.
type Speed struct {
	Device       string
	FirstToken   time.Duration
	TokensPerSec float64
}

// LastAnswer is the number of the newest answer, 0 when there is none.
func (db *DB) LastAnswer(ctx context.Context) (last int64, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		last, err = q.LastGeneration(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("read who answered: %w", err)
	}
	return last, nil
}

// Answered returns the models of the answers after a number, oldest first, at
// most limit rows, and the number to go on from.
func (db *DB) Answered(ctx context.Context, after int64, limit int) (models []string, last int64, err error) {
	last = after
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListModelsOfGenerations(ctx, sqlcgen.ListModelsOfGenerationsParams{Num: after, Limit: int64(limit)})
		for _, r := range rows {
			models, last = append(models, r.Model), r.Num
		}
		return err
	})
	if err != nil {
		return nil, after, fmt.Errorf("read who answered: %w", err)
	}
	return models, last, nil
}

// Speeds returns what the newest answers of a model took, newest first, at most
// limit. Answers with fewer than tokens tokens say too little and are left out,
// as are those that failed or saw a worker die.
func (db *DB) Speeds(ctx context.Context, model string, tokens, limit int) ([]Speed, error) {
	var list []Speed
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListSpeeds(ctx, sqlcgen.ListSpeedsParams{Model: model, OutputTokens: int64(tokens), Limit: int64(limit)})
		for _, r := range rows {
			list = append(list, Speed{r.Device, time.Duration(r.FirstTokenMs) * time.Millisecond, r.TokensPerSec})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read a model's speed: %w", err)
	}
	return list, nil
}
