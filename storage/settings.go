package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"alcove/storage/sqlcgen"
)

// Settings returns the settings that were set. What a key means, and its
// default, is the caller's concern.
func (db *DB) Settings(ctx context.Context) (map[string]json.RawMessage, error) {
	settings := map[string]json.RawMessage{}
	err := db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListSettings(ctx)
		for _, r := range rows {
			settings[r.Key] = json.RawMessage(r.Value)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	return settings, nil
}

// SetSettings stores the given settings, all or none; JSON null removes one.
func (db *DB) SetSettings(ctx context.Context, settings map[string]json.RawMessage) error {
	for key, value := range settings {
		if key == "" || !json.Valid(value) {
			return fmt.Errorf("store settings: %w: %q has no JSON value", ErrInvalid, key)
		}
	}
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		for key, value := range settings {
			var err error
			if string(value) == "null" {
				err = q.DeleteSetting(ctx, key)
			} else {
				err = q.PutSetting(ctx, sqlcgen.PutSettingParams{Key: key, Value: string(value)})
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store settings: %w", err)
	}
	return nil
}
