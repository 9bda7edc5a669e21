package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"alcove/storage/sqlcgen"
)

// keepCapacity is how many measurements of the box are kept.
const keepCapacity = 20

// PutCapacity keeps a measurement in place of the one with that id, and drops
// the oldest. What result says is the caller's concern; it is JSON.
func (db *DB) PutCapacity(ctx context.Context, id string, began time.Time, result json.RawMessage) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		if err := q.PutCapacityRun(ctx, sqlcgen.PutCapacityRunParams{ID: id, StartedAt: millis(began), Result: string(result)}); err != nil {
			return err
		}
		return q.DropOldCapacityRuns(ctx, keepCapacity)
	})
	if err != nil {
		return fmt.Errorf("store a measurement: %w", err)
	}
	return nil
}

// Capacity gives the measurements that are kept, newest first.
func (db *DB) Capacity(ctx context.Context) (list []json.RawMessage, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		rows, err := q.ListCapacityRuns(ctx)
		for _, r := range rows {
			list = append(list, json.RawMessage(r))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read measurements: %w", err)
	}
	return list, nil
}

// Prices gives the price sheet that people have set, nil where they have not.
func (db *DB) Prices(ctx context.Context) (sheet json.RawMessage, err error) {
	err = db.read(ctx, func(q *sqlcgen.Queries) error {
		text, err := q.GetPriceSheet(ctx)
		sheet = json.RawMessage(text)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the price sheet: %w", err)
	}
	return sheet, nil
}

// SetPrices keeps a price sheet; nil forgets it.
func (db *DB) SetPrices(ctx context.Context, sheet json.RawMessage) error {
	err := db.write(ctx, func(q *sqlcgen.Queries) error {
		if sheet == nil {
			return q.DeletePriceSheet(ctx)
		}
		return q.PutPriceSheet(ctx, string(sheet))
	})
	if err != nil {
		return fmt.Errorf("store the price sheet: %w", err)
	}
	return nil
}
