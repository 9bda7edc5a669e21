package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"alcove/storage/sqlcgen"
)

// Baselines gives what was learned of this box's speed, by key.
func (db *DB) Baselines(ctx context.Context) (map[string]json.RawMessage, error) {
	out := map[string]json.RawMessage{}
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListBaselines(ctx)
		for _, r := range rows {
			out[r.Key] = json.RawMessage(r.Value)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read base lines: %w", err)
	}
	return out, nil
}

// SetBaselines replaces what was learned, all or nothing.
func (db *DB) SetBaselines(ctx context.Context, all map[string]json.RawMessage) error {
	now := db.now().UnixMilli()
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListBaselines(ctx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if _, still := all[r.Key]; !still {
				if err := q.DeleteBaseline(ctx, r.Key); err != nil {
					return err
				}
			}
		}
		for key, value := range all {
			if err := q.PutBaseline(ctx, sqlcgen.PutBaselineParams{Key: key, Value: string(value), UpdatedAt: now}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store base lines: %w", err)
	}
	return nil
}
